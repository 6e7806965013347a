"""CloudFormation's functions, each with what it gives and what it refuses."""

from typing import Any

import pytest

from infra.template.intrinsics import Intrinsics, TemplateError

TEMPLATE = {
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Fn::Equals": ["a", "a"]}]},
        "Any": {"Fn::Or": [{"Condition": "IsProd"}, {"Fn::Equals": ["a", "b"]}]},
        "Text": "yes",
    },
    "Mappings": {"Sizes": {"dev": {"memory": 128}, "prod": {"memory": 512}}},
}
POLICY = {"Version": "2012-10-17", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


class Known:
    """Two resources whose values say how they were asked for."""

    def ref(self, logical_id: str) -> Any:
        if logical_id not in {"Queue", "Table"}:
            raise TemplateError(f"no resource {logical_id}")
        return f"<{logical_id}>"

    def attribute(self, logical_id: str, name: str) -> Any:
        return f"<{self.ref(logical_id)}.{name}>"


@pytest.fixture
def intrinsics() -> Intrinsics:
    return Intrinsics(TEMPLATE, Known(), {"Stage": "dev", "AWS::Region": "eu-central-1"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Queue"}, "<Queue>"),
        ({"Ref": "Stage"}, "dev"),
        ({"Ref": "AWS::Region"}, "eu-central-1"),
        ({"Fn::GetAtt": ["Table", "StreamArn"]}, "<<Table>.StreamArn>"),
        ({"Fn::GetAtt": "Table.Arn"}, "<<Table>.Arn>"),
        ({"Fn::Sub": "${Queue} ${AWS::Region} ${Table.Arn} ${!Kept}"}, "<Queue> eu-central-1 <<Table>.Arn> ${Kept}"),
        ({"Fn::Sub": ["${a}-${Stage}", {"a": {"Ref": "Queue"}}]}, "<Queue>-dev"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 3]]}, "a-dev-3"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b,c"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 128),
        ({"Fn::If": ["IsDev", "small", {"Ref": "Nowhere"}]}, "small"),
        ({"Fn::If": ["Both", 1, 2]}, 1),
        ({"Fn::If": ["Any", 1, 2]}, 2),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}, {"b": [1]}),
        (POLICY, POLICY),
    ],
)  # fmt: skip
def test_values_resolve(intrinsics: Intrinsics, value: Any, expected: Any) -> None:
    assert intrinsics.resolve(value) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Fn::Sub": "a", "Fn::GetAtt": ["Table", "Arn"]}, "stand alone"),
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue is not supported"),
        ({"Ref": "Nowhere"}, "no resource Nowhere"),
        ({"Fn::FindInMap": ["Sizes", "test", "memory"]}, "no 'test'"),
        ({"Fn::If": ["Unknown", 1, 2]}, "no Condition named 'Unknown'"),
        ({"Fn::If": ["Text", 1, 2]}, "not a condition"),
    ],
)
def test_what_cannot_be_resolved_is_named(intrinsics: Intrinsics, value: Any, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        intrinsics.resolve(value)
