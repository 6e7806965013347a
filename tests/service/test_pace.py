"""A worker that was asked to wait does not ask again, and nobody sleeps."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.service.pace import AWAY, LONGEST, Pace, Paced
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from tests.build import NOON

SECOND = timedelta(seconds=1)
POST, UPDATE = "chat.postMessage", "chat.update"


class Scripted:
    """Slack that answers as told, one by one, and then always well."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, str]] = []

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.calls.append((method, arguments["channel"]))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        return {"ok": True}


class Desk:
    def __init__(self, *answers: Exception | None) -> None:
        self.now = NOON
        self.slack, self.pace = Scripted(*answers), Pace()

    def call(self, method: str = POST, channel: str = "C1", urgent: bool = False) -> timedelta | None:
        """How long to wait; nothing when it went through."""
        try:
            Paced(self.slack, self.pace, lambda: self.now, urgent).call(method, channel=channel)
        except SlackBusy as busy:
            return busy.after
        return None


def test_a_channel_that_asked_to_wait_is_left_alone_until_then() -> None:
    desk = Desk(SlackBusy(30 * SECOND))
    assert desk.call() == 30 * SECOND
    desk.now += 10 * SECOND
    assert desk.call() == 21 * SECOND
    desk.now += 19 * SECOND
    assert desk.call() is not None and len(desk.slack.calls) == 1
    desk.now += SECOND
    assert desk.call() is None and len(desk.slack.calls) == 2


def test_those_who_wait_come_back_one_a_second() -> None:
    desk = Desk(SlackBusy(30 * SECOND))
    assert [desk.call() for _ in range(4)] == [one * SECOND for one in (30, 31, 32, 33)]


def test_the_urgent_come_back_first() -> None:
    desk = Desk(SlackBusy(30 * SECOND))
    assert [desk.call(), desk.call(), desk.call(urgent=True)] == [30 * SECOND, 31 * SECOND, 30 * SECOND]


def test_other_channels_and_methods_go_on() -> None:
    desk = Desk(SlackBusy(30 * SECOND))
    desk.call()
    assert desk.call(channel="C2") is None and desk.call(UPDATE) is None


def test_a_method_that_asked_to_wait_waits_in_every_channel() -> None:
    desk = Desk(SlackBusy(5 * SECOND))
    desk.call(UPDATE)
    assert desk.call(UPDATE, channel="C2") == 6 * SECOND


def test_no_wait_is_longer_than_a_queue_can_delay() -> None:
    desk = Desk(SlackBusy(LONGEST))
    assert {desk.call() for _ in range(50)} == {LONGEST}


def test_slack_that_does_not_answer_twice_is_left_alone_for_a_while() -> None:
    desk = Desk(NoAnswer("timeout"), NotSent("refused"))
    for error in (NoAnswer, NotSent, NotSent, NotSent):
        with pytest.raises(error):
            desk.call()
    assert len(desk.slack.calls) == 2
    desk.now += AWAY
    assert desk.call() is None


def test_one_lost_answer_alone_holds_up_nobody() -> None:
    desk = Desk(NoAnswer("timeout"), None, NoAnswer("timeout"), None)
    for lost in (True, False, True, False):
        if lost:
            with pytest.raises(NoAnswer):
                desk.call()
        else:
            assert desk.call() is None


def test_a_refusal_is_passed_on_and_closes_nothing() -> None:
    desk = Desk(SlackRefused("is_archived"))
    with pytest.raises(SlackRefused):
        desk.call()
    assert desk.call() is None


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.none() | st.integers(0, 60)), max_size=40))
def test_slack_is_never_asked_before_the_time_it_named(steps: list[tuple[int, bool, int | None]]) -> None:
    desk, opens_at = Desk(), NOON
    for passes, urgent, asks in steps:
        desk.now += passes * SECOND
        desk.slack.answers = [SlackBusy(asks * SECOND) if asks is not None else None]
        before = len(desk.slack.calls)
        waits = desk.call(urgent=urgent)
        called = len(desk.slack.calls) > before
        assert called == (desk.now >= opens_at)
        if waits is not None:
            opens_at = _opens(opens_at, desk.now + waits if called else opens_at)
            assert desk.now + waits >= opens_at or waits == LONGEST


def _opens(before: datetime, now: datetime) -> datetime:
    return max(before, now)
