"""One run: a story under faults, then faults off and a full drain, then the checker."""

from dataclasses import dataclass

from tests.simulation.checker import findings
from tests.simulation.scheduler import moment
from tests.simulation.story import LENGTH, Story
from tests.simulation.world import MINUTE, Blow, Parts, World

FAULTS_END = LENGTH + 900
GIVE_UP = 6 * 3600
CORRECT = Parts()
_NEVER = moment(10 * GIVE_UP)


@dataclass(frozen=True)
class Outcome:
    """``attempted`` webhooks, those ``accepted``, and those ``recovered`` that needed more than one try."""

    seed: int
    findings: tuple[str, ...]
    world: World

    @property
    def figures(self) -> dict[str, int]:
        hooks = self.world.network.hooks
        return {
            "attempted": len(hooks),
            "accepted": sum(hook.accepted > 0 for hook in hooks),
            "recovered": sum(hook.refused > 0 and hook.accepted > 0 for hook in hooks),
            "lost": sum(one.startswith(("lost", "never accepted")) for one in self.findings),
            "unexpected": sum(one.startswith("unexpected") for one in self.findings),
            "doubled": sum(one.startswith("doubled") for one in self.findings),
            "crashes": self.world.tally.crashes.total(),
            "faults": self.world.faults.fired.total(),
        }


def simulate(seed: int, parts: Parts = CORRECT, blow: Blow | None = None, *, calm: bool | None = None) -> Outcome:
    world = World(seed, parts, blow, calm=calm)
    story = Story(world)
    play(story)
    return Outcome(seed, tuple(sorted(findings(world, story))), world)


def play(story: Story) -> None:
    """Under faults, then without: until all is done, and all that faults have buried, too."""
    world = story.world
    story.begin()
    _minutes(world, FAULTS_END)
    world.faults.on = world.stream_off = False
    drain(world)
    world.sqs.redrive()
    drain(world)


def _minutes(world: World, until: int) -> None:
    for minute in range(MINUTE, until + 1, MINUTE):
        world.scheduler.run(minute)
        world.every_minute()


def drain(world: World) -> None:
    """Minute by minute until nothing is in a queue, owed, or still to become due."""
    give_up = world.scheduler.now + GIVE_UP
    while world.scheduler.now < give_up:
        world.scheduler.run(world.scheduler.now + MINUTE)
        world.every_minute()
        waiting = world.truth.owing or world.truth.gathered or any(world.truth.checkpoints(_NEVER))
        if world.scheduler.idle and not waiting:
            return
