"""Who is there and who is writing, on every engine."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import case_id
from chalicelib.domain.presence import AgentState, Presence, Writing, writing
from chalicelib.service.ports import Store
from tests.storage.samples import ANN, BOB, BRAND, NOON, minutes

CASE = case_id(ANN, 1)


def test_all_of_a_brand_who_said_whether_they_are_there(store: Store) -> None:
    store.commit(AgentState(BRAND, "tom", Presence.ONLINE, NOON), AgentState(BRAND, "ana"), AgentState("other", "mia"))
    assert [(one.agent, one.online) for one in store.agent_states(BRAND)] == [("ana", False), ("tom", True)]
    assert store.agent_states("nobody") == []
    assert store.agent_state("other", "ana") is None


def test_of_two_who_give_an_agent_a_case_one_decides_anew(store: Store) -> None:
    store.commit(AgentState(BRAND, "tom", Presence.ONLINE, NOON))
    seen = store.agent_state(BRAND, "tom")
    assert seen is not None
    store.commit(seen.gave("c1", NOON))
    with pytest.raises(Conflict, match="agent/tom"):
        store.commit(seen.gave("c2", NOON))
    again = store.agent_state(BRAND, "tom")
    assert again is not None and again.given == ("c1",)


def test_who_writes_is_known_by_case_and_the_latest_moment_stands(store: Store) -> None:
    first, other = writing(BRAND, CASE, "ana", NOON), writing(BRAND, case_id(BOB, 1), "ana", NOON)
    store.commit(first)
    store.commit(other)
    store.commit(writing(BRAND, CASE, "tom", NOON))
    later = writing(BRAND, CASE, "ana", NOON + minutes(1))
    store.commit(later)
    with pytest.raises(Conflict):
        store.commit(first)
    assert store.writers(BRAND, CASE) == [later, writing(BRAND, CASE, "tom", NOON)]
    assert store.writers("other", CASE) == []


def test_who_writes_belongs_to_the_case(store: Store) -> None:
    mine: Writing = writing(BRAND, CASE, "ana", NOON)
    store.commit(mine)
    assert store.belongings(BRAND, CASE) == [mine]
    assert store.timeline(BRAND, CASE) == []
    assert replace(mine, at=NOON).current(NOON + minutes(1)) and not mine.current(NOON + minutes(2))
