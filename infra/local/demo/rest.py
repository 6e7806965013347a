"""When a storm is over: nothing waits in a queue, no effect is owed, no timer is open, nobody is busy."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from threading import Event
from typing import Any

from chalicelib.wiring import wired
from infra.local.clients import clients
from infra.local.demo.agents import Agent
from infra.local.demo.assembly import Demo, now

PATIENCE_SECONDS = 240.0
LOOK_SECONDS = 0.5
CALM_LOOKS = 3
"""A message between two queues is in none of them for a moment, so one look proves nothing."""
FAR = timedelta(days=1)


def wait(demo: Demo, team: Sequence[Agent], stop: Event, look: Callable[[], None] = lambda: None) -> str:
    """Returns when all is at rest; else, when told to stop or out of patience, what was not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    calm, moving = 0, ""
    while calm < CALM_LOOKS and time.monotonic() < deadline:
        if stop.wait(LOOK_SECONDS):
            return "told to stop"
        look()
        moving = next(_moving(demo, team), "")
        calm = 0 if moving else calm + 1
    return moving


def _moving(demo: Demo, team: Sequence[Agent]) -> Iterator[str]:
    """What is not at rest yet, cheap questions first."""
    if not all(agent.idle for agent in team):
        yield "agents are at work"
    waiting = {name: depth for name, depth in demo.heed.depths().items() if depth and not name.endswith("Dead")}
    if waiting:
        yield f"messages wait in {waiting}"
    if any(wired.store.pending(now())):
        yield "effects are owed"
    if any(wired.store.checkpoints(now() + FAR)):
        yield "clocks run"
    if _timers():
        yield "timers are open"


def _timers() -> bool:
    machine = wired.settings.state_machine_arn
    answer = clients()("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=1)
    return bool(answer["executions"])


def dead_letters(demo: Demo) -> list[str]:
    """What was given up, with its reason; reading does not take it away."""
    found: list[str] = []
    for name, resource in demo.heed.stack.resources.items():
        if resource.kind == "AWS::SQS::Queue" and name.endswith("Dead"):
            found += [f"{name}: {_reason(message)}" for message in _letters(resource.ref)]
    return found


def _letters(url: str) -> Iterator[dict[str, Any]]:
    sqs = clients()("sqs")
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60, MessageAttributeNames=["All"]
    ).get("Messages", []):
        yield from messages


def _reason(message: dict[str, Any]) -> str:
    """Why, in the worker's words; SQS itself gives none."""
    told = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
    return told or "received too often"
