"""Who of those that ``care.yaml`` names outside Slack hears anything.

SNS takes a message that nobody receives without a word.
"""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.aws.clients import client
from chalicelib.domain.escalation import OUTSIDE, Address, Way
from infra.local.pumps.filters import Filters
from infra.template.intrinsics import TemplateError

PROTOCOLS = {Way.EMAIL: "email", Way.SMS: "sms", Way.WEBHOOK: "https"}
PENDING = "PendingConfirmation"
JUDGED = ("way", "target")
"""What a filter policy may ask for and an address decides; all else some message will satisfy."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A subscription of the topic for escalations. ``only`` is its filter policy, None where it gets everything."""

    protocol: str
    endpoint: str
    confirmed: bool
    only: Mapping[str, Any] | None

    def hears(self, address: Address) -> bool:
        """Whether messages for this address pass its filter; a rule nobody here knows is given the benefit of doubt."""
        wanted = {name: rules for name, rules in (self.only or {}).items() if name in JUDGED}
        try:
            filters = Filters({"Filters": [{"Pattern": wanted}]} if wanted else None)
        except TemplateError:
            return True
        return filters.passes({"way": address.way.value, "target": address.target})


def addresses(policy: Mapping[str, Any]) -> list[Address]:
    """Everybody outside Slack whom a compiled policy file names, each once."""
    told = [step for chain in policy.get("chains", {}).values() for step in chain["steps"] if step.get("way")]
    told += [one for queue in policy["queues"].values() for one in queue.get("alerts", ())]
    found = [Address(Way(one["way"]), one.get("target", "")) for one in told]
    return list(dict.fromkeys(one for one in found if one.way in OUTSIDE))


def topic(stage: str) -> str:
    """The ARN of the stage's topic for escalations, by the name the template gives it."""
    caller = client("sts").get_caller_identity()
    partition, region = caller["Arn"].split(":")[1], client("sns").meta.region_name
    return f"arn:{partition}:sns:{region}:{caller['Account']}:heed-{stage}-escalations"


def listeners(arn: str) -> list[Listener]:
    """Raises what SNS raises, NotFound where nothing was deployed yet."""
    pages = client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    return [_listener(one) for page in pages for one in page["Subscriptions"]]


def _listener(found: Mapping[str, str]) -> Listener:
    confirmed = found["SubscriptionArn"] != PENDING
    told = _attributes(found["SubscriptionArn"]) if confirmed else {}
    only = json.loads(told["FilterPolicy"]) if told.get("FilterPolicy") else None
    return Listener(found["Protocol"], found["Endpoint"], confirmed, only)


def _attributes(subscription: str) -> Mapping[str, str]:
    found: Mapping[str, str] = client("sns").get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    return found


def unheard(wanted: Sequence[Address], known: Sequence[Listener]) -> Iterator[tuple[Address, bool]]:
    """Each address that nobody receives for, and whether its own confirmation is all that is missing."""
    for address in wanted:
        if not any(one.confirmed and one.hears(address) for one in known):
            waits = [one for one in known if not one.confirmed]
            yield address, any((one.protocol, one.endpoint) == _place(address) for one in waits)


def _place(address: Address) -> tuple[str, str]:
    return PROTOCOLS[address.way], address.target


def command(address: Address, arn: str) -> str:
    """What subscribes an address to what is meant for it, and to nothing else."""
    protocol, endpoint = _place(address)
    options = {"topic-arn": arn, "protocol": protocol, "notification-endpoint": endpoint}
    options["attributes"] = json.dumps({"FilterPolicy": _only(address)})
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return shlex.join(["aws", "sns", "subscribe", *given])


def subscribe(address: Address, arn: str) -> None:
    protocol, endpoint = _place(address)
    attributes = {"FilterPolicy": _only(address)}
    client("sns").subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint, Attributes=attributes)


def _only(address: Address) -> str:
    return json.dumps({"way": [address.way.value], "target": [address.target]})
