"""What a person types in Slack's client becomes an escaped `text` and a literal rich_text block."""

import json
import re
from pathlib import Path

from infra.doubles.slack.shapes import Json

EMOJI: dict[str, str] = json.loads((Path(__file__).parent / "emoji.json").read_text())
TOKEN = re.compile(r"<@(?P<user>[UW]\w+)>|(?P<url>https?://[^\s<>|]+)|:(?P<emoji>[a-z0-9_+-]+):")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str) -> Json:
    """`{"text": ..., "blocks": [...]}`. A mention is written `<@U1>`, as the client's completion makes it."""
    words: list[str] = []
    elements: list[Json] = []
    place = 0
    for match in TOKEN.finditer(text):
        _literal(text[place : match.start()], words, elements)
        _token(match, words, elements)
        place = match.end()
    _literal(text[place:], words, elements)
    section = {"type": "rich_text_section", "elements": elements}
    return {"text": "".join(words), "blocks": [{"type": "rich_text", "elements": [section]}]}


def _literal(text: str, words: list[str], elements: list[Json]) -> None:
    if text:
        words.append(escaped(text))
        elements.append({"type": "text", "text": text})


def _token(match: re.Match[str], words: list[str], elements: list[Json]) -> None:
    user, url, name = match["user"], match["url"], match["emoji"]
    if user:
        words.append(match[0])
        elements.append({"type": "user", "user_id": user})
    elif url:
        words.append(f"<{escaped(url)}>")
        elements.append({"type": "link", "url": url})
    elif name in EMOJI:
        words.append(match[0])
        elements.append({"type": "emoji", "name": name, "unicode": EMOJI[name]})
    else:
        _literal(match[0], words, elements)
