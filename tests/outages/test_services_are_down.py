"""Each service of AWS is gone for a while. What ``docs/degraded-modes.md`` promises of that time is asserted here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chalicelib.domain.commands import Answer
from chalicelib.domain.ids import reply_id
from chalicelib.domain.reply import Mode, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.wiring import wired
from infra.cli.letters import Letter, Queue, redrive
from infra.doubles.networks.people import VOICES
from infra.local.clients import clients
from tests.infra.waiting import eventually, lasting
from tests.outages.conftest import QUEUES, SHORT, Outage
from tests.outages.story import HASTY, LENGTHY, NEWS, PAST_GRACE, PATIENT, nothing_is_left, sent, shows, swept, writes
from tests.outages.trouble import without
from tests.scenarios.oddities import unheard_of
from tests.scenarios.people import Customer, customer
from tests.scenarios.test_an_agents_shift import window
from tests.scenarios.world import AGENTS

FIVE_MINUTES = 300 * SHORT / 180
"""Seconds, shortened as the queues' patience is."""
PAST_SECRETS = 301.0


@contextmanager
def down(outage: Outage, service: str) -> Iterator[None]:
    """The service is gone for five minutes or longer, and was missed."""
    before = outage.line.lost.total()
    with outage.line.in_trouble(without(service)), lasting(FIVE_MINUTES):
        yield
    assert outage.line.lost.total() > before


def shown_once(outage: Outage, one: Customer) -> None:
    """With the sweeper's help, which does what others of the story were owed while the service was away."""
    swept(outage)
    shows(outage, [one])
    nothing_is_left(outage, but=NEWS)
    assert (len(outage.cards(one.case)), outage.facts(one.case).count(Fact.MESSAGE_RECEIVED)) == (1, 1)


def posts(outage: Outage, text: str) -> int:
    return [post.text for post in outage.networks.posts()].count(text)


def test_without_dynamodb_networks_get_their_200_and_the_queue_keeps_what_they_told(outage: Outage) -> None:
    one = customer(outage, "facebook")
    with down(outage, "dynamodb"):
        one.says(PATIENT)
        eventually(lambda: outage.line.lost["dynamodb.Query"])
        assert outage.waiting("Inbound") == 1
    shown_once(outage, one)


def test_without_dynamodb_for_a_quarter_of_an_hour_letters_wait_until_they_are_sent_back(outage: Outage) -> None:
    one = customer(outage, "facebook")
    with down(outage, "dynamodb"):
        one.says(PATIENT)
        eventually(lambda: outage.waiting("InboundDead"), 120)
    assert not one.found()
    [letter] = sent_back(outage, "InboundDead")
    assert letter.reason
    for queue in QUEUES:
        sent_back(outage, f"{queue}Dead")
    shown_once(outage, one)


def sent_back(outage: Outage, dead: str) -> list[Letter]:
    return list(redrive(Queue(outage.heed.stack.physical_id(dead), "local"), wired.now()))


def test_without_dynamodb_buttons_and_notes_are_taken_and_done_when_it_is_back(outage: Outage) -> None:
    one = writes(outage, PATIENT)
    card = outage.card(one.case)
    with down(outage, "dynamodb"):
        assert outage.slack.click(card_channel(outage, card), card["ts"], "case_take", "U0ANA").ok
        assert outage.slack.say(card_channel(outage, card), card["ts"], "Call her", "U0TOM").ok
        eventually(lambda: outage.line.lost["dynamodb.GetItem"] > 1)
        assert outage.waiting("Slack") == 2
    outage.done(60)
    assert one.case.assignee == "ana" and outage.facts(one.case).count(Fact.NOTE_ADDED) == 1
    assert outage.waiting("SlackDead") == 0


def test_without_sqs_who_presses_is_told_and_slack_sends_words_again(outage: Outage) -> None:
    one = writes(outage, PATIENT)
    card = outage.card(one.case)
    with down(outage, "sqs"):
        assert outage.slack.click(card_channel(outage, card), card["ts"], "case_take", "U0ANA").ok
        said = outage.slack.say(card_channel(outage, card), card["ts"], "Call him", "U0TOM")
        assert said.status == 503
    assert any("nothing was done" in told for told in outage.only_for("U0ANA"))
    assert outage.slack.redeliver(said.payload).ok
    outage.done(60)
    assert one.case.assignee is None and outage.facts(one.case).count(Fact.NOTE_ADDED) == 1


def card_channel(outage: Outage, card: dict[str, object]) -> str:
    return next(one.channel for one in outage.slack.workspace.messages if one.ts == card["ts"])


def test_without_sqs_networks_are_told_to_come_again(outage: Outage) -> None:
    one = customer(outage, "facebook")
    request = one.request(one.event(PATIENT))
    with down(outage, "sqs"):
        assert outage.hook(request) >= 500
    assert outage.hook(request) == 200
    shown_once(outage, one)


def test_without_sqs_an_answer_waits_and_goes_out_once(outage: Outage) -> None:
    one = writes(outage, PATIENT)
    outage.card(one.case)
    text = f"While SQS was away, {one.person.name}"
    (thread,) = one.case.threads.values()
    before = outage.line.lost["sqs.SendMessage"]
    with down(outage, "sqs"):
        answer = Answer(text, one.case.brand, one.case.id, "ana", text, Mode.PRIVATE, thread.conversation_id)
        wired.bus(answer, wired.now())
        reply = outage.reply(reply_id(one.case.brand, text))
        eventually(lambda: outage.line.lost["sqs.SendMessage"] > before)
        assert outage.reply(reply.id).state is ReplyState.QUEUED
    swept(outage)
    eventually(lambda: sent(outage, one), 60)
    outage.settle(60)
    assert posts(outage, reply.text) == 1


def test_without_sns_cases_and_timers_go_on_and_cards_come_later(outage: Outage) -> None:
    before = outage.line.calls["states.StartExecution"]
    with down(outage, "sns"):
        one = writes(outage, PATIENT)
        assert one.case.queue == "messages"
        eventually(lambda: outage.line.lost["sns.Publish"])
        eventually(lambda: outage.line.calls["states.StartExecution"] > before)
        assert outage.told(one.case) == []
    shown_once(outage, one)


def test_without_step_functions_cards_come_at_once_and_the_auditor_finds_the_breach(outage: Outage) -> None:
    with down(outage, "states"):
        one = writes(outage, HASTY)
        outage.card(one.case)
        eventually(lambda: outage.heed.meter.counts["timers_not_started"])
        with outage.later(PAST_GRACE, here=True):
            outage.runtime.fire("auditor")
        assert outage.facts(one.case).count(Fact.CLOCK_BREACHED) == 1
    shown_once(outage, one)
    assert outage.facts(one.case).count(Fact.CLOCK_BREACHED) == 1


def test_without_s3_long_messages_come_again_and_others_come_in(outage: Outage) -> None:
    one = customer(outage, "facebook")
    request = one.request(one.event(LENGTHY))
    with down(outage, "s3"):
        assert outage.hook(request) >= 500
        shown_once(outage, writes(outage, PATIENT))
    assert outage.hook(request) == 200
    shown_once(outage, one)


def test_without_s3_what_nobody_knows_is_tried_again_and_then_kept(outage: Outage) -> None:
    one = customer(outage, "facebook")
    event = one.event(PATIENT)
    body = json.loads(one.request(event).body)
    unheard_of(body["entry"][0])
    raw = json.dumps(body).encode()
    request = replace(one.request(event), headers=VOICES["facebook"].sign(one.account, event, raw), body=raw)
    before, raw_before = outage.line.lost["s3.PUT"], kept_raw(outage)
    with down(outage, "s3"):
        assert outage.hook(request) == 200
        eventually(lambda: outage.line.lost["s3.PUT"] > before)
        assert outage.waiting("Inbound") == 1
    nothing_is_left(outage)
    assert len(kept_raw(outage) - raw_before) == 1


def kept_raw(outage: Outage) -> set[str]:
    bucket = outage.heed.stack.physical_id("Archive")
    found = clients()("s3").list_objects_v2(Bucket=bucket, Prefix="unknown/").get("Contents", [])
    return {one["Key"] for one in found}


def test_without_s3_an_answer_with_a_file_waits(outage: Outage) -> None:
    one = writes(outage, PATIENT)
    view = window(outage, one.case, "case_reply")
    before = outage.line.lost["s3.PUT"]
    bill = outage.slack.upload("bill.pdf", b"%PDF", AGENTS["ana"])
    given = {"text": {"text": f"Your bill, {one.person.name}"}, "file": {"file": [bill]}}
    with down(outage, "s3"):
        assert outage.slack.submit(view["id"], given, AGENTS["ana"]).outcome == "close"
        eventually(lambda: outage.line.lost["s3.PUT"] > before)
        assert outage.waiting("Slack") == 1 and Fact.REPLY_QUEUED not in outage.facts(one.case)
    eventually(lambda: outage.facts(one.case).count(Fact.REPLY_SENT) == 2, 60)
    assert posts(outage, f"Your bill, {one.person.name}") == 1


def test_without_s3_a_picture_waits_that_is_handed_over(outage: Outage) -> None:
    one = customer(outage, "x")
    one.says(PATIENT)
    view = window(outage, one.case, "case_reply")
    before = outage.line.lost["s3.GET"]
    label = outage.slack.upload("label.png", b"\x89PNG", AGENTS["ana"])
    given = {"text": {"text": f"Your label, {one.person.name}"}, "file": {"file": [label]}}
    outage.runtime.pause("delivery")
    assert outage.slack.submit(view["id"], given, AGENTS["ana"]).outcome == "close"
    eventually(lambda: Fact.REPLY_QUEUED in outage.facts(one.case))
    with down(outage, "s3"):
        outage.runtime.resume("delivery")
        eventually(lambda: outage.line.lost["s3.GET"] > before)
        assert outage.facts(one.case).count(Fact.REPLY_SENT) == 1
    eventually(lambda: outage.facts(one.case).count(Fact.REPLY_SENT) == 2, 60)
    assert outage.networks.posts()[-1].file.startswith("image/png ")
    outage.settle(60)


def test_without_ssm_known_secrets_are_used_on_and_unknown_ones_wait(outage: Outage) -> None:
    known, unknown = customer(outage, "facebook"), customer(outage, "telegram")
    known.says(PATIENT)
    wired.vault.__dict__["_kept"].pop(f"hooks/telegram/{unknown.account.key}", None)
    request = unknown.request(unknown.event(PATIENT))
    with down(outage, "ssm"):
        for name, (_, kept) in list(wired.vault.__dict__["_kept"].items()):
            wired.vault.__dict__["_kept"][name] = (-PAST_SECRETS, kept)
        known.says("And where is my parcel?")
        assert outage.hook(request) >= 500
    assert outage.hook(request) == 200
    shows(outage, [known, unknown])
