"""Heed with everything around it: a Slack, the networks' reply APIs, secrets, ports and a clean environment."""

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.doubles.networks.accounts import Account, account_of
from infra.doubles.networks.server import NetworkDoubles
from infra.doubles.slack import SlackDouble
from infra.local.demo.cloud import emulated
from infra.local.demo.targets import Policy
from infra.local.environment import exported
from infra.local.heed import LocalHeed
from infra.slack.manifest import manifest

HOST = "127.0.0.1"
SIGNING_SECRET = "demo-signing-secret"  # noqa: S105 - of a Slack that is played here
BOT_TOKEN = "xoxb-demo"  # noqa: S105


@dataclass(frozen=True)
class Demo:
    """What runs. ``moved`` are the ports that were taken, so that others were chosen."""

    policy: Policy
    accounts: tuple[Account, ...]
    slack: SlackDouble
    networks: NetworkDoubles
    heed: LocalHeed
    moved: tuple[int, ...]


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def assembled(
    policy: Policy, *, port: int = 0, endpoint: str | None = None, data: Path | None = None
) -> Iterator[Demo]:
    """Everything started, on ``port`` and the two after it; leaving ends all of it and restores the environment."""
    wanted = (port, port + 1, port + 2) if port else (0, 0, 0)
    moved = tuple(one for one in wanted if not free(one))
    front, page, apis = (0 if one in moved else one for one in wanted)
    accounts = accounts_of(policy)
    with ExitStack() as stack:
        stack.enter_context(undisturbed())
        slack = _slack(policy)
        slack.start(page)
        stack.callback(slack.stop)
        networks = stack.enter_context(NetworkDoubles(now, accounts, apis))
        secrets = secrets_of(accounts, networks)
        aws = endpoint or stack.enter_context(emulated(data))
        heed = stack.enter_context(LocalHeed(policy, secrets, slack_api=slack.api_url, endpoint=aws, port=front))
        slack.events_url = slack.interactivity_url = f"{heed.url}/slack"
        yield Demo(policy, accounts, slack, networks, heed, moved)


def free(port: int) -> bool:
    """Whether a server could listen there; it may be one that has just ended."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@contextmanager
def undisturbed() -> Iterator[None]:
    """No proxy and no settings of a real Slack in between; afterwards everything is as it was."""
    try:
        with exported({}):
            for name in list(os.environ):
                if name.lower().endswith("_proxy") or name.startswith("SLACK_"):
                    del os.environ[name]
            yield
    finally:
        time.tzset()


def accounts_of(policy: Mapping[str, Any]) -> tuple[Account, ...]:
    """The doubles' accounts, under the keys and ids of the policy file."""
    return tuple(
        replace(account_of(one["channel"]), key=key, native_id=one["native_id"])
        for key, one in policy["accounts"].items()
    )


def secrets_of(accounts: Sequence[Account], networks: NetworkDoubles) -> dict[str, dict[str, Any]]:
    """What an operator would store for Slack and for each account."""
    hooks = {f"hooks/{one.network}/{one.key}": _hook(one, networks.base(one.network)) for one in accounts}
    return {"slack": {"signing_secrets": [SIGNING_SECRET], "token": BOT_TOKEN}, **hooks}


def _hook(account: Account, api: str) -> dict[str, Any]:
    hook = {
        "secrets": [account.secret],
        "verify_token": account.verify_token,
        "token": account.token,
        "app_id": account.app_id,
        "account": account.native_id,
        "api": api,
    }
    return {key: value for key, value in hook.items() if value}


def _slack(policy: Policy) -> SlackDouble:
    """The policy file's workspace, with its agents and its queues' channels."""
    agents = {one["slack"]: one for one in policy["agents"].values() if one.get("slack")}
    slack = SlackDouble(
        SIGNING_SECRET,
        BOT_TOKEN,
        team_id=policy["slack"]["team"],
        app_id=policy["slack"]["app"],
        users={
            user: {"name": one["name"].lower(), "real_name": one["name"], "email": one["email"]}
            for user, one in agents.items()
        },
        channels={queue["slack"]: f"care-{key}" for key, queue in policy["queues"].items()},
        retry_events=True,
    )
    slack.web.grants.install(manifest("https://heed.example/api"))
    return slack
