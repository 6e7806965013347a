"""One assembled Heed per module: starting it costs seconds, and a module's tests use customers of their own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.doubles.networks.server import NetworkDoubles
from infra.doubles.slack import SlackDouble
from infra.doubles.slack.courier import ANSWER_SECONDS
from infra.doubles.slack.gate import RateLimit
from infra.local.heed import QUICK
from infra.local.iam.watch import watched
from infra.slack.manifest import manifest
from tests.scenarios.world import (
    AGENTS,
    BOT_TOKEN,
    ESCALATIONS,
    MESSAGES,
    SIGNING_SECRET,
    SwitchedHeed,
    World,
    accounts,
    policy,
    secrets,
)
from tests.scenarios.zipped import Deployed, deployed_in, unpacked

SLACKS = RateLimit()
"""A message a second and channel, and the tiers of all other methods; whoever comes too early is told when to come."""


@contextmanager
def within_its_role() -> Iterator[None]:
    """Fails when a function of this process asked for something that its role does not allow."""
    with watched() as ledger:
        yield
    assert ledger.denials() == []


def assembled(
    stack: ExitStack,
    data: dict[str, Any] | None = None,
    endpoint: str | None = None,
    answer_seconds: float = ANSWER_SECONDS,
    rate_limit: RateLimit | None = SLACKS,
) -> World:
    """``answer_seconds`` is how long Slack waits for Heed, ``rate_limit`` how much it takes of us.

    Whatever a function asks of AWS is held against its role.
    """
    stack.enter_context(within_its_role())
    users = {
        user: {"name": key, "real_name": key.title(), "email": f"{key}@example.com"} for key, user in AGENTS.items()
    }
    channels = {MESSAGES: "messages", ESCALATIONS: "escalations"}
    known: dict[str, Any] = {"users": users, "channels": channels}
    double = SlackDouble(SIGNING_SECRET, BOT_TOKEN, answer_seconds=answer_seconds, rate_limit=rate_limit, **known)
    double.web.grants.install(manifest("https://heed.example/api"))
    slack = stack.enter_context(double)
    networks = stack.enter_context(NetworkDoubles(lambda: datetime.now(UTC), accounts()))
    rate = int(rate_limit.per_second) if rate_limit else QUICK
    api = slack.api_url
    ours = SwitchedHeed(data or policy(), secrets(networks), slack_api=api, endpoint=endpoint, slack_rate=rate)
    heed = stack.enter_context(ours)
    slack.events_url = slack.interactivity_url = f"{heed.url}/slack"
    return World(slack, networks, heed)


@pytest.fixture(scope="module")
def rate_limit() -> RateLimit | None:
    """What Slack takes; a module that is about other things and tells it hundreds of lines has a fixture of its own."""
    return SLACKS


@pytest.fixture(scope="module")
def world(rate_limit: RateLimit | None) -> Iterator[World]:
    with ExitStack() as stack:
        yield assembled(stack, rate_limit=rate_limit)


@pytest.fixture(scope="session")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda would unpack."""
    return unpacked(tmp_path_factory.mktemp("package"))


@pytest.fixture
def deployed(world: World, unzipped: Path) -> Iterator[Deployed]:
    """Every function runs from the zip, behind a front of its own, and may do what its role allows."""
    with deployed_in(world, unzipped) as deployed:
        yield deployed
