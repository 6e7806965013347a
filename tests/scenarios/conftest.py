"""One assembled Heed per module: starting it costs seconds, and a module's tests use customers of their own."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from infra.doubles.networks.server import NetworkDoubles
from infra.doubles.slack import SlackDouble
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


def assembled(stack: ExitStack) -> World:
    users = {
        user: {"name": key, "real_name": key.title(), "email": f"{key}@example.com"} for key, user in AGENTS.items()
    }
    channels = {MESSAGES: "messages", ESCALATIONS: "escalations"}
    slack = stack.enter_context(SlackDouble(SIGNING_SECRET, BOT_TOKEN, users=users, channels=channels))
    networks = stack.enter_context(NetworkDoubles(lambda: datetime.now(UTC), accounts()))
    heed = stack.enter_context(SwitchedHeed(policy(), secrets(networks), slack_api=slack.api_url))
    slack.events_url = slack.interactivity_url = f"{heed.url}/slack"
    return World(slack, networks, heed)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield assembled(stack)
