"""The gallery shows everything the desk can draw, and nothing in it breaks a limit, calls anybody or leads anywhere."""

import inspect
import re
import shutil
import struct
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from infra.doubles.slack.limits import message_problems, view_problems
from infra.gallery.draw import BROWSERS, index, opened
from infra.gallery.draw import draw as drawn
from infra.gallery.people import NAMES, WORDS
from infra.gallery.scene import Scene
from infra.gallery.scenes import scenes
from tests.infra.gallery.mentions import fired, fired_in

ALL = {one.name: one for one in scenes()}
ROOM = Path("chalicelib/slack")
OURS = re.compile(
    r"!subteam\^S0ONCALL|@U0ANA|@U0TOM|#C0SOCIAL|#C0CARE|#C0BILLING|link element|"
    r"url: https://pbs\.twimg\.com/media/a\.jpg|https://translate\.example/\?q=[A-Za-z0-9%._~-]*\|Translate"
)
OURS_SHOWN = {
    *("@subteam^S0ONCALL", "@Ana", "@Tom", "#care-social", "#C0CARE", "#C0BILLING", "Translate", "[image: parcel.jpg]")
}
SHOWS = ("Block", "Posting", "Line")
"""What a function returns that draws something."""
NEEDS_A_BROWSER = pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="no Chromium on this machine")


def problems(scene: Scene) -> list[str]:
    return view_problems(scene.view) if scene.view else message_problems(list(scene.blocks))


def test_every_scene_keeps_slacks_limits() -> None:
    assert {name: found for name, one in ALL.items() if (found := problems(one))} == {}
    assert [name for name, one in ALL.items() if one.kind == "message" and not 1 <= len(one.text) <= 4000] == []


def test_nothing_anybody_wrote_calls_somebody_or_leads_somewhere() -> None:
    """But for what is ours: whom a chain calls, a team's channel, the service of the policy, a network's own files."""
    found = {name: [*fired(one.shown), *fired(one.view), *fired_in(one.text)] for name, one in ALL.items()}
    assert {
        name: other for name, what in found.items() if (other := [one for one in what if not OURS.fullmatch(one)])
    } == {}
    assert any(OURS.fullmatch(one) for what in found.values() for one in what), "the search finds what is surely there"


@pytest.mark.parametrize(
    "planted",
    [
        {"type": "mrkdwn", "text": f"Hi {WORDS['mentions']}", "verbatim": True},
        {"type": "mrkdwn", "text": WORDS["links"], "verbatim": True},
        {"type": "mrkdwn", "text": WORDS["dates"], "verbatim": True},
        {"type": "mrkdwn", "text": "https://evil.example"},
        {"type": "mrkdwn", "text": "@here"},
        {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0EVIL"}]},
        {"type": "button", "url": "https://evil.example"},
    ],
)
def test_the_reader_finds_what_would_fire(planted: dict[str, Any]) -> None:
    assert fired([{"type": "section", "text": planted}])


def test_names_and_words_of_every_kind_are_shown_on_cards_lines_and_windows() -> None:
    for words in NAMES:
        assert {f"card-name-{words}", f"line-name-{words}", f"modal-reply-to-{words}"} <= set(ALL)
    for words in WORDS:
        assert {f"card-words-{words}", f"line-words-{words}", f"line-answer-{words}"} <= set(ALL)


def renderers() -> dict[CodeType, str]:
    """Every function of the room that draws something."""
    found: dict[CodeType, str] = {}
    for file in (one for one in sorted(ROOM.glob("*.py")) if one.stem not in READS):
        module = import_module(".".join(file.with_suffix("").parts))
        for name, one in inspect.getmembers(module, inspect.isfunction):
            returns = str(one.__annotations__.get("return"))
            if one.__module__ == module.__name__ and _shows(returns):
                found[one.__code__] = f"{file.stem}.{name}"
    return found


READS = {"commands", "events", "incoming", "interactions", "payloads", "reading"}
"""Rooms where Slack's words are read; nothing is drawn there."""


def _shows(returns: str) -> bool:
    return any(word in returns for word in SHOWS) or returns.startswith("dict[str, typing.Any]")


def called(action: Callable[[], object]) -> set[CodeType]:
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return seen


ANSWERS = {"modals.errors", "blocks.metadata"}
"""What is told to Slack without being drawn."""


def test_everything_that_draws_has_a_scene() -> None:
    wanted, seen = renderers(), called(scenes)
    surely = {"cards.card", "lines.line", "replying.reply"}
    assert surely <= set(wanted.values()), "the search finds what is surely there"
    assert sorted(name for code, name in wanted.items() if code not in seen and name not in ANSWERS) == []


def test_two_scenes_of_one_name_are_refused() -> None:
    assert len(ALL) == len(scenes()) > 150
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in ALL), "each is the name of a file"


def test_the_index_shows_every_picture_and_quotes_what_stands_behind_it() -> None:
    page = index(list(ALL.values()))
    assert page.count("<img ") == len(ALL)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


@NEEDS_A_BROWSER
def test_a_real_browser_finds_no_link_and_no_mention() -> None:
    with opened(list(ALL.values())) as page:
        assert page.locator(".scene").count() == len(ALL)
        assert page.locator(".unknown").all_text_contents() == [], "the local Slack can draw every block"
        assert set(page.locator(".scene :is(a, .mention, script, img)").all_text_contents()) <= OURS_SHOWN


@NEEDS_A_BROWSER
def test_every_scene_shows_what_is_chosen_at_first() -> None:
    radios = [one for one in ALL.values() if "radio_buttons" in str(one.shown)]
    chosen = [one.name for one in radios if "initial_option'" in str(one.shown)]
    with opened([ALL[name] for name in chosen]) as page:
        ticked = {name: page.locator(f"[id='{name}'] input[type=radio]:checked").count() for name in chosen}
    assert len(ticked) > 5 and set(ticked.values()) == {1}


@NEEDS_A_BROWSER
def test_pictures_are_drawn_and_old_ones_go(tmp_path: Path) -> None:
    (tmp_path / "old.png").write_bytes(b"")
    few = [ALL[name] for name in ("card-new", "modal-note", "line-case-taken")]
    files = drawn(few, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([*(file.name for file in files), "index.html"])
    for file in files:
        head = file.read_bytes()[:24]
        width, height = struct.unpack(">II", head[16:])
        assert head.startswith(b"\x89PNG") and width == 760 and height > 50
