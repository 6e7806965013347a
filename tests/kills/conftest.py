"""The embedded AWS in a process of its own, Heed's event sources here, and one function whose workers die."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.doubles.networks.server import NetworkDoubles
from infra.doubles.slack import SlackDouble
from infra.local.clients import clients
from tests.kills.executioner import Executioner, Mortal, anything, scaffold
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

COMES_BACK = 4
"""Seconds after which what a dead worker held is offered again."""
SEED = int(os.environ.get("HEED_SEED", "1"))


@contextmanager
def emulator() -> Iterator[str]:
    """Its endpoint. It knows nothing of the workers that die before its eyes."""
    command = [sys.executable, "-m", "infra.local.emulator"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


@dataclass
class Scene:
    world: World
    victim: Executioner | None = None
    poster: Executioner | None = None
    """The victim, if it is the one that networks answer: nobody else may miss an answer of theirs."""

    @contextmanager
    def killing(self, name: str, mortal: Mortal, deaths: int, queue: str = "", each: int = 1) -> Iterator[Executioner]:
        """The function runs elsewhere and dies so often; afterwards it runs here again and lives."""
        function = self.world.heed.stack.function(name)
        behind = os.environ["AWS_ENDPOINT_URL"]
        with scaffold(lambda: self.victim, behind, mortal) as aws:
            victim = Executioner(function, {**os.environ, "AWS_ENDPOINT_URL": aws}, deaths, SEED, each)
            self._moved(name, victim, queue)
            try:
                yield victim
            finally:
                self._moved(name, None, queue)
                victim.close()

    def _moved(self, name: str, victim: Executioner | None, queue: str) -> None:
        """With nothing in flight: a long poll that has begun keeps to the visibility it began with."""
        self.world.runtime.pause(name)
        if queue:
            url = self.world.heed.stack.physical_id(queue)
            seconds = {"VisibilityTimeout": str(COMES_BACK)}
            clients()("sqs").set_queue_attributes(QueueUrl=url, Attributes=seconds)
        if victim:
            self.world.run_elsewhere(name, victim)
        else:
            self.world.run_here(name)
        self.victim, self.poster = victim, victim if name == "delivery" else None
        self.world.runtime.resume(name)


def _through(proxy: str, kept: Mapping[str, Mapping[str, Any]], url: str) -> dict[str, dict[str, Any]]:
    """The same secrets, with the networks behind the proxy."""
    return {
        name: {**one, "api": str(one["api"]).replace(url, proxy)} if "api" in one else dict(one)
        for name, one in kept.items()
    }


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        endpoint = stack.enter_context(emulator())
        names = {user: {"name": key, "real_name": key, "email": f"{key}@example.com"} for key, user in AGENTS.items()}
        channels = {MESSAGES: "messages", ESCALATIONS: "escalations"}
        slack = stack.enter_context(SlackDouble(SIGNING_SECRET, BOT_TOKEN, users=names, channels=channels))
        networks = stack.enter_context(NetworkDoubles(lambda: datetime.now(UTC), accounts()))
        made: list[Scene] = []
        proxy = stack.enter_context(scaffold(lambda: made[0].poster if made else None, networks.url, anything))
        kept = _through(proxy, secrets(networks), networks.url)
        heed = stack.enter_context(SwitchedHeed(policy(), kept, slack_api=slack.api_url, endpoint=endpoint))
        slack.events_url = slack.interactivity_url = f"{heed.url}/slack"
        made.append(Scene(World(slack, networks, heed)))
        yield made[0]
