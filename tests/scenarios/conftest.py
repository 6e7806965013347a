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
) -> World:
    """``answer_seconds`` is how long Slack waits for Heed. Whatever a function asks of AWS is held against its role."""
    stack.enter_context(within_its_role())
    users = {
        user: {"name": key, "real_name": key.title(), "email": f"{key}@example.com"} for key, user in AGENTS.items()
    }
    channels = {MESSAGES: "messages", ESCALATIONS: "escalations"}
    double = SlackDouble(SIGNING_SECRET, BOT_TOKEN, users=users, channels=channels, answer_seconds=answer_seconds)
    double.web.grants.install(manifest("https://heed.example/api"))
    slack = stack.enter_context(double)
    networks = stack.enter_context(NetworkDoubles(lambda: datetime.now(UTC), accounts()))
    ours = SwitchedHeed(data or policy(), secrets(networks), slack_api=slack.api_url, endpoint=endpoint)
    heed = stack.enter_context(ours)
    slack.events_url = slack.interactivity_url = f"{heed.url}/slack"
    return World(slack, networks, heed)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield assembled(stack)


@pytest.fixture(scope="session")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda would unpack."""
    return unpacked(tmp_path_factory.mktemp("package"))


@pytest.fixture
def deployed(world: World, unzipped: Path) -> Iterator[Deployed]:
    """Every function runs from the zip, behind a front of its own, and may do what its role allows."""
    with deployed_in(world, unzipped) as deployed:
        yield deployed
