"""The lines in the thread."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.instants import iso
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack.blocks import Posting
from chalicelib.slack.lines import FAILURES, LINES, Scene, line, name
from tests.slack.checks import check_posting, shown
from tests.slack.samples import MINUTE, NOW, case, happened, message

SILENT = {Fact.CASE_OPENED, Fact.CLOCK_MET, Fact.MESSAGE_REACTED}
REPLY = Reply("r1", "acme", case().id, "c1", "facebook", "page", Mode.PUBLIC, "We are *looking*.", {}, "maria", NOW)
DUE = {"metric": "first_response", "due_at": iso(NOW + 12 * MINUTE)}
DATA: dict[Fact, dict[str, Any]] = {
    Fact.MESSAGE_RECEIVED: {"message_id": "m1"},
    Fact.REPLY_QUEUED: {"reply_id": "r1", "mode": "public"},
    Fact.REPLY_DEFERRED: {"reply_id": "r1", "reason": "rate_limited"},
    Fact.REPLY_UNKNOWN: {"reply_id": "r1"},
    Fact.NOTE_ADDED: {"message_id": "n1"},
    Fact.CLOCK_WARNED: DUE,
    Fact.CLOCK_BREACHED: DUE,
}


def scene(actor: str = "Maria Silva", **more: Any) -> Scene:
    made = Scene(actor, "Ana Ruiz", "Facebook", NOW, message(), REPLY)
    return replace(made, **more)


def told(fact: Fact, within: Scene | None = None, **data: Any) -> Posting:
    posting = line(happened(fact, **{**DATA.get(fact, {}), **data}), within or scene())
    assert posting is not None
    check_posting(posting)
    return posting


@pytest.mark.parametrize("fact", list(Fact))
def test_every_fact_has_a_line_or_is_shown_by_the_card_alone(fact: Fact) -> None:
    assert (fact in LINES) != (fact in SILENT)
    if fact in SILENT:
        assert line(happened(fact), scene()) is None
    else:
        assert shown(told(fact))


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Fact.CASE_TAKEN, "Maria Silva took this case."),
        (Fact.CASE_RELEASED, "Press Take to continue."),
        (Fact.CASE_SOLVED, "Maria Silva resolved this case."),
        (Fact.CASE_REOPENED, "Ana Ruiz wrote again"),
        (Fact.MESSAGE_RECEIVED, "*Ana Ruiz* wrote publicly on Facebook:"),
        (Fact.MESSAGE_EDITED, "It says now:"),
        (Fact.MESSAGE_HIDDEN, "is hidden on Facebook now"),
        (Fact.NOTE_ADDED, "Maria Silva noted, for colleagues only:"),
        (Fact.REPLY_QUEUED, "Maria Silva answers PUBLICLY on Facebook:"),
        (Fact.REPLY_DEFERRED, "Facebook asks us to wait."),
        (Fact.REPLY_SENT, "The answer was sent privately on Facebook."),
        (Fact.REPLY_UNKNOWN, "Look at the conversation there before anything is sent again"),
        (Fact.REPLY_ELSEWHERE, "outside of Heed"),
        (Fact.CLOCK_WARNED, "was promised an answer by <!date^1795165920^{time}|09:12 UTC>, in 12 minutes."),
        (Fact.CLOCK_BREACHED, "*Too late:* Ana Ruiz was promised an answer by"),
    ],
)
def test_lines_speak_plainly(fact: Fact, words: str) -> None:
    assert words in shown(told(fact))


def test_the_customers_words_are_in_the_line() -> None:
    posting = told(Fact.MESSAGE_RECEIVED)
    assert "Where is my parcel?" in shown(posting)
    assert posting.text == "*Ana Ruiz* wrote publicly on Facebook: Where is my parcel?"


def test_what_was_sent_is_quoted_literally() -> None:
    quote = told(Fact.REPLY_QUEUED).blocks[1]["elements"][0]
    assert quote["elements"] == [{"type": "text", "text": "We are *looking*."}]


def test_a_private_message_is_said_to_be_private() -> None:
    assert "wrote privately" in shown(told(Fact.MESSAGE_RECEIVED, scene(message=message(public=False))))


@pytest.mark.parametrize("known", [None, message(None, deleted_at=NOW, evidence="secret")])
def test_a_deleted_message_is_not_repeated(known: Message | None) -> None:
    posting = told(Fact.MESSAGE_DELETED, scene(message=known))
    assert "took back a message" in shown(posting) and "secret" not in shown(posting)


@pytest.mark.parametrize("fact", sorted(LINES))
def test_what_needs_everybody_is_told_to_the_channel(fact: Fact) -> None:
    loud = {Fact.CASE_REOPENED, Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED}
    assert told(fact).broadcast == (fact in loud)


def test_a_resolution_is_promised_in_other_words() -> None:
    assert "the case of Ana Ruiz was promised to be resolved by" in shown(
        told(Fact.CLOCK_BREACHED, metric="resolution")
    )


def test_a_warning_that_comes_late_promises_no_time_left() -> None:
    assert ", in " not in shown(told(Fact.CLOCK_WARNED, due_at=iso(NOW - MINUTE)))


@pytest.mark.parametrize("reason", [*FAILURES, "refused", "code_17", "<!channel> {x}"])
def test_a_failure_says_why_and_what_to_do_next(reason: str) -> None:
    words = shown(told(Fact.REPLY_FAILED, reason=reason))
    assert words.startswith(":x: *The answer did not get through:*")
    assert "{" not in words.replace("{x}", "") and words.count(". ") >= 1


def test_delays_are_told_once_for_each_reply_other_lines_once_for_each_fact() -> None:
    first, second = (happened(Fact.REPLY_DEFERRED, seq=seq, reply_id="r1", reason="unreachable") for seq in (4, 9))
    assert name(first) == name(second) == "delay-r1"
    assert name(happened(Fact.CASE_TAKEN, seq=12)) == "00000012"
    assert name(happened(Fact.NOTE_ADDED, message_id="n1")) == "note-n1"


def test_a_reply_that_somebody_did_not_find_is_sent_again() -> None:
    event: TimelineEvent = happened(Fact.REPLY_DEFERRED, seq=9, reply_id="r1")
    posting = line(event, scene())
    assert posting is not None and "Maria Silva looked" in shown(posting)
    assert name(event) == "00000009"


def test_an_unknown_fate_is_settled_by_two_buttons() -> None:
    elements = told(Fact.REPLY_UNKNOWN).blocks[1]["elements"]
    value = f"acme/{case().id}/r1"
    assert [(one["action_id"], one["value"]) for one in elements] == [("reply_there", value), ("reply_missing", value)]


@pytest.mark.parametrize("text", ["<!channel>", "x" * 50_000, "\n" * 500, "\u202e\ud800\x00", "👩‍🚒" * 3000])
def test_no_line_pings_or_grows_too_long(text: str) -> None:
    hostile = Scene(text, text, text, NOW, message(text), replace(REPLY, text=text))
    for fact in LINES:
        told(fact, hostile, reason=text) if fact is Fact.REPLY_FAILED else told(fact, hostile)
