"""Effects and timers: nothing owed is forgotten, nothing is told twice."""

from datetime import timedelta

import pytest

from chalicelib.domain.effects import Arm, Deliver, Publish
from chalicelib.domain.errors import Later
from chalicelib.domain.timeline import Fact
from chalicelib.service.clocks import audit, wake
from chalicelib.service.outbox import GRACE, Owed, publish, sweep
from tests.build import BRAND, MINUTE, NOON
from tests.service.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.take()
    return world


def test_the_stream_off_for_a_day_the_sweeper_does_every_effect_once(world: World) -> None:
    world.answer()
    assert sweep(world.store, world.effects, world.meter, world.clock()) == 0
    later = world.clock.pass_by(timedelta(days=1))
    owed = world.case().seq
    assert sweep(world.store, world.effects, world.meter, later) == owed
    assert sweep(world.store, world.effects, world.meter, later) == 0
    kinds = [type(one) for one in world.effects.done]
    assert (kinds.count(Publish), kinds.count(Deliver), kinds.count(Arm)) == (owed, 1, 1)
    assert world.meter.counts["effects_swept"] == owed


def test_an_effect_that_fails_stays_owed_and_keeps_nobody_waiting(world: World) -> None:
    later = world.clock.pass_by(GRACE + MINUTE)
    world.effects.failing = lambda effect: isinstance(effect, Publish) and effect.event.seq == 1
    with pytest.raises(ExceptionGroup, match="1 rows still owe effects"):
        sweep(world.store, world.effects, world.meter, later)
    assert [type(one) for one in world.effects.done] == [Publish, Arm]
    world.effects.failing = lambda effect: False
    assert sweep(world.store, world.effects, world.meter, later) == 1


def test_with_timers_down_the_news_still_go_out_and_the_row_stays_owed(world: World) -> None:
    world.effects.failing = lambda effect: isinstance(effect, Arm)
    [*_, armed] = world.store.timeline(BRAND, world.case().id)
    with pytest.raises(Owed) as owed:
        publish(armed, world.store, world.effects, NOON)
    assert owed.value.timers_only
    assert [type(one) for one in world.effects.done] == [Publish]
    world.effects.failing = lambda effect: True
    with pytest.raises(Owed) as owed:
        publish(armed, world.store, world.effects, NOON)
    assert not owed.value.timers_only


def test_an_effect_done_is_not_done_again(world: World) -> None:
    [event, *_] = world.store.timeline(BRAND, world.case().id)
    publish(event, world.store, world.effects, NOON)
    stored = world.store.event(BRAND, world.case().id, event.seq)
    assert stored is not None and not stored.pending
    before = len(world.effects.done)
    publish(stored, world.store, world.effects, NOON)
    assert len(world.effects.done) == before


def test_nobody_answers_a_warning_then_a_breach_each_once(world: World) -> None:
    case_id = world.case().id
    told = []
    for minutes in range(0, 121, 5):
        now = NOON + minutes * MINUTE
        for _ in range(2):
            told += [minutes] * wake(world.store, BRAND, case_id, now)
    assert told == [45, 60]
    assert world.facts()[-2:] == [Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED]


def test_the_next_timer_is_owed_in_the_same_write(world: World) -> None:
    wake(world.store, BRAND, world.case().id, NOON + 45 * MINUTE)
    assert world.store.timeline(BRAND, world.case().id)[-1].arm == NOON + 60 * MINUTE


def test_a_timer_a_moment_early_waits_for_its_moment(world: World) -> None:
    with pytest.raises(Later) as later:
        wake(world.store, BRAND, world.case().id, NOON + 45 * MINUTE - timedelta(seconds=1))
    assert later.value.delay == timedelta(seconds=1)


def test_a_stale_timer_and_one_for_nothing_do_nothing(world: World) -> None:
    assert wake(world.store, BRAND, world.case().id, NOON) == 0
    assert wake(world.store, BRAND, f"{'z' * 20}-1", NOON) == 0


def test_an_answer_in_time_leaves_the_timer_nothing_to_say(world: World) -> None:
    reply = world.answer()
    world.delivery.deliver(BRAND, reply.id)
    assert wake(world.store, BRAND, world.case().id, NOON + 61 * MINUTE) == 0


def test_with_timers_down_the_auditor_finds_every_breach(world: World) -> None:
    assert audit(world.store, world.meter, NOON + 45 * MINUTE) == 0
    assert audit(world.store, world.meter, NOON + 61 * MINUTE) == 2
    assert audit(world.store, world.meter, NOON + 61 * MINUTE) == 0
    assert world.meter.counts["checkpoints_missed"] == 2
