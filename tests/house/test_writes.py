"""What is added twice is counted twice: so nothing is added to the table but under a condition, or with a token."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import functions, shipped

CALLS = {"update_item", "put_item", "delete_item"}
OVERWRITES = {
    "chalicelib/storage/config.py": ["keep writes without a condition"],
    "chalicelib/storage/tally.py": ["add writes without a condition"],
}
"""A bookmark, and a broken promise under its own name: written twice they are the same."""
RAW = re.compile(r"\bADD [#:\w]|SET .*=.*[+-] *:")


def unguarded(tree: ast.Module) -> Iterator[str]:
    """Writes that a second try would do again."""
    for function in functions(tree):
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        names = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)}
        if any(_adds(node) for node in calls) and (names & CALLS or "transact_write_items" not in names):
            yield f"{function.name} adds without a token"
        for node in calls:
            called = isinstance(node.func, ast.Attribute) and node.func.attr in CALLS
            if called and not any(one.arg in ("condition", None) for one in node.keywords):
                yield f"{function.name} writes without a condition"
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    yield from (f"an expression that adds: {text[:40]!r}" for text in texts if RAW.search(text))


def _adds(call: ast.Call) -> bool:
    """``Path(...).add(...)`` and ``Model.attribute.add(...)``; a set has ``add`` too, under a name of its own."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add":
        return False
    of = call.func.value
    return isinstance(of, ast.Call | ast.Attribute)


def test_nothing_is_added_without_a_condition_or_a_token() -> None:
    storage = {file: tree for file, tree in shipped().items() if "storage" in file.parts or "aws" in file.parts}
    assert len(storage) > 10
    assert {str(file): found for file, tree in storage.items() if (found := list(unguarded(tree)))} == OVERWRITES


@pytest.mark.parametrize(
    "source",
    [
        "def f(t): t.update_item('k', actions=[Path('n').add(1)])",
        "def f(t): t.update_item('k', actions=[Path('n').add(1)], condition=c)",
        "def f(t): t.put_item('k', 'r')",
        "X = 'ADD #n :one'",
        "X = 'SET n = n + :one'",
    ],
)
def test_the_rule_finds_what_it_is_for(source: str) -> None:
    assert list(unguarded(ast.parse(source)))
