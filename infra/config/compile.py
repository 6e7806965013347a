"""The checked policy as the JSON that travels to the running system and is read there by ``load_config``."""

from datetime import timedelta
from typing import Any

from infra.config.check import Checked
from infra.config.compile_chains import chain_data, rotation_data
from infra.config.compile_promises import promise_data
from infra.config.retention import retention_data
from infra.config.schema import Account, Agent, Brand, Rule
from infra.config.work import macro_data, queue_data, settings_data


def compile_config(checked: Checked, version: int) -> dict[str, Any]:
    """Data for ``load_config``. Raises ValueError for a file that is not right."""
    if not checked.ok:
        raise ValueError(f"{checked.file} has {len(checked.errors)} errors; see heed config check {checked.file}")
    policy = checked.policy
    return {
        "version": version,
        "brands": {key: _brand(one) for key, one in policy.brands.items()},
        "accounts": {key: _account(one) for key, one in policy.accounts.items()},
        "queues": {key: queue_data(one) for key, one in policy.queues.items()},
        "rules": [_rule(one) for one in policy.rules.values()],
        "calendars": {key: one.as_data() for key, one in checked.calendars.items()},
        "promises": [part for place, one in policy.sla.items() for part in promise_data(place + 1, one)],
        "agents": {key: _agent(one) for key, one in policy.agents.items()},
        "chains": {key: chain_data(one) for key, one in policy.chains.items()},
        "rotations": {key: rotation_data(one) for key, one in policy.on_call.items()},
        "slack": policy.slack.model_dump() if policy.slack else None,
        "retention": retention_data(policy.retention),
        "macros": {key: macro_data(one) for key, one in policy.macros.items()},
        **settings_data(policy.settings),
        "workspaces": {key: one.model_dump() for key, one in policy.workspaces.items()},
    }


def _brand(brand: Brand) -> dict[str, Any]:
    return {**brand.model_dump(mode="json"), "reopen_within": _seconds(brand.reopen_within)}


def _account(account: Account) -> dict[str, Any]:
    facts = {"brand": account.brand, "channel": account.channel, "native_id": account.id, "name": account.name}
    options = {"human_agent": "yes"} if account.human_agent else {}
    more = {"market": account.market, "bots": account.bots, "options": options}
    return facts | {name: one for name, one in more.items() if one}


def _rule(rule: Rule) -> dict[str, Any]:
    facts = {**rule.model_dump(mode="json", exclude={"when"}), **rule.when.model_dump(mode="json")}
    return {name: value for name, value in facts.items() if value}


def _agent(agent: Agent) -> dict[str, Any]:
    return agent.model_dump(mode="json")


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
