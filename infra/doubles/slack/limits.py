"""Block Kit's documented limits (docs.slack.dev, "Block Kit reference"). A breach is told with its JSON pointer."""

from collections.abc import Callable
from typing import Any

from infra.doubles.slack.limits_elements import ELEMENTS
from infra.doubles.slack.limits_found import Found
from infra.doubles.slack.shapes import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_SUM = 12_000
PRIVATE_METADATA = 3000
UNCHECKED = {"call", "file", "video", "task_card", "plan", "context_actions"}


def message_problems(blocks: Any) -> list[str]:
    found = Found()
    _blocks(found, blocks, "/blocks", MESSAGE_BLOCKS)
    return found.problems


def view_problems(view: Json) -> list[str]:
    found = Found()
    _blocks(found, view.get("blocks"), "/view/blocks", VIEW_BLOCKS)
    if len(str(view.get("private_metadata") or "")) > PRIVATE_METADATA:
        found.add("/view/private_metadata", f"must be less than {PRIVATE_METADATA + 1} characters")
    for key in ("callback_id", "external_id"):
        found.length(view.get(key), f"/view/{key}", 255, least=0)
    if view.get("type") == "modal":
        _modal(found, view)
    return found.problems


def _modal(found: Found, view: Json) -> None:
    found.text(view.get("title"), "/view/title", 24, plain=True)
    for key in ("submit", "close"):
        if view.get(key):
            found.text(view[key], f"/view/{key}", 24, plain=True)
    blocks = view.get("blocks") or []
    if not view.get("submit") and any(block.get("type") == "input" for block in blocks if isinstance(block, dict)):
        found.add("/view", "missing required field: submit")


def _blocks(found: Found, blocks: Any, path: str, most: int) -> None:
    if not isinstance(blocks, list):
        found.add(path, "must provide an array")
        return
    if len(blocks) > most:
        found.add(path, f"no more than {most} items allowed")
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        _block(found, block, f"{path}/{place}", seen)
    if sum(len(str(block.get("text"))) for block in _markdown(blocks)) > MARKDOWN_SUM:
        found.add(path, f"markdown blocks must be less than {MARKDOWN_SUM + 1} characters together")


def _markdown(blocks: list[Any]) -> list[Json]:
    return [block for block in blocks if isinstance(block, dict) and block.get("type") == "markdown"]


def _block(found: Found, block: Any, path: str, seen: set[str]) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind in UNCHECKED:
        return
    check = BLOCKS.get(str(kind))
    if check is None:
        found.add(path, f"unsupported type: {kind}")
        return
    block_id = block.get("block_id")
    found.length(block_id, f"{path}/block_id", 255, least=0)
    if block_id and block_id in seen:
        found.add(path, f"`block_id` `{block_id}` already exists")
    seen.add(str(block_id))
    check(found, block, path)


def _section(found: Found, block: Json, path: str) -> None:
    fields = block.get("fields")
    if block.get("text") is not None or not fields:
        found.text(block.get("text"), f"{path}/text", 3000)
    if fields is not None:
        for where, one in found.items(fields, f"{path}/fields", 10):
            found.text(one, where, 2000)
    if block.get("accessory"):
        _element(found, block["accessory"], f"{path}/accessory")


def _header(found: Found, block: Json, path: str) -> None:
    found.text(block.get("text"), f"{path}/text", 150, plain=True)


def _context(found: Found, block: Json, path: str) -> None:
    for where, one in found.items(block.get("elements"), f"{path}/elements", 10):
        if one.get("type") == "image":
            _element(found, one, where)
        else:
            found.text(one, where, 3000)


def _actions(found: Found, block: Json, path: str) -> None:
    seen: set[str] = set()
    for where, one in found.items(block.get("elements"), f"{path}/elements", 25):
        _element(found, one, where)
        action_id = one.get("action_id")
        if action_id and action_id in seen:
            found.add(where, f"`action_id` `{action_id}` already exists in this block")
        seen.add(str(action_id))


def _input(found: Found, block: Json, path: str) -> None:
    found.text(block.get("label"), f"{path}/label", 2000, plain=True)
    if block.get("hint"):
        found.text(block["hint"], f"{path}/hint", 2000, plain=True)
    _element(found, block.get("element"), f"{path}/element")


def _image(found: Found, block: Json, path: str) -> None:
    _element(found, block, path)
    if block.get("title"):
        found.text(block["title"], f"{path}/title", 2000, plain=True)


def _rich_text(found: Found, block: Json, path: str) -> None:
    """Text in rich_text is literal: no escaping and no upper limit is documented, but an empty text is refused."""
    for where, one in found.items(block.get("elements"), f"{path}/elements", 10_000, least=0):
        if one.get("type") == "text":
            found.length(one.get("text"), f"{where}/text", 1_000_000)
        elif "elements" in one:
            _rich_text(found, one, where)


def _markdown_block(found: Found, block: Json, path: str) -> None:
    found.length(block.get("text"), f"{path}/text", MARKDOWN_SUM)


def _table(found: Found, block: Json, path: str) -> None:
    rows = block.get("rows")
    if not isinstance(rows, list) or not 1 <= len(rows) <= 100:
        found.add(f"{path}/rows", "between 1 and 100 rows allowed")
    elif any(not isinstance(row, list) or len(row) > 20 for row in rows):
        found.add(f"{path}/rows", "no more than 20 columns allowed")


def _element(found: Found, element: Any, path: str) -> None:
    kind = element.get("type") if isinstance(element, dict) else None
    check = ELEMENTS.get(str(kind))
    if check is None:
        found.add(path, f"unsupported type: {kind}")
        return
    found.length(element.get("action_id"), f"{path}/action_id", 255, least=0)
    if element.get("placeholder"):
        found.text(element["placeholder"], f"{path}/placeholder", 150, plain=True)
    if element.get("confirm"):
        found.confirm(element["confirm"], f"{path}/confirm")
    check(found, element, path)


def _nothing(found: Found, block: Json, path: str) -> None:
    """A divider has nothing that could be too long."""


BLOCKS: dict[str, Callable[[Found, Json, str], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "rich_text": _rich_text,
    "markdown": _markdown_block,
    "table": _table,
    "divider": _nothing,
}
