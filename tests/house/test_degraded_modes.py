"""What docs/degraded-modes.md says of each row is held by tests that are there."""

import re

from tests.house.source import PROJECT

PAGE = PROJECT / "docs" / "degraded-modes.md"
TESTS = PROJECT / "tests"
NAMED = re.compile(r"`([\w/]+\.py)(?:::(test_\w+))?`")
AWAY = ["DynamoDB", "SQS", "SNS", "Step Functions", "S3", "SSM", "Slack", "a network"]
"""Whatever Heed cannot do without."""


def rows(text: str) -> dict[str, str]:
    """What is away, and the cell that names its tests."""
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {first: last for first, *_, last in cells if first not in ("away", "---")}


def gaps(text: str) -> list[str]:
    """Rows without a test, and tests that are named but not there."""
    found = []
    for what, cell in rows(text).items():
        named = NAMED.findall(cell)
        found += [] if named else [f"{what}: no test"]
        found += [f"{what}: {file} {name}".rstrip() for file, name in named if not _there(file, name)]
    return found


def _there(file: str, name: str) -> bool:
    path = TESTS / file
    return path.is_file() and re.search(rf"^ *def {name or 'test_'}", path.read_text(), re.MULTILINE) is not None


def test_each_row_is_held_by_tests_that_are_there() -> None:
    text = PAGE.read_text()
    assert [one for one in AWAY if one not in rows(text)] == []
    assert gaps(text) == []


def test_a_gap_is_found() -> None:
    row = "| SQS | pages | rows | nothing | wait | {} |"
    held = "`outages/test_services_are_down.py::test_without_sqs`"
    assert gaps(row.format(held)) == []
    assert gaps(row.format("somebody knows")) == ["SQS: no test"]
    assert gaps(row.format("`outages/test_nothing.py`")) == ["SQS: outages/test_nothing.py"]
    renamed = "`outages/test_services_are_down.py::test_with_sqs`"
    assert gaps(row.format(renamed)) == ["SQS: outages/test_services_are_down.py test_with_sqs"]
