"""Whatever an event brings, the rows it becomes can be written: an item of the table holds 400 KB."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.event import Attachment, Event, Kind
from chalicelib.domain.fitting import LONGEST, LONGEST_ID, MOST_FILES, fitting
from chalicelib.domain.message import MOST_REACTIONS, Direction, Evidence, Message
from chalicelib.storage.codec import image_of
from tests.build import BRAND, NOON, event

MOST = 350_000
"""Bytes of an item, and room for what DynamoDB adds."""
WIDEST = "\N{GRINNING FACE}"
HUGE = WIDEST * 300_000
NAMES = ("id", "author", "conversation", "parent", "post", "root", "recipient")


def bytes_of(message: Message) -> int:
    return len(json.dumps(image_of(message), ensure_ascii=False).encode())


def stored(one: Event) -> Message:
    told = Message("m" * 20, BRAND, one.channel, one.id, Direction.INBOUND, name=one.name, parent=one.parent)
    words: dict[str, Any] = {"author": one.author, "text": one.text, "language": one.language}
    return replace(told, attachments=one.attachments, conversation_id="c" * 20, contact_id="p" * 20, **words)


def test_what_any_network_sends_stays_as_it_is() -> None:
    plain = event(text="Where is my order?", attachments=(Attachment("image", "https://example.com/a.png"),))
    assert fitting(plain) is plain
    longest = event(text="x" * LONGEST)
    assert fitting(longest) is longest


def test_the_largest_message_its_edit_and_all_reactions_are_one_item() -> None:
    file = Attachment("document", "https://x/" + "é" * 1_900, "é" * 1_900, "é" * 900, "é" * 300)
    words: dict[str, Any] = dict.fromkeys(NAMES, "é" * LONGEST_ID)
    largest = fitting(event(text=HUGE, name=HUGE, handle=HUGE, language=HUGE, attachments=(file,) * 500, **words))
    edit = event(Kind.EDIT, of="m", text=HUGE, version="9" * 5_000)
    message = stored(largest)
    for one in (edit, *(reaction(number, HUGE) for number in range(3 * MOST_REACTIONS))):
        message = message.heard(fitting(one), NOON, Evidence.TEXT)
    assert message.edit and message.text
    assert 2 * LONGEST < bytes_of(message) < MOST
    assert bytes_of(message.heard(event(Kind.DELETE, of="m"), NOON, Evidence.TEXT)) < MOST


def reaction(number: int, emoji: str = "x") -> Event:
    return event(Kind.REACTION, of="m", author=f"p{number}", emoji=emoji, at=NOON + timedelta(seconds=number))


def test_what_is_cut_says_by_how_much_and_breaks_no_letter() -> None:
    cut = fitting(event(text=HUGE)).text
    assert cut and cut.startswith(WIDEST * (LONGEST // 4)) and cut.endswith("[…] (cut here: 277,500 more characters)")
    odd = fitting(event(text="x" + HUGE)).text
    assert odd and odd.startswith("x" + WIDEST) and "\N{REPLACEMENT CHARACTER}" not in odd


def test_of_many_files_the_first_are_kept_and_half_an_address_is_none() -> None:
    many = tuple(Attachment("image", f"https://x/{number}") for number in range(200))
    assert fitting(event(attachments=many)).attachments == many[:MOST_FILES]
    long = tuple(Attachment("image", "https://x/" + "y" * 1_900) for _ in range(50))
    assert 40 < len(fitting(event(attachments=long)).attachments) < 50
    [bare] = fitting(event(attachments=(Attachment("image", "https://x/" + "y" * 5_000, name="cat"),))).attachments
    assert bare == Attachment("image", name="cat")


@pytest.mark.parametrize("name", [*NAMES, "account", "of"])
def test_an_id_that_no_network_gives_is_nothing_we_understand(name: str) -> None:
    longest: dict[str, Any] = {name: "9" * LONGEST_ID}
    longer: dict[str, Any] = {name: "9" * (LONGEST_ID + 1)}
    assert fitting(event(**longest)).kind is Kind.MESSAGE
    assert fitting(event(**longer)) == Event(Kind.UNKNOWN, "facebook")


@given(st.text(min_size=1, max_size=9), st.integers(1, 40_000))
def test_a_text_of_any_letters_is_kept_as_far_as_it_fits(letters: str, times: int) -> None:
    text = letters * times
    fits = fitting(event(text=text)).text or ""
    assert fits == text or len(fits.encode()) > LONGEST >= len(fits.partition(" […] (cut here: ")[0].encode())
    assert text.startswith(fits.partition(" […] (cut here: ")[0])


def test_the_reactions_that_are_kept_are_the_same_in_every_order() -> None:
    def told(numbers: range) -> Message:
        message = Message("m", BRAND, "facebook")
        for number in numbers:
            message = message.heard(reaction(number), NOON, Evidence.NONE)
        return message

    forth, back = told(range(300)), told(range(299, -1, -1))
    assert forth.reactions == back.reactions and len(forth.reactions) == MOST_REACTIONS
    kept = forth
    assert [kept.heard(reaction(number), NOON, Evidence.NONE) is kept for number in range(300)] == [True] * 300
