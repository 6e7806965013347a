"""The lines in the thread."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain import lifecycle
from chalicelib.domain.case import Priority
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.instants import iso
from chalicelib.domain.message import Message
from chalicelib.domain.reopening import TAKEN_BACK
from chalicelib.domain.reply import Enclosure, Mode, Reply, Then
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import OF_OPERATORS, Fact, Happening, TimelineEvent
from chalicelib.slack.blocks import Posting
from chalicelib.slack.buttons import REOPEN
from chalicelib.slack.lines import FAILURES, LINES, Scene, line, name
from tests.slack.checks import check_posting, shown
from tests.slack.samples import MINUTE, NOW, case, happened, message

SILENT = {Fact.CASE_OPENED, Fact.CASE_NOTIFIED, Fact.MESSAGE_REACTED, Fact.REPLY_ECHOED}
SILENT |= {Fact.NOTE_EDITED, Fact.NOTE_DELETED} | OF_OPERATORS
"""The thread itself shows what became of a note; what operators do is no news of a case."""
REPLY = Reply("r1", "acme", case().id, "c1", "facebook", "page", Mode.PUBLIC, "We are *looking*.", {}, "maria", NOW)
DUE = {"metric": "first_response", "due_at": iso(NOW + 12 * MINUTE)}
DATA: dict[Fact, dict[str, Any]] = {
    Fact.MESSAGE_RECEIVED: {"message_id": "m1"},
    Fact.REPLY_QUEUED: {"reply_id": "r1", "mode": "public"},
    Fact.REPLY_DEFERRED: {"reply_id": "r1", "reason": "rate_limited"},
    Fact.REPLY_UNKNOWN: {"reply_id": "r1"},
    Fact.NOTE_ADDED: {"message_id": "n1"},
    Fact.CASE_ASSIGNED: {"to": "tom", "note": "Please call her"},
    Fact.CASE_MOVED: {"to": "quiet", "note": "Wrong team"},
    Fact.CASE_PRIORITY: {"from": "normal", "to": "urgent", "reason": "A lawyer writes"},
    Fact.CASE_SNOOZED: {"until": iso(NOW + 120 * MINUTE), "reason": "The parcel comes then"},
    Fact.CASE_TAGGED: {"add": ["refund"], "remove": ["vip"]},
    Fact.CONTACT_TAGGED: {"added": ["vip"]},
    Fact.CASE_MERGED: {"into": "aaaaaaaaaaaaaaaaaaaa-2"},
    Fact.CASE_LINKED: {"to": "aaaaaaaaaaaaaaaaaaaa-2"},
    Fact.CASE_DISMISSED: {"reason": "Spam"},
    Fact.CASE_ESCALATED: {"chain": "boss", "state": "started", "by": "maria", "reason": "On television"},
    Fact.CASE_ACKNOWLEDGED: {"chain": "boss", "until": iso(NOW + 30 * MINUTE)},
    Fact.ACT_QUEUED: {"message_id": "m1", "act": "hide", "reason": "Insults"},
    Fact.ACT_DONE: {"message_id": "m1", "act": "hide"},
    Fact.ACT_FAILED: {"message_id": "m1", "act": "delete", "reason": "not_allowed"},
    Fact.REPLY_HELD: {"reply_id": "r1"},
    Fact.REPLY_REJECTED: {"reply_id": "r1", "reason": "rejected", "note": "Too cold"},
    Fact.CLOCK_WARNED: DUE,
    Fact.CLOCK_BREACHED: DUE,
}


def scene(actor: str = "Maria Silva", **more: Any) -> Scene:
    made = Scene(actor, "Ana Ruiz", "Facebook", NOW, message(), REPLY, "Tom Becker")
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
        (Fact.CASE_RESOLVING, "Maria Silva resolves this case with the answer that is on its way."),
        (Fact.CASE_SOLVED, "Maria Silva resolved this case."),
        (Fact.CASE_REOPENED, "Ana Ruiz wrote again"),
        (Fact.CASE_ASSIGNED, "Maria Silva gave this case to Tom Becker.\nPlease call her"),
        (Fact.CASE_MOVED, "Maria Silva moved this case to Tom Becker."),
        (Fact.CASE_PRIORITY, "Maria Silva set the priority to *urgent*, it was normal."),
        (Fact.CASE_SNOOZED, "snoozed this case until <!date^1795172400^{time}|11:00 UTC>, or until they write."),
        (Fact.CASE_TAGGED, "changed the tags: + refund; - vip."),
        (Fact.CONTACT_TAGGED, "changed the tags of Ana Ruiz: + vip."),
        (Fact.CASE_MERGED, "merged this case into `aaaaaaaaaaaaaaaaaaaa-2`. Go on there."),
        (Fact.CASE_LINKED, "linked this case to `aaaaaaaaaaaaaaaaaaaa-2`."),
        (Fact.CASE_DISMISSED, "this was not a request. No clock counts it.\nSpam"),
        (Fact.CASE_ESCALATED, ":fire: *Escalated* (boss) by Maria Silva. Who is on it?\nOn television"),
        (Fact.CASE_ACKNOWLEDGED, "Maria Silva is on it. Nobody else is called. If nothing follows by"),
        (Fact.ACT_QUEUED, "Maria Silva asks Facebook to hide a message.\nInsults"),
        (Fact.ACT_DONE, "the message is hidden."),
        (Fact.ACT_FAILED, "*Facebook did not delete a message:* not allowed."),
        (Fact.REPLY_HELD, "Maria Silva wants to answer PUBLICLY on Facebook. Who approves it?\nWe are *looking*."),
        (Fact.REPLY_APPROVED, "it is sent PUBLICLY on Facebook now"),
        (Fact.REPLY_REJECTED, "It did not leave.\nToo cold"),
        (Fact.REPLY_UNDONE, "Maria Silva took the answer back. It did not leave."),
        (Fact.MESSAGE_RECEIVED, "*Ana Ruiz* wrote publicly on Facebook:"),
        (Fact.MESSAGE_EDITED, "It says now:"),
        (Fact.MESSAGE_HIDDEN, "is hidden on Facebook now"),
        (Fact.NOTE_ADDED, "Maria Silva noted, for colleagues only:"),
        (Fact.REPLY_QUEUED, "Maria Silva answers PUBLICLY on Facebook:"),
        (Fact.REPLY_DEFERRED, "Facebook asks us to wait."),
        (Fact.REPLY_SENT, "The answer was sent PUBLICLY on Facebook."),
        (Fact.REPLY_UNKNOWN, "Look at the conversation there before anything is sent again"),
        (Fact.REPLY_ELSEWHERE, "outside of Heed"),
        (Fact.CLOCK_WARNED, "was promised an answer by <!date^1795165920^{time}|09:12 UTC>, in 12 minutes."),
        (Fact.CLOCK_BREACHED, "*Too late:* Ana Ruiz was promised an answer by"),
    ],
)
def test_lines_speak_plainly(fact: Fact, words: str) -> None:
    assert words in shown(told(fact))


def test_a_case_that_came_back_says_why() -> None:
    assert ":leftwards_arrow_with_hook: Ana Ruiz wrote again" in shown(told(Fact.CASE_REOPENED, why="message"))
    assert "Our answer did not reach Ana Ruiz, so this case is open" in shown(told(Fact.CASE_REOPENED, why="reply"))


def test_a_slip_is_taken_back_below_its_line_and_told_to_the_channel() -> None:
    for fact in (Fact.CASE_SOLVED, Fact.CASE_DISMISSED):
        (pressed,) = told(fact).blocks[-1]["elements"]
        assert (pressed["action_id"], pressed["value"]) == (REOPEN, f"acme/{case().id}")
    back = told(Fact.CASE_REOPENED, why=TAKEN_BACK)
    assert "Maria Silva reopened this case. What was promised counts on" in shown(back) and back.broadcast


def test_whoever_approves_words_sees_what_hangs_on_them() -> None:
    then = Then("We *wrote* to you.", ("late", "v*i*p"), Priority.HIGH, "maria")
    words = shown(told(Fact.REPLY_HELD, scene(reply=replace(REPLY, then=then))))
    assert "Once it was sent, everyone can read:" in words and "We *wrote* to you." in words
    assert "its priority is high, the case is resolved." in words and "v*i*p" not in words


def test_a_file_is_told_by_its_name() -> None:
    bill = Enclosure("files/1/bill.pdf", "b*i*ll.pdf", "application/pdf", 9)
    held = shown(told(Fact.REPLY_HELD, scene(reply=replace(REPLY, then=Then(file=bill)))))
    assert "b*i*ll.pdf" not in held and "follows as a message of its own" in held
    of_it = scene(reply=replace(REPLY, text="", file=replace(bill, name="bill.pdf")))
    assert ":paperclip: bill.pdf" in shown(told(Fact.REPLY_QUEUED, of_it))
    assert "The file bill.pdf was sent" in shown(told(Fact.REPLY_SENT, of_it))
    assert "*The file bill.pdf did not get through:*" in shown(told(Fact.REPLY_FAILED, of_it))
    assert "whether the file bill.pdf arrived" in shown(told(Fact.REPLY_UNKNOWN, of_it))


def test_a_case_that_was_taken_from_somebody_says_from_whom_and_why() -> None:
    whose = "gave this case of Tom Becker back to the team"
    assert f"Maria Silva {whose}." in shown(told(Fact.CASE_RELEASED, scene(), **{"from": "tom"}))
    for why, words in (("claim", "because nothing was done about it"), ("away", "because they are away")):
        by_heed = told(Fact.CASE_RELEASED, scene("Heed"), **{"from": "tom", "why": why})
        assert f"Heed {whose}, {words}." in shown(by_heed)


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
    clocks = {Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED}
    loud = clocks | {Fact.CASE_REOPENED, Fact.CASE_ESCALATED, Fact.CASE_WOKEN, Fact.CASE_HANDED}
    assert told(fact, scene(calls="<@U0AGENT01>")).broadcast == (fact in loud)


def test_who_has_to_act_on_an_answer_is_called_and_nobody_else() -> None:
    ours = scene(calls="<@U0AGENT01> <@U0AGENT02>")
    for fact in LINES:
        calls = "<@U0AGENT01>" in shown(
            told(fact, ours, **({"reason": "blocked"} if fact is Fact.REPLY_FAILED else {}))
        )
        assert calls == (fact in (Fact.REPLY_HELD, Fact.REPLY_FAILED, Fact.REPLY_UNKNOWN)), fact


def test_where_anybody_may_approve_the_channel_sees_what_waits() -> None:
    assert told(Fact.REPLY_HELD).broadcast and not told(Fact.REPLY_HELD, scene(calls="<@U0AGENT01>")).broadcast


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


def below(posting: Posting) -> dict[str, str]:
    """The buttons below a line."""
    return {one["action_id"]: one["value"] for one in posting.blocks[-1].get("elements", ()) if "action_id" in one}


def test_a_waiting_answer_can_be_taken_back_while_it_waits() -> None:
    value = f"acme/{case().id}/r1"
    waiting = told(Fact.REPLY_QUEUED, not_before=iso(NOW + MINUTE))
    assert below(waiting) == {"reply_undo": value} and ", at <!date^" in shown(waiting)
    assert below(told(Fact.REPLY_QUEUED, not_before=iso(NOW - MINUTE))) == {}
    assert below(told(Fact.REPLY_QUEUED)) == {}
    late = scene(reply=replace(REPLY, not_before=NOW + MINUTE))
    assert (
        below(told(Fact.REPLY_QUEUED, late))
        == below(told(Fact.REPLY_APPROVED, late, reply_id="r1"))
        == {"reply_undo": value}
    )


def test_a_held_answer_is_approved_or_sent_back_by_buttons() -> None:
    value = f"acme/{case().id}/r1"
    assert below(told(Fact.REPLY_HELD)) == {"reply_approve": value, "reply_reject": value}


def test_an_escalation_is_acknowledged_below_its_line() -> None:
    assert below(told(Fact.CASE_ESCALATED)) == {"case_acknowledge": f"acme/{case().id}"}
    over = told(Fact.CASE_ESCALATED, state="ended", why="answered")
    assert shown(over) == ":white_check_mark: The escalation boss is over: answered." and not over.broadcast
    assert "held until <!date^" in shown(told(Fact.CASE_ESCALATED, state="held", until=iso(NOW + MINUTE)))


def test_what_heed_does_by_itself_is_told_as_its_own() -> None:
    assert "Heed set the priority" in shown(told(Fact.CASE_PRIORITY, scene("system")))


def test_a_case_that_came_out_of_a_snooze_by_itself_is_told_to_the_channel() -> None:
    posting = line(happened(Fact.CASE_WOKEN, actor="maria"), scene())
    assert posting is not None and not posting.broadcast


def test_the_case_that_took_in_another_one_says_so() -> None:
    event = replace(happened(Fact.CASE_MERGED), data={"from": "aaaaaaaaaaaaaaaaaaaa-2"})
    posting = line(event, scene())
    assert posting is not None and "merged case `aaaaaaaaaaaaaaaaaaaa-2` into this one" in shown(posting)


def test_what_an_event_did_to_the_clocks_stands_below_its_line() -> None:
    event = replace(
        happened(Fact.REPLY_SENT),
        clocks=(
            ClockEvent(Metric.FIRST_RESPONSE, 0, ClockStep.FULFIL, NOW),
            ClockEvent(Metric.UPDATE, 0, ClockStep.FULFIL, NOW, NOW - 3 * MINUTE),
            ClockEvent(Metric.RESOLUTION, 0, ClockStep.PAUSE, NOW, why="pending"),
            ClockEvent(Metric.NEXT_RESPONSE, 0, ClockStep.ACTIVATE, NOW),
        ),
    )
    posting = line(event, scene())
    assert posting is not None
    check_posting(posting)
    told_below = shown(posting).split("\n")[-1]
    assert told_below == (
        ":white_check_mark: Answered in time · :red_circle: News given 3 minutes late · "
        ":double_vertical_bar: Resolve: paused, we wait for the customer"
    )


def test_a_due_time_that_moved_is_told_with_the_reason() -> None:
    event = replace(
        happened(Fact.POLICY_APPLIED, version=7),
        clocks=(
            ClockEvent(Metric.RESOLUTION, 0, ClockStep.RECOMPUTE, NOW, NOW + 5 * MINUTE, "policy file version 7"),
            ClockEvent(Metric.UPDATE, 0, ClockStep.RECOMPUTE, NOW, None, "policy file version 7"),
            ClockEvent(Metric.NEXT_RESPONSE, 0, ClockStep.CANCEL, NOW, None, "policy 2, tag <!here>"),
            ClockEvent(Metric.FIRST_RESPONSE, 0, ClockStep.CANCEL, NOW, None, "solved"),
        ),
    )
    posting = line(event, scene())
    assert posting is not None
    check_posting(posting)
    words, below = shown(posting).split("\n")[0], shown(posting).split("\n")[-1]
    assert words == ":scroll: The policy file was edited (version 7): other promises hold now."
    assert below == (
        ":arrows_counterclockwise: Resolve: due <!date^1795165500^{time}|09:05 UTC> now (policy file version 7) · "
        ":heavy_minus_sign: Answer again: not promised any more (policy 2, tag &lt;!here&gt;)"
    )


def test_a_late_answer_is_called_late_in_the_thread() -> None:
    late = NOW + 22 * MINUTE
    answer = Happening(Fact.REPLY_SENT, late, "system", {"by": "maria", "mode": "private"})
    _, events = lifecycle.recorded(case(), *lifecycle.answered(case(), late, answer), late)
    posting = line(events[-1], scene())
    assert posting is not None and ":red_circle: Answered 10 minutes late" in shown(posting)
