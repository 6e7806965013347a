"""docs/reliability.md is made, not written: it lists the promises as they are now."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.house.source import PROJECT
from tests.reliability.page import Broken, Promise, page, promises

PAGE = PROJECT / "docs" / "reliability.md"
PROMISE = Promise("Chapter", "It holds.", ("tests/a.py::test_it",))


def _run(outcome: str = "passed", **figures: str) -> Mapping[str, Mapping[str, Any]]:
    return {"tests/a.py::test_it[1]": {"outcome": outcome, "figures": figures}}


def test_the_page_lists_every_promise_with_its_tests() -> None:
    text = PAGE.read_text()
    for promise in promises():
        row = next((line for line in text.splitlines() if line.startswith(f"| {promise.words} |")), "")
        assert row, f"run `make reliability`: the page does not say {promise.words!r}"
        assert all(test.removeprefix("tests/") in row for test in promise.tests), promise.words


def test_a_promise_whose_test_was_not_run_or_failed_makes_no_page() -> None:
    with pytest.raises(Broken, match="was not run"):
        page([PROMISE], {})
    with pytest.raises(Broken, match="1 of 1 failed"):
        page([PROMISE], _run("failed"))


def test_a_test_whose_name_only_begins_alike_is_another_one() -> None:
    with pytest.raises(Broken, match="was not run"):
        page([PROMISE], {"tests/a.py::test_it_again": {"outcome": "passed", "figures": {}}})


def test_the_page_quotes_what_was_counted() -> None:
    assert "| It holds. | `a.py::test_it` | 1 case passed; lost 0 |" in page([PROMISE], _run(lost="0"))
    assert "| 1 case passed |" in page([PROMISE], _run())
