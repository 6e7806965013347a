"""The card of a case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import lifecycle
from chalicelib.domain.calendar import Calendar, Day
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.escalation import Escalation
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Edit, Message
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.slack import clockwords
from chalicelib.slack.blocks import Posting
from chalicelib.slack.cards import Past, card
from tests.slack.checks import check_posting, shown
from tests.slack.samples import MINUTE, NOW, case, message, thread

HOSTILE = "<!channel> <!here> <@U0AGENT01> <!subteam^S1> <https://evil.example|bank.example> @everyone &lt;!channel&gt;"


def made(one: Case | None = None, latest: Message | None = None, assignee: str | None = None, **more: Any) -> Posting:
    shown_message = more.pop("message", latest or message())
    return checked(
        card(one or case(), shown_message, network="Facebook", queue="Customer care", assignee=assignee, now=NOW)
    )


def turned(before: Case, turn: lifecycle.Turn) -> Case:
    """The case as it is recorded, with what that means for its clocks."""
    after, happened = turn
    return lifecycle.recorded(before, after, happened, happened[-1].at)[0]


def checked(posting: Posting) -> Posting:
    check_posting(posting)
    return posting


def buttons(posting: Posting) -> dict[str, str]:
    elements = [one for block in posting.blocks for one in block.get("elements", ()) if one["type"] == "button"]
    return {one["action_id"]: one["value"] for one in elements}


def test_a_card_says_all_that_is_needed_to_decide() -> None:
    told = shown(made())
    for words in (
        "Ana Ruiz",
        " @ana",
        "Facebook, public comment",
        "Where is my parcel?",
        "high (angry words; public comment)",
        "Customer care",
        "nobody yet",
        ":hourglass_flowing_sand: Answer by <!date^1795165920^{time}|09:12 UTC>",
        "Resolve by",
    ):
        assert words in told


def test_a_card_that_nobody_writes_anew_says_nothing_that_ages() -> None:
    told = shown(made())
    assert "in 12 minutes" not in told and "in 7 hours" not in told
    late = card(case(), message(), network="Facebook", queue="Care", assignee=None, now=NOW + 22 * MINUTE)
    assert "*Answer now:* it was due by <!date^" in shown(late) and "ago" not in shown(late)
    assert "in 12 minutes" in clockwords.due(case(), NOW)


def test_the_notification_is_one_line_without_blocks() -> None:
    assert made().text == "Ana Ruiz on Facebook, public comment: Where is my parcel?"


def test_the_buttons_carry_brand_and_case() -> None:
    value = f"acme/{case().id}"
    names = ("case_take", "case_reply", "case_note", "case_escalate", "case_resolve", "case_snooze_until", "case_more")
    assert buttons(made()) == dict.fromkeys(names, value)


def test_every_button_says_what_it_does() -> None:
    """On a phone nobody guesses what three dots are."""
    elements = [one for block in made().blocks for one in block.get("elements", ()) if one["type"] == "button"]
    assert "Snooze…" in [one["text"]["text"] for one in elements] and "overflow" not in str(made().blocks)


def test_a_solved_case_is_answered_and_noted_from_its_card() -> None:
    solved = replace(case(), status=Status.SOLVED)
    assert list(buttons(made(solved))) == ["case_reply", "case_note", "case_reopen", "case_more"]
    merged = replace(solved, merged_into="jgiv4dl5jnac4max2ail-2")
    assert list(buttons(made(merged))) == ["case_note"], "the talk goes on in the other case"


def test_a_snoozed_case_can_be_woken_up() -> None:
    posting = made(replace(case(), snoozed_until=NOW + 90 * MINUTE))
    assert "case_wake" in buttons(posting) and ":zzz: Snoozed until" in shown(posting)


def test_an_escalated_case_asks_who_is_on_it() -> None:
    running = Escalation("boss", (), NOW, "maria", 30 * MINUTE, True)
    posting = made(replace(case(), escalation=running))
    assert "case_acknowledge" in buttons(posting) and "case_escalate" not in buttons(posting)
    assert "nobody is on it yet" in shown(posting)
    posting = made(replace(case(), escalation=replace(running, acknowledged_at=NOW, acknowledged_by="tom")))
    assert "case_acknowledge" not in buttons(posting) and "somebody is on it" in shown(posting)
    assert "Escalated" not in shown(made(replace(case(), escalation=replace(running, ended_at=NOW))))


def test_a_card_says_who_the_contact_is_in_one_line() -> None:
    assert "First case" in shown(made())
    third = replace(case(), id=case().id.removesuffix("1") + "3")
    past = Past(NOW - timedelta(days=5), ("vip", "`x`"), unreachable=True)
    told = shown(card(third, message(), network="Facebook", queue="Care", assignee=None, now=NOW, past=past))
    assert "3rd case, last solved 5 days ago · `vip` · `x` · private messages do not reach them" in told


@pytest.mark.parametrize(("number", "words"), [(2, "2nd"), (11, "11th"), (21, "21st"), (112, "112th"), (103, "103rd")])
def test_cases_are_counted_in_words(number: int, words: str) -> None:
    assert f"{words} case" in shown(made(replace(case(), id=f"{case().id[:-1]}{number}")))


def test_answers_that_need_a_person_are_counted() -> None:
    stuck = {"r1": "failed", "r2": "held", "r3": "unknown", "r4": "unknown"}
    told = shown(made(replace(case(), stuck=stuck)))
    assert (
        ":warning: *Answers:* 1 did not get through · 2 of which nobody can tell whether it arrived · 1 to be approved"
        in told
    )
    assert "*Answers:*" not in shown(made())
    solved = replace(case(), status=Status.SOLVED, solved_at=NOW, stuck={"r3": "unknown"})
    assert "*Answers:* 1 of which nobody can tell" in shown(made(solved))


def test_tags_and_linked_cases_are_shown() -> None:
    told = shown(made(replace(case(), tags=("refund", "<!here>"), links=("aaaaaaaaaaaaaaaaaaaa-2",))))
    assert "*Tags:* refund, &lt;!here&gt;" in told and "*See also:* `aaaaaaaaaaaaaaaaaaaa-2`" in told


def test_a_claim_that_runs_out_is_said_to() -> None:
    one = replace(case(), assignee="maria", claim_until=NOW + 10 * MINUTE)
    assert "*With:* Maria Silva (goes back to the team at <!date^" in shown(made(one, assignee="Maria Silva"))
    assert "goes back" not in shown(made(replace(one, assignee=None)))


def test_a_merged_case_leads_on() -> None:
    ended = replace(case(), status=Status.SOLVED, merged_into="aaaaaaaaaaaaaaaaaaaa-2")
    posting = made(ended)
    assert "It goes on as case `aaaaaaaaaaaaaaaaaaaa-2`." in shown(posting) and posting.text.startswith("Merged: ")


def test_no_text_leaves_for_translation_unless_the_policy_names_a_service() -> None:
    latest = message("¿Dónde está?", language="es")
    told = shown(made(latest=latest))
    assert "Language: es" in told and "Translate" not in told and "http" not in told
    offer = card(
        case(), latest, network="F", queue="C", assignee=None, now=NOW, translate="https://translate.example/?q="
    )
    assert "<https://translate.example/?q=%C2%BFD%C3%B3nde%20est%C3%A1%3F|Translate>" in shown(offer)


@pytest.mark.parametrize("text", ["<!channel>|x>", "x" * 5000, "\ud800", "😀" * 500])
def test_a_translation_link_stays_one_link(text: str) -> None:
    made_card = card(
        case(), message(text), network="F", queue="C", assignee=None, now=NOW, translate="https://translate.example/?q="
    )
    (link,) = [block for block in made_card.blocks if "translate.example" in str(block)] or [{}]
    words = str(link)
    assert words.count("<") == words.count(">") <= 1 and len(words) < 3200


def test_closed_hours_before_the_promise_runs_out_are_named() -> None:
    hours = ((8 * 60, 9 * 60 + 5), (9 * 60 + 10, 18 * 60))
    calendar = Calendar("office", "UTC", (hours,) * 7)
    one = case()
    targets = tuple(replace(target, calendar=calendar) for target in one.targets)
    told = shown(made(replace(one, targets=targets)))
    assert "; closed <!date^1795165500^{time}|09:05 UTC>-<!date^1795165800^{time}|09:10 UTC>" in told
    assert " more" not in told
    many = tuple((minute, minute + 5) for minute in range(9 * 60, 17 * 60, 10))
    told = shown(
        made(replace(one, targets=tuple(replace(one, calendar=Calendar("o", "UTC", (many,) * 7)) for one in targets)))
    )
    assert " more" in told


def holidays(*names: str) -> Case:
    """Due on the day after some closed ones."""
    days = {NOW.date() + timedelta(days=place): Day((), name) for place, name in enumerate(names)}
    calendar = Calendar("office", "UTC", (((8 * 60, 18 * 60),),) * 7, days)
    one = case()
    targets = tuple(replace(target, calendar=calendar) for target in one.targets)
    due = NOW + timedelta(days=len(names))
    return replace(one, targets=targets, clocks=tuple(replace(clock, due_at=due) for clock in one.clocks))


def test_a_holiday_on_the_way_is_called_by_its_name() -> None:
    told = shown(made(holidays("Friedensfest <!here>", "")))
    assert f" (Friedensfest &lt;!here&gt;, closed on {NOW.date() + timedelta(days=1)})" in told


def test_the_networks_own_time_is_counted_by_no_calendar() -> None:
    one = holidays("Feast")
    target = replace(one.targets[0], metric=Metric.REPLY_WINDOW, within=timedelta())
    clock = replace(one.clocks[0], metric=Metric.REPLY_WINDOW)
    told = shown(made(replace(one, targets=(target,), clocks=(clock,))))
    assert "Answer while the network takes it by" in told and "closed" not in told


def test_what_outlasts_solving_is_shown_on_a_solved_case() -> None:
    one = case()
    owed = replace(one.clocks[0], metric=Metric.LOOP_CLOSE)
    told = shown(made(replace(one, status=Status.SOLVED, clocks=(owed,))))
    assert "Tell the public how it ended by" in told


def test_a_taken_case_has_an_owner_and_no_take_button() -> None:
    taken = turned(case(), lifecycle.taken(case(), "maria", NOW))
    posting = made(taken, assignee="Maria Silva")
    assert "*With:* Maria Silva" in shown(posting)
    assert "case_take" not in buttons(posting)


def test_where_nothing_can_be_answered_there_is_no_reply_button() -> None:
    assert "case_reply" not in buttons(made(case(replace(thread(), capabilities=("like",)))))


def test_a_private_message_is_called_private() -> None:
    one = case(thread("dm", public=False))
    assert "Facebook, private message" in shown(made(one, message(kind="message", public=False)))


def test_a_warned_clock_and_a_late_one_look_different() -> None:
    early = turned(case(), lifecycle.ticked(case(), NOW + 8 * MINUTE))
    assert ":warning: Answer by" in shown(made(early))
    late = card(early, message(), network="Facebook", queue="Care", assignee=None, now=NOW + 22 * MINUTE)
    assert ":rotating_light: *Answer now:* it was due by <!date^1795165920" in shown(late)


def test_a_kept_and_a_broken_promise_are_told_as_such() -> None:
    answer = Happening(Fact.REPLY_SENT, NOW, "system")
    assert ":white_check_mark: Answered in time" in shown(made(turned(case(), lifecycle.answered(case(), NOW, answer))))
    late = turned(case(), lifecycle.answered(case(), NOW + 22 * MINUTE, replace(answer, at=NOW + 22 * MINUTE)))
    assert ":red_circle: Answered 10 minutes late" in shown(made(late))


def test_a_solved_case_is_compact() -> None:
    solved = turned(case(), lifecycle.solved(case(), "maria", NOW))
    posting = made(solved, assignee="Maria Silva")
    assert len(posting.blocks) == 5
    assert "was with Maria Silva" in shown(posting) and "Resolved in time" in shown(posting)
    assert "Answered" not in shown(posting), "a promise that became void is not told"
    assert posting.text.startswith("Solved: ")


def test_a_reopened_case_counts_its_reopenings_and_shows_only_its_new_clocks() -> None:
    solved = turned(case(), lifecycle.solved(case(), "maria", NOW - MINUTE))
    again = turned(solved, lifecycle.received(solved, thread(ago=0), NOW))
    told = shown(made(again))
    assert "reopened once" in told and told.count("Resolve by") == 1 and "Resolved" not in told
    assert "reopened 3 times" in shown(made(replace(again, revision=3)))


def test_a_message_taken_back_shows_nothing_of_itself() -> None:
    gone = message(None, deleted_at=NOW, evidence="Where is my parcel?")
    posting = made(latest=gone)
    assert "(taken back by its author)" in shown(posting)
    assert "(taken back by its author)" in posting.text and "parcel" not in shown(posting) + posting.text


def test_a_message_that_is_not_stored_is_said_to_be_missing() -> None:
    posting = made(message=None)
    assert "not stored any more" in shown(posting)


def test_edits_and_hiding_are_marked() -> None:
    told = shown(made(latest=message(edit=Edit("Where is my red parcel?", (1, "", "")), hidden=True)))
    assert "Where is my red parcel?" in told and "(edited, hidden on the network)" in told


@pytest.mark.parametrize(
    ("text", "count", "told"),
    [
        (None, 0, "(no text)"),
        ("   ", 0, "(no text)"),
        (None, 1, "[image: bill.jpg]"),
        ("Look", 50, "[image: bill.jpg] [image: bill.jpg] [image: bill.jpg] and 47 more"),
    ],
)
def test_attachments_are_named_and_counted(text: str | None, count: int, told: str) -> None:
    files = (Attachment("image", name="bill.jpg"),) * count
    posting = made(latest=message(text, attachments=files))
    assert told in shown(posting)


def test_long_messages_show_their_first_lines() -> None:
    told = shown(made(latest=message("\n".join(f"line {number}" for number in range(100)))))
    assert "line 7\n…" in told and "line 8" not in told


@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD, Status.CLOSED])
def test_every_state_has_its_card(status: Status) -> None:
    made(replace(case(), status=status, solved_at=NOW - timedelta(days=2)))


@pytest.mark.parametrize("name", [HOSTILE, "x" * 10_000, "\u202e\u0000", "", "שלום " * 50, "👨‍👩‍👧" * 500, "\ud800"])
def test_nobody_is_pinged_and_no_limit_is_broken_whatever_people_write(name: str) -> None:
    one = replace(case(name=name, handle=name), reasons=(name,) * 40)
    files = tuple(Attachment(name, name=name, url=name) for _ in range(50))
    latest = message(name, attachments=files)
    checked(card(one, latest, network=name, queue=name, assignee=name, now=NOW))
    solved = turned(one, lifecycle.solved(one, "maria", NOW))
    checked(card(solved, latest, network=name, queue=name, assignee=name, now=NOW))


def test_customers_words_are_literal_in_rich_text() -> None:
    posting = made(case(name=HOSTILE), message(HOSTILE))
    quote = posting.blocks[2]["elements"][0]
    assert quote["type"] == "rich_text_quote"
    assert quote["elements"] == [{"type": "text", "text": HOSTILE}]
    assert "<!channel>" not in posting.text


def test_the_metadata_holds_ids_only() -> None:
    assert made().metadata == {
        "event_type": "heed_case",
        "event_payload": {"brand": "acme", "case_id": case().id, "post": "card"},
    }


def test_a_paused_clock_says_why_and_what_is_left() -> None:
    one = case()
    first, second = one.clocks
    paused = replace(first, state=ClockState.PAUSED, paused_at=NOW, pause_reason="pending", consumed=5 * MINUTE)
    told = shown(made(replace(one, clocks=(paused, second))))
    assert ":double_vertical_bar: Answer: paused since <!date^1795165200^{time}|09:00 UTC>, because we wait for" in told
    assert "because we wait for the customer; 10 minutes left" in told
    spent = replace(paused, consumed=99 * MINUTE, pause_reason="<!here>")
    assert "because &lt;!here&gt;; no time left" in shown(made(replace(one, clocks=(spent,))))


@pytest.mark.parametrize("metric", list(Metric))
def test_every_promise_has_words(metric: Metric) -> None:
    (first, _) = case().clocks
    told = shown(made(replace(case(), clocks=(replace(first, metric=metric),))))
    assert ":hourglass_flowing_sand: " in told and " by <!date" in told
    ended = replace(first, metric=metric, state=ClockState.MET, ended_at=NOW)
    assert "in time" in shown(made(replace(case(), clocks=(ended,))))


def test_a_card_says_that_several_people_are_in_its_case() -> None:
    guest = replace(thread("ben", ago=1), contact_id="b", name="Ben *Stone*", handle="ben")
    told = shown(made(case(thread(), guest)))
    assert "*Several people:* Ben " in told and "Stone" in told and "Facebook, private message" not in told
    assert "Several people" not in shown(made())
