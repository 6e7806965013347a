"""Topics, timers and the outbound queue: where effects go."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as Unreached

from chalicelib.aws.clients import client
from chalicelib.domain.effects import CASE_EVENTS, SLA_BREACHES, Arm, Deliver, Disarm, Publish, Pursue
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.settings import Settings

_LONGEST_DELAY = 900
_AWAY = 10.0
"""Seconds for which a service that did not answer is left alone."""


class Away(Exception):
    """The service did not answer a moment ago: a batch must not wait for as many timeouts as it has rows."""


class AwsEffects:
    """``clock`` tells seconds that only pass."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._topics = {CASE_EVENTS: settings.case_events_arn, SLA_BREACHES: settings.sla_breaches_arn}
        self._clock = clock
        self._away: dict[str, float] = {}

    @contextmanager
    def _at(self, service: str) -> Iterator[Any]:
        """Its client. Raises Away, without asking, for a while after it did not answer."""
        if self._clock() < self._away.get(service, 0.0):
            raise Away(service)
        try:
            yield client(service)
        except (HTTPClientError, Unreached):
            self._away[service] = self._clock() + _AWAY
            raise

    def publish(self, effect: Publish) -> None:
        with self._at("sns") as sns:
            sns.publish(
                TopicArn=self._topics[effect.topic],
                Message=json.dumps(news(effect.event)),
                MessageAttributes={name: _text(value) for name, value in attributes(effect.event).items()},
            )

    def arm(self, effect: Arm) -> None:
        """Start the timer; one of that name that runs, or has run, is the same timer."""
        wake = {"brand": effect.brand, "case_id": effect.case_id, "revision": effect.revision, "at": iso(effect.at)}
        machine = self._settings.state_machine_arn
        with self._at("stepfunctions") as states:
            try:
                states.start_execution(stateMachineArn=machine, name=effect.name, input=json.dumps(wake))
            except ClientError as error:
                if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                    raise

    def disarm(self, effect: Disarm) -> None:
        """Stop the timer while it sleeps, which spares two transitions; it may be over, or never have begun."""
        machine = self._settings.state_machine_arn.replace(":stateMachine:", ":execution:")
        with suppress(ClientError, BotoCoreError, Away), self._at("stepfunctions") as states:
            states.stop_execution(executionArn=f"{machine}:{effect.name}")

    def deliver(self, effect: Deliver, now: datetime) -> None:
        what = {"action_id": effect.action_id} if effect.action_id else {"reply_id": effect.reply_id}
        delay = min(int(effect.delay(now).total_seconds() + 0.999), _LONGEST_DELAY)
        self._send(self._settings.outbound_url, {"brand": effect.brand, **what}, delay)

    def pursue(self, effect: Pursue) -> None:
        """As if a timer had rung, which says why."""
        what = {"brand": effect.brand, "case_id": effect.case_id, "breach": effect.seq}
        self._send(self._settings.timers_url, what, 0)

    def _send(self, url: str, body: dict[str, Any], delay: int) -> None:
        with self._at("sqs") as sqs:
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body), DelaySeconds=delay)


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
