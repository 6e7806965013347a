"""Open time: the vectors other products got wrong, what happens where clocks change, and the laws of the arithmetic."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from chalicelib.domain.calendar import Calendar, Day, Hours, hours_text, load_calendar, read_hours, read_interval
from chalicelib.domain.clock import start
from chalicelib.domain.target import Metric, Target
from tests.domain.walls import SEED, ZONES

HOUR, MINUTE, DAY, NOTHING = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1), timedelta()
ALWAYS = "00:00-24:00"


def calendar(zone: str = "Europe/Berlin", dates: dict[date, Day] | None = None, **week: str) -> Calendar:
    """``mon_fri="08:00-18:00"``, ``sat=...``; the days not named are closed."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    hours: list[Hours] = [()] * 7
    for span, text in week.items():
        first, _, last = span.partition("_")
        for number in range(names.index(first), names.index(last or first) + 1):
            hours[number] = read_hours(text)
    return Calendar("office", zone, tuple(hours), dates or {})


def local(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


NINE_TO_FIVE = calendar(mon_fri="09:00-17:00")
EIGHT_TO_SIX = calendar(mon_fri="08:00-18:00")


# -- vectors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "since", "span", "due"),
    [
        pytest.param(NINE_TO_FIVE, "2026-06-05T16:45", 30 * MINUTE, "2026-06-08T09:15", id="Friday to Monday"),
        pytest.param(NINE_TO_FIVE, "2026-06-05T16:30", HOUR, "2026-06-08T09:30", id="an hour over the weekend"),
        pytest.param(EIGHT_TO_SIX, "2026-06-01T17:00", 4 * HOUR, "2026-06-02T11:00", id="into the next morning"),
        pytest.param(EIGHT_TO_SIX, "2026-06-01T17:00", 3 * HOUR, "2026-06-02T10:00", id="its warning an hour before"),
        pytest.param(NINE_TO_FIVE, "2026-06-01T09:00", 16 * HOUR, "2026-06-02T17:00", id="16 h are two days of 8 h"),
    ],
)
def test_the_vectors_others_stumbled_over(hours: Calendar, since: str, span: timedelta, due: str) -> None:
    assert hours.add(local(since), span) == local(due)
    assert hours.between(local(since), local(due)) == span


def test_a_clock_warns_and_is_due_in_open_time() -> None:
    target = Target(Metric.FIRST_RESPONSE, 4 * HOUR, HOUR, EIGHT_TO_SIX)
    clock = start(target, local("2026-06-01T17:00"), 0, target.timekeeper)
    assert (clock.warn_at, clock.due_at) == (local("2026-06-02T10:00"), local("2026-06-02T11:00"))


def test_a_lunch_break_does_not_count() -> None:
    office = calendar(mon_fri="08:00-12:00 13:00-18:00")
    assert office.add(local("2026-06-01T11:30"), HOUR) == local("2026-06-01T13:30")
    assert office.add(local("2026-06-01T11:30"), 30 * MINUTE) == local("2026-06-01T12:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    nights = calendar(mon_fri="22:00-06:00", dates={date(2026, 12, 25): Day((), "Erster Weihnachtstag")})
    assert nights.add(local("2026-06-05T23:00"), 8 * HOUR) == local("2026-06-08T23:00")
    assert nights.between(local("2026-12-24T12:00"), local("2026-12-28T12:00")) == 8 * HOUR
    assert nights.add(local("2026-12-24T22:00"), 8 * HOUR) == local("2026-12-25T06:00")


def test_a_date_of_its_own_replaces_the_day_of_the_week() -> None:
    half = {date(2026, 12, 24): Day(read_hours("08:00-12:00")), date(2026, 12, 26): Day(read_hours("10:00-11:00"))}
    office = replace(EIGHT_TO_SIX, dates={**half, date(2026, 12, 25): Day((), "Erster Weihnachtstag")})
    assert office.add(local("2026-12-24T11:00"), 3 * HOUR) == local("2026-12-28T09:00")


def test_intervals_that_overlap_count_once() -> None:
    assert calendar(mon="08:00-12:00 10:00-14:00").between(local("2026-06-01T00:00"), local("2026-06-02T00:00")) == (
        6 * HOUR
    )
    late = calendar(mon_tue="20:00-08:00 06:00-09:00")
    assert late.between(local("2026-06-02T00:00"), local("2026-06-02T12:00")) == 9 * HOUR


# -- where clocks change ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "day", "zone", "open_for"),
    [
        pytest.param("01:00-04:00", "2026-03-29", "Europe/Berlin", 2 * HOUR, id="forward: an hour never was"),
        pytest.param("02:00-03:00", "2026-03-29", "Europe/Berlin", NOTHING, id="forward: all of it never was"),
        pytest.param("01:00-04:00", "2026-10-25", "Europe/Berlin", 4 * HOUR, id="back: an hour more"),
        pytest.param("02:00-03:00", "2026-10-25", "Europe/Berlin", 2 * HOUR, id="back: both passes, each once"),
        pytest.param("02:30-02:45", "2026-10-25", "Europe/Berlin", 30 * MINUTE, id="back: twice a quarter"),
        pytest.param(ALWAYS, "2026-10-25", "Europe/Berlin", 25 * HOUR, id="back: the whole day"),
        pytest.param(ALWAYS, "2026-04-05", "Australia/Lord_Howe", 24.5 * HOUR, id="back by half an hour"),
        pytest.param(ALWAYS, "2026-03-29", "Antarctica/Troll", 22 * HOUR, id="forward by two hours"),
        pytest.param(ALWAYS, "2011-12-30", "Pacific/Apia", NOTHING, id="a day that never was"),
        pytest.param("23:30-24:00", "2018-02-17", "America/Sao_Paulo", HOUR, id="back at midnight"),
        pytest.param("00:00-00:01", "2010-11-07", "America/St_Johns", 2 * MINUTE, id="back a minute after midnight"),
        pytest.param("23:00-24:00", "2010-11-06", "America/St_Johns", 119 * MINUTE, id="and yesterday comes back"),
        pytest.param("00:00-01:00", "2022-03-22", "Asia/Tehran", NOTHING, id="forward at midnight"),
    ],
)
def test_open_time_is_real_time_while_the_wall_clock_is_inside(
    hours: str, day: str, zone: str, open_for: timedelta
) -> None:
    only = Calendar("one day", zone, (read_hours(hours),) * 7, _closed_around(date.fromisoformat(day)))
    around = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert only.between(around - 3 * DAY, around + 4 * DAY) == open_for


def _closed_around(day: date) -> dict[date, Day]:
    return {day + number * DAY: Day() for number in range(-6, 7) if number}


def test_the_repeated_hour_is_passed_through_in_order() -> None:
    early = calendar(sun="02:00-03:00")
    since = local("2026-10-25T02:30")
    assert early.add(since, HOUR) == local("2026-10-25T02:30", fold=1)
    assert early.add(since, 90 * MINUTE) == local("2026-10-25T03:00")


def test_times_of_one_zone_are_compared_as_instants() -> None:
    """Python compares the wall clocks of two times that share a zone, and is wrong in the repeated hour."""
    berlin = ZoneInfo("Europe/Berlin")
    first, second = (datetime(2026, 10, 25, *at, tzinfo=UTC).astimezone(berlin) for at in ((0, 45), (1, 15)))
    assert second < first
    always = calendar(mon_sun=ALWAYS)
    assert always.between(first, second) == 30 * MINUTE
    assert always.add(first, 30 * MINUTE) == second.astimezone(UTC)


# -- laws -------------------------------------------------------------------------------------------------------------

INTERVALS = st.tuples(st.integers(0, 1439), st.integers(15, 1440)).map(lambda one: (one[0], one[0] + one[1]))
HOURS = st.lists(INTERVALS, max_size=3).map(tuple)
YEARS = (2020, 2024, 2026, 2032)
"""Leap years (2020, 2024, 2032) and years of 53 weeks (2020, 2026, 2032), each with a bit of the years around it."""
SPANS = st.one_of(
    st.timedeltas(NOTHING, 30 * HOUR),
    st.integers(0, 1800).map(lambda minutes: minutes * MINUTE),
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Calendar, datetime, timedelta, timedelta]:
    """A calendar with dates of its own, a moment near them, and two spans."""
    year = draw(st.sampled_from(YEARS))
    near = st.one_of(
        st.dates(date(year - 1, 12, 20), date(year + 1, 1, 12)), st.dates(date(year, 2, 26), date(year, 3, 3))
    )
    dates = draw(st.dictionaries(near, st.builds(Day, HOURS), max_size=6))
    week = draw(st.tuples(*[HOURS] * 7).filter(any))
    hours = Calendar("any", draw(st.sampled_from(sorted(ZONES))), week, dates)
    midnight = datetime.combine(draw(near), time(), UTC)
    return hours, midnight + draw(st.timedeltas(NOTHING, DAY)), draw(SPANS), draw(SPANS)


Law = Callable[[Calendar, datetime, timedelta, timedelta], None]


def always_open_is_plain_addition(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    always = replace(hours, week=(read_hours(ALWAYS),) * 7, dates={})
    assert always.add(at, a * 20) == at + a * 20
    assert always.between(at, at + b * 20) == b * 20


def longer_is_never_earlier(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    assert at <= hours.add(at, a) <= hours.add(at, a + b)


def later_is_never_earlier(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    assert hours.add(at, a) <= hours.add(at + b, a)


def splits_compose(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    assert hours.add(hours.add(at, a), b) == hours.add(at, a + b)


def what_was_added_has_passed(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    assert hours.between(at, hours.add(at, a)) == a


def the_end_is_the_first_instant(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    assume(a and b)
    due = hours.add(at, a)
    assert hours.between(at, max(due - b, at)) < a


def elapsed_time_adds_up(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    middle, end = at + a * 10, at + a * 10 - b * 5
    assert hours.between(at, middle) + hours.between(middle, end) == hours.between(at, end)
    assert NOTHING <= hours.between(at, middle) <= middle - at


def closed_time_adds_nothing(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    """From the end of open time to its next beginning, any moment is as good as any other."""
    assume(b)
    closes = hours.add(at, a)
    opens = hours.add(closes, timedelta(microseconds=1)) - timedelta(microseconds=1)
    between = closes + (opens - closes) * 0.5
    assert hours.between(closes, opens) == NOTHING
    assert hours.add(between, b) == hours.add(closes, b)


def shutting_a_day_never_hastens(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    shut = replace(hours, dates={**hours.dates, (at + DAY).date(): Day()})
    assert shut.add(at, a) >= hours.add(at, a)


def data_and_text_keep_everything(hours: Calendar, at: datetime, a: timedelta, b: timedelta) -> None:
    again = load_calendar(hours.as_data())
    assert again == hours
    assert again.add(at, a) == hours.since(at).add(at, a)


LAWS = (
    always_open_is_plain_addition,
    longer_is_never_earlier,
    later_is_never_earlier,
    splits_compose,
    what_was_added_has_passed,
    the_end_is_the_first_instant,
    elapsed_time_adds_up,
    closed_time_adds_nothing,
    shutting_a_day_never_hastens,
    data_and_text_keep_everything,
)


def _holds(law: Law, examples: int) -> None:
    def told(situation: tuple[Calendar, datetime, timedelta, timedelta]) -> None:
        law(*situation)

    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    many = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=slow)
    many(seeded(SEED)(given(situations())(told)))()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.__name__))
def test_a_law_holds(law: Law) -> None:
    _holds(law, 100)


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS, ids=lambda law: str(law.__name__))
def test_a_law_holds_over_and_over(law: Law) -> None:
    _holds(law, 2_000)


@pytest.mark.parametrize(
    ("since", "span", "due"),
    [
        ("2024-02-28T17:30", 9 * HOUR, "2024-02-29T16:30"),
        ("2024-02-29T16:00", 4 * HOUR, "2024-03-01T10:00"),
        ("2023-02-28T16:00", 4 * HOUR, "2023-03-01T10:00"),
        ("2026-12-31T17:00", 2 * HOUR, "2027-01-01T09:00"),
        ("2020-12-31T17:00", 12 * HOUR, "2021-01-04T09:00"),
    ],
    ids=["into the leap day", "out of it", "no leap day", "out of week 53", "a new year that begins in week 53"],
)
def test_leap_days_and_the_53rd_week_are_days_and_weeks(since: str, span: timedelta, due: str) -> None:
    assert EIGHT_TO_SIX.add(local(since), span) == local(due)


# -- what is refused, and how much it costs ---------------------------------------------------------------------------


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="never opens; give at least one day of the week an interval"):
        calendar()


def test_a_calendar_shut_for_two_years_is_refused_when_asked() -> None:
    shut = {date(2026, 1, 1) + number * DAY: Day() for number in range(900)}
    with pytest.raises(ValueError, match="never opens within 731 days of 2026-06-01"):
        replace(EIGHT_TO_SIX, dates=shut).add(local("2026-06-01T12:00"), HOUR)


def test_a_long_promise_in_short_hours_takes_the_years_it_takes() -> None:
    weekly = calendar("UTC", mon="10:00-11:00")
    assert weekly.add(datetime(2026, 6, 1, tzinfo=UTC), 157 * HOUR) == datetime(2029, 5, 28, 11, tzinfo=UTC)


@pytest.mark.parametrize("hours", [((-1, 60),), ((60, 60),), ((1440, 1500),), ((60, 1501),)])
def test_an_interval_that_cannot_be_is_refused(hours: Hours) -> None:
    with pytest.raises(ValueError, match="does not consist of seven days and of intervals inside a day"):
        Calendar("odd", "UTC", (hours,) * 7)


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="seven days"):
        Calendar("short", "UTC", (read_hours(ALWAYS),))


def test_open_time_is_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        EIGHT_TO_SIX.add(local("2026-06-01T12:00"), -HOUR)


@pytest.mark.parametrize("text", ["8-18", "08:00", "24:00-06:00", "08:60-09:00", "08:00-24:01", "08:00 - 18:00", ""])
def test_an_interval_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no interval such as"):
        read_interval(text)


@pytest.mark.parametrize("text", ["08:00-12:00 13:00-18:00", ALWAYS, "22:00-06:00", "08:00-08:00", ""])
def test_hours_read_as_they_were_written(text: str) -> None:
    assert hours_text(read_hours(text)) == text


def test_a_copy_for_a_case_knows_the_dates_its_clocks_can_meet() -> None:
    at = local("2026-06-01T12:00")
    days = [date(2025, 12, 25), date(2026, 6, 1), date(2026, 12, 25), date(2028, 5, 29), date(2028, 12, 25)]
    weekend = date(2026, 12, 26)
    office = replace(EIGHT_TO_SIX, dates={day: Day((), "holiday") for day in [*days, weekend]})
    assert sorted(office.since(at).dates) == days[1:4]


def test_a_long_life_does_not_fill_the_memory() -> None:
    office = replace(EIGHT_TO_SIX)
    office.between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert len(office._known) <= 4096
