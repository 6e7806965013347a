"""The storm's two tempers: how fast it is told, and with whom it begins."""

from datetime import UTC, datetime, timedelta

from infra.doubles.networks.accounts import ACCOUNTS
from infra.doubles.networks.storm import storm

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_twice_the_pace_takes_half_the_time_and_tells_the_same() -> None:
    slow, fast = (storm(40, 1, ACCOUNTS, START, pace=pace) for pace in (1, 2))
    assert len(slow) == len(fast)
    assert [(one.what, one.person) for one in slow] == [(one.what, one.person) for one in fast]
    for one, other in zip(slow, fast, strict=True):
        assert abs((one.at - START) / 2 - (other.at - START)) < timedelta(milliseconds=1)


def test_later_customers_are_those_a_longer_storm_would_have_brought() -> None:
    everybody = {one.person for one in storm(30, 1, ACCOUNTS, START)}
    first, later = storm(20, 1, ACCOUNTS, START), storm(10, 1, ACCOUNTS, START, first=20)
    assert {one.person for one in first} | {one.person for one in later} == everybody
    assert not {one.person for one in first} & {one.person for one in later}
