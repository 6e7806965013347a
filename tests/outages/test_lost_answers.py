"""Every write is done, and the answer to it gets lost on the way: the SDK repeats each, and each is done once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.wiring import wired
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.outages.conftest import Outage
from tests.outages.story import (
    HASTY,
    LENGTHY,
    PATIENT,
    fingerprint,
    nothing_is_left,
    sent,
    shows,
    solved,
    swept,
    write,
    writes,
)
from tests.outages.trouble import WRITES, deaf
from tests.scenarios.people import Customer

SEED = 20


def told(outage: Outage) -> list[Customer]:
    """One who is answered and solved, one whose promise breaks, one with much to say."""
    patient, hasty, _ = people = [writes(outage, words) for words in (PATIENT, HASTY, LENGTHY)]
    shows(outage, people)
    outage.answer(patient.case, f"It is on its way, {patient.person.name}")
    eventually(lambda: sent(outage, patient), 60)
    solved(patient)
    eventually(lambda: any("CLOCK_BREACHED" in fact.name for fact in outage.facts(hasty.case)), 60)
    return people


def stands(outage: Outage, people: Sequence[Customer]) -> list[dict[str, Any]]:
    """What there is when all is done; a timer whose start got no answer is the sweeper's."""
    swept(outage)
    nothing_is_left(outage)
    return [fingerprint(outage, one) for one in people]


def test_counters_and_versions_are_as_if_every_first_answer_had_come(outage: Outage) -> None:
    healthy = stands(outage, told(outage))
    with outage.line.in_trouble(deaf(0.0, SEED)):
        troubled = told(outage)
    assert stands(outage, troubled) == healthy
    lost = {call for call, number in outage.line.lost.items() if number}
    assert lost >= WRITES - {"dynamodb.PutItem", "states.StopExecution"}, "who starts no timer is not asked to stop one"


@pytest.mark.slow
def test_a_lost_claim_of_a_card_makes_it_a_minute_late_and_no_second_one(outage: Outage) -> None:
    with outage.line.in_trouble(deaf(0.3, SEED)):
        (*_, one) = write(outage, 5, PATIENT)
        eventually(lambda: outage.lines(one.case), 300)
    swept(outage)
    nothing_is_left(outage)
    assert outage.line.lost["dynamodb.PutItem"]
    assert len(outage.cards(one.case)) == len(outage.lines(one.case)) == 1


def test_a_breach_counts_once_although_the_answer_to_its_addition_got_lost(outage: Outage) -> None:
    at = wired.now()
    with outage.line.in_trouble(deaf(1.0, SEED)):
        wired.store.broke(BRAND, "billing", at)
    assert wired.store.broken(BRAND, "billing", at, timedelta(minutes=1)) == 1
