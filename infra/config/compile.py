"""The checked policy as the JSON that travels to the running system and is read there by ``load_config``."""

from datetime import timedelta
from typing import Any

from chalicelib.domain.clock import Metric
from infra.config.check import Checked
from infra.config.schema import Account, Agent, Brand, Promise, Rule


def compile_config(checked: Checked, version: int) -> dict[str, Any]:
    """Data for ``load_config``. Raises ValueError for a file that is not right."""
    if not checked.ok:
        raise ValueError(f"{checked.file} has {len(checked.errors)} errors; see heed config check {checked.file}")
    policy = checked.policy
    return {
        "version": version,
        "brands": {key: _brand(one) for key, one in policy.brands.items()},
        "accounts": {key: _account(one) for key, one in policy.accounts.items()},
        "queues": {key: one.model_dump() for key, one in policy.queues.items()},
        "rules": [_rule(one) for one in policy.rules.values()],
        "calendars": {key: one.as_data() for key, one in checked.calendars.items()},
        "promises": [_promise(one) for one in policy.sla.values()],
        "agents": {key: _agent(one) for key, one in policy.agents.items()},
        "slack": policy.slack.model_dump() if policy.slack else None,
    }


def _brand(brand: Brand) -> dict[str, Any]:
    return {**brand.model_dump(mode="json"), "reopen_within": _seconds(brand.reopen_within)}


def _account(account: Account) -> dict[str, Any]:
    return {"brand": account.brand, "channel": account.channel, "native_id": account.id, "name": account.name}


def _rule(rule: Rule) -> dict[str, Any]:
    facts = {**rule.model_dump(mode="json", exclude={"when"}), **rule.when.model_dump(mode="json")}
    return {name: value for name, value in facts.items() if value}


def _promise(promise: Promise) -> dict[str, Any]:
    spans = {Metric.FIRST_RESPONSE: promise.first_response, Metric.RESOLUTION: promise.resolution}
    targets = [
        {"metric": metric.value, "within": _seconds(span), "warn_before": _seconds(promise.warn.before(span))}
        for metric, span in spans.items()
        if span is not None
    ]
    return {"targets": targets, **promise.model_dump(mode="json", include={"queues", "priorities", "calendar"})}


def _agent(agent: Agent) -> dict[str, Any]:
    return agent.model_dump(mode="json")


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
