"""Calendars in the policy file: what is right travels as dates and intervals, what is wrong is named with its line."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.calendar import Calendar, Day, hours_text, read_hours
from chalicelib.domain.case import Priority
from chalicelib.domain.config import Config, load_config
from infra.cli.health import Health, in_force
from infra.config import Checked, Level, check, compile_config
from infra.config.closures import Unusable, closures
from infra.config.fetching import Fetch, download, fetched
from infra.config.holidays import holidays_until, running_out
from tests.build import targets

TODAY = date(2026, 6, 1)
SAMPLE = Path(__file__).parents[2] / "care.yaml"

GOOD = """\
brands:
  harbor: {name: Harbor, queue: messages}
accounts:
  harbor-x: {channel: x, id: "145500", brand: harbor, name: harborhill}
queues:
  messages: {name: Messages, slack: C0MESSAGES}
calendars:
  office:
    timezone: Europe/Berlin
    week:
      mon-thu: ["08:00-12:00", "13:00-18:00"]
      fri: 08:00-12:00
    holidays: [DE-BE, US]
    ical: closures.ics
    overrides:
      2026-12-24: "09:00-11:00"
      2026-12-31: closed
      2027-01-01: ["10:00-12:00", "14:00-15:00"]
  nights:
    timezone: America/New_York
    week:
      fri-mon: "22:00-06:00"
sla:
  - priority: urgent
    first_response: 15m
  - calendar: office
    first_response: 4h
"""

CLOSURES = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//harbor//closures//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260817
DTEND;VALUE=DATE:20260819
SUMMARY:Stock
 taking
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20260901
SUMMARY:Outing
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20251230
DURATION:P4D
SUMMARY:Old and new year
END:VEVENT
END:VCALENDAR
"""

INTERVALS = 'write intervals such as "08:00-12:00", or closed'

WRONG: dict[str, tuple[str, str, int, str]] = {
    "zone": (
        "Europe/Berlin",
        "Europe/Berln",
        9,
        'unknown timezone "Europe/Berln" in calendar "office"; did you mean "Europe/Berlin"? write it as Europe/Berlin',
    ),
    "no zone at all": ("    timezone: Europe/Berlin\n", "", 8, '"timezone" is missing in calendar "office"; give the'),
    "zone out of its place": ("Europe/Berlin", "../etc/passwd", 9, 'unknown timezone "../etc/passwd" in calendar'),
    "zones' folder": ("Europe/Berlin", "America", 9, 'unknown timezone "America" in calendar "office"; '),
    "day": ("fri: 08", "fry: 08", 12, 'unknown day "fry" in calendar "office"; did you mean "fri"? known days: mon'),
    "day twice": (
        "fri: 08",
        "wed-fri: 08",
        12,
        '"wed" stands twice in the week of calendar "office"; it is in "mon-thu" too; name each day once',
    ),
    "interval": ('"13:00-18:00"', '"13-18"', 11, f'"13-18" in calendar "office" is no interval; {INTERVALS}'),
    "interval of a text": ("fri: 08:00-12:00", "fri: morning", 12, '"morning" in calendar "office" is no interval'),
    "number for an interval": ("fri: 08:00-12:00", "fri: 8", 12, 'week "8" in calendar "office" is read as a number'),
    "list for a week": (
        "week:\n      fri-mon:",
        "week:\n      - fri-mon:",
        21,
        'week in calendar "nights" is not a map',
    ),
    "backwards": (
        '"13:00-18:00"',
        '"18:00-13:00"',
        11,
        '"18:00-13:00" in calendar "office" ends before it begins; swap the two; a night over midnight lasts 16 hours',
    ),
    "no length": ("fri: 08:00-12:00", "fri: 08:00-08:00", 12, '"08:00-08:00" in calendar "office" begins when it'),
    "midnight to midnight": (
        "fri: 08:00-12:00",
        'fri: "00:00-00:00"',
        12,
        '"00:00-00:00" in calendar "office" begins when it ends; write a whole day as "00:00-24:00"',
    ),
    "overlap": (
        '"13:00-18:00"',
        '"11:00-18:00"',
        11,
        '"11:00-18:00" in calendar "office" overlaps with another interval of the day; let each interval begin where',
    ),
    "overlap with the next day": (
        '"22:00-06:00"',
        '["22:00-06:00", "05:00-07:00"]',
        22,
        'the night of fri in calendar "nights" overlaps with the next day\'s first interval; end the night where',
    ),
    "never opens": (
        'fri-mon: "22:00-06:00"',
        "fri-mon: closed",
        21,
        'calendar "nights" never opens; give at least one day of the week an interval, such as mon-fri: "08:00-18:00"',
    ),
    "empty week": ('week:\n      fri-mon: "22:00-06:00"', "week: {}", 21, 'calendar "nights" never opens; '),
    "date": (
        "2026-12-24",
        "2026-02-30",
        16,
        '"2026-02-30" in calendar "office" is not a date; write year, month and day, such as 2026-12-24',
    ),
    "interval of a date": ('"09:00-11:00"', "half", 16, '"half" in calendar "office" is no interval; write intervals'),
    "country": ("DE-BE", "XX", 13, 'unknown holidays "XX" in calendar "office"; write a country\'s code'),
    "part of a country": (
        "DE-BE",
        "DE-BQ",
        13,
        'unknown holidays "DE-BQ" in calendar "office"; known parts of DE: BB, BE, BW',
    ),
    "Norway": ("DE-BE", "NO", 13, 'holidays "NO" in calendar "office" is read as yes or no; put it in quotes: "NO"'),
    "no file": ("closures.ics", "none.ics", 14, 'ical "none.ics" in calendar "office" cannot be read: no such file'),
    "calendar": (
        "calendar: office",
        "calendar: ofice",
        26,
        'unknown calendar "ofice" in sla entry 2; did you mean "office"? known calendars: office, nights',
    ),
    "unknown key": ("    ical:", "    icals:", 14, 'unknown key "icals" in calendar "office"; did you mean "ical"?'),
}


def checked(tmp_path: Path, text: str = GOOD, ical: str = CLOSURES) -> Checked:
    file = tmp_path / "care.yaml"
    file.write_text(text)
    (tmp_path / "closures.ics").write_bytes(ical.replace("\n", "\r\n").encode("utf-8", "surrogatepass"))
    return check(file, ["x"], TODAY)


def loaded(policy: Checked) -> Config:
    return load_config(json.loads(json.dumps(compile_config(policy, 1))))


def office(policy: Checked) -> Calendar:
    (target,) = targets(loaded(policy), "messages", Priority.NORMAL)
    assert target.calendar
    return target.calendar


def test_a_calendar_arrives_with_its_promise(tmp_path: Path) -> None:
    policy = checked(tmp_path)
    assert policy.problems == ()
    calendar = office(policy)
    assert (calendar.name, calendar.zone) == ("office", "Europe/Berlin")
    day = read_hours("08:00-12:00 13:00-18:00")
    assert calendar.week == (day, day, day, day, read_hours("08:00-12:00"), (), ())
    assert [target.calendar for target in targets(loaded(policy), "messages", Priority.URGENT)] == [None]


def test_a_span_of_days_may_go_over_the_end_of_the_week(tmp_path: Path) -> None:
    night = read_hours("22:00-06:00")
    assert checked(tmp_path).calendars["nights"].week == (night, (), (), (), night, night, night)


def test_public_holidays_are_written_out_around_this_year_under_their_own_names(tmp_path: Path) -> None:
    dates = office(checked(tmp_path)).dates
    assert dates[date(2026, 4, 3)] == Day((), "Karfreitag")
    assert dates[date(2028, 3, 8)] == Day((), "Frauentag")
    assert dates[date(2026, 11, 26)] == Day((), "Thanksgiving Day")
    assert {day.year for day in dates} == {2025, 2026, 2027, 2028}


def test_what_the_file_says_of_a_date_goes_before_holidays_and_closures(tmp_path: Path) -> None:
    dates = office(checked(tmp_path)).dates
    assert dates[date(2026, 12, 24)] == Day(read_hours("09:00-11:00"))
    assert dates[date(2026, 12, 31)] == Day()
    assert dates[date(2027, 1, 1)] == Day(read_hours("10:00-12:00 14:00-15:00"))


def test_all_day_events_of_a_calendar_file_close_their_days(tmp_path: Path) -> None:
    dates = office(checked(tmp_path)).dates
    assert [day for day in sorted(dates) if dates[day].name == "Stocktaking"] == [date(2026, 8, 17), date(2026, 8, 18)]
    assert dates[date(2026, 9, 1)] == Day((), "Outing")
    turn = [day for day in sorted(dates) if dates[day].name == "Old and new year"]
    assert turn == [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]


def event(*lines: str) -> str:
    """The file with one event more."""
    return CLOSURES.replace("END:VCALENDAR", "\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR")))


MONDAY, TUESDAY = date(2026, 7, 6), date(2026, 7, 7)

TIMED = {
    # office hours are 08:00-12:00 and 13:00-18:00, on Friday 08:00-12:00; Berlin is two hours before UTC
    "an afternoon": (
        ("DTSTART:20260706T130000Z", "DTEND:20260706T150000Z"),
        {MONDAY: "08:00-12:00 13:00-15:00 17:00-18:00"},
    ),
    "by another wall": (
        ("DTSTART;TZID=America/New_York:20260706T100000", "DTEND;TZID=America/New_York:20260706T120000"),
        {MONDAY: "08:00-12:00 13:00-16:00"},
    ),
    "by our own wall": (("DTSTART:20260706T100000", "DURATION:PT4H"), {MONDAY: "08:00-10:00 14:00-18:00"}),
    "all day, as some programs write it": (("DTSTART:20260706T000000", "DTEND:20260707T000000"), {MONDAY: ""}),
    "a day and a half": (
        ("DTSTART:20260706T120000", "DTEND:20260707T120000"),
        {MONDAY: "08:00-12:00", TUESDAY: "13:00-18:00"},
    ),
    "a part of a minute": (("DTSTART:20260706T080030", "DTEND:20260706T110015"), {MONDAY: "11:01-12:00 13:00-18:00"}),
    "in the break": (("DTSTART:20260706T120000", "DTEND:20260706T130000"), {}),
    "on a weekend": (("DTSTART:20260704T100000", "DTEND:20260704T120000"), {}),
    "shown as free": (("DTSTART:20260706T130000Z", "DTEND:20260706T150000Z", "TRANSP:TRANSPARENT"), {}),
    "called off": (("DTSTART:20260706T130000Z", "DTEND:20260706T150000Z", "STATUS:CANCELLED"), {}),
    "without an end": (("DTSTART:20260706T130000Z",), {}),
    "long ago": (("DTSTART:20200706T130000Z", "DTEND:20200706T150000Z"), {}),
}


@pytest.mark.parametrize("name", TIMED)
def test_an_event_with_times_of_day_takes_those_hours_away(tmp_path: Path, name: str) -> None:
    lines, expected = TIMED[name]
    policy = checked(tmp_path, ical=event("UID:4", "SUMMARY:Team day", *lines))
    assert policy.problems == ()
    dates = office(policy).dates
    found = {day: hours_text(what.hours) for day, what in dates.items() if "Team day" in what.name}
    assert found == expected


def test_what_a_holiday_has_closed_stays_closed_and_keeps_its_name(tmp_path: Path) -> None:
    policy = checked(tmp_path, ical=event("UID:4", "SUMMARY:Party", "DTSTART:20260703T100000", "DTEND:20260703T110000"))
    assert office(policy).dates[date(2026, 7, 3)] == Day((), "Independence Day (observed)")


def test_a_night_shift_is_shortened_on_the_morning_after(tmp_path: Path) -> None:
    text = GOOD.replace('      fri-mon: "22:00-06:00"', '      fri-mon: "22:00-06:00"\n    ical: closures.ics')
    ical = event("UID:4", "SUMMARY:Move", "DTSTART:20260704T040000", "DTEND:20260704T050000")
    nights = checked(tmp_path, text, ical).calendars["nights"]
    assert nights.dates[date(2026, 7, 3)] == Day(read_hours("22:00-04:00"), "Move")
    assert nights.dates[date(2026, 7, 4)] == Day(read_hours("05:00-06:00 22:00-06:00"), "Move")
    morning = datetime(2026, 7, 4, 8, tzinfo=UTC)
    shut = nights.closures(morning - timedelta(hours=2), morning + timedelta(hours=2))
    assert list(shut) == [(morning, morning + timedelta(hours=1))]


def test_an_all_day_event_that_was_called_off_closes_nothing_and_one_shown_as_free_does(tmp_path: Path) -> None:
    off = event("UID:4", "SUMMARY:Off", "DTSTART;VALUE=DATE:20260706", "STATUS:CANCELLED")
    assert MONDAY not in office(checked(tmp_path, ical=off)).dates
    free = event("UID:4", "SUMMARY:Feast", "DTSTART;VALUE=DATE:20260706", "TRANSP:TRANSPARENT")
    assert office(checked(tmp_path, ical=free)).dates[MONDAY] == Day((), "Feast")


def test_several_calendar_files_each_close_their_days(tmp_path: Path) -> None:
    (tmp_path / "more.ics").write_text(event("UID:4", "SUMMARY:More", "DTSTART;VALUE=DATE:20260706"))
    dates = office(checked(tmp_path, GOOD.replace("ical: closures.ics", "ical: [closures.ics, more.ics]"))).dates
    assert {dates[MONDAY].name, dates[date(2026, 9, 1)].name} == {"More", "Outing"}


# -- what runs out ----------------------------------------------------------------------------------------------------


def test_a_calendar_file_of_last_year_is_warned_about(tmp_path: Path) -> None:
    file = tmp_path / "care.yaml"
    file.write_text(GOOD)
    (tmp_path / "closures.ics").write_text(CLOSURES)
    (warning,) = check(file, ["x"], date(2026, 9, 2)).problems
    assert (warning.level, warning.line) == (Level.WARNING, 14)
    assert 'ical "closures.ics" in calendar "office" has no date to come, the last is 2026-09-01; export the' in str(
        warning
    )
    assert check(file, ["x"], date(2026, 9, 1)).problems == ()


def test_an_empty_calendar_file_is_warned_about(tmp_path: Path) -> None:
    (warning,) = checked(tmp_path, ical="BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n").problems
    assert "has no date to come; " in str(warning)


def test_a_pushed_file_whose_dates_run_out_is_named_in_time(tmp_path: Path) -> None:
    policy = compile_config(checked(tmp_path), 1)
    last = date(2028, 12, 26)
    assert max(load_config(policy).policies[1].targets[0].calendar.dates) == last  # type: ignore[union-attr]
    assert list(running_out(policy, last - timedelta(days=93))) == []
    assert list(running_out(policy, last - timedelta(days=91))) == [("office", last)]
    assert holidays_until(policy) == str(last)
    assert in_force(policy, "prod", date(2026, 6, 2)).health is Health.OK
    warned = in_force(policy, "prod", date(2028, 11, 1))
    assert (warned.health, warned.next_step) == (Health.WARN, "run: heed config push care.yaml --stage prod")
    assert "office knows no holiday after 2028-12-26" in warned.says


# -- from an address --------------------------------------------------------------------------------------------------

ADDRESS = "https://calendars.example/office.ics?key=1"


def addressed(tmp_path: Path, fetch: Fetch, address: str = ADDRESS) -> Checked:
    file = tmp_path / "care.yaml"
    file.write_text(GOOD.replace("ical: closures.ics", f'ical: "{address}"'))
    return check(file, ["x"], TODAY, fetch)


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.replace("https", "webcal")])
def test_a_calendar_is_read_from_an_address_when_the_file_is_checked(tmp_path: Path, address: str) -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return CLOSURES.encode()

    policy = addressed(tmp_path, fetch, address)
    assert (policy.problems, asked) == ((), [ADDRESS])
    assert office(policy).dates[date(2026, 9, 1)] == Day((), "Outing")


def test_an_address_without_https_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    (problem,) = addressed(tmp_path, fetched, "http://calendars.example/x.ics").errors
    assert problem.line == 14
    assert "is an address without https; give one that begins with https://, or save it beside" in str(problem)


class Calendars(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/none" else 200)
        self.end_headers()
        with suppress(OSError):
            self._say()

    def _say(self) -> None:
        while self.path == "/endless":
            self.wfile.write(b"x" * 65_536)
        for _ in range(100 if self.path == "/slow" else 0):
            self.wfile.write(b"x")
            sleep(0.05)
        self.wfile.write(CLOSURES.encode())

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def calendars() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Calendars)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_what_stands_at_an_address_is_fetched(calendars: str) -> None:
    assert download(f"{calendars}/office.ics") == CLOSURES.encode()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/none", "cannot be fetched: HTTP 404; check that anybody can open it, or save it beside the policy file"),
        ("/moved", "cannot be fetched: it leads to an address without https"),
        ("/endless", "has more than 1,000,000 bytes; keep it under 1,000,000"),
        ("/slow", "takes longer than 0.2 s; save it beside the policy file"),
    ],
)
def test_what_cannot_be_fetched_says_why(calendars: str, path: str, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        download(calendars + path, seconds=0.2 if path == "/slow" else 5)


def test_nobody_there_is_an_error_and_no_traceback() -> None:
    with pytest.raises(Unusable, match=r"cannot be fetched: .*; check the address"):
        download("http://127.0.0.1:1/x.ics")


@pytest.mark.parametrize(
    ("ical", "words"),
    [
        pytest.param("hello", "is no iCalendar file", id="no calendar"),
        pytest.param("", "is no iCalendar file", id="empty"),
        pytest.param(CLOSURES.replace("UID:2", "RRULE:FREQ=YEARLY"), 'repeats "Outing"', id="repeating"),
        pytest.param(CLOSURES.replace("20260901", "soon"), "has an event without usable dates", id="no date"),
        pytest.param(CLOSURES.replace("DTSTART;VALUE=DATE:20260901\n", ""), "without usable dates", id="nothing"),
        pytest.param("x" * 1_000_001, "has 1,000,001 bytes; keep it under 1,000,000", id="large"),
    ],
)
def test_a_calendar_file_that_cannot_be_used_is_refused(tmp_path: Path, ical: str, words: str) -> None:
    (problem,) = checked(tmp_path, ical=ical).errors
    assert problem.line == 14
    assert words in str(problem)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(CLOSURES)), width=st.integers(0, 12), junk=st.text(max_size=6))
def test_no_damage_to_a_calendar_file_is_more_than_a_refusal(cut: int, width: int, junk: str) -> None:
    raw = (CLOSURES[:cut] + junk + CLOSURES[cut + width :]).encode("utf-8", "surrogatepass")
    try:
        found = closures(raw, range(2026, 2029), ZoneInfo("Europe/Berlin"))
    except Unusable:
        return
    assert all(2026 <= day.year <= 2028 for day in found.days)


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_with_its_line_and_its_cure(tmp_path: Path, case: str) -> None:
    old, new, line, words = WRONG[case]
    assert old in GOOD
    found = checked(tmp_path, GOOD.replace(old, new, 1))
    assert not found.ok
    assert any(problem.line == line and words in str(problem) for problem in found.errors), found.problems


def test_a_calendar_shut_for_years_never_opens(tmp_path: Path) -> None:
    shut = "DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20290101"
    text = GOOD.replace("    overrides:\n", "").replace("      202", "      # 202")
    found = checked(tmp_path, text, CLOSURES.replace("DTSTART;VALUE=DATE:20260901", shut))
    assert ['calendar "office" never opens' in str(problem) for problem in found.errors] == [True]


def test_a_policy_from_before_calendars_still_loads(tmp_path: Path) -> None:
    data = compile_config(checked(tmp_path), 1)
    old = {name: value for name, value in data.items() if name != "calendars"}
    old["promises"] = [{k: v for k, v in one.items() if k != "calendar"} for one in data["promises"]]
    (target,) = targets(load_config(old), "messages", Priority.NORMAL)
    assert target.calendar is None


def test_the_sample_keeps_office_hours_for_what_can_wait_and_none_for_what_cannot() -> None:
    config = loaded(check(SAMPLE, today=TODAY))
    assert [target.calendar for target in targets(config, "escalations", Priority.URGENT)] == [None, None]
    first, _, resolution = targets(config, "messages", Priority.NORMAL)
    eve = datetime(2026, 12, 24, 15, tzinfo=UTC)  # 16:00 in Berlin, a Thursday; Friday is a holiday
    assert first.timekeeper.add(eve, first.within) == datetime(2026, 12, 28, 9, tzinfo=UTC)
    assert resolution.within == 3 * timedelta(hours=10)
