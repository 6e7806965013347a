"""Who gets which case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import fairness
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case, Origin, Status
from chalicelib.domain.clock import start
from chalicelib.domain.config import Queue
from chalicelib.domain.fairness import Candidate
from chalicelib.domain.people import Agent, Role
from chalicelib.domain.presence import AgentState, Presence
from chalicelib.domain.target import AlwaysOpen
from tests.build import BRAND, FIRST_RESPONSE, MINUTE, NOON, case

ANA = Agent("ana", "Ana", "ana@example.com", Role.AGENT, (BRAND,))
BILLING = Queue("billing", "Billing", "C1", skills=("billing",))
ONLINE = AgentState(BRAND, "ana", Presence.ONLINE, NOON)


def due(minutes: int | None, number: int = 1, **more: object) -> Case:
    clock = start(FIRST_RESPONSE, NOON + (minutes or 0) * MINUTE, 0, AlwaysOpen())
    known = case(id=f"{'c' * 20}-{number}", clocks=() if minutes is None else (clock,))
    return replace(known, **more)  # type: ignore[arg-type]


@given(st.lists(st.one_of(st.none(), st.integers(0, 10_000)), max_size=12))
def test_oldest_due_comes_first_and_what_nobody_promised_last(dues: list[int | None]) -> None:
    cases = [due(minutes, number) for number, minutes in enumerate(dues, 1)]
    order = [one.due_at for one in sorted(cases, key=fairness.order)]
    promised = [at for at in order if at is not None]
    assert promised == sorted(promised)
    assert order == [*promised, *[None] * (len(order) - len(promised))]
    assert len(order) == len(cases)


@pytest.mark.parametrize("status", list(Status))
def test_only_what_needs_us_and_nobody_has_is_next(status: Status) -> None:
    wanted = status in (Status.NEW, Status.OPEN)
    assert due(1, status=status).waits == wanted
    assert not due(1, status=status, assignee="tom").waits
    assert fairness.load([due(1, status=status)]) == wanted


def test_skills_languages_brands_and_roles() -> None:
    german = due(1, origin=Origin(language="de"))
    assert fairness.able(ANA, german, None)
    assert not fairness.able(replace(ANA, languages=("en",)), german, None)
    assert fairness.able(replace(ANA, languages=("en", "de")), german, None)
    assert fairness.able(replace(ANA, languages=("en",)), due(1), None)
    assert not fairness.able(ANA, due(1), BILLING)
    assert fairness.able(replace(ANA, skills=("vip", "billing")), due(1), BILLING)
    assert not fairness.able(replace(ANA, brands=("other",)), due(1), None)
    assert not fairness.able(replace(ANA, role=Role.AUDITOR), due(1), None)


def test_there_means_online_and_in_hours() -> None:
    assert not fairness.there(ANA, None, NOON)
    assert not fairness.there(ANA, replace(ONLINE, presence=Presence.AWAY), NOON)
    assert fairness.there(ANA, ONLINE, NOON)
    morning = replace(ANA, hours=Calendar("m", "UTC", (((8 * 60, 12 * 60),), *[()] * 6)))
    assert NOON.weekday() == 0
    assert fairness.there(morning, ONLINE, NOON - timedelta(hours=4))
    assert fairness.there(morning, ONLINE, NOON - timedelta(seconds=1))
    assert not fairness.there(morning, ONLINE, NOON)
    assert not fairness.there(morning, ONLINE, NOON - timedelta(hours=4, seconds=1))


CANDIDATES = st.builds(
    lambda name, load, capacity: Candidate(replace(ANA, id=name, capacity=capacity), load),
    st.sampled_from("abcdef"),
    st.integers(0, 12),
    st.integers(1, 10),
)


@given(st.lists(CANDIDATES, max_size=6))
def test_whoever_is_chosen_has_room_and_nobody_is_less_busy(candidates: list[Candidate]) -> None:
    best = fairness.chosen(candidates)
    free = [one for one in candidates if one.load < one.agent.capacity]
    assert (best is None) == (not free)
    if best is not None:
        assert best in free
        assert all(best.load / best.agent.capacity <= one.load / one.agent.capacity for one in free)


def test_turns_go_round() -> None:
    tom, mia = replace(ANA, id="tom"), replace(ANA, id="mia")
    states = {
        "ana": replace(ONLINE, given_at=NOON),
        "tom": replace(ONLINE, agent="tom"),
        "mia": AgentState(BRAND, "mia"),
    }
    turns = fairness.by_turn([ANA, tom, mia], states, due(1), None, NOON)
    assert [one.id for one in turns] == ["tom", "ana"]
    both = [Candidate(ANA, 1, NOON), Candidate(tom, 1, NOON - MINUTE)]
    best = fairness.chosen(both)
    assert best is not None and best.agent is tom
