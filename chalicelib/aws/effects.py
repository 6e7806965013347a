"""Topics, timers and the outbound queue: where effects go."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.clients import client
from chalicelib.domain.effects import CASE_EVENTS, SLA_BREACHES, Arm, Deliver, Disarm, Publish
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.settings import Settings

_LONGEST_DELAY = 900


class AwsEffects:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topics = {CASE_EVENTS: settings.case_events_arn, SLA_BREACHES: settings.sla_breaches_arn}

    def publish(self, effect: Publish) -> None:
        client("sns").publish(
            TopicArn=self._topics[effect.topic],
            Message=json.dumps(news(effect.event)),
            MessageAttributes={name: _text(value) for name, value in attributes(effect.event).items()},
        )

    def arm(self, effect: Arm) -> None:
        """Start the timer; one of that name that runs, or has run, is the same timer."""
        wake = {"brand": effect.brand, "case_id": effect.case_id, "revision": effect.revision, "at": iso(effect.at)}
        try:
            client("stepfunctions").start_execution(
                stateMachineArn=self._settings.state_machine_arn, name=effect.name, input=json.dumps(wake)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise

    def disarm(self, effect: Disarm) -> None:
        """Stop the timer while it sleeps, which spares two transitions; it may be over, or never have begun."""
        machine = self._settings.state_machine_arn.replace(":stateMachine:", ":execution:")
        with suppress(ClientError, BotoCoreError):
            client("stepfunctions").stop_execution(executionArn=f"{machine}:{effect.name}")

    def deliver(self, effect: Deliver, now: datetime) -> None:
        what = {"action_id": effect.action_id} if effect.action_id else {"reply_id": effect.reply_id}
        client("sqs").send_message(
            QueueUrl=self._settings.outbound_url,
            MessageBody=json.dumps({"brand": effect.brand, **what}),
            DelaySeconds=min(int(effect.delay(now).total_seconds() + 0.999), _LONGEST_DELAY),
        )


def news(event: TimelineEvent) -> dict[str, Any]:
    """What subscribers read: ids and our own words, never a customer's."""
    return {
        "brand": event.brand,
        "case_id": event.case_id,
        "seq": event.seq,
        "fact": event.fact,
        "at": iso(event.at),
        "actor": event.actor,
        "queue": event.queue,
        "priority": event.priority,
        "channel": event.channel,
        "data": dict(event.data),
    }


def attributes(event: TimelineEvent) -> dict[str, str]:
    """What filter policies can match."""
    facts = {"brand": event.brand, "queue": event.queue, "fact": event.fact.value, "priority": event.priority}
    return {**facts, "channel": event.channel or "none"}


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
