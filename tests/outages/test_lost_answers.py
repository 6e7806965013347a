"""Every write is done, and the answer to it gets lost on the way: the SDK repeats each, and each is done once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws import queues
from chalicelib.domain.effects import Arm, Disarm
from chalicelib.wiring import wired
from infra.local.clients import clients
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.outages.conftest import Outage
from tests.outages.story import (
    HASTY,
    LENGTHY,
    NEWS,
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
SELDOM = frozenset({"s3.DELETE", "sqs.DeleteMessage", "sqs.ChangeMessageVisibility", "states.StopExecution"})


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
    nothing_is_left(outage, but=NEWS)
    return [fingerprint(outage, one) for one in people]


def test_counters_and_versions_are_as_if_every_first_answer_had_come(outage: Outage) -> None:
    healthy = stands(outage, told(outage))
    with outage.line.in_trouble(deaf(0.0, SEED)):
        troubled = told(outage)
    assert stands(outage, troubled) == healthy
    lost = {call for call, number in outage.line.lost.items() if number}
    assert lost >= WRITES - SELDOM - {"dynamodb.PutItem"}


def test_what_is_seldom_written_is_done_once_too(outage: Outage) -> None:
    """An object that is erased, records of a queue that are given up or offered again, a timer that is stopped."""
    key = wired.archive.keep("inbound", "seldom", b"{}")
    gone, shown = (in_hand(outage, name) for name in ("TimersDead", "OutboundDead"))
    timer = Arm("heed-seldom", BRAND, "aaaaaaaaaaaaaaaaaaaa-1", 1, wired.now() + timedelta(hours=1))
    wired.effects.arm(timer)
    with outage.line.in_trouble(deaf(1.0, SEED)):
        wired.archive.drop(key)
        queues.delete(gone)
        queues.show_again(shown, [0])
        wired.effects.disarm(Disarm(timer.name))
    assert all(outage.line.lost[call] for call in SELDOM)
    assert wired.archive.find(key) is None
    assert (outage.waiting("TimersDead"), outage.waiting("OutboundDead")) == (0, 1)
    assert status(outage, timer.name) == "ABORTED"


def in_hand(outage: Outage, name: str) -> queues.Record:
    """A record as Lambda hands it over."""
    sqs, url = clients()("sqs"), outage.heed.stack.physical_id(name)
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    [message] = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    return {"eventSourceARN": outage.heed.stack.attribute(name, "Arn"), "receiptHandle": message["ReceiptHandle"]}


def status(outage: Outage, timer: str) -> str:
    machine = wired.settings.state_machine_arn.replace(":stateMachine:", ":execution:")
    return str(clients()("stepfunctions").describe_execution(executionArn=f"{machine}:{timer}")["status"])


@pytest.mark.slow
def test_a_lost_claim_of_a_card_makes_it_a_minute_late_and_no_second_one(outage: Outage) -> None:
    with outage.line.in_trouble(deaf(0.3, SEED)):
        (*_, one) = write(outage, 5, PATIENT)
        eventually(lambda: outage.lines(one.case), 300)
    swept(outage)
    nothing_is_left(outage, but=NEWS)
    assert outage.line.lost["dynamodb.PutItem"]
    assert len(outage.cards(one.case)) == len(outage.lines(one.case)) == 1


def test_a_breach_counts_once_although_the_answer_to_its_addition_got_lost(outage: Outage) -> None:
    at = wired.now()
    with outage.line.in_trouble(deaf(1.0, SEED)):
        wired.store.broke(BRAND, "billing", at, "a-1-1")
    assert wired.store.broken(BRAND, "billing", at, timedelta(minutes=1), 2) == 1
