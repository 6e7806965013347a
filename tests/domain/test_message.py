"""Whatever order a network tells things in, the message ends in one state."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.domain.event import Attachment, Event, Kind
from chalicelib.domain.message import Direction, Evidence, Message
from tests.build import BRAND, MINUTE, NOON, event

ORIGINAL = Message(
    id="m", brand=BRAND, channel="facebook", native_id="mid-1", direction=Direction.INBOUND, text="Helo", at=NOON,
    attachments=(Attachment("image", url="https://example.com/a.png"),),
)  # fmt: skip
STUB = Message(id="m", brand=BRAND, channel="facebook", native_id="mid-1")


def about(kind: Kind, minutes: float, **changes: object) -> Event:
    return event(kind, **{"of": "mid-1", "text": None, "at": NOON + minutes * MINUTE, **changes})


EDIT = about(Kind.EDIT, 1, text="Hello", version="1")
EDIT_AGAIN = about(Kind.EDIT, 2, text="Hello!", version="2")
DELETE = about(Kind.DELETE, 3)
REACTION = about(Kind.REACTION, 1, emoji="👍")
UNREACT = about(Kind.REACTION_REMOVED, 2)
HIDE = about(Kind.HIDDEN, 2)
READ = about(Kind.READ, 5)
DELIVERED = about(Kind.DELIVERED, 4)


NOTE = replace(ORIGINAL, direction=Direction.NOTE, attachments=())


@pytest.mark.parametrize("order", list(permutations([("Hello", "2"), ("Hola", "3"), ("Helo", "4")])))
def test_of_several_changes_of_a_note_the_last_one_counts_whatever_comes_first(
    order: tuple[tuple[str, str], ...],
) -> None:
    note = NOTE
    for text, at in order:
        note = note.revised(text, at, NOON)
    assert note.words == "Helo" and note.edit is not None


def test_a_note_that_was_taken_back_stays_so() -> None:
    gone = NOTE.revised("Hello", "2", NOON).revised(None, "3", NOON)
    assert (gone.words, gone.text, gone.deleted_at) == (None, None, NOON)
    assert gone.revised("Hola", "4", NOON) == gone == gone.revised(None, "5", NOON + MINUTE)


def fold(events: list[Event | Message], keep: Evidence = Evidence.HASH) -> Message:
    message = STUB
    for one in events:
        message = message.told(one, keep) if isinstance(one, Message) else message.heard(one, NOON, keep)
    return message


@pytest.mark.parametrize("keep", list(Evidence))
@pytest.mark.parametrize(
    "events",
    [
        [ORIGINAL, EDIT, EDIT_AGAIN, DELETE, REACTION, UNREACT],
        [ORIGINAL, EDIT_AGAIN, HIDE, READ, DELIVERED, REACTION],
    ],
)
def test_every_order_ends_in_the_same_state(events: list[Event | Message], keep: Evidence) -> None:
    ends = {repr(fold(list(order), keep)) for order in permutations(events)}
    assert len(ends) == 1


def test_five_thousand_shuffles_with_repeats_end_in_the_same_state() -> None:
    events: list[Event | Message] = [EDIT, EDIT_AGAIN, REACTION, UNREACT, HIDE, READ, DELIVERED] * 2
    shuffler = random.Random(20260601)
    ends = set()
    for _ in range(5000):
        order = events[:]
        shuffler.shuffle(order)
        order.insert(shuffler.randrange(len(order) + 1), ORIGINAL)
        ends.add(repr(fold(order)))
    assert len(ends) == 1


def test_the_latest_edit_is_what_it_says_now() -> None:
    assert fold([ORIGINAL, EDIT_AGAIN, EDIT]).words == "Hello!"


@pytest.mark.parametrize(("keep", "evidence"), [(Evidence.NONE, None), (Evidence.TEXT, "Helo")])
def test_a_deleted_message_keeps_only_the_evidence_the_policy_wants(keep: Evidence, evidence: str | None) -> None:
    gone = fold([ORIGINAL, EDIT, DELETE], keep)
    assert (gone.words, gone.text, gone.edit, gone.attachments, gone.evidence) == (None, None, None, (), evidence)
    assert gone.deleted_at == DELETE.at


@pytest.mark.parametrize("keep", list(Evidence))
def test_under_a_hold_what_its_author_takes_back_is_evidence(keep: Evidence) -> None:
    held = replace(ORIGINAL, held_at=NOON)
    assert (fold([held, DELETE], keep).words, fold([held, DELETE], keep).evidence) == (None, "Helo")
    assert fold([DELETE, held], keep).evidence == "Helo"


def test_an_edit_after_the_deletion_brings_nothing_back() -> None:
    late = replace(EDIT, at=NOON + timedelta(days=1), version="9")
    assert fold([ORIGINAL, DELETE, late]).words is None


@pytest.mark.parametrize("again", [EDIT, DELETE, REACTION, HIDE, READ])
def test_hearing_the_same_again_changes_nothing(again: Event) -> None:
    once = fold([ORIGINAL, again])
    assert once.heard(again, NOON, Evidence.HASH) is once


def test_receipts_never_go_backwards_and_a_failure_is_final() -> None:
    assert fold([ORIGINAL, READ, DELIVERED]).delivery == "read"
    assert fold([ORIGINAL, about(Kind.FAILED, 1), READ]).delivery == "failed"
