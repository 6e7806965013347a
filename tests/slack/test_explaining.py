"""Every clock explained: the same words on a card, in a window and on the command line, from one reckoning."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.explaining import Explanation, explained
from chalicelib.domain.target import Metric, Terms
from chalicelib.domain.timeline import Fact
from chalicelib.slack import clockwords
from chalicelib.slack.explaining import CLOCKS, heading, spoken, window
from infra.sla.explain import as_json, in_words
from tests.build import MINUTE, NOON
from tests.domain.clock_stories import Story, target
from tests.domain.test_clock_laws import CALENDARS, OFFICE, PROMISED, STEPS, Steps, lived
from tests.slack.checks import check_view

FIRST, RESOLUTION = Metric.FIRST_RESPONSE, Metric.RESOLUTION


def told(story: Story, at: float) -> Explanation:
    return explained(story.case, story.numbered(), story.moment(at))


def words(story: Story, at: float) -> str:
    return "\n".join(in_words(told(story, at)))


def text(view: dict[str, object]) -> str:
    return str(view["blocks"])


def test_what_is_late_has_consumed_more_than_it_had() -> None:
    late = Story((target(FIRST, 60),))
    assert "answer now: it was due by 13:00, 30 minutes ago" in words(late, 90)
    assert "consumed 1 hour 30 minutes" in words(late, 90)
    [clock] = as_json(told(late, 90))["clocks"]
    assert (clock["consumed"], clock["left"]) == (5400, -1800)


def test_pauses_are_told_with_why_and_by_whom() -> None:
    story = Story((target(RESOLUTION, 600),), Terms(pause_on=("pending", "on_hold")))
    story.answered(10, by="ana").wrote(40).status(50, Status.ON_HOLD, who="tom")
    assert "consumed 20 minutes, paused 1 hour 10 minutes; 30 minutes for pending by ana" in words(story, 90)
    assert "rests while we wait for the customer or we wait for others" in words(story, 90)
    assert "paused since 12:50, because we wait for others; 9 hours 40 minutes left" in words(story, 90)
    [clock] = as_json(told(story, 90))["clocks"]
    assert clock["pauses"] == [{"why": "pending", "by": "ana", "seconds": 1800}]
    assert (clock["pause_on"], clock["paused"]) == (["pending", "on_hold"], 4200)


def test_every_entry_of_a_log_is_a_line() -> None:
    story = Story((target(RESOLUTION, 600),), Terms("1", 1))
    story.told(5, Fact.CASE_PRIORITY, targets=(target(RESOLUTION, 60),), terms=Terms("2", 1))
    lines = words(story, 90).splitlines()
    assert "  2026-06-01T12:00:00.000Z  activate, due 2026-06-01T22:00:00.000Z  (case.opened by system)" in lines
    moved = "  2026-06-01T12:05:00.000Z  recompute: policy 2, due 2026-06-01T13:00:00.000Z, 5 minutes consumed  (case."
    assert any(line.startswith(moved) for line in lines)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=15), st.integers(0, 500), CALENDARS)
def test_a_card_and_the_command_line_say_the_same(steps: Steps, after: int, calendar: Calendar | None) -> None:
    story = lived(steps, ("pending", "on_hold"))
    targets = tuple(replace(one, calendar=calendar) if one.within else one for one in story.case.targets)
    case = replace(story.case, targets=targets)
    now = story.events[-1].at + after * MINUTE
    everything = {id(one.stands.clock): one for one in explained(case, story.numbered(), now).clocks}
    current = [everything[id(clock)] for clock in case.current_clocks if clock.state is not ClockState.CANCELLED]
    tongue = clockwords.slack(now, most=clockwords.CLOSURES)
    spoken_of = [next(spoken(one, lambda _: tongue, str)).partition("): ")[2] for one in current]
    plain = [line.partition(" ")[2].replace("*", "") for line in clockwords.lines(case, now)]
    assert [line.lower() for line in plain] == [line.lower() for line in spoken_of]


# -- the window -------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, max_size=25), st.integers(0, 5000))
def test_any_life_fits_a_window(steps: Steps, after: int) -> None:
    story = lived(steps, ("on_hold",))
    made = window(explained(story.case, story.numbered(), story.events[-1].at + after * MINUTE), str)
    check_view(made)
    assert len(made["blocks"]) <= CLOCKS + 1


def test_a_window_tells_what_the_command_line_tells_with_names() -> None:
    story = Story((target(FIRST, 60, calendar=OFFICE), target(RESOLUTION, 600)), Terms("3", 7, ("pending",)))
    story.answered(10, by="ana")
    everything = told(story, 30)
    names: Callable[[str], str] = lambda key: {"ana": "Ana\u202e B"}.get(key, key)  # noqa: E731
    shown = text(window(everything, names))
    assert heading(everything) in shown and "policy 3 of policy file version 7" in shown
    assert "in the calendar office, Europe/Berlin" in shown and "around the clock" in shown
    assert "pause: pending" in shown and "(reply.sent by Ana B)" in shown
    assert shown.index("resolution 0 (paused)") < shown.index("first_response 0 (met)")


def test_where_nothing_is_promised_the_window_says_so() -> None:
    story = Story(())
    assert "Nothing is promised." in text(window(told(story, 1), str))


def test_a_long_log_shows_its_latest_entries() -> None:
    story = Story((target(RESOLUTION, 60_000),), Terms(pause_on=("on_hold",)))
    for hour in range(30):
        story.status(hour * 60, Status.ON_HOLD).status(hour * 60 + 30, Status.OPEN)
    made = window(told(story, 5000), lambda key: "x" * 500)
    check_view(made)
    assert "resume" in text(made) and "activate" not in text(made)


@pytest.mark.parametrize("metric", list(Metric))
def test_every_metric_has_words_for_each_fate(metric: Metric) -> None:
    story = Story((target(FIRST, 60),))
    clock = replace(story.case.clocks[0], metric=metric)
    for fate in (clock, clock.met(NOON), clock.met(NOON + timedelta(hours=2)), clock.cancelled(NOON)):
        case: Case = replace(story.case, clocks=(fate,))
        assert words_of(case)


def words_of(case: Case) -> str:
    return "\n".join(in_words(explained(case, [], NOON + MINUTE)))


def test_promised_has_every_metric() -> None:
    assert {one.metric for one in PROMISED} == set(Metric) - {Metric.PROMISE}
