"""Heed out of the zip that is deployed: every function in processes of its own, each under its own role."""

import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice.local import LocalChalice

from infra.local.front import Front
from infra.local.iam.gate import Gate
from infra.local.invoke import SubprocessInvoker
from infra.local.pumps.base import Invoke
from infra.package import build
from tests.scenarios.world import World


def unpacked(directory: Path) -> Path:
    """What Lambda would unpack."""
    facts = build("test", directory)
    with zipfile.ZipFile(facts["zip"]) as packed:
        packed.extractall(directory / "task")
    return directory / "task"


@dataclass
class Deployed:
    world: World
    gate: Gate
    workers: SubprocessInvoker

    def restart(self) -> None:
        """New workers for every function; an event that one works on is offered again later, so let it be quiet."""
        for name in self.world.heed.stack.functions:
            self.workers.kill(name)


class Gateway(LocalChalice):
    """API Gateway's view of the app: its routes, and a function elsewhere that answers."""

    def __init__(self, routes: Any, invoke: Invoke) -> None:
        super().__init__(app_name="heed")
        self.routes = routes
        self._invoke = invoke

    def __call__(self, event: Any, context: object) -> Any:
        body = event.get("body")
        text = body.decode() if isinstance(body, bytes) else body
        return self._invoke("api_handler", {**event, "body": text})


@contextmanager
def deployed_in(world: World, directory: Path) -> Iterator[Deployed]:
    """The world's functions run from that directory and may do what their roles allow."""
    from app import app

    stack = world.heed.stack
    with ExitStack() as open_:
        gate = open_.enter_context(Gate(stack, os.environ["AWS_ENDPOINT_URL"]))
        workers = SubprocessInvoker(stack, directory, os.environ, isolated=True, endpoint=gate.endpoint)
        open_.callback(workers.close)
        front = Front(Gateway(app.routes, workers))
        world.heed.url = front.start()
        open_.callback(front.stop)
        world.slack.events_url = world.slack.interactivity_url = f"{world.heed.url}/slack"
        for name in stack.functions:
            world.run_elsewhere(name, workers)
        open_.callback(world.heed.switch.elsewhere.clear)
        yield Deployed(world, gate, workers)
