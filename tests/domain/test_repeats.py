"""A case remembers the latest commands, and no more of them than it can carry."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.repeats import COMMANDS_KEPT, has_heard, heard
from tests.build import case


@given(st.lists(st.uuids().map(str), unique=True, max_size=3 * COMMANDS_KEPT))
def test_the_latest_commands_are_known_and_the_others_are_not(commands: list[str]) -> None:
    busy = case()
    for command in commands:
        assert not has_heard(busy, command)
        busy = heard(busy, command)
    assert [one for one in commands if has_heard(busy, one)] == commands[-COMMANDS_KEPT:]
    assert len("".join(busy.commands)) <= 8 * COMMANDS_KEPT
