"""A promise is kept or broken by comparing timestamps, whoever looks and whenever."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.clock import CheckpointKind, ClockState, start
from chalicelib.domain.target import AlwaysOpen
from tests.build import FIRST_RESPONSE, MINUTE, NOON

CLOCK = start(FIRST_RESPONSE, NOON, 0, AlwaysOpen())


def test_a_clock_is_due_when_its_target_has_passed_and_warns_before() -> None:
    assert CLOCK.due_at == NOON + 60 * MINUTE
    assert CLOCK.warn_at == NOON + 45 * MINUTE
    assert [one.kind for one in CLOCK.checkpoints()] == [CheckpointKind.WARN, CheckpointKind.DUE]


def test_an_answer_at_the_very_moment_it_is_due_is_in_time() -> None:
    met = CLOCK.met(CLOCK.due_at)
    assert met.state is ClockState.MET
    assert met.breached_at is None


def test_a_late_answer_is_a_breach_even_when_nobody_noticed_it_before() -> None:
    late = CLOCK.met(CLOCK.due_at + timedelta(milliseconds=1))
    assert late.state is ClockState.BREACHED
    assert late.breached_at == CLOCK.due_at
    assert not late.running


def test_a_breached_clock_runs_on_until_the_answer_comes() -> None:
    breached = CLOCK.breached()
    assert breached.running
    assert list(breached.checkpoints()) == []
    assert breached.met(NOON + 90 * MINUTE).ended_at == NOON + 90 * MINUTE


def test_cancelling_does_not_wash_away_a_breach() -> None:
    assert CLOCK.cancelled(NOON + 30 * MINUTE).state is ClockState.CANCELLED
    assert CLOCK.cancelled(NOON + 61 * MINUTE).state is ClockState.BREACHED


def test_a_warning_is_given_once() -> None:
    assert [one.kind for one in CLOCK.warned(CLOCK.warn_at).checkpoints()] == [CheckpointKind.DUE]


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=30)))
def test_an_ended_clock_has_nothing_more_to_tell(after: timedelta) -> None:
    assert list(CLOCK.met(NOON + after).checkpoints()) == []
    assert (CLOCK.met(NOON + after).state is ClockState.MET) == (NOON + after <= CLOCK.due_at)
