"""Who is on call: one person at every instant, exact hand-overs, overrides that win; and a walk as second opinion."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.calendar import Calendar, read_hours
from chalicelib.domain.oncall import Layer, Override, Rotation, on_call

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]


def daily(zone: str, hours: str) -> Calendar:
    return Calendar(hours, zone, (read_hours(hours),) * 7)


def weekly(*members: str, zone: str = "Europe/Berlin", at: int = 9 * 60) -> Layer:
    return Layer(members, zone, date(2026, 6, 1), at, 7)


def berlin(day: int, hour: int, month: int = 6, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))


SUN = Rotation(
    "world",
    tuple(
        Layer((who,), zone, date(2026, 6, 1), 0, 7, daily(zone, hours))
        for who, zone, hours in (
            ("ana", "Europe/Berlin", "08:00-17:00"),
            ("mia", "America/New_York", "08:00-20:00"),
            ("tom", "Asia/Kolkata", "00:00-24:00"),
        )
    ),
)


def test_members_take_turns_and_the_hand_over_is_exact() -> None:
    rotation = Rotation("social", (weekly("ana", "tom", "mia"),))
    first = on_call(rotation, berlin(8, 9) - timedelta(microseconds=1))
    assert (first.who, first.until) == ("ana", berlin(8, 9))
    assert on_call(rotation, berlin(8, 9)).who == "tom"
    assert on_call(rotation, berlin(15, 9)).who == "mia"
    assert on_call(rotation, berlin(22, 9)).who == "ana"
    assert on_call(rotation, berlin(1, 8)).who == "mia", "before its start the rotation is counted backwards"


@pytest.mark.parametrize(
    ("month", "sunday", "hours"), [(3, 29, 167), (10, 25, 169)], ids=["clocks forward", "clocks back"]
)
def test_a_week_in_which_clocks_change_ends_at_the_same_time_of_day(month: int, sunday: int, hours: int) -> None:
    rotation = Rotation("social", (weekly("ana", "tom"),))
    begin, end = berlin(sunday - 6, 9, month), berlin(sunday, 9, month) + DAY
    assert end.astimezone(UTC) - begin.astimezone(UTC) == hours * HOUR
    duty = on_call(rotation, begin)
    assert duty.until == end.astimezone(UTC)
    assert on_call(rotation, end - MINUTE).who == duty.who != on_call(rotation, end).who


def test_a_hand_over_at_a_time_that_clocks_skip_comes_when_they_have_moved_on() -> None:
    layer = Layer(("ana", "tom"), "Europe/Berlin", date(2026, 3, 28), 150, 1)
    duty = on_call(Rotation("nights", (layer,)), berlin(28, 12, 3))
    assert duty.until == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_override_wins_and_the_later_of_two_wins_again() -> None:
    first = Override(berlin(2, 9), berlin(4, 9), "mia")
    second = Override(berlin(3, 9), berlin(3, 18), "eva")
    rotation = Rotation("social", (weekly("ana", "tom"),), (first, second))
    duties = [on_call(rotation, berlin(day, hour)) for day, hour in ((2, 8), (2, 9), (3, 9), (3, 18), (4, 9))]
    assert [duty.who for duty in duties] == ["ana", "mia", "eva", "mia", "ana"]
    assert [duty.until for duty in duties[:4]] == [berlin(2, 9), berlin(3, 9), berlin(3, 18), berlin(4, 9)]


def test_the_sun_is_followed_and_a_gap_has_nobody() -> None:
    assert [on_call(SUN, berlin(1, hour)).who for hour in (7, 8, 16, 17, 23)] == ["tom", "ana", "ana", "mia", "mia"]
    gapped = Rotation("days", SUN.layers[:1])
    assert on_call(gapped, berlin(1, 20)).who is None
    assert on_call(gapped, berlin(1, 20)).until == berlin(2, 8)


def test_alone_on_call_there_is_no_hand_over() -> None:
    assert on_call(Rotation("me", (weekly("ana"),)), berlin(1, 9)).until is None
    always = Layer(("ana",), "UTC", date(2026, 6, 1), 0, 1, daily("UTC", "00:00-24:00"))
    assert on_call(Rotation("me", (always,)), berlin(1, 9)).who == "ana"


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    zone = draw(st.sampled_from(ZONES))
    hours = draw(st.sampled_from([None, "08:00-17:00", "22:00-06:00", "00:00-24:00"]))
    return Layer(
        members=tuple(draw(st.permutations(["ana", "tom", "mia"]))[: draw(st.integers(1, 3))]),
        zone=zone,
        start=date(2026, 1, 1) + draw(st.integers(0, 400)) * DAY,
        handover=draw(st.integers(0, 1439)),
        days=draw(st.integers(1, 14)),
        hours=daily(zone, hours) if hours else None,
    )


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
OVERRIDES = st.builds(
    lambda start, hours, who: Override(start, start + hours * HOUR, who), INSTANTS, st.integers(1, 99), st.just("eva")
)
ROTATIONS = st.builds(
    Rotation,
    st.just("r"),
    st.lists(layers(), min_size=1, max_size=3).map(tuple),
    st.lists(OVERRIDES, max_size=2).map(tuple),
)


@given(ROTATIONS, INSTANTS, st.floats(0, 1, exclude_max=True))
def test_until_its_hand_over_it_is_the_same_person_and_then_another(
    rotation: Rotation, at: datetime, share: float
) -> None:
    duty = on_call(rotation, at)
    if duty.until is not None:
        assert duty.until > at
        last = duty.until - timedelta.resolution
        between = on_call(rotation, min(at + share * (duty.until - at), last))
        assert (between.who, between.until) == (duty.who, duty.until)
        assert on_call(rotation, duty.until).who != duty.who


@given(ROTATIONS, INSTANTS)
def test_while_an_override_lasts_nobody_else_is_on_call(rotation: Rotation, at: datetime) -> None:
    for one in rotation.overrides:
        assert on_call(rotation, one.start).who == "eva"
        assert on_call(rotation, one.end - timedelta(microseconds=1)).who == "eva"
    if not any(one.covers(at) for one in rotation.overrides):
        assert on_call(rotation, at).who != "eva"


def walked(layer: Layer, begin: datetime, end: datetime) -> Iterator[tuple[datetime, str | None]]:
    """From minute to minute with an eye on the wall clock, and nothing else."""
    zone, at = ZoneInfo(layer.zone), begin
    latest = datetime.min  # noqa: DTZ901
    while at < end:
        wall = at.astimezone(zone).replace(tzinfo=None)
        latest = max(latest, wall)
        turns = -1
        moment = datetime.combine(layer.start, time(*divmod(layer.handover, 60)))
        while moment <= latest:
            turns, moment = turns + 1, moment + layer.days * DAY
        minute = wall.hour * 60 + wall.minute
        hours = layer.hours.week[0] if layer.hours else ((0, 1440),)
        open_now = any(opens <= minute < closes or minute < closes - 1440 for opens, closes in hours)
        yield at, layer.members[turns % len(layer.members)] if open_now else None
        at += 7 * MINUTE


@pytest.mark.parametrize("month", [3, 10, 11])
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", [None, "08:00-17:00", "22:00-06:00"])
def test_a_walk_from_minute_to_minute_finds_the_same_people(month: int, zone: str, hours: str | None) -> None:
    begin = datetime(2026, month, 20 if month != 11 else 1, tzinfo=UTC)
    if zone == "Australia/Lord_Howe":
        begin = datetime(2026, 4 if month == 3 else 10, 1, tzinfo=UTC)
    calendar = daily(zone, hours) if hours else None
    layer = Layer(("ana", "tom", "mia"), zone, begin.date() - 3 * DAY, 2 * 60 + 14, 2, calendar)
    rotation = Rotation("r", (layer,))
    for at, who in walked(layer, begin, begin + 11 * DAY):
        assert on_call(rotation, at).who == who, at
