"""How one field of a Slack body is read: text that can be stored, or nothing, or Malformed."""

import json
from typing import Any

from chalicelib.channels.base import Malformed


def parsed(raw: bytes | str) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON") from error
    if not isinstance(data, dict):
        raise Malformed("the body is not a JSON object")
    return data


def at(node: Any, *path: str) -> Any:
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def maybe(node: Any, *path: str) -> str | None:
    found = at(node, *path)
    return wellformed(found) if isinstance(found, str) and found else None


def need(node: Any, *path: str) -> str:
    found = maybe(node, *path)
    if found is None:
        raise Malformed(f"{'.'.join(path)} is missing")
    return found


def wellformed(text: str) -> str:
    """JSON can spell half a character (a lone surrogate), which no store or network takes."""
    return text.encode("utf-8", "replace").decode()
