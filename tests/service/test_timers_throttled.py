"""Step Functions takes no timer for ten minutes and then every second one: no clock is missed and none told twice."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.effects import Arm, Effect, Publish, event_name
from chalicelib.domain.errors import Later
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.clocks import GRACE as AUDITED_AFTER
from chalicelib.service.clocks import audit, wake
from chalicelib.service.outbox import GRACE, Owed, publish, sweep
from tests.build import BRAND, MINUTE, NOON, config
from tests.service.world import World

CASES, STEP = 200, timedelta(seconds=10)
AWAY, ARRIVING, OVER = 10 * MINUTE, 20 * MINUTE, 40 * MINUTE
"""So long nothing is taken, customers write, and all is watched."""
PROMISE = {
    "targets": [
        {"metric": "first_response", "within": 300, "warn_before": 60},
        {"metric": "resolution", "within": 28_800, "warn_before": 3600},
    ]
}
LATEST = 5 * MINUTE
"""How late a breach may be found."""


class Minutes:
    """The table's stream, the timers that run, the sweeper and the auditor."""

    def __init__(self) -> None:
        self.world = World(config=config(promises=[PROMISE]))
        self.seen: set[tuple[str, int]] = set()
        self.rung: set[str] = set()
        chance = random.Random(17)

        def throttled(effect: Effect) -> bool:
            return isinstance(effect, Arm) and (self.world.clock() < NOON + AWAY or chance.random() < 0.5)

        self.world.effects.failing = throttled

    def people_write(self, upto: int, since: int) -> None:
        for number in range(since, upto):
            self.world.take(id=f"mid-{number}", author=f"person-{number}", at=self.world.clock())

    def stream(self) -> None:
        world = self.world
        for place in list(world.store.pending(world.clock() + STEP)):
            event = world.store.event(*place)
            if event is not None and place[1:] not in self.seen:
                self.seen.add((event.case_id, event.seq))
                try:
                    publish(event, world.store, world.effects, world.clock())
                except Owed as owed:
                    assert owed.timers_only

    def timers_ring(self) -> None:
        world = self.world
        for arm in timers(world):
            if arm.at <= world.clock() and arm.name not in self.rung:
                self.rung.add(arm.name)
                try:
                    wake(world.store, arm.brand, arm.case_id, world.clock())
                except Later:
                    self.rung.discard(arm.name)

    def pass_by(self) -> None:
        world, written = self.world, 0
        while world.clock() < NOON + OVER:
            passed = world.clock() - NOON
            upto = min(int(CASES * (passed / ARRIVING)) + 1, CASES)
            self.people_write(upto, written)
            written = upto
            self.timers_ring()
            self.stream()
            if not passed.seconds % 60:
                audit(world.store, world.meter, world.clock())
                sweep(world.store, world.effects, world.meter, world.clock())
            world.clock.pass_by(STEP)
        world.effects.failing = lambda effect: False
        sweep(world.store, world.effects, world.meter, world.clock.pass_by(GRACE))


def timers(world: World) -> list[Arm]:
    return [one for one in world.effects.done if isinstance(one, Arm)]


def told(world: World) -> list[TimelineEvent]:
    cases = [world.case(f"person-{number}") for number in range(CASES)]
    return [event for case in cases for event in world.store.timeline(BRAND, case.id)]


def test_no_clock_is_missed_or_told_twice_and_all_timers_run_again(
    record_property: Callable[[str, object], None],
) -> None:
    minutes = Minutes()
    minutes.pass_by()
    world = minutes.world
    facts = told(world)
    assert Counter(one.fact for one in facts) == dict.fromkeys(
        (Fact.CASE_OPENED, Fact.MESSAGE_RECEIVED, Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED), CASES
    )
    late = [one.recorded_at - one.at for one in facts if one.fact is Fact.CLOCK_BREACHED]
    assert max(late) <= LATEST and max(late) <= MINUTE + AUDITED_AFTER + STEP
    published = Counter(repr(one) for one in world.effects.done if isinstance(one, Publish))
    assert set(published.values()) == {1}
    assert Counter(one.name for one in timers(world)).most_common(1)[0][1] == 1
    assert list(world.store.pending(world.clock() + MINUTE)) == []
    asleep = {one.name for one in timers(world) if one.at > world.clock()}
    wanted = {event_name(case.id, case.timer.seq) for case in map(world.case, people()) if case.timer}
    assert len(wanted) == CASES and wanted <= asleep
    assert world.meter.counts["timers_not_started"] > CASES and world.meter.counts["checkpoints_missed"] > 0
    record_property("found late", f"{CASES} breaches, the latest after {max(late).total_seconds():.0f} s")


def people() -> list[str]:
    return [f"person-{number}" for number in range(CASES)]
