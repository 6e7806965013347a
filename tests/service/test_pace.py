"""Workers that share a Slack: together they ask no more often than it takes, nobody asks too early, nobody sleeps."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.config import Slack
from chalicelib.domain.errors import Conflict
from chalicelib.domain.turns import ALARM, CARD, LINE, PEOPLE
from chalicelib.service.pace import AWAY, Pace, Paced, Turns
from chalicelib.service.ports import NoAnswer, NotSent, Row, SlackBusy, SlackRefused
from tests.build import NOON
from tests.fakes.memory_store import MemoryStore
from tests.slack.samples import CONFIG, TEAM

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


class Workers:
    """Containers that know of each other by the store alone."""

    def __init__(self, *answers: Exception | None, count: int = 3) -> None:
        self.now = NOON
        self.slack, self.store = Scripted(*answers), MemoryStore()
        self.paces = [Pace(self.store, lambda: self.now) for _ in range(count)]

    def turns(self, worker: int = 0, rank: str = LINE, since: datetime | None = None) -> Turns:
        return Turns(self.paces[worker], CONFIG, since, rank)

    def call(self, method: str = POST, channel: str = "C1", worker: int = 0, **turns: Any) -> timedelta | None:
        """How long to wait; nothing when it went through."""
        try:
            Paced(self.slack, self.turns(worker, **turns)).call(method, channel=channel)
        except SlackBusy as busy:
            assert busy.turn in (None, self.now + busy.after)
            return busy.after
        return None


def test_workers_together_post_no_more_than_a_channel_takes() -> None:
    workers = Workers()
    waits = [workers.call(worker=at % 3) for at in range(7)]
    assert waits == [None, None, None, 3 * SECOND, 4 * SECOND, 5 * SECOND, 6 * SECOND]


def test_a_wait_that_one_worker_was_asked_for_is_every_workers() -> None:
    workers = Workers(SlackBusy(30 * SECOND))
    assert workers.call() == 30 * SECOND
    workers.now += 10 * SECOND
    assert workers.call(worker=1) == 21 * SECOND, "after the one who waits already"
    workers.now += 19 * SECOND
    assert workers.call(worker=2) == 3 * SECOND and len(workers.slack.calls) == 1
    workers.now += SECOND
    assert workers.call(worker=2, since=NOON) is None and len(workers.slack.calls) == 2


def test_who_was_given_a_time_does_not_ask_before_it_and_passes_then() -> None:
    workers = Workers()
    for _ in range(3):
        workers.call()
    (wait,) = {workers.call()}
    assert wait is not None
    since = workers.now + wait
    reads = workers.store.commit
    workers.store.commit = _never  # type: ignore[method-assign]
    assert workers.call(worker=1, since=since) == wait, "without a look at the door"
    workers.store.commit = reads  # type: ignore[method-assign]
    workers.now = since
    assert workers.call(worker=1, since=since) is None


def _never(*rows: Row) -> None:
    raise AssertionError("asked too early")


def test_the_urgent_go_first() -> None:
    workers = Workers()
    for _ in range(3 + 20):
        workers.call(rank=CARD)
    assert workers.call(rank=LINE) == 23 * SECOND
    assert [workers.call(rank=rank) for rank in (ALARM, PEOPLE)] == [3 * SECOND, 3 * SECOND]


def test_other_channels_and_methods_go_on() -> None:
    workers = Workers(SlackBusy(30 * SECOND))
    workers.call()
    assert workers.call(channel="C2") is None and workers.call(UPDATE) is None


def test_a_method_is_counted_over_the_whole_workspace() -> None:
    workers = Workers(SlackBusy(5 * SECOND))
    workers.call(UPDATE)
    assert workers.call(UPDATE, channel="C2", worker=1) == 6.2 * SECOND


def test_fifty_edits_a_minute_are_made_and_not_more() -> None:
    workers = Workers()
    made = 0
    for _ in range(600):
        workers.now += SECOND / 10
        made += workers.call(UPDATE, rank=PEOPLE) is None
    assert made <= 60 / 1.2 + 12 / 1.2 + 1


def test_a_turn_taken_ahead_is_the_next_posts_and_no_others() -> None:
    workers = Workers()
    turns = workers.turns()
    for _ in range(2):
        turns.ahead("C1")
    slack = Paced(workers.slack, turns)
    for _ in range(3):
        slack.call(POST, channel="C1")
    with pytest.raises(SlackBusy):
        slack.call(POST, channel="C1")
    assert len(workers.slack.calls) == 3, "one ahead of three, as a channel takes at once"


def test_doors_of_two_workspaces_are_two_doors() -> None:
    far = replace(CONFIG.queues["care"], key="far", slack="C0FAR0001", workspace="far")
    places = {"here": Slack(TEAM, "A1"), "far": Slack("T0FAR", "A2")}
    queues = {"care": replace(CONFIG.queues["care"], workspace="here"), "far": far}
    config = replace(CONFIG, workspaces=places, queues=queues)
    workers = Workers()
    for channel in ("C0CARE001", "C0FAR0001"):
        Paced(workers.slack, Turns(workers.paces[0], config)).call(UPDATE, channel=channel)
    Paced(workers.slack, Turns(workers.paces[0], config)).call(UPDATE, channel="C0OLD", team="T0FAR")
    assert workers.store.door(TEAM, UPDATE) is not None
    far_door = workers.store.door("T0FAR", UPDATE)
    assert far_door is not None and far_door.version == 2


def test_a_quiet_door_costs_its_only_worker_one_write_and_no_read() -> None:
    class Counting(MemoryStore):
        reads = writes = 0

        def door(self, team: str, name: str) -> Any:
            self.reads += 1
            return super().door(team, name)

        def commit(self, *rows: Row) -> None:
            self.writes += 1
            super().commit(*rows)

    workers = Workers()
    store = workers.paces[0].store = Counting()
    for _ in range(10):
        workers.now += 5 * SECOND
        assert workers.call() is None
    assert (store.reads, store.writes) == (1, 10)


def test_a_door_where_others_always_write_first_is_left_for_a_moment() -> None:
    class Crowded(MemoryStore):
        def commit(self, *rows: Row) -> None:
            raise Conflict

    workers = Workers()
    workers.paces[0].store = Crowded()
    assert workers.call() == 2 * SECOND and workers.slack.calls == []


def test_slack_that_does_not_answer_twice_is_left_alone_for_a_while() -> None:
    workers = Workers(NoAnswer("timeout"), NotSent("refused"))
    for error in (NoAnswer, NotSent, NotSent, NotSent):
        with pytest.raises(error):
            workers.call()
    assert len(workers.slack.calls) == 2
    workers.now += AWAY
    assert workers.call() is None


def test_one_lost_answer_alone_holds_up_nobody() -> None:
    workers = Workers(NoAnswer("timeout"), None, NoAnswer("timeout"), None)
    for lost in (True, False, True, False):
        workers.now += 5 * SECOND
        if lost:
            with pytest.raises(NoAnswer):
                workers.call()
        else:
            assert workers.call() is None


def test_a_refusal_is_passed_on_and_closes_nothing() -> None:
    workers = Workers(SlackRefused("is_archived"))
    with pytest.raises(SlackRefused):
        workers.call()
    assert workers.call() is None


def test_a_slack_that_takes_more_is_given_more() -> None:
    workers = Workers()
    workers.paces[0].rate = 100
    assert [workers.call() for _ in range(200)] == [None] * 200
