"""Notices: everybody who is to be told is told, once, and in a storm once for all of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import escalating, lifecycle
from chalicelib.domain.bundling import WINDOW, Bundle, by_reader
from chalicelib.domain.card import FREE, Card, Post
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.config import Config, load_config
from chalicelib.domain.errors import Later
from chalicelib.domain.escalation import Chain, Step, StepKind, Way
from chalicelib.domain.ids import digest
from chalicelib.domain.instants import iso
from chalicelib.domain.notices import Page
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service.bundles import aloud
from chalicelib.service.notices import Herald
from chalicelib.service.ports import NoAnswer, NotSent, Row, SlackBusy, SlackRefused
from chalicelib.service.slack_once import LEASE
from chalicelib.service.summaries import flush
from tests.build import BRAND, MINUTE, NOON, case, config_data
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import CountingMeter, RecordingPager
from tests.fakes.slack_api import Crash, FakeSlack

SECOND = timedelta(seconds=1)
CARE = "C0MESSAGES"
ROTATION = {
    "layers": [
        {"members": ["ana", "tom"], "zone": "UTC", "start": "2026-06-01", "handover": 0, "days": 1, "hours": None}
    ],
    "overrides": [],
    "queue": "messages",
}


def policy(**changes: Any) -> Config:
    return load_config(config_data(rotations={"social": ROTATION}, **changes))


@dataclass
class Desk:
    """A store, Slack and the world outside; time is moved by hand."""

    config: Config = field(default_factory=policy)
    store: MemoryStore = field(default_factory=MemoryStore)
    slack: FakeSlack = field(default_factory=lambda: FakeSlack(NOON.timestamp()))
    pager: RecordingPager = field(default_factory=RecordingPager)
    meter: CountingMeter = field(default_factory=CountingMeter)
    now: Any = NOON

    @property
    def herald(self) -> Herald:
        return Herald(self.store, self.slack, self.pager, self.config, self.meter, self.now)

    def escalate(self, number: int = 1, way: Way = Way.TEAM, target: str = "", **more: Any) -> TimelineEvent:
        """A case of its own contact whose chain has just told somebody; the event that asks for it."""
        contact = digest(f"customer {number}")
        fresh = case(id=f"{contact}-1", contact_id=contact, contact_name=f"Customer {number}", **more)
        chain = Chain("urgent", (Step(StepKind.NOTIFY, way, target), Step(StepKind.WAIT, span=timedelta(hours=1))))
        after, happened = escalating.started(fresh, chain, self.now, "first_response/0/due")
        after, stepped = escalating.stepped(after, self.now, lambda *_: 0)
        after, events = lifecycle.recorded(None, after, [*happened, *stepped], self.now)
        self.store.commit(after, *events)
        return next(event for event in events if event.fact is Fact.CASE_NOTIFIED)

    def tell(self, event: TimelineEvent) -> None:
        self.herald.tell(event)

    def sweep(self) -> None:
        for bundles in by_reader(self.store.bundles(BRAND)):
            flush(self.herald, bundles)

    def passes(self, span: timedelta) -> None:
        self.now += span
        self.slack.now += span.total_seconds()

    def posts(self) -> list[dict[str, Any]]:
        return list(self.slack.messages.values())

    def texts(self) -> list[str]:
        return [one["text"] for one in self.posts()]

    def case(self, event: TimelineEvent) -> Case:
        found = self.store.case(event.brand, event.case_id)
        assert found is not None
        return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


def until_done(desk: Desk, act: Callable[[], None]) -> None:
    """As a queue would: offered again until it is done, whatever died in between."""
    for _ in range(20):
        try:
            act()
            return
        except Later as later:
            desk.passes(later.delay + SECOND)
        except (Crash, ConnectionError):
            desk.passes(SECOND)
    raise AssertionError("never done")


# -- one notice -------------------------------------------------------------------------------------------------------


def test_the_team_is_told_at_once_and_once(desk: Desk) -> None:
    event = desk.escalate()
    for _ in range(3):
        desk.tell(event)
    (post,) = desk.posts()
    assert post["channel"] == CARE and "Customer 1" in post["text"]
    (button,) = post["blocks"][1]["elements"]
    assert button["value"] == f"{BRAND}/{event.case_id}"


def test_other_facts_tell_nobody(desk: Desk) -> None:
    event = desk.escalate()
    desk.tell(replace(event, fact=Fact.CASE_ESCALATED))
    desk.tell(replace(event, case_id=f"{'z' * 20}-1"))
    assert desk.posts() == []


@pytest.mark.parametrize(
    ("way", "target", "channel"),
    [
        (Way.ASSIGNEE, "tom", "U0TOM"),
        (Way.ON_CALL, "social", "U0ANA"),
        (Way.USER_GROUP, "S0LEADS", CARE),
        (Way.ON_CALL, "gone", CARE),
        (Way.TEAM, "", CARE),
    ],
)
def test_each_reaches_whom_it_names(desk: Desk, way: Way, target: str, channel: str) -> None:
    desk.tell(desk.escalate(way=way, target=target, assignee="tom"))
    (post,) = desk.posts()
    assert post["channel"] == channel
    assert ("<!subteam^S0LEADS>" in post["text"]) is (way is Way.USER_GROUP)


def test_who_is_on_call_is_looked_up_at_the_moment_of_calling(desk: Desk) -> None:
    """A shift that was swapped after the step, or began since, counts."""
    first, second = (desk.escalate(number, Way.ON_CALL, "social") for number in range(2))
    swapped = {**ROTATION, "overrides": [{"start": iso(NOON), "end": iso(NOON + 60 * MINUTE), "who": "mia"}]}
    desk.config = load_config(config_data(rotations={"social": swapped}))
    desk.tell(first)
    desk.passes(timedelta(hours=12))
    desk.tell(second)
    assert [post["channel"] for post in desk.posts()] == ["U0MIA", "U0TOM"]


def test_whoever_has_no_slack_or_another_brand_leaves_it_to_their_team(desk: Desk) -> None:
    agents = config_data()["agents"]
    agents["tom"] |= {"slack": None}
    agents["ana"] |= {"brands": ["another"]}
    desk.config = policy(agents=agents)
    desk.tell(desk.escalate(1, Way.ASSIGNEE, assignee="tom"))
    desk.passes(WINDOW)
    desk.tell(desk.escalate(2, Way.ON_CALL, "social"))
    assert [post["channel"] for post in desk.posts()] == [CARE, CARE]


def test_those_outside_slack_are_paged_with_ids_and_no_names(desk: Desk) -> None:
    event = desk.escalate(way=Way.SMS, target="+4930123456")
    desk.tell(event)
    desk.tell(event)
    (page,) = desk.pager.pages
    assert (page.way, page.target, page.cases) == ("sms", "+4930123456", (event.case_id,))
    assert "Customer" not in page.text + page.subject
    assert desk.posts() == []


def test_a_customers_name_is_data(desk: Desk) -> None:
    event = desk.escalate()
    desk.store.commit(replace(desk.case(event), contact_name="<!channel> & *co*"))
    desk.tell(event)
    (text,) = desk.texts()
    assert "<!channel>" not in text and "&lt;!channel&gt; &amp;" in text


@pytest.mark.parametrize("fact", [Fact.REPLY_SENT, Fact.CASE_SOLVED, None])
def test_who_acts_before_it_is_told_is_left_in_peace(desk: Desk, fact: Fact | None) -> None:
    event = desk.escalate()
    before = desk.case(event)
    if fact is None:
        after, _ = escalating.acknowledged(before, "ana", NOON + SECOND)
    else:
        told = Happening(fact, NOON + SECOND, "ana")
        after = escalating.followed(before, [told], NOON + SECOND)
    desk.store.commit(after)
    desk.tell(event)
    desk.tell(event)
    assert desk.posts() == [] and desk.store.bundles(BRAND) == []


def test_who_acts_while_slack_asks_to_wait_is_left_in_peace(desk: Desk) -> None:
    event = desk.escalate()
    desk.slack.fails("chat.postMessage", SlackBusy(30 * SECOND))
    with pytest.raises(Later):
        desk.tell(event)
    answered = [Happening(Fact.REPLY_SENT, NOON + SECOND, "ana")]
    desk.store.commit(escalating.followed(desk.case(event), answered, NOON + SECOND))
    desk.passes(31 * SECOND)
    desk.tell(event)
    assert desk.posts() == []


def test_who_acts_while_a_page_cannot_leave_is_left_in_peace(desk: Desk) -> None:
    event = desk.escalate(way=Way.SMS, target="+4930123456")
    desk.pager.error = ConnectionError("away")
    with pytest.raises(ConnectionError):
        desk.tell(event)
    desk.pager.error = None
    desk.store.commit(escalating.acknowledged(desk.case(event), "ana", NOON + SECOND)[0])
    desk.tell(event)
    assert desk.pager.pages == []


def test_a_page_whose_sender_died_is_not_sent_again_when_somebody_acted(desk: Desk) -> None:
    event = desk.escalate(way=Way.SMS, target="+4930123456")
    desk.pager.error = Crash()
    with pytest.raises(Crash):
        desk.tell(event)
    desk.pager.error = None
    post = next(row for row in desk.store._rows.values() if isinstance(row, Post))
    desk.store.commit(replace(post, claimed_at=NOON))
    desk.store.commit(escalating.acknowledged(desk.case(event), "ana", NOON + SECOND)[0])
    desk.passes(LEASE + SECOND)
    desk.tell(event)
    assert desk.pager.pages == []


def test_the_last_step_is_told_although_the_chain_is_over(desk: Desk) -> None:
    event = desk.escalate()
    after, _ = escalating.stepped(desk.case(event), NOON + timedelta(hours=2), lambda *_: 0)
    assert after.escalation is not None and not after.escalation.running
    desk.store.commit(after)
    desk.tell(event)
    assert len(desk.posts()) == 1


# -- a storm ----------------------------------------------------------------------------------------------------------


def storm(desk: Desk, count: int, way: Way = Way.TEAM, target: str = "") -> list[TimelineEvent]:
    events = [desk.escalate(number, way, target) for number in range(count)]
    for event in events:
        desk.tell(event)
    return events


def test_500_breaches_are_two_posts(desk: Desk) -> None:
    events = storm(desk, 500)
    assert len(desk.posts()) == 1
    desk.sweep()
    assert len(desk.posts()) == 1, "its window is not over"
    desk.passes(WINDOW)
    for _ in range(3):
        desk.sweep()
    for event in events:
        desk.tell(event)
    first, summary = desk.posts()
    assert "Customer 0" in first["text"]
    assert "*499 more* cases escalated" in summary["text"] and f"<#{CARE}>" in summary["text"]
    assert "Customer 5" in str(summary["blocks"]) and "and 494 more" in str(summary["blocks"])
    assert desk.meter.counts["notices_bundled"] == 499


def test_a_storm_that_goes_on_is_one_post_a_window(desk: Desk) -> None:
    for minute in range(20):
        for number in range(25):
            desk.tell(desk.escalate(minute * 25 + number))
        desk.sweep()
        desk.passes(MINUTE)
    assert len(desk.posts()) <= 1 + 20 * MINUTE / WINDOW
    desk.passes(WINDOW)
    desk.sweep()
    assert heard(desk) == 500


def test_after_a_quiet_window_the_next_one_goes_out_by_itself(desk: Desk) -> None:
    for number in range(3):
        desk.tell(desk.escalate(number))
        desk.passes(WINDOW)
        desk.sweep()
    assert len(desk.posts()) == 3 and "more" not in str(desk.texts())


def test_the_storm_of_one_team_and_way_leaves_the_others_alone(desk: Desk) -> None:
    storm(desk, 5)
    desk.tell(desk.escalate(90, queue="escalations"))
    desk.tell(desk.escalate(91, Way.ASSIGNEE, assignee="tom"))
    desk.tell(desk.escalate(92, Way.EMAIL, "lead@example.com"))
    assert [post["channel"] for post in desk.posts()] == [CARE, "C0ESCALATE", "U0TOM"]
    assert len(desk.pager.pages) == 1


def test_pages_are_bundled_too(desk: Desk) -> None:
    storm(desk, 40, Way.EMAIL, "lead@example.com")
    desk.passes(WINDOW)
    desk.sweep()
    desk.sweep()
    assert [page.count for page in desk.pager.pages] == [1, 39]
    assert len({page.name for page in desk.pager.pages}) == 2


def heard(desk: Desk) -> int:
    """How many cases were told of, alone or counted in a summary."""
    counts = [text.partition(" more*")[0].rpartition("*")[2] for text in desk.texts() if " more*" in text]
    return sum(map(int, counts)) + sum(1 for text in desk.texts() if " more*" not in text)


# -- crashes ----------------------------------------------------------------------------------------------------------


class Mortal(MemoryStore):
    """Dies at its nth commit, before it or after it."""

    dies_at, after, commits = 0, False, 0

    def commit(self, *rows: Row) -> None:
        self.commits += 1
        dying = self.commits == self.dies_at
        if dying and not self.after:
            raise Crash
        super().commit(*rows)
        if dying:
            raise Crash


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", range(1, 9))
def test_whatever_write_it_dies_at_everything_is_told_once(nth: int, after: bool) -> None:
    desk = Desk(store=Mortal())
    events = [desk.escalate(number) for number in range(3)]
    assert isinstance(desk.store, Mortal)
    desk.store.dies_at, desk.store.after = desk.store.commits + nth, after
    for event in events:
        until_done(desk, lambda event=event: desk.tell(event))  # type: ignore[misc]
    desk.passes(WINDOW)
    until_done(desk, desk.sweep)
    until_done(desk, desk.sweep)
    assert "Customer 0" in desk.texts()[0]
    assert heard(desk) == 3
    assert desk.store.commits > desk.store.dies_at


@pytest.mark.parametrize(
    ("error", "done"),
    [
        (Crash(), False),
        (Crash(), True),
        (NoAnswer("lost"), False),
        (NoAnswer("lost"), True),
        (NotSent("away"), False),
        (SlackBusy(SECOND), False),
    ],
)
@pytest.mark.parametrize("summing_up", [False, True])
def test_whatever_slack_does_it_is_told_once(error: BaseException, done: bool, summing_up: bool) -> None:
    desk = Desk()
    if not summing_up:
        desk.slack.fails("chat.postMessage", error, done=done)
    for number in range(3):
        event = desk.escalate(number)
        until_done(desk, lambda event=event: desk.tell(event))  # type: ignore[misc]
    if summing_up:
        desk.slack.fails("chat.postMessage", error, done=done)
    desk.passes(WINDOW)
    until_done(desk, desk.sweep)
    desk.passes(LEASE)
    until_done(desk, desk.sweep)
    assert len([text for text in desk.texts() if "Customer 0" in text]) == 1
    assert heard(desk) == 3


def test_what_comes_while_the_summary_is_told_is_told_next_time(desk: Desk) -> None:
    storm(desk, 3)
    desk.passes(WINDOW)
    late = desk.escalate(50)
    desk.slack.meanwhile["chat.postMessage"] = lambda: desk.tell(late)
    desk.sweep()
    assert "*2 more*" in desk.texts()[1]
    desk.passes(WINDOW)
    desk.sweep()
    assert "*1 more*" in desk.texts()[2]


def test_two_sweeps_at_once_tell_one_summary(desk: Desk) -> None:
    storm(desk, 3)
    desk.passes(WINDOW)
    desk.slack.meanwhile["chat.postMessage"] = lambda: _busy(desk)
    desk.sweep()
    assert len(desk.posts()) == 2


def _busy(desk: Desk) -> None:
    with pytest.raises(Later):
        desk.sweep()


def test_a_direct_message_of_unknown_fate_is_sent_again(desk: Desk) -> None:
    event = desk.escalate(way=Way.ASSIGNEE, assignee="tom")
    desk.slack.fails("chat.postMessage", NoAnswer("lost"), done=True)
    until_done(desk, lambda: desk.tell(event))
    assert len(desk.posts()) == 2 and desk.slack.called("conversations.history") == []


def test_whom_slack_does_not_let_us_reach_leaves_it_to_their_team(desk: Desk) -> None:
    desk.slack.fails("chat.postMessage", SlackRefused("user_disabled"))
    desk.tell(desk.escalate(way=Way.ASSIGNEE, assignee="tom"))
    assert [post["channel"] for post in desk.posts()] == [CARE]


def test_a_page_that_cannot_leave_is_sent_later(desk: Desk) -> None:
    event = desk.escalate(way=Way.SMS, target="+4930123456")
    desk.pager.error = ConnectionError("away")
    until_done(desk, lambda: desk.tell(event))
    assert len(desk.pager.pages) == 1
    assert desk.now - NOON < LEASE, "its claim was given back"


def test_a_channel_that_refuses_is_counted_and_tried_again(desk: Desk) -> None:
    desk.slack.fails("chat.postMessage", SlackRefused("is_archived"))
    event = desk.escalate()
    with pytest.raises(Later):
        desk.tell(event)
    assert desk.meter.counts["slack_refused"] == 1
    desk.tell(event)
    assert len(desk.posts()) == 1


# -- who was seen to meanwhile ----------------------------------------------------------------------------------------


def seen_to(desk: Desk, event: TimelineEvent, how: str) -> None:
    case = desk.case(event)
    if how == "acknowledged":
        desk.store.commit(escalating.acknowledged(case, "ana", desk.now + SECOND)[0])
    elif how == "solved":
        desk.store.commit(replace(case, status=Status.SOLVED))
    else:
        told = [Happening(Fact.REPLY_SENT, desk.now + SECOND, "ana")]
        desk.store.commit(escalating.followed(case, told, desk.now + SECOND))


@pytest.mark.parametrize("how", ["acknowledged", "solved", "answered"])
def test_a_summary_calls_for_nobody_who_was_seen_to_meanwhile(desk: Desk, how: str) -> None:
    events = storm(desk, 8)
    for event in events[1:4]:
        seen_to(desk, event, how)
    desk.passes(WINDOW)
    desk.sweep()
    summary = desk.posts()[-1]
    assert "*4 more* cases escalated" in summary["text"]
    assert [f"Customer {number}" in str(summary["blocks"]) for number in range(1, 8)] == [False] * 3 + [True] * 4


@pytest.mark.parametrize("way", [Way.TEAM, Way.SMS])
def test_when_nobody_is_left_nothing_is_told_and_the_next_one_goes_out_by_itself(desk: Desk, way: Way) -> None:
    for event in storm(desk, 6, way, "+4930123456" if way is Way.SMS else "")[1:]:
        seen_to(desk, event, "solved")
    desk.passes(WINDOW)
    desk.sweep()
    assert len(desk.posts()) + len(desk.pager.pages) == 1
    desk.passes(WINDOW)
    desk.tell(desk.escalate(99, way, "+4930123456" if way is Way.SMS else ""))
    assert len(desk.posts()) + len(desk.pager.pages) == 2
    assert desk.store.bundles(BRAND)[0].open is None


def test_the_oldest_promise_of_a_summary_is_one_that_waits(desk: Desk) -> None:
    events = [desk.escalate(number, clocks=(late(number),)) for number in range(4)]
    for event in events:
        desk.tell(event)
    seen_to(desk, events[1], "solved")
    desk.passes(WINDOW)
    desk.sweep()
    assert f"<!date^{int((NOON + 2 * MINUTE).timestamp())}" in desk.texts()[-1]


def late(number: int, **more: Any) -> Clock:
    """A promise due so many minutes after noon, and broken."""
    due = {"due_at": NOON + number * MINUTE, "warn_at": NOON - MINUTE, "breached_at": NOON + number * MINUTE}
    facts = {**due, "state": ClockState.BREACHED, **more}
    return Clock(Metric.FIRST_RESPONSE, 0, NOON - 60 * MINUTE, 60 * MINUTE, **facts)


# -- two workers, one page --------------------------------------------------------------------------------------------


class Interrupted(RecordingPager):
    """While the first page is on its way somebody else comes."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def page(self, page: Page) -> None:
        super().page(page)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()


@pytest.mark.parametrize("many", [False, True])
def test_two_workers_at_once_page_once_and_neither_fails(many: bool) -> None:
    """The second one is put off, and finds later that it is done."""
    pager = Interrupted()
    desk = Desk(pager=pager)
    events = storm(desk, 4, Way.EMAIL, "lead@example.com") if many else [desk.escalate(1, Way.SMS, "+4930123456")]
    if many:
        desk.passes(WINDOW)
    act = desk.sweep if many else lambda: desk.tell(events[0])
    put_off: list[Later] = []

    def other() -> None:
        with pytest.raises(Later) as later:
            act()
        put_off.append(later.value)

    before = len(pager.pages)
    pager.meanwhile = other
    act()
    assert len(put_off) == 1
    desk.passes(put_off[0].delay)
    act()
    assert len(pager.pages) == before + 1


def test_a_page_whose_sender_died_is_sent_again_after_a_minute_and_no_sooner(desk: Desk) -> None:
    event = desk.escalate(way=Way.SMS, target="+4930123456")
    desk.pager.error, desk.pager.done = Crash(), True
    desk.store.commit, commit = _dying(desk.store), desk.store.commit  # type: ignore[method-assign]
    with pytest.raises(Crash):
        desk.tell(event)
    desk.store.commit = commit  # type: ignore[method-assign]
    desk.passes(LEASE - SECOND)
    with pytest.raises(Later):
        desk.tell(event)
    desk.passes(SECOND)
    desk.tell(event)
    desk.tell(event)
    assert len(desk.pager.pages) == 2 and len({page.name for page in desk.pager.pages}) == 1


def _dying(store: MemoryStore) -> Callable[..., None]:
    """A process that dies with its page cannot give its claim back."""
    commit = store.commit

    def act(*rows: Row) -> None:
        if any(isinstance(row, Post) and row.name.startswith("notice") and row.claimed_at == FREE for row in rows):
            if any(isinstance(row, Bundle) for row in rows):
                commit(*rows)
                return
            raise Crash
        commit(*rows)

    return act


# -- lines the channel sees -------------------------------------------------------------------------------------------


def breach(desk: Desk, number: int, fact: Fact = Fact.CLOCK_BREACHED, actor: str = "system") -> TimelineEvent:
    """A promise of a case of its own, broken or about to."""
    contact = digest(f"customer {number}")
    clock = late(-2) if fact is Fact.CLOCK_BREACHED else late(5, breached_at=None, warned_at=NOON)
    desk.store.commit(case(id=f"{contact}-1", contact_id=contact, contact_name=f"Customer {number}", clocks=(clock,)))
    return event_of(fact, f"{contact}-1", 3, actor)


def event_of(fact: Fact, case_id: str, seq: int, actor: str) -> TimelineEvent:
    data = {"due_at": "2026-06-01T11:58:00.000Z"}
    facts = {"queue": "messages", "priority": "normal", "channel": "facebook", "revision": 0}
    return TimelineEvent(BRAND, case_id, seq, fact, NOON, NOON, actor, data=data, **facts)  # type: ignore[arg-type]


def test_of_500_breaches_the_channel_sees_one_and_a_summary(desk: Desk) -> None:
    events = [breach(desk, number) for number in range(500)]
    for _ in range(2):
        assert [aloud(desk.store, event, desk.now) for event in events] == [True] + [False] * 499
    desk.passes(WINDOW)
    desk.sweep()
    desk.sweep()
    (text,) = desk.texts()
    assert "*499 more* promises broken in Messages; oldest due" in text


def test_the_first_of_each_kind_is_seen_and_other_lines_are_left_alone(desk: Desk) -> None:
    assert aloud(desk.store, breach(desk, 1), NOON) and aloud(desk.store, breach(desk, 2, Fact.CLOCK_WARNED), NOON)
    assert not aloud(desk.store, breach(desk, 3), NOON)
    assert aloud(desk.store, breach(desk, 4, Fact.CASE_REOPENED), NOON)
    assert aloud(desk.store, breach(desk, 5, Fact.CASE_ESCALATED, actor="mia"), NOON)
    assert not aloud(desk.store, breach(desk, 6, Fact.CASE_ESCALATED), NOON), "its steps call whom they name"


def test_warnings_breaches_and_escalations_of_one_team_are_one_message_that_counts_them_apart(desk: Desk) -> None:
    for number in range(10):
        aloud(desk.store, breach(desk, number), desk.now)
    desk.passes(20 * SECOND)
    for number in range(20, 24):
        aloud(desk.store, breach(desk, number, Fact.CLOCK_WARNED), desk.now)
    for number in range(30, 37):
        desk.tell(desk.escalate(number))
    for number in range(40, 43):
        desk.tell(desk.escalate(number, Way.USER_GROUP, "S0LEADS"))
    desk.passes(WINDOW)
    desk.sweep()
    *_, summary = desk.texts()
    assert "*9 more* promises broken, *3 more* promises in danger, *8 more* cases escalated in Messages" in summary
    assert summary.startswith("<!subteam^S0LEADS> :rotating_light:") and "<!subteam^S0LEADS>" in summary
    assert len([text for text in desk.texts() if "more*" in text]) == 1
    desk.passes(WINDOW)
    desk.sweep()
    assert len([text for text in desk.texts() if "more*" in text]) == 1


def test_other_teams_and_other_readers_have_summaries_of_their_own(desk: Desk) -> None:
    for number in range(3):
        desk.tell(desk.escalate(number))
        desk.tell(desk.escalate(10 + number, queue="escalations"))
        desk.tell(desk.escalate(20 + number, Way.ASSIGNEE, assignee="tom"))
    desk.passes(WINDOW)
    desk.sweep()
    told = [post["channel"] for post in desk.posts() if "more*" in post["text"]]
    assert sorted(told) == sorted([CARE, "C0ESCALATE", "U0TOM"])


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", range(1, 6))
def test_whatever_write_a_summary_of_several_kinds_dies_at_it_is_told_once(nth: int, after: bool) -> None:
    desk = Desk(store=Mortal())
    for number in range(3):
        aloud(desk.store, breach(desk, number), desk.now)
        desk.tell(desk.escalate(10 + number))
    assert isinstance(desk.store, Mortal)
    desk.passes(WINDOW)
    desk.store.dies_at, desk.store.after = desk.store.commits + nth, after
    for _ in range(2):
        until_done(desk, desk.sweep)
    desk.passes(LEASE)
    until_done(desk, desk.sweep)
    (summary,) = [text for text in desk.texts() if "more*" in text]
    assert "*2 more* promises broken, *2 more* cases escalated" in summary


# -- warnings and breaches for those outside Slack --------------------------------------------------------------------


@pytest.fixture
def alerted() -> Desk:
    """A team whose warnings and breaches go to somebody's mail and phone."""
    data = config_data(rotations={"social": ROTATION})
    data["queues"]["messages"]["alerts"] = [
        {"way": "email", "target": "lead@example.com"},
        {"way": "sms", "target": "+4930123456"},
    ]
    return Desk(config=load_config(data))


def test_a_warning_or_breach_reaches_them_in_words_without_any_chain(alerted: Desk) -> None:
    for _ in range(2):
        alerted.tell(breach(alerted, 1)) if not alerted.pager.pages else alerted.tell(event_again(alerted))
    assert [(page.way, page.target) for page in alerted.pager.pages] == [
        ("email", "lead@example.com"),
        ("sms", "+4930123456"),
    ]
    page = alerted.pager.pages[0]
    assert page.subject == "Messages: promise broken"
    assert page.text == f"Case {page.cases[0]} in Messages: a promise was broken; due 2026-06-01 11:58 UTC."
    assert alerted.posts() == []


def event_again(desk: Desk) -> TimelineEvent:
    return event_of(Fact.CLOCK_BREACHED, desk.pager.pages[0].cases[0], 3, "system")


def test_500_breaches_are_two_mails_and_warnings_are_counted_apart(alerted: Desk) -> None:
    for number in range(500):
        alerted.tell(breach(alerted, number))
    for number in range(500, 510):
        alerted.tell(breach(alerted, number, Fact.CLOCK_WARNED))
    alerted.passes(WINDOW)
    alerted.sweep()
    alerted.sweep()
    for way in ("email", "sms"):
        *_, last = mails = [page for page in alerted.pager.pages if page.way == way]
        assert len(mails) == 3, "the first of each, and one for all others"
        assert last.text.startswith("499 more promises broken, 9 more promises in danger in Messages; the oldest was")
        assert (last.subject, last.count) == ("Messages: promise broken", 508)


def test_a_promise_that_was_kept_meanwhile_alarms_nobody(alerted: Desk) -> None:
    event = breach(alerted, 1)
    known = alerted.case(event)
    alerted.store.commit(replace(known, clocks=(known.clocks[0].met(NOON + SECOND),)))
    alerted.tell(event)
    assert alerted.pager.pages == []


def test_a_team_that_asks_for_none_has_none(desk: Desk) -> None:
    desk.tell(breach(desk, 1))
    assert desk.pager.pages == [] and desk.posts() == []


def test_what_was_called_out_before_there_was_a_card_is_found_there_again(desk: Desk) -> None:
    """Slack posted it in the channel without telling; by the next try the card stands, and its thread is empty."""
    event = desk.escalate()
    desk.slack.fails("chat.postMessage", NoAnswer("lost"), done=True)
    with pytest.raises(Later):
        desk.tell(event)
    root = desk.slack.call("chat.postMessage", channel=CARE, text="the card", blocks=[], metadata={})["ts"]
    desk.store.commit(Card(BRAND, event.case_id, CARE, root, 1))
    desk.passes(LEASE)
    until_done(desk, lambda: desk.tell(event))
    assert sum("rotating_light" in post["text"] for post in desk.posts()) == 1
