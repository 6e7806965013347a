"""Collects what is wrong with blocks, in the words of Slack's `response_metadata.messages`."""

from collections.abc import Iterator
from typing import Any

from infra.doubles.slack.shapes import Json


class Found:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def add(self, path: str, words: str) -> None:
        self.problems.append(f"[ERROR] {words} [json-pointer:{path}]")

    def length(self, value: Any, path: str, most: int, least: int = 1) -> None:
        """A text between `least` and `most` characters. With `least=0` it may be missing too."""
        if value is None and least == 0:
            return
        if not isinstance(value, str):
            self.add(path, "must be a string")
        elif len(value) > most:
            self.add(path, f"must be less than {most + 1} characters")
        elif len(value) < least:
            self.add(path, f"must be more than {least - 1} characters")

    def text(self, node: Any, path: str, most: int, plain: bool = False) -> None:
        """A text object: `{"type": "plain_text" | "mrkdwn", "text": ...}`, never empty."""
        if not isinstance(node, dict):
            self.add(path, "must provide an object")
            return
        allowed = ("plain_text",) if plain else ("plain_text", "mrkdwn")
        if node.get("type") not in allowed:
            self.add(f"{path}/type", f"must be one of: {', '.join(allowed)}")
        self.length(node.get("text"), f"{path}/text", most)

    def items(self, nodes: Any, path: str, most: int, least: int = 1) -> Iterator[tuple[str, Json]]:
        """The objects of a list with their paths, after a check of the list's length."""
        if not isinstance(nodes, list):
            self.add(path, "must provide an array")
            return
        if len(nodes) > most:
            self.add(path, f"no more than {most} items allowed")
        if len(nodes) < least:
            self.add(path, f"must have at least {least} items")
        for place, node in enumerate(nodes):
            if isinstance(node, dict):
                yield f"{path}/{place}", node
            else:
                self.add(f"{path}/{place}", "must provide an object")

    def confirm(self, node: Json, path: str) -> None:
        self.text(node.get("title"), f"{path}/title", 100, plain=True)
        self.text(node.get("text"), f"{path}/text", 300)
        for key in ("confirm", "deny"):
            self.text(node.get(key), f"{path}/{key}", 30, plain=True)
