"""Moments and spans in words, with Slack turning moments into each reader's own time."""

import re
from datetime import UTC, datetime, timedelta

_SOON = timedelta(hours=12)
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_TS = re.compile(r"(\d{1,10})(?:\.(\d{1,6}))?")
_PART = re.compile(r"(\d{1,4})\s*(m|h|d|w)(?:in|ins|inute|inutes|our|ours|r|rs|ay|ays|eek|eeks)?\b", re.IGNORECASE)


def moment(at: datetime, now: datetime) -> str:
    """A point in time as mrkdwn: local for the reader, with UTC where Slack cannot tell."""
    utc = at.astimezone(UTC)
    near = abs(at - now) < _SOON
    shown = "{time}" if near else "{date_short_pretty} {time}"
    return f"<!date^{int(at.timestamp())}^{shown}|{stamp(utc, now)}>"


def stamp(at: datetime, now: datetime) -> str:
    """A point in time as plain text: ``14:20 UTC``, with the date when it is another day."""
    same_day = at.astimezone(UTC).date() == now.astimezone(UTC).date()
    return at.astimezone(UTC).strftime("%H:%M UTC" if same_day else "%Y-%m-%d %H:%M UTC")


def moment_of(ts: str) -> datetime:
    """When something happened in Slack, by its ``ts``; for what is none, the beginning of time."""
    found = _TS.fullmatch(ts)
    whole, part = (int(found[1]), int((found[2] or "0").ljust(6, "0"))) if found else (0, 0)
    return datetime.fromtimestamp(whole, UTC) + timedelta(microseconds=part)


def span(length: timedelta) -> str:
    """``1 hour 5 minutes``: the two largest units, rounded down."""
    left = int(abs(length).total_seconds())
    words: list[str] = []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(words[:2]) or "less than a minute"


def read_span(text: str) -> tuple[timedelta, str] | None:
    """``2h``, ``1h 30m``, ``3 days`` at the beginning of a text, and what comes after it; None for anything else."""
    left, seconds = text.strip(), 0
    while part := _PART.match(left):
        seconds += int(part[1]) * _SECONDS[part[2].lower()]
        left = left[part.end() :].strip()
    return (timedelta(seconds=seconds), left) if seconds else None
