"""The zip that is deployed, unpacked: its handlers do the whole job in processes that see nothing else."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice.local import LocalChalice

from chalicelib.domain.clock import ClockState
from chalicelib.domain.reply import ReplyState
from infra.local.front import Front
from infra.local.iam.gate import Gate
from infra.local.invoke import SubprocessInvoker
from infra.local.pumps.base import Invoke
from infra.package import build
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.world import World

PROBE = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for handler in sys.argv[2:]:
    importlib.import_module(handler.rpartition(".")[0])
strangers = [name for name in sys.modules if name in ("app", "infra", "boto3", "pytest")]
print(strangers, sys.modules["chalicelib"].__file__.startswith(sys.argv[1]))
"""


@pytest.fixture(scope="session")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda would unpack."""
    directory = tmp_path_factory.mktemp("package")
    facts = build("test", directory)
    with zipfile.ZipFile(facts["zip"]) as packed:
        packed.extractall(directory / "task")
    return directory / "task"


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


@pytest.fixture
def gate(world: World) -> Iterator[Gate]:
    with Gate(world.heed.stack, os.environ["AWS_ENDPOINT_URL"]) as gate:
        yield gate


@pytest.fixture
def deployed(world: World, unzipped: Path, gate: Gate) -> Iterator[World]:
    """Every function runs from the zip, behind a front of its own, and may do what its role allows."""
    from app import app

    workers = SubprocessInvoker(world.heed.stack, unzipped, os.environ, isolated=True, endpoint=gate.endpoint)
    front = Front(Gateway(app.routes, workers))
    world.heed.url = front.start()
    world.slack.events_url = world.slack.interactivity_url = f"{world.heed.url}/slack"
    for name in world.heed.stack.functions:
        world.run_elsewhere(name, workers)
    yield world
    front.stop()
    world.heed.switch.elsewhere.clear()
    workers.close()


def test_one_message_goes_all_the_way_to_its_answer(deployed: World, gate: Gate) -> None:
    world = deployed
    one = customer(world, "facebook")
    comment = one.says("I want a refund. This is a scandal!", "comment")
    case = one.case
    eventually(lambda: world.cards(case), 20)
    assert case.queue == "escalations"

    reply = world.answer(case, "Your money is on its way.", "mia")
    eventually(lambda: world.reply(reply.id).state is ReplyState.SENT, 20)
    (post,) = world.networks.posts("facebook")
    assert (post.parent, post.text) == (comment.id, reply.text)
    assert world.case(case).clocks[0].state is ClockState.MET
    eventually(lambda: world.lines(case, "The answer was sent PUBLICLY on Facebook"), 20)
    world.runtime.fire("sweeper")
    world.runtime.fire("auditor")
    assert world.heed.meter.counts == {}
    assert not any(gate.refused.values())


def test_event_handlers_run_in_a_process_that_never_imported_the_app(world: World, unzipped: Path) -> None:
    handlers = [function.handler for function in world.heed.stack.functions.values() if function.handler != "app.app"]
    assert len(handlers) == 7
    command = [sys.executable, "-I", "-S", "-c", PROBE, str(unzipped), *handlers]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] True"
