"""A run gets to all that waits: past what fails, timers last, and it ends in time. Nothing done is done again."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.commands import Resolve
from chalicelib.domain.effects import Arm, Deliver, Effect, Publish
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.clocks import audit, wake
from chalicelib.service.outbox import FRESH, GRACE, Owed, publish, sweep
from chalicelib.service.ports import Store
from chalicelib.service.sweeping import BATCH, SHOWN, Run
from chalicelib.storage import decode_event
from chalicelib.storage.codec import image_of
from tests.build import BRAND, MINUTE, NOON
from tests.service.world import World

SECOND = timedelta(seconds=1)


def crowd(count: int) -> World:
    """So many cases of a customer each; nothing of it was published yet."""
    world = World()
    for number in range(count):
        world.take(id=f"mid-{number}", author=f"person-{number}")
    return world


def timers(effect: Effect) -> bool:
    return isinstance(effect, Arm)


def swept(world: World, now: datetime, run: Run | None = None) -> int:
    """One sweep, whatever it could not do."""
    before = world.meter.counts["effects_swept"]
    with suppress(ExceptionGroup):
        sweep(world.store, world.effects, world.meter, now, run)
    return world.meter.counts["effects_swept"] - before


def told(world: World, topic: str) -> Counter[tuple[str, int]]:
    news = [one for one in world.effects.done if isinstance(one, Publish) and one.topic == topic]
    return Counter((one.event.case_id, one.event.seq) for one in news)


def times(world: World) -> list[int]:
    """How often each single effect was done."""
    return list(Counter(repr(one) for one in world.effects.done).values())


def done(world: World, kind: type[Effect]) -> int:
    return sum(isinstance(one, kind) for one in world.effects.done)


class Unreadable:
    """A store of which some rows cannot be read."""

    def __init__(self, world: World, *broken: str) -> None:
        self._store, self._broken = world.store, broken

    def __getattr__(self, name: str) -> Callable[..., Any]:
        act = getattr(self._store, name)

        def ask(*given: Any) -> Any:
            if name in ("case", "event") and given[1] in self._broken:
                raise ValueError("scripted: this row cannot be read")
            return act(*given)

        return ask


# -- nothing done is done again ---------------------------------------------------------------------------------------


def test_over_ten_sweeps_without_timers_each_thing_is_told_once() -> None:
    """A warning and a breach are recorded meanwhile; the stream tries each row first, as it does."""
    world = crowd(3)
    world.effects.failing = timers
    seen: set[tuple[str, int]] = set()
    for minute in range(40, 70, 3):
        now = NOON + minute * MINUTE
        audit(world.store, world.meter, now)
        for place in list(world.store.pending(now + SECOND)):
            event = world.store.event(*place)
            if event is not None and place[1:] not in seen:
                seen.add((event.case_id, event.seq))
                with pytest.raises(Owed) if event.arm else nullcontext():
                    publish(event, world.store, world.effects, now)
        sweep(world.store, world.effects, world.meter, now + GRACE + SECOND)
    for topic, facts in (("case-events", 12), ("sla-breaches", 6)):
        assert set(told(world, topic).values()) == {1} and len(told(world, topic)) == facts
    assert done(world, Arm) == 0 and world.meter.counts["timers_not_started"] >= 10
    world.effects.failing = lambda effect: False
    sweep(world.store, world.effects, world.meter, NOON + 70 * MINUTE)
    assert list(world.store.pending(NOON + 99 * MINUTE)) == []
    assert set(told(world, "sla-breaches").values()) == {1}


@pytest.mark.parametrize("failing", [Publish, Arm, Deliver])
def test_whichever_effect_fails_the_others_of_its_row_are_done_once(failing: type[Effect]) -> None:
    world = crowd(1)
    world.take(id="x", author="7245118832190456")
    world.answer()
    world.effects.failing = lambda effect: isinstance(effect, failing)
    for minute in range(1, 6):
        swept(world, world.clock() + minute * MINUTE)
    assert done(world, failing) == 0
    assert set(times(world)) == {1}
    world.effects.failing = lambda effect: False
    swept(world, world.clock() + 9 * MINUTE)
    assert set(times(world)) == {1} and done(world, failing)


def test_a_stream_that_returns_after_the_sweeper_tells_nothing_again() -> None:
    world = crowd(1)
    case_id = world.case("person-0").id
    wake(world.store, BRAND, case_id, NOON + 61 * MINUTE)
    images = [image_of(event) for event in world.store.timeline(BRAND, case_id)]
    now = world.clock.pass_by(65 * MINUTE)
    sweep(world.store, world.effects, world.meter, now)
    before = list(world.effects.done)
    for image in images:
        publish(decode_event(image), world.store, world.effects, now)
    assert world.effects.done == before


def test_a_row_the_stream_brings_at_once_is_not_read() -> None:
    world = crowd(1)
    [first, *_] = world.store.timeline(BRAND, world.case("person-0").id)
    publish(first, Unreadable(world, first.case_id), world.effects, NOON + FRESH)
    with pytest.raises(ValueError, match="scripted"):
        publish(first, Unreadable(world, first.case_id), world.effects, NOON + FRESH + SECOND)


def test_the_stream_brings_what_was_erased_meanwhile() -> None:
    world = crowd(0)
    event = TimelineEvent(
        BRAND, f"{'c' * 20}-1", 1, Fact.CASE_OPENED, NOON, NOON, "system", "messages", "normal", "facebook", 0
    )
    publish(event, world.store, world.effects, NOON + MINUTE)
    assert world.effects.done == []


def test_after_an_outage_no_timer_is_started_that_its_case_does_not_want() -> None:
    """One was solved, one moved on to another checkpoint; only the last one's own is started."""
    world = crowd(3)
    solved, warned, waits = (world.case(f"person-{number}").id for number in range(3))
    world.effects.failing = timers
    for minute in (0, 5):
        swept(world, NOON + GRACE + SECOND + minute * MINUTE)
    world.bus(Resolve("r", BRAND, solved, "ana"), NOON + 6 * MINUTE)
    wake(world.store, BRAND, warned, NOON + 46 * MINUTE)
    world.effects.failing = lambda effect: False
    swept(world, NOON + 50 * MINUTE)
    started = {one.case_id: one for one in world.effects.done if isinstance(one, Arm)}
    assert set(started) == {warned, waits}
    for case_id, arm in started.items():
        timer = world.store.case(BRAND, case_id).timer  # type: ignore[union-attr]
        assert timer is not None and (arm.name, arm.at) == (f"{case_id}-{timer.seq}", timer.at)
    assert done(world, Arm) == 2 and list(world.store.pending(NOON + 99 * MINUTE)) == []


# -- past what fails --------------------------------------------------------------------------------------------------


def test_rows_that_owe_only_a_timer_keep_no_reply_waiting() -> None:
    world = crowd(3 * BATCH)
    world.effects.failing = timers
    now = world.clock.pass_by(GRACE + MINUTE)
    swept(world, now)
    world.take(id="x", author="7245118832190456")
    world.answer()
    order: list[Effect] = []

    def noted(effect: Effect) -> bool:
        order.append(effect)
        return timers(effect)

    world.effects.failing = noted
    swept(world, now + 2 * GRACE)
    assert done(world, Deliver) == 1
    assert [type(one) for one in order].index(Deliver) < 5, "the rows that owe a timer alone come last"


@pytest.mark.parametrize("how", ["fails", "cannot be read"])
def test_one_poison_row_costs_the_others_nothing(how: str) -> None:
    world = crowd(400)
    now = world.clock.pass_by(GRACE + MINUTE)
    _, case_id, _ = next(world.store.pending(now))
    world.effects.failing = lambda effect: isinstance(effect, Publish) and effect.event.case_id == case_id
    store: Any = world.store if how == "fails" else Unreadable(world, case_id)
    with pytest.raises(ExceptionGroup, match="2 rows still owe effects"):
        sweep(store, world.effects, world.meter, now)
    assert [place[1] for place in world.store.pending(now)] == [case_id, case_id]
    assert world.meter.counts["effects_swept"] == 798


def test_a_backlog_of_many_batches_is_swept_in_one_run() -> None:
    world = crowd(130)
    assert sweep(world.store, world.effects, world.meter, world.clock.pass_by(GRACE + MINUTE)) == 260


def test_of_a_thousand_failures_a_few_are_named_and_all_counted() -> None:
    world = crowd(100)
    world.effects.failing = lambda effect: True
    with pytest.raises(ExceptionGroup, match="200 rows still owe effects") as raised:
        sweep(world.store, world.effects, world.meter, world.clock.pass_by(GRACE + MINUTE))
    assert len(raised.value.exceptions) == SHOWN


def test_more_missed_checkpoints_than_a_batch_are_found_at_once() -> None:
    assert audit((world := crowd(230)).store, world.meter, NOON + 61 * MINUTE) == 460


def test_cases_that_cannot_be_read_leave_all_others_watched() -> None:
    world = crowd(300)
    store: Any = Unreadable(world, world.case("person-0").id, world.case("person-200").id)
    with pytest.raises(ExceptionGroup, match="2 cases could not be woken"):
        audit(store, world.meter, NOON + 61 * MINUTE)
    assert world.meter.counts["checkpoints_missed"] == 2 * 298


# -- in time ----------------------------------------------------------------------------------------------------------


def costly(world: World, calls: int, each: timedelta) -> tuple[Store, Run]:
    """A store whose every read takes its time, and a run that may take that of so many."""
    ends = world.clock() + calls * each

    class Slow:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            world.clock.pass_by(each if name in ("event", "case") else timedelta())
            return getattr(world.store, name)  # type: ignore[no-any-return]

        def pending(self, before: datetime) -> Iterator[tuple[str, str, int]]:
            for place in world.store.pending(before):
                assert world.clock() < ends + BATCH * each, "nobody reads on when the time is over"
                world.clock.pass_by(each / 10)
                yield place

    return Slow(), Run(lambda: world.clock() >= ends)


def test_a_run_ends_in_time_and_what_it_did_is_counted() -> None:
    world = crowd(200)
    now = world.clock.pass_by(GRACE + MINUTE)
    store, run = costly(world, 150, SECOND)
    assert sweep(store, world.effects, world.meter, now, run) == world.meter.counts["effects_swept"]
    assert 0 < world.meter.counts["effects_swept"] <= 150
    assert world.clock() - now <= 170 * SECOND
    left = len(list(world.store.pending(now)))
    assert left == 400 - world.meter.counts["effects_swept"]
    assert sweep(world.store, world.effects, world.meter, world.clock()) == left


def test_an_audit_ends_in_time_and_the_next_one_goes_on() -> None:
    world = crowd(50)
    now = world.clock.pass_by(61 * MINUTE)
    store, run = costly(world, 20, SECOND)
    assert 0 < audit(store, world.meter, now, run=run) <= 40
    audit(world.store, world.meter, now)
    assert world.meter.counts["checkpoints_missed"] == 100


def test_what_was_done_is_counted_batch_by_batch() -> None:
    """So that a run that is killed has said what it did."""
    world = crowd(BATCH)
    counts: list[int] = []

    class Meter:
        def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
            if name == "effects_swept":
                counts.append(amount)

    class Killed(BaseException):
        pass

    def kill(effect: Effect) -> bool:
        if len(world.effects.done) > 1.5 * BATCH:
            raise Killed
        return False

    world.effects.failing = kill
    with pytest.raises(Killed):
        sweep(world.store, world.effects, Meter(), world.clock.pass_by(GRACE + MINUTE))
    assert counts and sum(counts) == BATCH


def test_many_hands_do_the_same_as_one() -> None:
    world = crowd(300)
    with ThreadPoolExecutor(8) as pool:
        run = Run(each=pool.map)
        assert sweep(world.store, world.effects, world.meter, world.clock.pass_by(GRACE + MINUTE), run) == 600
        assert audit(world.store, world.meter, NOON + 61 * MINUTE, run=Run(each=pool.map)) == 600
    assert set(told(world, "case-events").values()) == {1}


def test_a_run_that_finds_nothing_says_so() -> None:
    world, names = crowd(0), list[str]()

    class Meter:
        def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
            names.append(f"{name}={amount}")

    sweep(world.store, world.effects, Meter(), NOON)
    audit(world.store, Meter(), NOON)
    assert names == ["effects_swept=0", "timers_not_started=0", "checkpoints_missed=0"]


# -- a stream that was off for a day ----------------------------------------------------------------------------------

ROWS, CALL, HANDS, RUN = 10_000, timedelta(milliseconds=10), 8, timedelta(seconds=35)


def copies(world: World, count: int) -> None:
    """As many more cases like the one there is, with their rows."""
    first = world.case("person-0")
    rows = world.store.timeline(BRAND, first.id)
    for number in range(count):
        contact = ids.digest(f"copy {number}")
        case_id = ids.case_id(contact, 1)
        case = replace(first, id=case_id, contact_id=contact, version=0)
        world.store.commit(case, *(replace(row, case_id=case_id, version=0) for row in rows))


def test_ten_thousand_rows_after_25_hours_are_swept_in_two_runs_and_nothing_is_done_twice(
    record_property: Callable[[str, object], None],
) -> None:
    """A call to AWS takes ten milliseconds, eight rows are swept at once, and a run ends after 35 seconds."""
    world, calls = crowd(1), Counter[str]()
    copies(world, ROWS // 2 - 1)
    now, store = world.clock.pass_by(timedelta(hours=25)), world.store
    assert len(list(store.pending(now))) == ROWS

    class Counting:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            calls[name] += 1
            return getattr(store, name)  # type: ignore[no-any-return]

    def counted(effect: Effect) -> bool:
        calls["effect"] += 1
        return False

    world.effects.failing, runs = counted, 0
    while any(store.pending(now)):
        began, runs = calls.total(), runs + 1
        run = Run(lambda began=began: (calls.total() - began) * CALL / HANDS > RUN)  # type: ignore[misc]
        sweep(Counting(), world.effects, world.meter, now, run)
    assert runs <= 2
    assert set(told(world, "case-events").values()) == {1} and done(world, Publish) == ROWS
    assert len({one.name for one in world.effects.done if isinstance(one, Arm)}) == done(world, Arm) == ROWS // 2
    record_property("swept_after_a_day", f"{ROWS} rows: {calls.total() / ROWS:.1f} calls a row, {runs} runs")
