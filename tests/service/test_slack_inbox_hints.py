"""An order that has a button and no words: the hint carries the button, so that nobody looks for the card."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.timeline import Fact
from chalicelib.slack import buttons
from tests.service.floor import BOT, ROOT, Floor
from tests.slack.samples import AUDITOR, MARIA


@pytest.fixture
def floor() -> Floor:
    """Of which the network lets us hide and answer in private."""
    floor = Floor()
    can = {
        one.conversation_id: replace(one, capabilities=(*one.capabilities, "hide"))
        for one in floor.case.threads.values()
    }
    floor.store.commit(replace(floor.current, threads=can))
    return floor


def hinted(floor: Floor, text: str, agent: Any = MARIA) -> list[dict[str, Any]]:
    """The buttons below what they are told who wrote that in the thread."""
    floor.said(f"<@{BOT}> {text}", agent, bot=BOT)
    told = floor.slack.ephemeral[-1]
    assert told["thread_ts"] == ROOT and told["blocks"][0]["text"]["text"] == told["text"]
    return [one for block in told["blocks"] if block["type"] == "actions" for one in block["elements"]]


@pytest.mark.parametrize(
    ("text", "action", "title"),
    [
        ("reply Your money is on its way", buttons.REPLY, "Reply"),
        ("macro sorry", buttons.REPLY, "Reply"),
        ("offline", buttons.OFFLINE, "Reply"),
        ("hide insults", buttons.MODERATE, "On the network"),
        ("delete this", buttons.MODERATE, "On the network"),
        ("snooze until monday", buttons.SNOOZE_UNTIL, "Snooze"),
        ("give it to tom", buttons.ASSIGN, "Assign"),
        ("move on", buttons.MOVE, "To another team"),
        ("priority hihg", buttons.PRIORITY, "Priority"),
        ("tag", buttons.TAGS, "Tags"),
        ("merge them", buttons.MERGE, "Merge"),
        ("link the guide", buttons.LINK, "Link"),
        ("escalate", buttons.ESCALATE, "Escalate"),
        ("clocks", buttons.CLOCKS, "Clocks"),
    ],
)
def test_the_button_beside_the_hint_opens_the_window(floor: Floor, text: str, action: str, title: str) -> None:
    (pressed,) = hinted(floor, text)
    assert (pressed["action_id"], pressed["value"]) == (action, buttons.value(floor.case))
    assert floor.note() == f"@heed {text}" and floor.facts() == [Fact.NOTE_ADDED]
    floor.click(pressed["action_id"], value=pressed["value"], thread_ts=ROOT, ts="1795165201.000300")
    assert floor.view()["title"]["text"] == title and floor.view()["blocks"]


def test_words_behind_reply_stay_a_note_and_never_stand_in_the_window(floor: Floor) -> None:
    (pressed,) = hinted(floor, "reply Your money is on its way")
    floor.click(pressed["action_id"], value=pressed["value"])
    assert "Your money" not in str(floor.view()) and floor.facts() == [Fact.NOTE_ADDED]


@pytest.mark.parametrize("text", ["approve", "reject", "undo", "done", "what a day", "mine or yours, who can tell it"])
def test_what_is_done_at_once_or_is_no_window_has_no_button_here(floor: Floor, text: str) -> None:
    assert hinted(floor, text) == []


@pytest.mark.parametrize(
    ("changed", "text", "count"),
    [
        ({"threads": {}}, "reply hello", 0),
        ({"threads": {}}, "offline", 0),
        ({"threads": {}}, "hide", 0),
        ({"merged_into": "x"}, "reply hello", 0),
        ({}, "reply hello", 1),
    ],
)
def test_the_button_is_there_where_the_card_has_it(
    floor: Floor, changed: dict[str, Any], text: str, count: int
) -> None:
    floor.store.commit(replace(floor.current, **changed))
    assert len(hinted(floor, text)) == count


def test_of_a_solved_case_only_what_its_card_offers(floor: Floor) -> None:
    floor.click(buttons.RESOLVE)
    for text, count in (("reply hello", 1), ("hide", 1), ("clocks", 1), ("offline", 0), ("assign tom", 0)):
        floor.said(f"<@{BOT}> {text}", bot=BOT, event_id=f"Ev-{text}", ts=f"1795165200.{count}{len(text):05}")
        shown = [one for block in floor.slack.ephemeral[-1]["blocks"] if block["type"] == "actions" for one in block]
        assert bool(shown) == bool(count), text


def test_who_may_not_write_there_is_told_once_and_offered_nothing(floor: Floor) -> None:
    floor.said(f"<@{BOT}> reply hello", AUDITOR, bot=BOT)
    (told,) = floor.slack.ephemeral
    assert "not kept as a note" in told["text"] and "blocks" not in told and floor.facts() == []
