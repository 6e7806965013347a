"""Fourteen rules, nearly all learned from what other products got wrong: each with that mistake planted, and caught.

A story must hold with the right parts, and must not hold with the planted ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.calendar import Calendar, Day, Hours, read_hours
from chalicelib.domain.case import Status
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clock_log import ClockStep
from chalicelib.domain.clocks import Keeper
from chalicelib.domain.report import Pause, pauses
from chalicelib.domain.standing import Standing, standing
from chalicelib.domain.target import AlwaysOpen, Metric, Terms, Timekeeper
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.slack import clockwords
from tests.build import MINUTE
from tests.domain.clock_stories import Story, target

OFFICE: tuple[Hours, ...] = (read_hours("09:00-17:00"),) * 5 + ((), ())
FIRST, NEXT, UPDATE = Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE
FRIDAY = datetime(2026, 6, 5, 16, 45, tzinfo=UTC)


def made(week: tuple[Hours, ...], **more: object) -> Timekeeper:
    return Calendar("office", "Europe/Berlin", week, **more)  # type: ignore[arg-type]


def added(calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    return calendar.add(start, span)


def shown(stands: Standing) -> str:
    """What a card says of a promise."""
    return clockwords.promise(stands, clockwords.on_the_wall(stands.calendar, stands.now))


@dataclass(frozen=True)
class Parts:
    """What a story is told with. A planted bug is one of these, broken."""

    keeper: type[Keeper] = Keeper
    made: Callable[..., Timekeeper] = made
    added: Callable[[Calendar, datetime, timedelta], datetime] = added
    shown: Callable[[Standing], str] = shown

    def story(self, *targets: tuple[Metric, float], terms: Terms | None = None) -> Story:
        return Story(tuple(target(*one) for one in targets), terms or Terms(), self.keeper)


# -- the stories ------------------------------------------------------------------------------------------------------


def late_but_before_anybody_looked(parts: Parts) -> None:
    told = parts.story((FIRST, 60), (Metric.RESOLUTION, 120)).answered(61).solved(121)
    assert [clock.state for clock in told.case.clocks] == [ClockState.BREACHED] * 2
    assert told.facts().count(Fact.CLOCK_BREACHED) == 2


def two_questions_in_a_row(parts: Parts) -> None:
    told = parts.story((FIRST, 60), (NEXT, 60)).answered(5).wrote(10).wrote(40)
    assert told.due(NEXT) == 70


def thanks_after_the_answer(parts: Parts) -> None:
    told = parts.story((FIRST, 60), (NEXT, 60)).answered(5).wrote(10, closing=True)
    assert not told.runs(NEXT)
    assert told.case.status is Status.PENDING
    assert told.solved(20).wrote(30, closing=True).case.status is Status.SOLVED


def solved_without_another_answer(parts: Parts) -> None:
    told = parts.story((FIRST, 60), (NEXT, 60)).answered(5).wrote(10).solved(15)
    assert told.clock(NEXT).state is ClockState.CANCELLED


def a_bot_says_hello(parts: Parts) -> None:
    told = parts.story((FIRST, 60)).answered(1, by="bot:hello")
    assert told.runs(FIRST)
    assert told.case.status is not Status.PENDING
    assert not parts.story((FIRST, 60), terms=Terms(human_only=False)).answered(1, by="bot:hello").runs(FIRST)


def news_before_the_first_answer(parts: Parts) -> None:
    told = parts.story((FIRST, 60), (UPDATE, 30))
    assert not told.runs(UPDATE)
    assert told.answered(10).due(UPDATE) == 40


def urgent_after_a_pause(parts: Parts) -> None:
    told = parts.story((Metric.RESOLUTION, 240), terms=Terms(pause_on=("on_hold",)))
    told.status(60, Status.ON_HOLD).status(100, Status.OPEN)
    told.told(110, Fact.CASE_PRIORITY, targets=(target(Metric.RESOLUTION, 120),))
    assert told.due(Metric.RESOLUTION) == 160
    assert told.clock(Metric.RESOLUTION).paused == 40 * MINUTE
    assert told.measured(Metric.RESOLUTION).consumed == 70 * MINUTE


def written_again_after_it_was_solved(parts: Parts) -> None:
    told = parts.story((FIRST, 60)).answered(5).solved(10).wrote(500)
    assert told.due(FIRST) == 560


def handed_over_by_a_bot(parts: Parts) -> None:
    told = parts.story((FIRST, 60)).answered(5, by="bot:hello").handed(30)
    assert told.due(FIRST) == 90


def merged_into_another(parts: Parts) -> None:
    told = parts.story((FIRST, 60), (Metric.RESOLUTION, 240))
    told.told(30, Fact.CASE_MERGED, data={"into": "c2"}, merged_into="c2", status=Status.SOLVED)
    assert {clock.state for clock in told.case.clocks} == {ClockState.CANCELLED}


def a_break_and_a_night(parts: Parts) -> None:
    shifts = parts.made((read_hours("08:00-12:00 13:00-18:00"),) * 5 + ((), ()))
    monday = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
    assert shifts.add(monday, timedelta(hours=1)) == monday + timedelta(hours=2)
    nights = parts.made((read_hours("22:00-06:00"),) * 7)
    assert nights.add(datetime(2026, 6, 1, 21, tzinfo=UTC), timedelta(hours=2)) == datetime(2026, 6, 1, 23, tzinfo=UTC)


def a_holiday_on_the_way(parts: Parts) -> None:
    office = Calendar("office", "UTC", OFFICE, {date(2026, 6, 8): Day((), "Founders' Day")})
    told = Story((target(FIRST, 30, calendar=office),), start=FRIDAY)
    words = parts.shown(standing(told.case, told.clock(FIRST), FRIDAY))
    assert words.startswith("answer by Tue 2026-06-09 09:15")
    assert words.endswith("closed 17:00-Tue 2026-06-09 09:00 (Founders' Day)")


def written_while_it_rested(parts: Parts) -> None:
    told = parts.story((Metric.RESOLUTION, 120), terms=Terms(pause_on=("on_hold",)))
    told.status(30, Status.ON_HOLD, who="tom").wrote(90)
    assert told.case.status is Status.OPEN
    assert told.due(Metric.RESOLUTION) == 180
    kinds = [entry.kind for event in told.events for entry in event.clocks]
    assert kinds == [ClockStep.ACTIVATE, ClockStep.PAUSE, ClockStep.RESUME]
    assert pauses(told.events) == [Pause(told.moment(30), told.moment(90), "on_hold", "tom")]


def never_open(parts: Parts) -> None:
    refused = False
    try:
        parts.made(((),) * 7)
    except ValueError:
        refused = True
    assert refused


def the_night_the_clocks_change(parts: Parts) -> None:
    berlin = Calendar("office", "Europe/Berlin", (read_hours("09:00-17:00"),) * 7)
    saturday = datetime(2026, 3, 28, 15, 30, tzinfo=UTC)
    assert parts.added(berlin, saturday, timedelta(hours=1)) == datetime(2026, 3, 29, 7, 30, tzinfo=UTC)


# -- the mistakes -----------------------------------------------------------------------------------------------------


class LooksNow(Keeper):
    """What nobody had seen broken when the answer came was kept."""

    def find_breach(self, clock: Clock, at: datetime) -> Clock:
        return replace(clock, due_at=max(clock.due_at, at))


class LatestQuestion(Keeper):
    """Each message of the customer sets the clock back."""

    def anchor_next(self) -> None:
        asked = self.case.unanswered
        self.case = replace(self.case, unanswered=asked[-1:])
        for clock in self.open(NEXT) if asked else ():
            self.change(clock, clock.reanchored(asked[-1], self.target(clock)), ClockStep.ACTIVATE, asked[-1])
        super().anchor_next()


class EternalGoodbye(Keeper):
    """Whatever a customer says wants an answer."""

    def needs_answer(self, one: Happening) -> bool:
        return True


class ForgetsNext(Keeper):
    """Solving ends what it meets, and nothing else."""

    def cancel_all(self, at: datetime, why: str) -> None:
        return


class BotsCount(Keeper):
    def counts(self, metric: Metric, one: Happening) -> bool:
        return True


class NewsFromTheStart(Keeper):
    def begun(self, one: Happening) -> None:
        super().begun(one)
        self.begin(UPDATE, one.at)


class StartsOver(Keeper):
    """Another policy is another clock."""

    def retarget(self, at: datetime) -> None:
        for clock in self.all_open() if self.before and self.before.targets != self.case.targets else ():
            self.change(clock, clock.reanchored(at, self.target(clock)), ClockStep.RECOMPUTE, at)


class FromCreation(Keeper):
    """A response is always counted from the very first message."""

    def begun(self, one: Happening) -> None:
        super().begun(replace(one, at=self.case.opened_at))

    def handed(self, one: Happening) -> None:
        return


class NeverResumes(Keeper):
    """A pause ends when somebody ends it."""

    def resume(self, clock: Clock, at: datetime, why: str = "") -> Clock:
        return clock


def from_first_to_last(week: tuple[Hours, ...], **more: object) -> Timekeeper:
    """One opening and one closing time a day."""
    hull = tuple(((min(one)[0], max(end for _, end in one)),) if one else () for one in week)
    return made(hull, **more)


def ends_at_midnight(week: tuple[Hours, ...], **more: object) -> Timekeeper:
    return made(tuple(tuple((min(a, b % 1440), max(a, b % 1440)) for a, b in one) for one in week), **more)


def closed_means_always(week: tuple[Hours, ...], **more: object) -> Timekeeper:
    """A calendar that never opens is taken for none."""
    return made(week, **more) if any(week) else AlwaysOpen()


def due_time_only(stands: Standing) -> str:
    """A tooltip with a due time that nobody can understand."""
    return shown(replace(stands, closed=tuple(replace(one, names=()) for one in stands.closed)))


def offset_of_the_start(calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    """Whatever the clock showed when it began, it shows for ever."""
    fixed = replace(calendar, zone="Etc/GMT-1")
    return fixed.add(start, span)


Row = tuple[str, str, Callable[[Parts], None], Parts]

TABLE: list[Row] = [
    ("1", "timestamps decide, not who looked when", late_but_before_anybody_looked, Parts(LooksNow)),
    ("2", "next response counts from the oldest question", two_questions_in_a_row, Parts(LatestQuestion)),
    ("3", "thanks start nothing", thanks_after_the_answer, Parts(EternalGoodbye)),
    ("4", "solving ends the next response", solved_without_another_answer, Parts(ForgetsNext)),
    ("5", "bots answer nothing unless told", a_bot_says_hello, Parts(BotsCount)),
    ("6", "no news before the first answer", news_before_the_first_answer, Parts(NewsFromTheStart)),
    ("7", "another policy keeps consumed and paused time", urgent_after_a_pause, Parts(StartsOver)),
    ("8a", "a reopened case is answered from there", written_again_after_it_was_solved, Parts(FromCreation)),
    ("8b", "a bot's handover is where people begin", handed_over_by_a_bot, Parts(FromCreation)),
    ("9", "merging ends the clocks of the lost case", merged_into_another, Parts(ForgetsNext)),
    ("10a", "several intervals a day", a_break_and_a_night, Parts(made=from_first_to_last)),
    ("10b", "over midnight", a_break_and_a_night, Parts(made=ends_at_midnight)),
    ("11", "holidays are shown", a_holiday_on_the_way, Parts(shown=due_time_only)),
    ("12", "who writes ends the pause, and pauses are audited", written_while_it_rested, Parts(NeverResumes)),
    ("13", "a calendar that never opens is refused", never_open, Parts(made=closed_means_always)),
    ("14", "clocks that change", the_night_the_clocks_change, Parts(added=offset_of_the_start)),
]


@pytest.mark.parametrize(("rule", "words", "story", "planted"), TABLE, ids=[row[0] for row in TABLE])
def test_the_rule_holds_and_its_planted_bug_is_caught(
    rule: str, words: str, story: Callable[[Parts], None], planted: Parts
) -> None:
    story(Parts())
    with pytest.raises(AssertionError):
        story(planted)


def test_no_rule_is_missing() -> None:
    assert {int("".join(one for one in row[0] if one.isdigit())) for row in TABLE} == set(range(1, 15))
