"""What each of the twelve promises means: when it starts, when it rests, what ends it, and the minute it is due.

A line is one story and what became of the clocks of one kind, as ``state anchor-due`` in minutes after it began.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.case import Priority, Status
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockEvent, ClockStep
from chalicelib.domain.target import Metric, Target, Terms
from chalicelib.domain.timeline import Fact
from tests.build import MINUTE
from tests.domain.clock_stories import Story, target

HELD, OTHER = {"reply_id": "r1"}, {"reply_id": "r2"}
WINDOW = timedelta(minutes=100)
LONG = target(Metric.RESOLUTION, 600)

Told = Callable[[Story], object]
Row = tuple[str, str, Told, list[str]]


def named(story: Story, at: float, until: float) -> Story:
    """Words of ours that name a time."""
    return story.answered(at, promised=story.moment(until).isoformat())


def privately(story: Story, at: float) -> Story:
    """A comment answered in its author's inbox."""
    return story.answered(at, mode="private_reply")


def asked(story: Story, at: float) -> Story:
    """In a conversation that the network closes."""
    return story.wrote(at, window=WINDOW)


def held(story: Story, at: float, which: dict[str, str] = HELD) -> Story:
    return story.told(at, Fact.REPLY_HELD, data=which)


TABLE: list[Row] = [
    # -- who has it
    ("assign", "nobody has it", lambda s: s, ["running 0-60"]),
    ("assign", "somebody takes it", lambda s: s.told(20, Fact.CASE_TAKEN, assignee="ana"), ["met 0-60"]),
    ("assign", "too late", lambda s: s.told(61, Fact.CASE_TAKEN, assignee="ana"), ["breached 0-60"]),
    (
        "assign",
        "given back",
        lambda s: s.told(20, Fact.CASE_TAKEN, assignee="ana").told(30, Fact.CASE_RELEASED, assignee=None),
        ["met 0-60", "running 30-90"],
    ),
    (
        "assign",
        "rests on hold, goes on with what was left",
        lambda s: s.status(10, Status.ON_HOLD).status(30, Status.OPEN),
        ["running 0-80"],
    ),
    ("assign", "does not rest while we wait for them", lambda s: s.status(10, Status.PENDING), ["running 0-60"]),
    ("assign", "solved by nobody", lambda s: s.solved(5), ["cancelled 0-60"]),
    # -- the first answer
    ("first_response", "asked", lambda s: s, ["running 0-60"]),
    ("first_response", "answered", lambda s: s.answered(60), ["met 0-60"]),
    ("first_response", "answered late", lambda s: s.answered(60.1), ["breached 0-60"]),
    ("first_response", "more questions change nothing", lambda s: s.wrote(5).wrote(9), ["running 0-60"]),
    (
        "first_response",
        "rests on hold",
        lambda s: s.status(10, Status.ON_HOLD).status(25, Status.OPEN),
        ["running 0-75"],
    ),
    ("first_response", "waiting for them is no rest", lambda s: s.status(10, Status.PENDING), ["running 0-60"]),
    ("first_response", "solved without a word", lambda s: s.solved(5), ["cancelled 0-60"]),
    ("first_response", "asked again", lambda s: s.answered(5).solved(9).wrote(70), ["met 0-60", "running 70-130"]),
    # -- the next answers
    ("next_response", "not before the first", lambda s: s.wrote(5), []),
    ("next_response", "asked after it", lambda s: s.answered(5).wrote(10), ["running 10-70"]),
    ("next_response", "from the oldest question", lambda s: s.answered(5).wrote(10).wrote(30), ["running 10-70"]),
    ("next_response", "an older one comes late", lambda s: s.answered(5).wrote(30).wrote(12), ["running 12-72"]),
    ("next_response", "answered", lambda s: s.answered(5).wrote(10).answered(40), ["met 10-70"]),
    (
        "next_response",
        "each question has its own",
        lambda s: s.answered(5).wrote(10).answered(20).wrote(50),
        ["met 10-70", "running 50-110"],
    ),
    ("next_response", "thanks want nothing", lambda s: s.answered(5).wrote(10, closing=True), []),
    ("next_response", "crossed with our answer", lambda s: s.answered(20).wrote(10), ["running 10-70"]),
    (
        "next_response",
        "answered elsewhere before we heard of it",
        lambda s: s.answered(20, fact=Fact.REPLY_ELSEWHERE).wrote(10),
        [],
    ),
    (
        "next_response",
        "rests on hold",
        lambda s: s.answered(5).wrote(10).status(20, Status.ON_HOLD).status(50, Status.OPEN),
        ["running 10-100"],
    ),
    ("next_response", "solved", lambda s: s.answered(5).wrote(10).solved(20), ["cancelled 10-70"]),
    # -- news
    ("update", "not before the first answer", lambda s: s.wrote(5), []),
    ("update", "from the answer on", lambda s: s.answered(10), ["paused 10-70"]),
    ("update", "from each answer anew", lambda s: s.answered(10).answered(30), ["met 10-70", "paused 30-90"]),
    ("update", "rests while we wait for them", lambda s: s.answered(10).wrote(40), ["running 10-100"]),
    ("update", "solved", lambda s: s.answered(10).solved(20), ["cancelled 10-70"]),
    # -- their wait
    ("requester_wait", "asked", lambda s: s, ["running 0-60"]),
    ("requester_wait", "rests while we wait for them", lambda s: s.answered(10).wrote(40), ["running 0-90"]),
    ("requester_wait", "not while we wait for others", lambda s: s.status(10, Status.ON_HOLD), ["running 0-60"]),
    ("requester_wait", "solved", lambda s: s.solved(30), ["met 0-60"]),
    ("requester_wait", "goes on where it was", lambda s: s.solved(30).wrote(130), ["running 0-160"]),
    # -- our work
    ("agent_work", "asked", lambda s: s, ["running 0-60"]),
    ("agent_work", "rests while we wait for them", lambda s: s.answered(10).wrote(40), ["running 0-90"]),
    (
        "agent_work",
        "rests while we wait for others",
        lambda s: s.status(10, Status.ON_HOLD).status(50, Status.OPEN),
        ["running 0-100"],
    ),
    ("agent_work", "solved", lambda s: s.solved(30), ["met 0-60"]),
    ("agent_work", "goes on where it was", lambda s: s.solved(30).wrote(130), ["running 0-160"]),
    # -- solved
    ("resolution", "asked", lambda s: s, ["running 0-60"]),
    ("resolution", "rests as the policy says", lambda s: s.answered(10).wrote(40), ["running 0-90"]),
    ("resolution", "solved", lambda s: s.solved(60), ["met 0-60"]),
    ("resolution", "solved late", lambda s: s.solved(61), ["breached 0-60"]),
    ("resolution", "anew each time", lambda s: s.solved(30).wrote(130), ["met 0-60", "running 130-190"]),
    ("total_resolution", "asked", lambda s: s, ["running 0-60"]),
    ("total_resolution", "rests as the policy says", lambda s: s.answered(10).wrote(40), ["running 0-90"]),
    ("total_resolution", "solved", lambda s: s.solved(30), ["met 0-60"]),
    ("total_resolution", "goes on where it was", lambda s: s.solved(30).wrote(130), ["running 0-160"]),
    # -- the network's own time
    ("reply_window", "asked", lambda s: asked(s, 5), ["running 5-105"]),
    (
        "reply_window",
        "longer with each message",
        lambda s: asked(asked(s, 5), 20),
        ["running 20-120"],
    ),
    ("reply_window", "answered", lambda s: asked(s, 5).answered(30), ["met 5-105"]),
    (
        "reply_window",
        "an answer in another conversation is none",
        lambda s: asked(s, 5).answered(30, conversation_id="v2"),
        ["running 5-105"],
    ),
    (
        "reply_window",
        "a bot does not answer",
        lambda s: asked(s, 5).answered(30, by="bot:hi"),
        ["running 5-105"],
    ),
    (
        "reply_window",
        "answered elsewhere",
        lambda s: asked(s, 5).answered(30, fact=Fact.REPLY_ELSEWHERE),
        ["met 5-105"],
    ),
    (
        "reply_window",
        "once it is over the next message opens another",
        lambda s: asked(asked(s, 5), 200),
        ["breached 5-105", "running 200-300"],
    ),
    (
        "reply_window",
        "and so does one that came before that and reached us after",
        lambda s: asked(asked(s, 5).ticked(106), 104),
        ["cancelled 5-105", "running 104-204"],
    ),
    ("reply_window", "never rests", lambda s: asked(s, 5).status(9, Status.ON_HOLD), ["running 5-105"]),
    ("reply_window", "solved", lambda s: asked(s, 5).solved(30), ["cancelled 5-105"]),
    # -- a time named to the customer
    ("promise", "named", lambda s: named(s, 10, 40), ["running 10-40"]),
    ("promise", "kept by our next words", lambda s: named(s, 10, 40).answered(35), ["met 10-40"]),
    ("promise", "kept too late", lambda s: named(s, 10, 40).answered(45), ["breached 10-40"]),
    ("promise", "kept by solving", lambda s: named(s, 10, 40).solved(30), ["met 10-40"]),
    (
        "promise",
        "a bot does not keep it",
        lambda s: named(s, 10, 40).answered(20, by="bot:hi"),
        ["running 10-40"],
    ),
    ("promise", "past when the words leave", lambda s: named(s, 50, 40), ["running 40-40"]),
    (
        "promise",
        "one after the other",
        lambda s: named(named(s, 10, 40), 35, 80),
        ["met 10-40", "running 35-80"],
    ),
    # -- the public word
    ("loop_close", "answered in public", lambda s: s.answered(10, mode="public"), []),
    ("loop_close", "answered in private", lambda s: privately(s, 10), ["running 10-70"]),
    (
        "loop_close",
        "and then for all",
        lambda s: privately(s, 10).answered(30, mode="public"),
        ["met 10-70"],
    ),
    (
        "loop_close",
        "told in public at once",
        lambda s: s.answered(9, mode="public").answered(10, mode="private_reply"),
        [],
    ),
    (
        "loop_close",
        "what was told before they asked again is none",
        lambda s: s.answered(4, mode="public").wrote(8).answered(10, mode="private_reply"),
        ["running 10-70"],
    ),
    (
        "loop_close",
        "more private words are none",
        lambda s: privately(s, 10).answered(30).answered(40, mode="private_reply"),
        ["running 10-70"],
    ),
    (
        "loop_close",
        "nor are public words elsewhere",
        lambda s: privately(s, 10).answered(30, mode="public", conversation_id="v2"),
        ["running 10-70"],
    ),
    (
        "loop_close",
        "a bot's do not count",
        lambda s: privately(s, 10).answered(30, mode="public", by="bot:hi"),
        ["running 10-70"],
    ),
    (
        "loop_close",
        "solving is no public word",
        lambda s: privately(s, 10).solved(20),
        ["running 10-70"],
    ),
    (
        "loop_close",
        "which breaks it in time",
        lambda s: privately(s, 10).solved(20).ticked(71),
        ["breached 10-70"],
    ),
    (
        "loop_close",
        "and may still come",
        lambda s: privately(s, 10).solved(20).answered(60, mode="public"),
        ["met 10-70"],
    ),
    # -- a colleague's yes
    ("approval", "held", lambda s: held(s, 10), ["running 10-70"]),
    (
        "approval",
        "approved",
        lambda s: held(s, 10).told(30, Fact.REPLY_APPROVED, data=HELD),
        ["met 10-70"],
    ),
    (
        "approval",
        "rejected",
        lambda s: held(s, 10).told(30, Fact.REPLY_REJECTED, data=HELD),
        ["met 10-70"],
    ),
    (
        "approval",
        "taken back",
        lambda s: held(s, 10).told(30, Fact.REPLY_UNDONE, data=HELD),
        ["cancelled 10-70"],
    ),
    (
        "approval",
        "of two the one that is decided",
        lambda s: held(s, 10).told(20, Fact.REPLY_HELD, data=OTHER).told(30, Fact.REPLY_APPROVED, data=OTHER),
        ["running 10-70", "met 20-80"],
    ),
    (
        "approval",
        "never rests",
        lambda s: held(s, 10).status(20, Status.ON_HOLD),
        ["running 10-70"],
    ),
    ("approval", "solved", lambda s: held(s, 10).solved(20), ["cancelled 10-70"]),
]


def promised(metric: Metric) -> tuple[Target, ...]:
    if metric is Metric.PROMISE:
        return (LONG,)
    return (target(metric, 0 if metric is Metric.REPLY_WINDOW else 60, 1),)


def lives(story: Story, metric: Metric) -> list[str]:
    return [_life(story, clock) for clock in story.clocks(metric)]


def _life(story: Story, clock: Clock) -> str:
    anchor, due = ((at - story.start) / MINUTE for at in (clock.anchor_at, clock.due_at))
    return f"{clock.state.value} {anchor:g}-{due:g}"


@pytest.mark.parametrize(("metric", "words", "told", "expected"), TABLE, ids=[f"{row[0]}: {row[1]}" for row in TABLE])
def test_what_a_promise_means(metric: str, words: str, told: Told, expected: list[str]) -> None:
    story = Story(promised(Metric(metric)), Terms(pause_on=("pending", "on_hold")))
    told(story)
    assert lives(story, Metric(metric)) == expected


def test_no_metric_is_missing() -> None:
    assert {row[0] for row in TABLE} == set(Metric)


@pytest.mark.parametrize("metric", [Metric.ASSIGN, Metric.FIRST_RESPONSE, Metric.RESOLUTION, Metric.TOTAL_RESOLUTION])
@pytest.mark.parametrize("status", [Status.PENDING, Status.ON_HOLD])
def test_nothing_rests_that_the_policy_does_not_rest(metric: Metric, status: Status) -> None:
    story = Story(promised(metric)).status(10, status)
    assert lives(story, metric) == ["running 0-60"]


@pytest.mark.parametrize("metric", [Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE])
def test_where_only_public_answers_count_private_ones_do_not(metric: Metric) -> None:
    story = Story(promised(metric), Terms(public_only=True))
    if metric is not Metric.FIRST_RESPONSE:
        story.answered(2, mode="public").wrote(4)
    before = lives(story, metric), story.case.status
    story.answered(10)
    assert (lives(story, metric), story.case.status) == before
    story.answered(20, mode="public")
    assert story.case.status is Status.PENDING
    assert lives(story, metric) != before[0]


def test_a_broken_promise_goes_on_until_it_is_given() -> None:
    story = Story(promised(Metric.FIRST_RESPONSE)).ticked(61)
    assert story.runs(Metric.FIRST_RESPONSE)
    assert story.answered(90).clock(Metric.FIRST_RESPONSE).ended_at == story.moment(90)


# -- what happened ----------------------------------------------------------------------------------------------------


def whys(story: Story, kind: ClockStep) -> list[str]:
    return [entry.why for event in story.events for entry in event.clocks if entry.kind is kind]


def test_a_clock_that_a_log_begins_anew_is_told_anew() -> None:
    """Logs of older releases began broken clocks anew under the same number."""
    story = Story(promised(Metric.FIRST_RESPONSE)).ticked(61)
    again = ClockEvent(Metric.FIRST_RESPONSE, 0, ClockStep.ACTIVATE, story.moment(70), story.moment(130))
    story.events.append(replace(story.events[-1], clocks=(again,)))
    told = story.measured(Metric.FIRST_RESPONSE)
    assert (told.state, told.breached_at, told.warned, told.anchor_at) == (
        ClockState.RUNNING,
        None,
        (),
        story.moment(70),
    )


def test_a_log_says_who_made_it_rest() -> None:
    story = Story(promised(Metric.RESOLUTION), Terms(pause_on=("pending",))).answered(10, by="ana").wrote(40)
    assert story.measured(Metric.RESOLUTION).pauses == {("pending", "ana"): 30 * MINUTE}


def test_a_log_says_why_an_older_message_moved_the_clock() -> None:
    story = Story(promised(Metric.NEXT_RESPONSE)).answered(5).wrote(30).wrote(12)
    assert whys(story, ClockStep.ACTIVATE)[-1] == "an older message came late"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"priority": Priority.HIGH}, "policy 2, priority high"),
        ({"queue": "escalations"}, "policy 2, queue escalations"),
        ({"tags": ("vip",)}, "policy 2, tag vip"),
    ],
)
def test_a_log_says_what_changed_the_promise(changes: dict[str, Any], why: str) -> None:
    story = Story(promised(Metric.RESOLUTION), Terms(policy="1", version=1))
    terms = Terms(policy="2", version=1)
    story.told(10, Fact.CASE_PRIORITY, targets=(target(Metric.RESOLUTION, 30),), terms=terms, **changes)
    assert whys(story, ClockStep.RECOMPUTE) == [why]


def test_a_log_says_which_file_and_that_a_tag_is_gone() -> None:
    story = Story(promised(Metric.RESOLUTION), Terms(policy="1", version=1))
    story.case = replace(story.case, tags=("vip",))
    terms = Terms(policy="1", version=2)
    story.told(10, Fact.CASE_TAGGED, targets=(target(Metric.RESOLUTION, 30),), terms=terms, tags=())
    assert whys(story, ClockStep.RECOMPUTE) == ["policy file version 2, tag vip gone"]
