"""Slack's door: it answers at once and asks no database; the worker behind its queue does each thing once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.macros import Macro
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import QueueRefused, Row
from chalicelib.service.slack_inbox import words
from chalicelib.service.slack_inbox.worker import LATE
from chalicelib.slack import buttons, forms, modals
from chalicelib.slack.errands import Errand, Window, read, written
from chalicelib.slack.incoming import Asked, Click, Closed, HomeOpened, Personal, Said, Shortcut, Submitted
from tests.fakes.memory_store import MemoryStore
from tests.fakes.slack_api import Crash
from tests.service.floor import BOT, BY_REPLY, PRIVATELY, Floor
from tests.slack.samples import APP, CARE, MARIA, NOW, TEAM, TOM


@pytest.fixture
def floor() -> Floor:
    return Floor()


WHO = ("U0AGENT01", TEAM, APP)
SAID = Said("Ev7", *WHO, CARE, "1.000001", "2.000001", "hello", ("a.pdf",), BOT, BOT)
DEEDS: list[Personal] = [
    Click(*WHO, "case_take", "acme/c-1", "t", "3.0", CARE, "1.000001", metadata={"a": "b"}, values={"text": "x"}),
    Submitted(*WHO, "V1", "note", {"brand": "acme"}, {"text": "Grüße 👋"}, {"text": "text~1"}, "t"),
    Closed(*WHO, "V1", "reply"),
    Shortcut(*WHO, "reply_to_this", "t", CARE, "1.000001"),
    Asked(*WHO, "mine", CARE, "t1", "https://hooks.slack.com/x"),
    HomeOpened(*WHO, "h", "Ev8"),
    SAID,
]


@pytest.mark.parametrize("did", DEEDS, ids=lambda did: type(did).__name__)
def test_everything_travels_through_the_queue_unchanged(did: Personal) -> None:
    errand = Errand(did, NOW, Window("V1", "h"))
    assert read(json.loads(written(errand))) == errand


def test_what_another_release_adds_is_passed_over() -> None:
    body = json.loads(written(Errand(SAID, NOW)))
    body["did"]["mood"] = "sunny"
    assert read({**body, "more": 1}) == Errand(SAID, NOW)


@pytest.mark.parametrize("did", DEEDS, ids=lambda did: type(did).__name__)
def test_the_same_thing_has_one_name_and_a_person_one_line(did: Personal) -> None:
    errand, again = Errand(did, NOW), Errand(did, NOW + timedelta(seconds=9), Window("V2"))
    assert (errand.group, errand.dedupe) == (again.group, again.dedupe)
    other = replace(errand, did=replace(did, user="U0AGENT02"))
    assert other.group != errand.group and len({Errand(one, NOW).dedupe for one in DEEDS}) == len(DEEDS)


def test_other_words_in_the_same_window_are_another_thing() -> None:
    sent = Submitted(*WHO, "V1", "reply", {}, {"text": "Helo"})
    assert Errand(sent, NOW).dedupe != Errand(replace(sent, values={"text": "Hello"}), NOW).dedupe


# -- the door does little -----------------------------------------------------------------------------------------


def waiting(floor: Floor, incoming: Personal) -> dict[str, Any]:
    """The door's answer, with the worker away."""
    return floor.door().receive(incoming)


def test_nothing_is_done_and_slack_is_not_asked_before_the_answer(floor: Floor) -> None:
    for did in DEEDS:
        if not isinstance(did, Shortcut):
            assert waiting(floor, did) == {}
    assert floor.slack.done() == [] and floor.facts() == []
    assert len(floor.errands.waiting) == len(DEEDS) - 1


def test_a_window_is_the_only_thing_it_asks_slack_for(floor: Floor) -> None:
    click = Click(*WHO, buttons.REPLY, f"acme/{floor.case.id}", "t", "3.0", CARE, "1.000001")
    assert waiting(floor, click) == {}
    ((method, arguments),) = floor.slack.done()
    assert method == "views.open" and "One moment" in str(arguments["view"])
    errand = read(json.loads(floor.errands.waiting[0]))
    assert errand.window is not None and errand.window.id in floor.slack.views


@pytest.mark.parametrize("text", ["x" * 8001, "  "])
def test_words_are_measured_before_the_window_closes(floor: Floor, text: str) -> None:
    answer = floor.answer(text, BY_REPLY)
    assert answer["response_action"] == "errors" and floor.errands.sent == []


# -- a queue that takes nothing -----------------------------------------------------------------------------------


def refused(floor: Floor, incoming: Personal) -> dict[str, Any]:
    floor.errands.refusing = True
    return waiting(floor, incoming)


EVENTS = [SAID, HomeOpened(*WHO, "h", "Ev8"), Asked(*WHO, "mine", CARE, "Ev9", mention=True)]


@pytest.mark.parametrize("did", EVENTS, ids=lambda did: type(did).__name__)
def test_an_event_that_is_not_taken_is_to_be_sent_again(floor: Floor, did: Personal) -> None:
    with pytest.raises(QueueRefused):
        refused(floor, did)


def test_a_window_that_is_not_taken_stays_open_with_its_words(floor: Floor) -> None:
    about = {"brand": "acme", "case": floor.case.id}
    sent = Submitted(*WHO, "V1", modals.REPLY_VIEW, about, {"text": "Hi", "where": PRIVATELY}, {"text": "text~2"})
    assert refused(floor, sent) == modals.errors("text~2", words.NOT_TAKEN)
    move = Submitted(*WHO, "V1", forms.MOVE_VIEW, about, {"queue": "quiet"})
    assert refused(floor, move) == modals.errors("queue", words.NOT_TAKEN)


def test_who_pressed_a_button_is_told_that_it_did_nothing(floor: Floor) -> None:
    floor.errands.refusing = True
    floor.click("case_take")
    assert floor.told() == words.NOT_TAKEN
    floor.click("case_reply")
    assert words.NOT_TAKEN in str(floor.view()), "in the window that stands open"
    assert refused(floor, Asked(*WHO, "mine", CARE, "t1"))["text"] == words.NOT_TAKEN


def test_a_keystroke_that_is_not_taken_is_said_by_the_next_one(floor: Floor) -> None:
    floor.errands.refusing = True
    assert floor.in_window(modals.TEXT, "We are") == {} and floor.closed("We are") == {}
    assert floor.slack.done() == [] and floor.slack.ephemeral == []


# -- twice, at once, too late -------------------------------------------------------------------------------------


def test_the_same_press_three_times_is_one_effect_and_one_name(floor: Floor) -> None:
    for _ in range(3):
        assert floor.click("case_take", action_ts="1795165200.000001") == {}
    assert floor.facts() == [Fact.CASE_TAKEN] and floor.slack.ephemeral == []
    assert len(set(floor.errands.sent)) == 1


def test_what_somebody_pressed_long_ago_is_not_done_now_and_they_are_told(floor: Floor) -> None:
    url = f"https://hooks.slack.com/actions/U0AGENT01/{CARE}"
    click = Click(*WHO, "case_take", f"acme/{floor.case.id}", "t", "3.0", CARE, "1.000001", response_url=url)
    about = {"brand": "acme", "case": floor.case.id, "at": f"{CARE}/1.000001"}
    answer = Submitted(*WHO, "V1", modals.REPLY_VIEW, about, {"text": "Hi", "where": PRIVATELY})
    for did in (click, answer):
        waiting(floor, did)
    floor.moves_to(LATE.total_seconds() + 1)
    floor.work()
    assert floor.facts() == []
    told = [one["text"] for one in floor.slack.ephemeral]
    assert words.TOO_LATE in told[0] and words.TOO_LATE in told[1]
    kept = floor.store.draft("acme", floor.case.id, "maria")
    assert kept is not None and kept.text == "Hi", "the words are there"


def test_a_note_is_kept_however_late(floor: Floor) -> None:
    about = {"brand": "acme", "case": floor.case.id}
    waiting(floor, Submitted(*WHO, "V1", modals.NOTE_VIEW, about, {"text": "Call her"}))
    floor.moves_to(LATE.total_seconds() * 100)
    floor.work()
    assert floor.note() == "Call her"


def test_five_race_and_one_wins_whatever_slack_says_to_the_others(floor: Floor) -> None:
    floor.click("case_take", TOM)
    for _ in range(4):
        floor.click("case_take", MARIA)
    assert floor.facts() == [Fact.CASE_TAKEN]
    assert [one["text"] for one in floor.slack.ephemeral] == ["This case was already taken by Tom Becker."] * 4


def test_a_policy_that_changed_meanwhile_counts(floor: Floor) -> None:
    waiting(floor, Click(*WHO, "case_take", f"acme/{floor.case.id}", "t", "3.0", CARE, "1.000001"))
    floor.config = replace(floor.config, agents={})
    floor.work()
    assert floor.facts() == []


# -- a worker that dies ---------------------------------------------------------------------------------------------


class Dying(MemoryStore):
    """Dies at the n-th write: before it is made, or with ``done`` after it was."""

    left, done = 0, False

    def commit(self, *rows: Row) -> None:
        self.left -= 1
        if self.left == 0 and not self.done:
            raise Crash
        super().commit(*rows)
        if self.left == 0:
            raise Crash


WORK: dict[str, Callable[[Floor], dict[str, Any]]] = {
    "a press": lambda floor: floor.click("case_take", action_ts="1795165200.000001"),
    "a note in the thread": lambda floor: floor.said("hello"),
    "an order": lambda floor: floor.said(f"<@{BOT}> tag vip", bot=BOT),
    "a note": lambda floor: floor.submit(modals.NOTE_VIEW, "hello"),
    "an answer": lambda floor: floor.answer("Hello", PRIVATELY),
    "an answer both ways": lambda floor: floor.submit(
        modals.REPLY_VIEW, "", values={"text": "Hello", "where": BY_REPLY, "also": "yes"}
    ),
    "a saved reply": lambda floor: floor.submit(
        modals.REPLY_VIEW, "", values={"text": "Hello", "where": PRIVATELY, "macro": "sorry"}
    ),
    "a window": lambda floor: floor.click("case_reply"),
    "a keystroke": lambda floor: floor.in_window(modals.TEXT, "We are"),
}


def told_by(work: Callable[[Floor], dict[str, Any]], dies_at: int = 0, done: bool = False) -> tuple[int, list[Fact]]:
    """How many writes the work takes, and what is recorded after it was offered again."""
    floor = Floor(store=Dying())
    macro = Macro("sorry", "Sorry", "Sorry", tags=("sorry",), resolve=True)
    floor.config = replace(floor.config, macros={"sorry": macro})
    assert isinstance(floor.store, Dying)
    floor.store.left, floor.store.done = dies_at, done
    try:
        work(floor)
    except Crash:
        floor.errands.waiting.append(floor.last)
        floor.work()
    return dies_at - floor.store.left, floor.facts()


@pytest.mark.parametrize("name", WORK)
def test_a_worker_that_dies_at_any_write_leaves_what_one_that_lived_does(name: str) -> None:
    writes, facts = told_by(WORK[name])
    assert writes >= 1
    for at in range(1, writes + 1):
        for done in (False, True):
            assert told_by(WORK[name], at, done)[1] == facts, f"dead at write {at}"
