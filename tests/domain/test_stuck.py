"""Which answers need a person, as the facts tell it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import lifecycle, work
from chalicelib.domain.stuck import stuck
from chalicelib.domain.timeline import Fact, Happening
from tests.build import NOON, case

REPLIES = [fact for fact in Fact if fact.value.startswith("reply.")]


def happened(fact: Fact, reply: str = "r1") -> Happening:
    return Happening(fact, NOON, "ana", {} if fact is Fact.REPLY_ELSEWHERE else {"reply_id": reply})


def after(*facts: Fact) -> dict[str, str]:
    return stuck({}, [happened(fact) for fact in facts])


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([Fact.REPLY_HELD], "held"),
        ([Fact.REPLY_HELD, Fact.REPLY_APPROVED], None),
        ([Fact.REPLY_HELD, Fact.REPLY_REJECTED], None),
        ([Fact.REPLY_HELD, Fact.REPLY_UNDONE], None),
        ([Fact.REPLY_QUEUED], None),
        ([Fact.REPLY_QUEUED, Fact.REPLY_UNKNOWN], "unknown"),
        ([Fact.REPLY_UNKNOWN, Fact.REPLY_SENT], None),
        ([Fact.REPLY_UNKNOWN, Fact.REPLY_DEFERRED], None),
        ([Fact.REPLY_QUEUED, Fact.REPLY_FAILED], "failed"),
        ([Fact.REPLY_UNKNOWN, Fact.REPLY_FAILED], "failed"),
    ],
)
def test_an_answer_is_stuck_until_somebody_or_its_network_has_settled_it(facts: list[Fact], why: str | None) -> None:
    assert after(*facts).get("r1") == why


@pytest.mark.parametrize("good", [Fact.REPLY_QUEUED, Fact.REPLY_HELD, Fact.REPLY_SENT, Fact.REPLY_ELSEWHERE])
def test_a_failed_answer_is_made_good_by_another_one(good: Fact) -> None:
    assert "r1" not in stuck({"r1": "failed"}, [happened(good, "r2")])
    assert stuck({"r1": "unknown"}, [happened(good, "r2")])["r1"] == "unknown", "that one may be there"


@pytest.mark.parametrize("over", [Fact.CASE_SOLVED, Fact.CASE_DISMISSED])
def test_nobody_writes_a_failed_answer_again_when_the_case_is_over(over: Fact) -> None:
    known = {"r1": "failed", "r2": "unknown", "r3": "held"}
    assert stuck(known, [Happening(over, NOON, "ana")]) == {"r2": "unknown", "r3": "held"}


def test_a_case_knows_as_it_is_recorded_and_takes_it_along_when_it_is_merged() -> None:
    one, _ = lifecycle.recorded(case(), case(), [happened(Fact.REPLY_HELD)], NOON)
    assert one.stuck == {"r1": "held"}
    (loser, _), (winner, _) = work.merged(one, case(id=f"{'d' * 20}-1"), "ana", NOON)
    assert (loser.stuck, winner.stuck) == ({}, {"r1": "held"})


@given(st.lists(st.tuples(st.sampled_from(REPLIES), st.sampled_from("abc")), max_size=30))
def test_step_by_step_and_all_at_once_are_the_same(steps: list[tuple[Fact, str]]) -> None:
    told = [happened(fact, reply) for fact, reply in steps]
    known: dict[str, str] = {}
    for one in told:
        known = stuck(known, [one])
    assert known == stuck({}, told)
