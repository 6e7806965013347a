"""More than twenty waiting lines become a digest; nothing is told twice, and what needs a person stands alone."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import lifecycle
from chalicelib.domain.errors import Later
from chalicelib.domain.event import Attachment
from chalicelib.domain.instants import iso
from chalicelib.domain.message import Message
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service.ports import NoAnswer, SlackRefused
from chalicelib.slack import digest, lines
from chalicelib.slack.blocks import Posting, metadata
from chalicelib.slack.times import moment
from infra.gallery.people import WORDS
from tests.fakes.slack_api import Crash
from tests.service.test_desk import Office
from tests.slack.checks import check_posting, shown
from tests.slack.samples import CARE, NOW, case, happened, message

HOUR = timedelta(hours=1)


class Waiting(Office):
    """A case to which much happened while nobody was told."""

    def receives(self, count: int, fact: Fact = Fact.MESSAGE_RECEIVED) -> list[TimelineEvent]:
        before = self.current
        messages = [replace(message(f"word {before.seq + n}"), id=f"{before.seq + n:064d}") for n in range(count)]
        told = [Happening(fact, NOW, "system", {"message_id": one.id}) for one in messages]
        after, events = lifecycle.recorded(before, before, told, NOW)
        self.store.commit(after, *events, *messages)
        return events

    @property
    def lines(self) -> list[str]:
        return [str(one["blocks"]) for one in self.slack.lines()]

    def digests(self) -> list[str]:
        return [one for one in self.lines if "things at once" in one]

    def alone(self) -> list[str]:
        return [one for one in self.lines if "things at once" not in one]


@pytest.fixture
def office() -> Waiting:
    return Waiting()


def test_up_to_twenty_are_told_one_by_one(office: Waiting) -> None:
    waiting = [*office.events, *office.receives(18)]
    assert len(waiting) == 20
    for event in waiting:
        office.show(event)
    assert office.digests() == [] and len(office.alone()) == 19, "the opening is told by the card alone"


def test_more_than_twenty_become_a_digest_and_the_latest_are_told_one_by_one(office: Waiting) -> None:
    waiting = [*office.events, *office.receives(50)]
    for event in waiting:
        office.show(event)
    assert len(office.digests()) == 2 and len(office.alone()) == 52 - 40
    for at in range(2, 52):
        assert sum(f"word {at}'" in one for one in office.lines) == 1, f"word {at}"


def test_the_card_is_updated_once_for_all_of_them(office: Waiting) -> None:
    office.show(office.events[0])
    for event in office.receives(50):
        office.show(event)
    assert len(office.slack.called("chat.update")) == 1


def test_asking_again_tells_nothing_again(office: Waiting) -> None:
    waiting = [*office.events, *office.receives(50)]
    for event in waiting:
        office.show(event)
    told = office.lines
    for event in [*reversed(waiting), *waiting]:
        office.show(event)
    assert office.lines == told


def test_lines_that_stand_already_are_not_told_again_by_a_digest(office: Waiting) -> None:
    early = [*office.events, *office.receives(10)]
    for event in early:
        office.show(event)
    office.receives(60)
    for event in early:
        office.show(event)
    assert office.digests() == []


def test_a_desk_that_keeps_up_never_digests(office: Waiting) -> None:
    for event in office.events:
        office.show(event)
    for _ in range(60):
        office.waits(timedelta(seconds=6))
        (event,) = office.receives(1)
        office.show(event)
    assert office.digests() == [] and len(office.alone()) == 61


def test_what_calls_somebody_or_needs_a_person_stands_alone(office: Waiting) -> None:
    urgent = [
        office.happens(Fact.REPLY_FAILED, reason="blocked", reply_id="r"),
        office.happens(Fact.REPLY_UNKNOWN, reply_id="r"),
        office.happens(Fact.CASE_REOPENED),
    ]
    waiting = [*urgent, *office.receives(60)]
    for event in waiting:
        office.show(event)
    assert len(office.digests()) == 3
    texts = " ".join(office.alone())
    assert all(words in texts for words in ("did not get through", "It is not there: send again", "open again"))


def test_a_digest_whose_answer_got_lost_is_looked_up_and_not_made_twice(office: Waiting) -> None:
    office.show(office.events[0])
    waiting = office.receives(50)
    office.slack.fails("chat.postMessage", NoAnswer("timeout"), done=True)
    office.later(waiting[0])
    office.waits(timedelta(seconds=61))
    for event in waiting:
        office.show(event)
    assert len(office.digests()) == 2


def test_a_digest_finds_a_new_card_when_its_own_is_gone(office: Waiting) -> None:
    office.show(office.events[0])
    waiting = office.receives(50)
    office.show(waiting[-1])
    office.slack.delete(CARE, office.slack.roots()[0]["ts"])
    office.waits(timedelta(seconds=1))
    office.show(waiting[0])
    assert len(office.slack.roots()) == 1 and len(office.digests()) == 1


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 90), st.randoms(use_true_random=False), st.integers(0, 12))
def test_whatever_the_order_everything_is_told(count: int, order: random.Random, refusals: int) -> None:
    office = Waiting()
    waiting = [*office.events, *office.receives(count)]
    order.shuffle(waiting)
    for _ in range(refusals):
        office.slack.fails("chat.postMessage", SlackRefused("is_archived"))
    while waiting:
        try:
            office.show(waiting[0])
        except Later:
            waiting.append(waiting[0])
        del waiting[0]
    told = "".join(office.lines)
    assert [told.count(f"word {at}'") for at in range(2, 2 + count)] == [1] * count
    assert len(office.alone()) <= 40 and len(office.digests()) <= max(0, (count + 2) // 20)


# -- nothing of a line is lost ------------------------------------------------------------------------------------

LONG = "My order is 4711 and I have written three times about the very parcel that the carrier lost. " * 55


def test_long_words_files_and_names_stand_whole_in_a_digest(office: Waiting) -> None:
    office.show(office.events[0])
    files = tuple(Attachment("image", f"https://files.example/{number}.jpg") for number in range(5))
    said = [replace(message(f"#{n}: {LONG}end {n}.", attachments=files), id=f"{n:064d}") for n in range(25)]
    noted = [replace(message(f"a note {n}", kind="note", channel="note"), id=f"note{n}") for n in range(25)]
    told = [Happening(Fact.MESSAGE_RECEIVED, NOW, "customer", {"message_id": one.id}) for one in said]
    told += [Happening(Fact.NOTE_ADDED, NOW, "maria", {"message_id": one.id}) for one in noted]
    after, events = lifecycle.recorded(office.current, office.current, told, NOW)
    office.store.commit(after, *events, *said, *noted)
    for event in events:
        office.show(event)
    shown_now = "".join(office.lines)
    assert len(office.digests()) > 3
    for n in range(25):
        assert shown_now.count(f"#{n}: My order") == shown_now.count(f"end {n}.") == 1
        assert shown_now.count(f"'a note {n}'") == 1
    assert shown_now.count("https://files.example/4.jpg") == 25
    assert shown_now.count("Maria Silva noted, for colleagues only") >= 25


def test_lines_told_before_are_not_told_again_by_a_digest(office: Waiting) -> None:
    early = [*office.events, *office.receives(10)]
    for event in early:
        office.show(event)
        office.waits(timedelta(seconds=6))
    for event in office.receives(60):
        office.show(event)
    for at in range(2, 14):
        assert sum(f"word {at}'" in one for one in office.lines) == 1, f"word {at}"


def test_a_warning_stands_alone_even_when_the_channel_is_not_told_of_it(office: Waiting) -> None:
    """A storm of warnings is summed up for the channel; the thread of each case tells its own all the same."""
    office.show(office.events[0])
    due = {"metric": "first_response", "instance": 0, "due_at": iso(NOW)}
    events = [office.happens(Fact.CLOCK_BREACHED, "system", **due) for _ in range(3)]
    for event in [*events, *office.receives(60)]:
        office.show(event)
    assert sum("*Too late:*" in one for one in office.alone()) == 3
    assert [one["reply_broadcast"] for one in office.slack.lines()[:3]] == [True, False, False]
    assert not any("Too late" in one for one in office.digests())


def test_what_stands_in_a_digest_already_is_found_there_after_a_crash(office: Waiting) -> None:
    """GIVEN a row that makes several posts WHEN the worker dies at any of them THEN each is there once in the end."""
    office.show(office.events[0])
    before = office.current
    said = [replace(message(f"{n}: {LONG}"), id=f"{n:064d}") for n in range(50)]
    told = [Happening(Fact.MESSAGE_RECEIVED, NOW, "customer", {"message_id": one.id}) for one in said]
    after, events = lifecycle.recorded(before, before, told, NOW)
    office.store.commit(after, *events, *said)
    for done in (False, True) * 6:
        office.slack.fails("chat.postMessage", Crash(), done=done)
        with suppress(Crash, Later):
            office.show(events[0])
        office.waits(timedelta(seconds=61))
    for event in events:
        office.show(event)
    told_now = "".join(office.lines)
    assert [told_now.count(f"'{n}: My order") for n in range(50)] == [1] * 50


def _told(count: int, known: Message, **more: object) -> list[digest.Told]:
    scene = lines.Scene("Maria Silva", "Ana Ruiz", "Facebook", NOW, known)
    events = [happened(Fact.MESSAGE_RECEIVED, seq=seq, message_id=f"m{seq}") for seq in range(1, count + 1)]
    return [(event, line) for event in events if (line := lines.line(event, scene))]


@pytest.mark.parametrize("words", list(WORDS.values()))
@pytest.mark.parametrize("made", [digest.digest, digest.history])
def test_a_digest_keeps_slacks_limits_and_calls_nobody(words: str, made: Callable[..., Posting]) -> None:
    told = _told(20, message(words))
    pages = digest.pages(told)
    assert [one for page in pages for one in page] == told
    for page in pages:
        posting = made(page, digest.page_name(page), NOW)
        check_posting(posting)
        assert posting.metadata == metadata("acme", case().id, digest.page_name(page))


def test_words_that_were_taken_back_stay_away_from_a_digest() -> None:
    posting = digest.digest(_told(1, message("a secret", deleted_at=NOW)), "digest", NOW)
    assert "secret" not in shown(posting) and "taken back" in shown(posting)


def test_a_digest_says_when_each_thing_was() -> None:
    posting = digest.digest(_told(2, message()), "digest", NOW)
    assert shown(posting).count(f"{moment(NOW, NOW)}  *Ana Ruiz* wrote publicly on Facebook:") == 2


@given(st.integers(1, 10_000))
def test_rows_cover_every_event_once(seq: int) -> None:
    first, last = digest.span(seq)
    assert first <= seq <= last and last - first == digest.SIZE - 1
    assert {digest.name(one) for one in (first, last)} == {digest.name(seq)} != {digest.name(last + 1)}
    assert lines.name(happened(Fact.MESSAGE_RECEIVED, seq=seq)) != digest.name(seq)
