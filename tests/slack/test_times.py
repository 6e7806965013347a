"""Moments and spans in words."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.slack.times import moment, read_span, span, stamp

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (-125, "2 minutes"),
        (3600 + 5 * 60 + 59, "1 hour 5 minutes"),
        (2 * 86400 + 3600 + 60, "2 days 1 hour"),
        (86400 + 60, "1 day 1 minute"),
    ],
)
def test_spans_name_their_two_largest_units(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_a_near_moment_shows_the_time_a_far_one_the_day_too() -> None:
    assert moment(NOON + timedelta(hours=2), NOON) == "<!date^1780322400^{time}|14:00 UTC>"
    assert "{date_short_pretty} {time}|2026-06-03 12:00 UTC" in moment(NOON + timedelta(days=2), NOON)


def test_shortly_after_midnight_the_day_is_named_in_utc() -> None:
    assert stamp(NOON + timedelta(hours=13), NOON) == "2026-06-02 01:00 UTC"


@pytest.mark.parametrize(
    ("text", "span_read"),
    [
        ("2h", (timedelta(hours=2), "")),
        ("1h 30m later", (timedelta(minutes=90), "later")),
        ("3 days", (timedelta(days=3), "")),
        ("1 week", (timedelta(days=7), "")),
        ("90min", (timedelta(minutes=90), "")),
        ("2 hours and a half", (timedelta(hours=2), "and a half")),
        ("0m", None),
        ("2hx", None),
        ("soon", None),
        ("h", None),
        ("99999d", None),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, span_read: object) -> None:
    assert read_span(text) == span_read
