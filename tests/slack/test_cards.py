"""The card of a case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import lifecycle
from chalicelib.domain.case import Case, Status
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Edit, Message
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.slack.blocks import Posting
from chalicelib.slack.cards import card
from tests.slack.checks import check_posting, shown
from tests.slack.samples import MINUTE, NOW, case, message, thread

HOSTILE = "<!channel> <!here> <@U0AGENT01> <!subteam^S1> <https://evil.example|bank.example> @everyone &lt;!channel&gt;"


def made(one: Case | None = None, latest: Message | None = None, assignee: str | None = None, **more: Any) -> Posting:
    shown_message = more.pop("message", latest or message())
    return checked(
        card(one or case(), shown_message, network="Facebook", queue="Customer care", assignee=assignee, now=NOW)
    )


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
        ":hourglass_flowing_sand: Answer by <!date^1795165920^{time}|09:12 UTC>, in 12 minutes",
        "Resolve by",
        "in 7 hours 57 minutes",
    ):
        assert words in told


def test_the_notification_is_one_line_without_blocks() -> None:
    assert made().text == "Ana Ruiz on Facebook, public comment: Where is my parcel?"


def test_the_buttons_carry_brand_and_case() -> None:
    value = f"acme/{case().id}"
    assert buttons(made()) == dict.fromkeys(("case_take", "case_reply", "case_note", "case_resolve"), value)


def test_a_taken_case_has_an_owner_and_no_take_button() -> None:
    taken, _ = lifecycle.taken(case(), "maria", NOW)
    posting = made(taken, assignee="Maria Silva")
    assert "*With:* Maria Silva" in shown(posting)
    assert "case_take" not in buttons(posting)


def test_where_nothing_can_be_answered_there_is_no_reply_button() -> None:
    assert "case_reply" not in buttons(made(case(replace(thread(), capabilities=("like",)))))


def test_a_private_message_is_called_private() -> None:
    one = case(thread("dm", public=False))
    assert "Facebook, private message" in shown(made(one, message(kind="message", public=False)))


def test_a_warned_clock_and_a_late_one_look_different() -> None:
    early = lifecycle.ticked(case(), NOW + 8 * MINUTE)[0]
    assert ":warning: Answer by" in shown(made(early))
    late = card(early, message(), network="Facebook", queue="Care", assignee=None, now=NOW + 22 * MINUTE)
    assert "*Answer now:* it was due by" in shown(late) and "10 minutes ago" in shown(late)


def test_a_kept_and_a_broken_promise_are_told_as_such() -> None:
    answer = Happening(Fact.REPLY_SENT, NOW, "system")
    assert ":white_check_mark: Answered in time" in shown(made(lifecycle.answered(case(), NOW, answer)[0]))
    late = lifecycle.answered(case(), NOW + 22 * MINUTE, answer)[0]
    assert ":red_circle: Answered 10 minutes late" in shown(made(late))


def test_a_solved_case_is_compact() -> None:
    solved, _ = lifecycle.solved(case(), "maria", NOW)
    posting = made(solved, assignee="Maria Silva")
    assert buttons(posting) == {} and len(posting.blocks) == 3
    assert "was with Maria Silva" in shown(posting) and "Resolved in time" in shown(posting)
    assert "Answered" not in shown(posting), "a promise that became void is not told"
    assert posting.text.startswith("Solved: ")


def test_a_reopened_case_counts_its_reopenings_and_shows_only_its_new_clocks() -> None:
    solved, _ = lifecycle.solved(case(), "maria", NOW - MINUTE)
    again, _ = lifecycle.received(solved, thread(ago=0), NOW)
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
    solved = lifecycle.solved(one, "maria", NOW)[0]
    checked(card(solved, latest, network=name, queue=name, assignee=name, now=NOW))


def test_customers_words_are_literal_in_rich_text() -> None:
    posting = made(case(name=HOSTILE), message(HOSTILE))
    quote = posting.blocks[1]["elements"][0]
    assert quote["type"] == "rich_text_quote"
    assert quote["elements"] == [{"type": "text", "text": HOSTILE}]
    assert "<!channel>" not in posting.text


def test_the_metadata_holds_ids_only() -> None:
    assert made().metadata == {
        "event_type": "heed_case",
        "event_payload": {"brand": "acme", "case_id": case().id, "post": "card"},
    }
