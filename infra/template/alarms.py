"""What should wake the engineer: each alarm names the page that says what to do. Dead letters have theirs elsewhere."""

from typing import Any

from infra.template.words import Resource, alarm, camel, ref

SCHEDULED = ("Sweeper", "Auditor", "Herald", "Eraser")
SWEEPS = "docs/runbooks/sweeps.md"
OURS = {
    "effects_swept": f"The stream is late; the sweeper had to step in. See {SWEEPS}.",
    "checkpoints_missed": f"Timers are late; the auditor had to step in. See {SWEEPS}.",
    "timers_not_started": f"Step Functions starts no timers; the auditor watches the clocks. See {SWEEPS}.",
    "replies_unknown": "Nobody knows whether a reply reached its customer. See docs/runbooks/outbound.md.",
}
"""Metrics of which anything above zero in a minute is worth a look."""
SLACK_REFUSES = {
    "Token": "Slack refuses Heed's token: no case shows in that workspace until it is connected again",
    "Channel": "Slack refuses a team's channel: archived, gone, or Heed was removed from it",
    "Message": "Slack refuses what Heed posts: a fault in Heed, those cases are not shown",
}
FAILING = {**dict.fromkeys((*SCHEDULED, "Publisher"), (2, 300)), "Eraser": (0, 3600)}
"""How many runs may fail in how many seconds: the next one does what one left, but the eraser's is an hour away."""


def alarms() -> Resource:
    return {
        **{f"{camel(name.replace('_', '-'))}Alarm": alarm(why, _ours(name), threshold=0) for name, why in OURS.items()},
        **{f"Slack{name}RefusedAlarm": _slack(name, why) for name, why in SLACK_REFUSES.items()},
        **{f"{name}ErrorsAlarm": _errors(name) for name in FAILING},
        "ErasuresLateAlarm": alarm(
            "Somebody asked to be erased more than a day ago and is not. See docs/runbooks/erasures.md.",
            _metric("Heed", "erasures_late", "service", "heed", "Maximum"),
            threshold=0,
            period=3600,
            heals=True,
        ),
        "PublisherLagAlarm": alarm(
            "Effects are published a minute late. See docs/runbooks/publisher.md.",
            _of_lambda("IteratorAge", "Publisher", "Maximum"),
            threshold=60_000,
        ),
    }


def _slack(name: str, why: str) -> Resource:
    text = f"{why}. See docs/runbooks/slack.md; heed slack check says what to do."
    return alarm(text, _ours(f"slack_{name.lower()}_refused"), threshold=0, period=3600, heals=True)


def _errors(function: str) -> Resource:
    page = "docs/runbooks/publisher.md" if function == "Publisher" else SWEEPS
    text = f"The {function.lower()} fails again and again, and nothing steps in behind it. See {page}."
    failures, seconds = FAILING[function]
    return alarm(text, _of_lambda("Errors", function, "Sum"), threshold=failures, period=seconds)


def _ours(name: str) -> Resource:
    return _metric("Heed", name, "service", "heed", "Sum")


def _of_lambda(name: str, function: str, statistic: str) -> Resource:
    return _metric("AWS/Lambda", name, "FunctionName", ref(function), statistic)


def _metric(namespace: str, name: str, dimension: str, value: Any, statistic: str) -> Resource:
    dimensions = [{"Name": dimension, "Value": value}]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions, "Statistic": statistic}
