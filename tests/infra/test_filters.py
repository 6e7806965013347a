"""FilterCriteria patterns against records."""

import json
from typing import Any

import pytest

from infra.local.pumps.filters import Filters
from infra.template.intrinsics import TemplateError

RECORD: dict[str, Any] = {
    "eventName": "MODIFY",
    "dynamodb": {
        "NewImage": {
            "pending": {"S": "1"},
            "kind": {"S": "CASE#7"},
            "count": {"N": "12"},
            "tags": {"SS": ["de", "vip"]},
            "deep": {"M": {"a": {"S": "x"}}},
        }
    },
}


def image(attribute: str, kind: str, *rules: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": {attribute: {kind: list(rules)}}}}


def filters(*patterns: dict[str, Any]) -> Filters:
    return Filters({"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]})


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"eventName": ["INSERT", "MODIFY"]}, True),
        ({"eventName": ["REMOVE"]}, False),
        (image("pending", "S", {"exists": True}), True),
        (image("pending", "S", {"exists": False}), False),
        (image("absent", "S", {"exists": False}), True),
        (image("absent", "S", {"exists": True}), False),
        (image("deep", "M", {"exists": True}), False),
        (image("kind", "S", {"prefix": "CASE#"}), True),
        (image("kind", "S", {"prefix": "MSG#"}), False),
        (image("kind", "S", {"suffix": "7"}), True),
        (image("kind", "S", {"equals-ignore-case": "case#7"}), True),
        (image("kind", "S", {"anything-but": ["MSG#1"]}), True),
        (image("kind", "S", {"anything-but": "CASE#7"}), False),
        (image("kind", "S", {"anything-but": {"prefix": "CASE#"}}), False),
        (image("absent", "S", {"anything-but": ["x"]}), False),
        (image("count", "N", {"numeric": [">", 10, "<=", 12]}), True),
        (image("count", "N", {"numeric": ["=", 11]}), False),
        (image("kind", "S", {"numeric": [">", 1]}), False),
        (image("tags", "SS", "vip"), True),
        (image("tags", "SS", "gold"), False),
        ({"eventName": ["MODIFY"], **image("pending", "S", "2")}, False),
        ({"$or": [{"eventName": ["REMOVE"]}, image("pending", "S", "1")]}, True),
        ({"$or": [{"eventName": ["REMOVE"]}, image("pending", "S", "2")]}, False),
    ],
)
def test_a_pattern_matches_or_not(pattern: dict[str, Any], expected: bool) -> None:
    assert filters(pattern).passes(RECORD) is expected


def test_several_patterns_are_alternatives_and_none_lets_all_pass() -> None:
    assert filters({"eventName": ["REMOVE"]}, {"eventName": ["MODIFY"]}).passes(RECORD)
    assert Filters(None).passes(RECORD)


@pytest.mark.parametrize(
    "pattern",
    [
        {"eventName": [{"wildcard": "M*"}]},
        {"eventName": "MODIFY"},
        {"eventName": []},
        {"$or": [{"a": [{"cidr": "x"}]}]},
    ],
)
def test_what_is_not_understood_is_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(TemplateError):
        filters(pattern)
