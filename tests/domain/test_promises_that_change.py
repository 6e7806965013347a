"""Other promises in the middle of a case's life: nothing consumed is forgotten, and nothing is due in the past."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain import lifecycle
from chalicelib.domain.calendar import Calendar, Day, read_hours
from chalicelib.domain.case import RESTS_KEPT, Case, Priority, Status
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockStep
from chalicelib.domain.clocks import follow
from chalicelib.domain.explaining import differences
from chalicelib.domain.policy import Match, Policy, applied, reapplied
from chalicelib.domain.target import Metric, Target, Terms
from chalicelib.domain.timeline import Fact, Happening
from tests.build import MINUTE, NOON, case, thread
from tests.domain.clock_stories import HOUR, Story, target

FIRST, NEXT = Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE
BOTH = ("pending", "on_hold")


def begun(*more: Target, **terms: object) -> Story:
    """A case that is promised a first response alone, or what is given."""
    return Story((target(FIRST, 600), *more), Terms(**terms))  # type: ignore[arg-type]


def promise(story: Story, at: float, metric: Metric, minutes: float = 100, **more: object) -> Story:
    """The same case is promised one thing more."""
    targets = (*story.case.targets, target(metric, minutes, 1))
    return story.told(at, Fact.CASE_PRIORITY, priority=Priority.HIGH, targets=targets, **more)  # type: ignore[arg-type]


def agreed(story: Story) -> None:
    assert list(differences(story.case, story.numbered())) == []


LATE = {
    # by when it is due: what it would have consumed by the change counts, but no more than there is
    "next response, to the oldest question": (NEXT, lambda s: s.answered(5).wrote(10).wrote(30), 60, 110),
    "next response that would be broken": (NEXT, lambda s: s.answered(5).wrote(10), 200, 200),
    "next response, after a rest on hold": (
        NEXT,
        lambda s: s.answered(5).wrote(10).status(20, Status.ON_HOLD).status(50, Status.OPEN),
        60,
        140,
    ),
    "first response": (FIRST, lambda s: s, 40, 100),
    "first response, from where a bot handed over": (FIRST, lambda s: s.answered(5, by="bot:hi").handed(30), 40, 130),
    "assign": (Metric.ASSIGN, lambda s: s, 50, 100),
    "assign, since it was given back": (
        Metric.ASSIGN,
        lambda s: s.told(5, Fact.CASE_TAKEN, assignee="ana").told(20, Fact.CASE_RELEASED, assignee=None),
        50,
        120,
    ),
    "resolution, without what rested": (Metric.RESOLUTION, lambda s: s.answered(5).wrote(65), 80, 160),
    "resolution, of this time it is open": (Metric.RESOLUTION, lambda s: s.solved(5).wrote(65), 80, 165),
    "total resolution, without what was solved": (Metric.TOTAL_RESOLUTION, lambda s: s.solved(5).wrote(65), 80, 160),
    "requester wait": (Metric.REQUESTER_WAIT, lambda s: s.answered(5).wrote(65), 80, 160),
    "agent work": (
        Metric.AGENT_WORK,
        lambda s: s.answered(5).wrote(65).status(70, Status.ON_HOLD).status(80, Status.OPEN),
        90,
        170,
    ),
    "update": (Metric.UPDATE, lambda s: s.answered(10).wrote(40), 60, 140),
    "approval": (Metric.APPROVAL, lambda s: s.told(10, Fact.REPLY_HELD, data={"reply_id": "r1"}), 60, 110),
    "public loop": (Metric.LOOP_CLOSE, lambda s: s.answered(10, mode="private_reply"), 60, 110),
}


@pytest.mark.parametrize("name", LATE)
def test_what_is_promised_late_counts_from_where_it_would_have_begun(name: str) -> None:
    metric, told, at, due = LATE[name]
    story = begun(pause_on=BOTH) if metric is not FIRST else Story((), Terms(pause_on=BOTH))
    told(story)  # type: ignore[no-untyped-call]
    promise(story, at, metric)
    assert story.due(metric) == due
    story.ticked(due)
    assert story.clock(metric).breached_at == (story.moment(due) if story.runs(metric) else None)
    agreed(story)


@pytest.mark.parametrize(
    ("metric", "told", "due"),
    [
        (Metric.APPROVAL, lambda s: s.told(30, Fact.REPLY_HELD, data={"reply_id": "r1"}), 130),
        (
            Metric.ASSIGN,
            lambda s: s.told(5, Fact.CASE_TAKEN, assignee="ana").told(30, Fact.CASE_RELEASED, assignee=None),
            130,
        ),
        (NEXT, lambda s: s.answered(5).wrote(30), 130),
        (Metric.UPDATE, lambda s: s.answered(30).wrote(30), 130),
        (Metric.RESOLUTION, lambda s: s.solved(5).wrote(30), 130),
    ],
    ids=["approval", "assign", "next response", "update", "resolution"],
)
def test_a_file_that_was_pushed_before_it_began_counts_from_there(
    metric: Metric, told: Callable[[Story], object], due: float
) -> None:
    story = begun(pause_on=BOTH)
    told(story)
    targets = (*story.case.targets, target(metric, 100, 1))
    story.told(20, Fact.POLICY_APPLIED, who="system", targets=targets)
    assert story.due(metric) == due
    agreed(story)


def test_time_that_rests_at_the_change_goes_on_resting() -> None:
    story = promise(begun(pause_on=BOTH).answered(5), 65, Metric.RESOLUTION)
    assert not story.runs(Metric.RESOLUTION)
    assert story.wrote(200).due(Metric.RESOLUTION) == 295


NOTHING_OWED = {
    "first response": (FIRST, lambda s: s.answered(5)),
    "next response": (NEXT, lambda s: s.answered(5).wrote(10).answered(20)),
    "assign": (Metric.ASSIGN, lambda s: s.told(5, Fact.CASE_TAKEN, assignee="ana")),
    "update": (Metric.UPDATE, lambda s: s),
    "approval": (
        Metric.APPROVAL,
        lambda s: s.told(5, Fact.REPLY_HELD, data={"reply_id": "r1"}).told(
            9, Fact.REPLY_APPROVED, data={"reply_id": "r1"}
        ),
    ),
    "approval, taken back": (
        Metric.APPROVAL,
        lambda s: s.told(5, Fact.REPLY_HELD, data={"reply_id": "r1"}).told(
            9, Fact.REPLY_UNDONE, data={"reply_id": "r1"}
        ),
    ),
    "public loop": (Metric.LOOP_CLOSE, lambda s: s.answered(5, mode="private_reply").answered(9, mode="public")),
}


@pytest.mark.parametrize("name", NOTHING_OWED)
def test_what_nobody_waits_for_any_more_is_not_promised_late(name: str) -> None:
    metric, told = NOTHING_OWED[name]
    story = begun() if metric is not FIRST else Story(())
    told(story)  # type: ignore[no-untyped-call]
    assert promise(story, 60, metric).clocks(metric) == []


@pytest.mark.parametrize(("at", "due"), [(40, [105.0]), (200, [])])
def test_the_networks_own_time_is_as_long_as_it_is(at: float, due: list[float]) -> None:
    story = begun().wrote(5, window=timedelta(minutes=100))
    promise(story, at, Metric.REPLY_WINDOW, 0)
    assert [(one.due_at - story.start) / MINUTE for one in story.clocks(Metric.REPLY_WINDOW)] == due
    agreed(story)


def test_the_networks_time_is_not_watched_once_we_answered() -> None:
    story = begun().wrote(5, window=timedelta(minutes=100)).answered(10)
    assert promise(story, 40, Metric.REPLY_WINDOW, 0).clocks(Metric.REPLY_WINDOW) == []


def test_a_rest_that_goes_on_over_a_change_is_counted_whole() -> None:
    story = begun(target(Metric.RESOLUTION, 300), pause_on=BOTH)
    story.status(60, Status.ON_HOLD).status(100, Status.OPEN).status(110, Status.ON_HOLD)
    story.told(120, Fact.CASE_PRIORITY, targets=(target(FIRST, 600), target(Metric.RESOLUTION, 200)))
    story.status(130, Status.OPEN)
    clock = story.clock(Metric.RESOLUTION)
    assert (clock.paused, clock.consumed, story.due(Metric.RESOLUTION)) == (60 * MINUTE, 70 * MINUTE, 260)
    agreed(story)


# -- calendars --------------------------------------------------------------------------------------------------------

CHRISTMAS = {date(2026, 12, day): Day((), "Christmas") for day in (24, 25, 28, 29, 30, 31)}
OFFICE = Calendar("office", "UTC", (read_hours("09:00-17:00"),) * 5 + ((), ()), CHRISTMAS)
PLAIN = Policy(
    (Target(FIRST, 100 * HOUR, HOUR, OFFICE),), Match(priorities=(Priority.NORMAL,)), Terms(policy="1", version=1)
)
MORE = Policy((*PLAIN.targets, Target(Metric.RESOLUTION, 40 * HOUR, HOUR, OFFICE)), Match(), Terms(policy="2"))


def opened(at: datetime, policy: Policy = PLAIN) -> Case:
    fresh = applied(case(opened_at=at, targets=()), policy, 1, at)
    turn, happened = lifecycle.opened(fresh, at)
    after, more = lifecycle.received(turn, thread("m0", at), at)
    return follow(None, after, [*happened, *more])[0]


def test_holidays_of_long_ago_are_no_open_time() -> None:
    wednesday, monday = datetime(2026, 12, 23, 15, tzinfo=UTC), datetime(2027, 1, 4, 9, tzinfo=UTC)
    found = opened(wednesday)
    after = reapplied(found, replace(found, priority=Priority.URGENT), [PLAIN, MORE], 1, monday)
    after, _ = follow(found, after, [Happening(Fact.CASE_PRIORITY, monday, "ana")])
    [clock] = [one for one in after.clocks if one.metric is Metric.RESOLUTION]
    assert clock.consumed == OFFICE.between(wednesday, monday) == 10 * HOUR
    assert clock.due_at == OFFICE.add(wednesday, 40 * HOUR)


def test_a_clock_begun_and_ended_in_one_write_counts_in_its_own_calendar() -> None:
    friday = datetime(2026, 6, 5, 16, tzinfo=UTC)
    found, monday = opened(friday), datetime(2026, 6, 8, 10, tzinfo=UTC)
    after = reapplied(found, replace(found, priority=Priority.URGENT), [PLAIN, MORE], 1, monday)
    solved, told = lifecycle.solved(after, "ana", monday)
    after, _ = follow(found, solved, [Happening(Fact.CASE_PRIORITY, monday, "ana"), *told])
    assert not any(clock.open for clock in after.clocks)
    [first] = [clock for clock in after.clocks if clock.metric is FIRST]
    assert first.consumed == 2 * HOUR


def test_the_same_promises_of_another_file_change_no_clock() -> None:
    far = replace(OFFICE, dates={**CHRISTMAS, (NOON + timedelta(days=742)).date(): Day((), "beyond the copy")})
    plain = replace(PLAIN, targets=(replace(PLAIN.targets[0], calendar=far),))
    found, then = opened(NOON, plain), NOON + timedelta(days=30)
    edited = replace(plain, match=Match(), terms=Terms(policy="7"))
    after = reapplied(found, replace(found, priority=Priority.URGENT), [edited], 2, then)
    after, logged = follow(found, after, [Happening(Fact.CASE_PRIORITY, then, "ana")])
    assert [entry for _, entries in logged for entry in entries] == []
    assert after.terms == Terms(policy="7", version=2)


def test_other_promises_hold_from_what_changed_them_not_from_what_was_found_before() -> None:
    """A waking that finds an old breach, and whose chain raises the priority some minutes later."""
    story = Story((target(FIRST, 60), target(Metric.RESOLUTION, 600)))
    breached = tuple(one.breached() if one.metric is FIRST else one for one in story.case.clocks)
    facts = [
        Happening(Fact.CLOCK_BREACHED, story.moment(60), "system", {"metric": "first_response", "instance": 0}),
        Happening(Fact.CASE_PRIORITY, story.moment(75), "system"),
    ]
    shorter = (target(FIRST, 60), target(Metric.RESOLUTION, 70))
    story.turn((replace(story.case, clocks=breached, targets=shorter, priority=Priority.URGENT), facts))
    assert story.due(Metric.RESOLUTION) == 75
    [entry] = [one for event in story.events for one in event.clocks if one.kind is ClockStep.RECOMPUTE]
    assert (entry.at, entry.consumed) == (story.moment(75), 75 * MINUTE)
    agreed(story)


# -- each promise in its own way --------------------------------------------------------------------------------------


def test_one_promise_rests_and_the_other_does_not() -> None:
    resting = replace(target(Metric.RESOLUTION, 60), pause_on=("on_hold",))
    story = Story((resting, target(Metric.TOTAL_RESOLUTION, 60))).status(10, Status.ON_HOLD).status(30, Status.OPEN)
    assert (story.due(Metric.RESOLUTION), story.due(Metric.TOTAL_RESOLUTION)) == (80, 60)
    never = replace(target(Metric.RESOLUTION, 60), pause_on=())
    story = Story((never,), Terms(pause_on=("on_hold",))).status(10, Status.ON_HOLD)
    assert story.runs(Metric.RESOLUTION)


def test_a_bot_may_give_the_first_answer_and_no_other() -> None:
    anybody = replace(target(FIRST, 60), human_only=False)
    story = Story((anybody, target(NEXT, 60))).answered(5, by="bot:hi")
    assert (story.clock(FIRST).state, story.case.status) == (ClockState.MET, Status.PENDING)
    story.wrote(10).answered(15, by="bot:hi")
    assert (story.runs(NEXT), story.case.status) == (True, Status.OPEN)


@pytest.mark.parametrize(
    "told", [lambda s: s.ticked(61), lambda s: s.answered(61)], ids=["found by time", "in passing"]
)
def test_a_breach_says_which_chain_its_promise_has_for_itself(told: Callable[[Story], object]) -> None:
    story = Story((replace(target(FIRST, 60), chain="up"), target(Metric.RESOLUTION, 600)), Terms(chain="down"))
    told(story)
    [breach] = [one for one in story.events if one.fact is Fact.CLOCK_BREACHED]
    assert breach.data["chain"] == "up"
    story.ticked(601)
    assert "chain" not in story.events[-1].data


def test_the_first_answer_is_for_all_to_see_and_news_may_be_private() -> None:
    public = replace(target(FIRST, 60), public_only=True)
    story = Story((public, target(Metric.UPDATE, 60))).answered(5)
    assert (story.runs(FIRST), story.clocks(Metric.UPDATE)) == (True, [])
    story.answered(10, mode="public").answered(30)
    assert [(one.anchor_at - NOON) / MINUTE for one in story.clocks(Metric.UPDATE)] == [10, 30]
    story.solved(40).wrote(50).answered(55)
    assert not story.runs(Metric.UPDATE), "the first answer since it came back is still owed"


# -- what is owed after a merge ---------------------------------------------------------------------------------------


def merged(loser: Story, winner: Story, at: float) -> Story:
    told = Happening(Fact.CASE_MERGED, winner.moment(at), "mia", {"from": "c2"})
    before = winner.case
    after = replace(before, owed=(*before.owed, *loser.case.owed))
    after = after.with_thread(next(iter(loser.case.threads.values())))
    winner.keep(before, after, [told], joined=loser.case)
    return winner


def only(story: Story, metric: Metric) -> Clock:
    [clock] = [one for one in story.clocks(metric) if one.open]
    return clock


OWED = {
    Metric.PROMISE: lambda s: s.answered(5, promised=s.moment(90).isoformat()),
    Metric.APPROVAL: lambda s: s.told(5, Fact.REPLY_HELD, data={"reply_id": "r1"}),
    Metric.REPLY_WINDOW: lambda s: s.wrote(5, window=timedelta(minutes=85), conversation_id="v9"),
    Metric.LOOP_CLOSE: lambda s: s.answered(5, mode="private_reply"),
}
PROMISED = (
    target(FIRST, 600),
    target(Metric.APPROVAL, 85),
    target(Metric.LOOP_CLOSE, 85),
    target(Metric.REPLY_WINDOW, 0),
)


@pytest.mark.parametrize("metric", OWED)
def test_what_a_merged_case_owed_is_owed_where_it_goes_on(metric: Metric) -> None:
    loser, winner = Story(PROMISED), Story(PROMISED)
    OWED[metric](loser)
    was = only(loser, metric)
    merged(loser, winner, 30)
    now = only(winner, metric)
    assert (now.anchor_at, now.due_at, now.about) == (was.anchor_at, was.due_at, was.about)
    assert now.consumed == 25 * MINUTE
    agreed(winner)
    winner.ticked(91)
    assert winner.clock(metric).breached_at == winner.moment(90)


def test_an_approval_is_given_in_the_case_that_goes_on() -> None:
    loser, winner = Story(PROMISED), Story(PROMISED)
    loser.told(5, Fact.REPLY_HELD, data={"reply_id": "r1"})
    merged(loser, winner, 30).told(40, Fact.REPLY_APPROVED, data={"reply_id": "r1"})
    assert (winner.clock(Metric.APPROVAL).state, winner.case.owed) == (ClockState.MET, ())


def test_what_had_broken_before_the_merge_is_told_once() -> None:
    loser, winner = Story(PROMISED), Story(PROMISED)
    loser.answered(5, promised=loser.moment(20).isoformat())
    assert merged(loser, winner, 30).clocks(Metric.PROMISE) == []


def test_what_the_other_policy_does_not_promise_is_not_owed_there() -> None:
    loser, winner = Story(PROMISED), Story((target(FIRST, 600),))
    loser.told(5, Fact.REPLY_HELD, data={"reply_id": "r1"}).answered(9, promised=loser.moment(90).isoformat())
    merged(loser, winner, 30)
    assert {clock.metric for clock in winner.case.clocks} == {FIRST, Metric.PROMISE}


def test_of_very_many_rests_the_oldest_count_as_consumed_and_the_row_does_not_grow() -> None:
    story = begun(pause_on=BOTH)
    for number in range(RESTS_KEPT + 5):
        story.status(number * 10, Status.ON_HOLD).status(number * 10 + 4, Status.OPEN)
    assert len(story.case.rests) == RESTS_KEPT
    promise(story, 200, Metric.RESOLUTION, 1000)
    assert story.clock(Metric.RESOLUTION).consumed == (200 - 4 * RESTS_KEPT) * MINUTE
