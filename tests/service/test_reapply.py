"""A pushed policy file reaches a thousand waiting cases: each is reckoned anew, and none breaks at the old time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.case import Case
from chalicelib.domain.clock import ClockState
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.commands import Resolve
from chalicelib.domain.config import Config, load_config
from chalicelib.domain.errors import Conflict
from chalicelib.domain.event import Kind
from chalicelib.domain.instants import iso
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact
from chalicelib.service.clocks import wake
from chalicelib.service.ports import Row
from chalicelib.service.reapply import MOST, Reapply
from tests.build import BRAND, config_data
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import HandClock, MemoryBookmark
from tests.service.world import World

MONDAY = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)
PUSHED = MONDAY + timedelta(hours=1)
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
CASES = 1000
MINUTE = timedelta(minutes=1)


def policy(version: int, *, zone: str = "UTC", hours: float = 4, closed: str | None = None, **more: Any) -> Config:
    """Four hours for an answer; asked on Monday at 14:00 it is due on Tuesday at 10:00."""
    dates = {closed: "closed; Feast"} if closed else {}
    calendar = {"name": "office", "zone": zone, "week": WEEK, "dates": dates}
    target = {"metric": "first_response", "within": int(hours * 3600), "warn_before": 1800}
    promise = {"id": "1", "calendar": "office", "targets": [target], **more}
    pushed = {"pushed_at": iso(PUSHED)} if version > 1 else {}
    data = config_data(version=version, calendars={"office": calendar}, promises=[promise], **pushed)
    return load_config(data)


class Breaking(MemoryStore):
    """Its process dies in the middle of a walk, once."""

    commits_left = 10**9

    def commit(self, *rows: Row) -> None:
        if self.commits_left == 0:
            raise KeyboardInterrupt
        self.commits_left -= 1
        super().commit(*rows)


@dataclass
class Office:
    world: World
    page: MemoryBookmark
    cases: list[str]

    @property
    def reapply(self) -> Reapply:
        """Another container each time: nothing is known but what is written."""
        return Reapply(self.world.store, self.page, self.world.meter)

    def case(self, case_id: str) -> Case:
        found = self.world.store.case(BRAND, case_id)
        assert found is not None
        return found

    def due(self) -> set[datetime]:
        return {clock.due_at for one in self.cases for clock in self.case(one).clocks}

    def log(self, case_id: str) -> list[ClockEvent]:
        return [entry for event in self.world.store.timeline(BRAND, case_id) for entry in event.clocks]

    def push(self, config: Config) -> int:
        """Let the minutes pass until it is in force everywhere; returns how many were promised something else."""
        self.world.config = config
        changed = 0
        for _ in range(20):
            changed += self.reapply.step(config, self.world.clock.pass_by(MINUTE))
            if self.page.kept and self.page.kept.done:
                return changed
        raise AssertionError("the walk does not come to an end")

    def wake(self, at: datetime) -> None:
        self.world.clock.at = at
        for one in self.cases:
            wake(self.world.store, BRAND, one, at, self.world.config)


def office(count: int = CASES, config: Config | None = None, store: MemoryStore | None = None) -> Office:
    """So many customers who wrote on Monday at 14:00; an hour later somebody edits the policy file."""
    world = World(config=config or policy(1), store=store or MemoryStore(), clock=HandClock(MONDAY))
    for number in range(count):
        who = f"{number:05d}"
        world.take(Kind.MESSAGE, id=f"mid-{who}", author=who, conversation=f"page:{who}", at=MONDAY)
    cases = [case.id for case in world.store.queue(BRAND, "messages", count)]
    world.clock.at = PUSHED
    return Office(world, MemoryBookmark(), cases)


TUESDAY_10 = datetime(2026, 6, 2, 10, tzinfo=UTC)
WEDNESDAY_10 = TUESDAY_10 + timedelta(days=1)

EDITS = {
    "a holiday is added": (policy(1), policy(2, closed="2026-06-02"), TUESDAY_10, WEDNESDAY_10),
    "a holiday is removed": (policy(1, closed="2026-06-02"), policy(2), WEDNESDAY_10, TUESDAY_10),
    # an hour was counted, three are left; Tokyo opens at midnight of UTC
    "the zone changes": (policy(1), policy(2, zone="Asia/Tokyo"), TUESDAY_10, datetime(2026, 6, 2, 3, tzinfo=UTC)),
    "more time is given": (policy(1), policy(2, hours=6), TUESDAY_10, TUESDAY_10 + timedelta(hours=2)),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_thousand_waiting_cases_none_breaks_at_the_old_time(name: str) -> None:
    before, after, old, new = EDITS[name]
    here = office(config=before)
    assert here.due() == {old}
    assert here.push(after) == CASES
    assert here.due() == {new}
    for one in here.cases:
        [entry] = [entry for entry in here.log(one) if entry.kind is ClockStep.RECOMPUTE]
        assert (entry.at, entry.due_at, entry.why) == (PUSHED, new, "policy file version 2")
        assert entry.consumed == timedelta(hours=1)
    if old < new:
        here.wake(old + MINUTE)
        assert not any(clock.breached_at for one in here.cases for clock in here.case(one).clocks)
    here.wake(new + MINUTE)
    assert {clock.breached_at for one in here.cases for clock in here.case(one).clocks} == {new}
    timers = [here.case(one).timer for one in here.cases]
    assert timers == [None] * CASES


def test_the_timer_of_each_case_follows_its_new_time() -> None:
    here = office(3)
    here.push(policy(2, closed="2026-06-02"))
    assert {timer.at for one in here.cases if (timer := here.case(one).timer)} == {WEDNESDAY_10 - timedelta(minutes=30)}


@pytest.mark.parametrize("commits", [0, 1, 99, 100, 101, 240])
def test_a_walk_that_breaks_off_goes_on_and_applies_nothing_twice(commits: int) -> None:
    store = Breaking()
    here = office(250, store=store)
    store.commits_left = commits
    with pytest.raises(KeyboardInterrupt):
        here.push(policy(2, closed="2026-06-02"))
    store.commits_left = 10**9
    here.push(policy(2, closed="2026-06-02"))
    assert here.due() == {WEDNESDAY_10}
    for one in here.cases:
        facts = [event.fact for event in here.world.store.timeline(BRAND, one)]
        assert facts.count(Fact.POLICY_APPLIED) == 1


def test_a_timer_that_runs_out_before_the_walk_came_by_does_not_break_at_the_old_time() -> None:
    here = office(5)
    here.world.config = policy(2, closed="2026-06-02")
    here.wake(TUESDAY_10 + MINUTE)
    assert here.due() == {WEDNESDAY_10}
    assert not any(clock.breached_at for one in here.cases for clock in here.case(one).clocks)


def test_what_broke_before_the_push_stays_broken() -> None:
    here = office(1, policy(1, hours=0.5))
    here.push(policy(2, hours=8))
    [clock] = here.case(here.cases[0]).clocks
    assert clock.state is ClockState.BREACHED
    assert clock.breached_at == MONDAY + timedelta(minutes=30)


def test_one_run_looks_at_no_more_than_it_may() -> None:
    here = office()
    config = policy(2, closed="2026-06-02")
    assert 0 < here.reapply.step(config, PUSHED + MINUTE) <= MOST
    assert len(here.due()) == 2


def test_an_edit_that_promises_the_same_touches_no_case() -> None:
    here = office(3)
    versions = [here.case(one).version for one in here.cases]
    assert here.push(policy(2, id="7")) == 0
    assert [here.case(one).version for one in here.cases] == versions


def test_once_in_force_it_costs_nothing_any_more() -> None:
    here = office(3)
    here.push(policy(2, hours=5))
    reapply = here.reapply
    reapply.step(here.world.config, here.world.clock())
    here.page.kept = None
    assert reapply.step(here.world.config, here.world.clock()) == 0
    assert here.page.kept is None


def test_a_case_that_the_old_file_still_opened_is_found_by_the_next_walk() -> None:
    here = office(1)
    config = policy(2, closed="2026-06-02")
    here.reapply.step(config, PUSHED + timedelta(seconds=1))
    here.reapply.step(config, PUSHED + timedelta(seconds=2))
    here.world.take(Kind.MESSAGE, id="mid-late", author="late", conversation="page:late", at=PUSHED)
    here.push(config)
    assert here.world.case("late").clocks[0].due_at == datetime(2026, 6, 3, 11, tzinfo=UTC)


def test_a_new_metric_counts_from_where_it_would_have_begun() -> None:
    here = office(1)
    two = {"metric": "resolution", "within": 8 * 3600, "warn_before": 1800}
    one = {"metric": "first_response", "within": 4 * 3600, "warn_before": 1800}
    here.push(policy(2, targets=[one, two]))
    found = {clock.metric: clock for clock in here.case(here.cases[0]).clocks}
    assert found[Metric.RESOLUTION].due_at == datetime(2026, 6, 2, 14, tzinfo=UTC)


def test_a_case_that_cannot_be_written_keeps_nobody_waiting() -> None:
    class Stubborn(MemoryStore):
        stuck = ""

        def commit(self, *rows: Row) -> None:
            if any(isinstance(row, Case) and row.id == self.stuck for row in rows):
                raise Conflict((self.stuck,))
            super().commit(*rows)

    store = Stubborn()
    here = office(3, store=store)
    store.stuck = here.cases[1]
    config = policy(2, hours=6)
    with pytest.raises(ExceptionGroup, match="1 cases keep their old promises"):
        here.reapply.step(config, PUSHED + 2 * MINUTE)
    assert len(here.due()) == 2
    store.stuck = ""
    assert here.push(config) == 1
    assert len(here.due()) == 1


def test_a_container_that_still_has_the_old_file_leaves_the_walk_alone() -> None:
    here = office(3)
    here.reapply.step(policy(2, hours=5), PUSHED + MINUTE)
    kept = here.page.kept
    assert here.reapply.step(policy(1), PUSHED + MINUTE) == 0
    assert here.page.kept == kept


def test_a_case_that_comes_back_after_a_push_is_promised_what_holds_now() -> None:
    """Nobody walks over what is solved; it has the promises of the file in force when it is open again."""
    told = office(1)
    (case_id,) = told.cases
    resolve(told, case_id)
    assert told.push(policy(2, hours=1)) == 0
    back_at = told.world.clock.pass_by(MINUTE)
    told.world.take(Kind.MESSAGE, id="again", author="00000", conversation="page:00000", at=back_at)
    case = told.case(case_id)
    (running,) = (clock for clock in case.clocks if clock.running)
    assert (running.due_at, case.revision) == (back_at + timedelta(hours=1), 1)
    assert case.terms is not None and case.terms.version == 2


def resolve(told: Office, case_id: str) -> None:
    told.world.bus(Resolve("r1", BRAND, case_id, "ana"), told.world.clock.at)
