"""The zip that is deployed, unpacked: its handlers do the whole job in processes that see nothing else."""

import os
import subprocess
import sys
from pathlib import Path

from chalicelib.domain.clock import ClockState
from chalicelib.domain.reply import ReplyState
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.world import World
from tests.scenarios.zipped import Deployed

PROBE = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for handler in sys.argv[2:]:
    importlib.import_module(handler.rpartition(".")[0])
strangers = [name for name in sys.modules if name in ("app", "infra", "boto3", "pytest")]
print(strangers, sys.modules["chalicelib"].__file__.startswith(sys.argv[1]))
"""


def test_one_message_goes_all_the_way_to_its_answer(deployed: Deployed) -> None:
    world = deployed.world
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
    assert not any(deployed.gate.refused.values())


def test_event_handlers_run_in_a_process_that_never_imported_the_app(world: World, unzipped: Path) -> None:
    handlers = [function.handler for function in world.heed.stack.functions.values() if function.handler != "app.app"]
    assert len(handlers) == 10
    command = [sys.executable, "-I", "-S", "-c", PROBE, str(unzipped), *handlers]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] True"
