"""Whatever can fail has a place where it stays, an alarm that says so and a page that says what to do."""

import json
import re
from copy import deepcopy
from typing import Any

import pytest

from tests.house.source import PROJECT
from tests.house.test_template import template

RUNBOOKS = PROJECT / "docs" / "runbooks"

Template = dict[str, Any]


def _of(judged: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in judged["Resources"].items() if one["Type"] == kind}


def dead_queues(judged: Template) -> dict[str, str | None]:
    """Every queue, subscription and stream source, and where it gives up into."""
    found = {}
    for name, queue in _of(judged, "AWS::SQS::Queue").items():
        if not name.endswith("Dead"):
            found[name] = _target(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
    for name, one in _of(judged, "AWS::SNS::Subscription").items():
        found[name] = _target(one.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
    for function, properties in _of(judged, "AWS::Serverless::Function").items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == "DynamoDB":
                failing = event["Properties"].get("DestinationConfig", {}).get("OnFailure", {})
                found[f"{function} (stream)"] = _target(failing.get("Destination"))
    return found


def _target(arn: Any) -> str | None:
    return arn["Fn::GetAtt"][0] if isinstance(arn, dict) else None


def gaps(judged: Template, pages: dict[str, str]) -> list[str]:
    """What is missing, in words."""
    queues, alarms = _of(judged, "AWS::SQS::Queue"), _of(judged, "AWS::CloudWatch::Alarm")
    found = [f"{name} gives up into nothing" for name, dead in dead_queues(judged).items() if dead not in queues]
    for dead in {name for name in dead_queues(judged).values() if name in queues}:
        on = [name for name, alarm in alarms.items() if f'["{dead}", "QueueName"]' in json.dumps(alarm)]
        found += [] if on else [f"{dead} has no alarm"]
    for name, alarm in alarms.items():
        page = re.search(r"docs/runbooks/(\w+)\.md", alarm["AlarmDescription"])
        if page is None or page[1] not in pages:
            found.append(f"{name} names no page")
        elif not re.search(_as_written(name), pages[page[1]]):
            found.append(f"{page[1]}.md does not speak of {name}")
    return found


def _as_written(alarm: str) -> str:
    """An alarm as its page writes it: the team's name is left out, and the word Alarm may be."""
    name = re.sub(r"^Team\w+?(Dead)?Alarm$", r"Team...\1Alarm", alarm)
    return re.escape(name.removesuffix("Alarm")) + "(Alarm)?"


def pages() -> dict[str, str]:
    return {path.stem: path.read_text() for path in RUNBOOKS.glob("*.md")}


def test_whatever_can_fail_has_a_dead_queue_an_alarm_and_a_page() -> None:
    assert len(dead_queues(template())) >= 10
    assert gaps(template(), pages()) == []


@pytest.mark.parametrize("name", ["inbound", "outbound", "timers", "team", "publisher", "sweeps", "erasures"])
def test_every_page_says_what_one_sees_what_it_means_and_what_to_do(name: str) -> None:
    text = pages()[name]
    assert [part for part in ("**You see**", "**It means**", "**Do**") if part not in text] == []
    assert len(text) < 3000


def test_what_the_pages_tell_people_to_type_exists() -> None:
    from infra.cli.dlq import app

    known = {command.name for command in app.registered_commands}
    typed = {verb for text in pages().values() for verb in re.findall(r"heed dlq (\w+)", text)}
    assert typed == known


BREAKS: dict[str, tuple[str, ...]] = {
    "Inbound gives up into nothing": ("Inbound", "Properties", "RedrivePolicy"),
    "UrgentSubscription gives up into nothing": ("UrgentSubscription", "Properties", "RedrivePolicy"),
    "Publisher (stream) gives up into nothing": (
        *("Publisher", "Properties", "Events", "PublisherDynamodbEventSource", "Properties"),
        "DestinationConfig",
    ),
    "TimersDead has no alarm": ("TimersDeadAlarm",),
}


@pytest.mark.parametrize("gap", BREAKS)
def test_a_gap_is_found(gap: str) -> None:
    judged = deepcopy(template())
    node: Any = judged["Resources"]
    for step in BREAKS[gap][:-1]:
        node = node[step]
    del node[BREAKS[gap][-1]]
    assert gap in gaps(judged, pages())


def test_an_alarm_without_a_page_is_found() -> None:
    kept = {name: text for name, text in pages().items() if name != "inbound"}
    assert gaps(template(), kept) == ["InboundDeadAlarm names no page"]
    kept["inbound"] = "nothing"
    assert gaps(template(), kept) == ["inbound.md does not speak of InboundDeadAlarm"]
