"""Gathers the evidence of a storm, and tells in one JSON object how it went."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from chalicelib.domain.timeline import Fact
from chalicelib.slack.cards import POST
from chalicelib.wiring import wired
from infra.doubles.slack import SlackDouble
from infra.doubles.slack.workspace import Message
from infra.local.demo import rest
from infra.local.demo.agents import Agent, all_work, shown
from infra.local.demo.assembly import Demo
from infra.local.demo.check import DOUBLED, LOST, Evidence, Problem, count
from infra.local.demo.storm import Delivery
from infra.local.demo.truth import Truth, read

TOLD = 50
"""So many problems are spelled out."""


def evidence(demo: Demo, deliveries: Sequence[Delivery], team: Sequence[Agent], before: Truth) -> Evidence:
    """Everything there is to compare, as it is now."""
    truth = read(wired.settings.table)
    return Evidence(
        deliveries=deliveries,
        truth=truth,
        new=truth.since(before),
        work=all_work(team),
        posts=demo.networks.posts(),
        shown=Counter(map(_place, _standing(demo.slack))),
        brands={key: account["brand"] for key, account in demo.policy["accounts"].items()},
        dead=rest.dead_letters(demo),
    )


def report(evidence: Evidence, problems: Sequence[Problem], slack: SlackDouble, seconds: float) -> dict[str, Any]:
    new = evidence.new
    states = Counter(reply.state.value for reply in new.replies.values())
    return {
        **_requests(evidence.deliveries),
        "messages": len(new.inbound()),
        "cases": len(new.cases),
        "cards": sum(times for (_, _, post), times in evidence.shown.items() if post == POST),
        "replies": dict(sorted(states.items())),
        "notes": len(evidence.work.noted),
        "warnings": len(new.told(Fact.CLOCK_WARNED)),
        "breaches": len(new.told(Fact.CLOCK_BREACHED)),
        "lost": count(problems, LOST),
        "doubled": count(problems, DOUBLED),
        "seconds": round(seconds, 1),
        "card_seconds": _lags(evidence, slack),
        "channels": _channels(evidence),
        "given_up_by_agents": evidence.work.given_up,
        "problems": [f"{one.kind}: {one.what}" for one in problems[:TOLD]],
    }


def _requests(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    bodies = [one.planned.request.body for one in deliveries if one.accepted]
    return {
        "requests": len(deliveries),
        "accepted": len(bodies),
        "duplicates": len(bodies) - len(set(bodies)),
        "refused": dict(Counter(f"{one.planned.network} {one.status}" for one in deliveries if not one.accepted)),
    }


def _channels(evidence: Evidence) -> dict[str, dict[str, int]]:
    requests = Counter(one.planned.network for one in evidence.deliveries)
    messages = Counter(one.channel for one in evidence.new.inbound())
    replies = Counter(one.channel for one in evidence.new.replies.values())
    return {
        name: {"requests": requests[name], "messages": messages[name], "replies": replies[name]}
        for name in sorted(requests)
    }


def _lags(evidence: Evidence, slack: SlackDouble) -> dict[str, float]:
    """How long it took from the accepted webhook to the card in Slack."""
    opened = {
        (event.brand, event.case_id): event.recorded_at.timestamp() for event in evidence.new.told(Fact.CASE_OPENED)
    }
    stood = {place[:2]: float(one.ts) for one in _standing(slack) if (place := _place(one))[2] == POST}
    lags = sorted(stood[key] - at for key, at in opened.items() if key in stood)
    return {f"p{share}": round(lags[len(lags) * share // 100], 2) for share in (50, 95)} if lags else {}


def _standing(slack: SlackDouble) -> list[Message]:
    """What Heed posted in Slack and is still there."""
    return [message for message in slack.workspace.messages if not message.gone and shown(message)]


def _place(message: Message) -> tuple[str, str, str]:
    about = shown(message)
    return about["brand"], about["case_id"], about["post"]
