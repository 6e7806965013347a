"""What must hold for everything we show in Slack, whatever people are called and write."""

import json
import re
from collections.abc import Iterator
from typing import Any

from chalicelib.slack.blocks import Posting
from infra.doubles.slack.limits import message_problems, view_problems

_OURS = re.compile(r"<!date\^\d+\^[^|<>]*\|[0-9: UTC-]+>|<@U0AGENT\d\d>|<#C0[A-Z0-9]+>")
"""Dates, colleagues who have to act, and channels of teams."""
_BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
_REORDERS = re.compile("[\u0000-\u0009\u000b-\u001f\u202a-\u202e\u2066-\u2069]")


def check_posting(posting: Posting) -> None:
    assert message_problems(list(posting.blocks)) == []
    assert 1 <= len(posting.text) <= 4000
    for text in (posting.text, *texts(posting.blocks, "mrkdwn")):
        check_mrkdwn(text)
    check_sendable(posting.blocks)


def check_view(view: dict[str, Any]) -> None:
    assert view_problems(view) == []
    assert list(texts(view, "mrkdwn")) == [], "windows show plain text only"
    check_sendable(view)


def check_mrkdwn(text: str) -> None:
    """No token but ours: nobody else is pinged, nothing else is linked."""
    ours = _OURS.sub("", text)
    assert "<" not in ours and ">" not in ours
    assert not _BARE_AMPERSAND.search(ours)


def check_sendable(shown: Any) -> None:
    json.dumps(shown, ensure_ascii=False).encode()
    for kind in ("mrkdwn", "plain_text", "text"):
        assert not any(_REORDERS.search(text) for text in texts(shown, kind))


def texts(node: Any, kind: str) -> Iterator[str]:
    """Every text object of this type, however deep."""
    if isinstance(node, dict):
        if node.get("type") == kind and isinstance(node.get("text"), str):
            yield node["text"]
        for child in node.values():
            yield from texts(child, kind)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from texts(child, kind)


def shown(posting: Posting) -> str:
    """All that a reader sees, in order."""
    return "\n".join(_seen(posting.blocks))


def _seen(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for child in node.values():
            yield from _seen(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _seen(child)
