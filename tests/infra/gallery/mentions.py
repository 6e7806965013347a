"""A reader of Slack's markup: who would be called and what would be linked if this were posted."""

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(r"<([^<>]+)>")
_DATE = re.compile(r"!date\^\d+\^[^|^]*\|[0-9: UTC-]+")
_BARE = re.compile(r"(?i)\bhttps?://|\bwww\.|@(here|channel|everyone)\b")
_ACTIVE = frozenset({"user", "usergroup", "broadcast", "channel", "link", "team"})
_MARKUP = frozenset({"mrkdwn", "markdown"})


def fired(shown: Any) -> list[str]:
    """Everything that pings or leads somewhere, in blocks or views, however deep."""
    return list(_fired(shown))


def fired_in(text: str) -> list[str]:
    """The same of one mrkdwn text, such as a notification; our own dates are none."""
    return [token for token in _TOKEN.findall(text) if not _DATE.fullmatch(token)]


def _fired(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from _of(node)
        for child in node.values():
            yield from _fired(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _fired(child)


def _of(node: dict[str, Any]) -> Iterator[str]:
    kind, text = node.get("type"), node.get("text")
    if kind in _ACTIVE:
        yield f"{kind} element"
    yield from (f"{key}: {node[key]}" for key in ("url", "image_url", "title_link") if node.get(key))
    if kind in _MARKUP and isinstance(text, str):
        yield from fired_in(text)
        if not node.get("verbatim"):
            yield from (found[0] for found in _BARE.finditer(text))
