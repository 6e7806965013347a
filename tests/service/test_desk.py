"""Case events become visible in Slack, exactly once, whatever fails in between."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.card import Post
from chalicelib.domain.case import Case, Status
from chalicelib.domain.config import Config, Queue, Slack
from chalicelib.domain.errors import Later
from chalicelib.domain.event import Attachment
from chalicelib.domain.instants import iso
from chalicelib.domain.people import Approvers, Role
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.net.slack import SlackWebApi
from chalicelib.service.desk import show
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from chalicelib.service.workspaces import ByChannel
from infra.doubles.slack.double import SlackDouble
from tests.fakes.memory_store import MemoryStore
from tests.fakes.slack_api import Crash, FakeSlack
from tests.slack.samples import CARE, CONFIG, MARIA, NOW, TEAM, contact, message, network, opened, recorded, thread

SECONDS = timedelta(seconds=1)


class Counts:
    """A meter that remembers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        self.seen.append((name, dimensions))


@dataclass
class Office:
    """A store with one fresh case, and Slack."""

    store: MemoryStore = field(default_factory=MemoryStore)
    slack: Any = field(default_factory=lambda: FakeSlack(NOW.timestamp()))
    meter: Counts = field(default_factory=Counts)
    config: Config = CONFIG
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.case, self.events = opened()
        self.store.commit(self.case, message(), *self.events)

    def show(self, event: TimelineEvent) -> None:
        show(
            event,
            store=self.store,
            slack=self.slack,
            config=self.config,
            channel=network,
            meter=self.meter,
            now=self.now,
        )

    def later(self, event: TimelineEvent) -> timedelta:
        with pytest.raises(Later) as later:
            self.show(event)
        return later.value.delay

    def waits(self, span: timedelta) -> None:
        self.now += span
        self.slack.now += span.total_seconds()

    def happens(self, fact: Fact, actor: str = "maria", **data: Any) -> TimelineEvent:
        before = self.current
        after, events = recorded(before, fact, actor, **data)
        self.store.commit(after, *events)
        return events[-1]

    def taken(self) -> TimelineEvent:
        before = self.current
        after, happened = lifecycle.taken(before, "maria", NOW)
        after, events = lifecycle.recorded(before, after, happened, NOW)
        self.store.commit(after, *events)
        return events[-1]

    @property
    def current(self) -> Case:
        case = self.store.case("acme", self.case.id)
        assert case is not None
        return case

    def card_text(self) -> str:
        (root,) = self.slack.roots()
        return str(root["blocks"])

    def post(self, name: str) -> Post:
        post = self.store.post("acme", self.case.id, name)
        assert post is not None
        return post


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_new_case_gets_one_card_and_its_thread_the_first_message(office: Office) -> None:
    for event in office.events * 2:
        office.show(event)
    (root,), (line,) = office.slack.roots(), office.slack.lines()
    assert root["channel"] == CARE and root["unfurl_links"] is False
    assert line["thread_ts"] == root["ts"] and "Where is my parcel?" in line["text"]
    card = office.store.card("acme", office.case.id)
    assert card is not None and (card.ts, card.shows) == (root["ts"], office.case.seq)
    place = office.store.card_place(TEAM, CARE, root["ts"])
    assert place is not None and place.case_id == office.case.id
    assert office.slack.called("chat.update") == []


@pytest.mark.parametrize(
    ("channel", "host", "opens"),
    [
        ("facebook", "files.example", True),
        ("facebook", "evil.example", False),
        ("a channel since removed", "files.example", False),
    ],
)
def test_a_file_opens_from_the_hosts_of_its_own_network(office: Office, channel: str, host: str, opens: bool) -> None:
    picture = Attachment("image", f"https://{host}/v/a.jpg?oh=1")
    written = replace(message(attachments=(picture,)), id="with-a-file", channel=channel)
    office.store.commit(written)
    office.show(office.happens(Fact.MESSAGE_RECEIVED, message_id=written.id))
    line = str(office.slack.lines()[-1])
    assert ("'type': 'link'" in line) == opens
    assert ("look at it there" in line) != opens


def test_the_card_is_edited_in_place(office: Office) -> None:
    office.show(office.events[0])
    office.show(office.taken())
    assert "*With:* Maria Silva" in office.card_text()
    assert "Maria Silva took this case." in office.slack.lines()[-1]["text"]


def test_events_out_of_order_leave_the_newest_state(office: Office) -> None:
    taken = office.taken()
    office.show(taken)
    for event in reversed(office.events):
        office.show(event)
    assert "*With:* Maria Silva" in office.card_text()
    assert office.slack.called("chat.update") == []


def test_breaches_are_told_to_the_whole_channel(office: Office) -> None:
    office.show(office.happens(Fact.CLOCK_BREACHED, "system", metric="first_response", instance=0, due_at=iso(NOW)))
    assert office.slack.lines()[-1]["reply_broadcast"] is True
    office.show(office.taken())
    assert office.slack.lines()[-1]["reply_broadcast"] is False


def test_facts_without_a_line_only_refresh_the_card(office: Office) -> None:
    office.show(office.events[0])
    office.show(office.happens(Fact.MESSAGE_REACTED, "system"))
    assert office.slack.lines() == [] and len(office.slack.called("chat.update")) == 1


def test_a_note_written_in_the_thread_is_not_repeated_there(office: Office) -> None:
    office.show(office.events[0])
    office.store.commit(Post("acme", office.case.id, "note-n1", NOW, "1795165201.000001"))
    office.show(office.happens(Fact.NOTE_ADDED, message_id="n1"))
    assert office.slack.lines() == []


def test_a_note_from_elsewhere_is_shown(office: Office) -> None:
    office.store.commit(message("Call her back", id="n1", kind="note", channel="note"))
    office.show(office.happens(Fact.NOTE_ADDED, message_id="n1"))
    assert "Maria Silva noted, for colleagues only: Call her back" in office.slack.lines()[-1]["text"]


# -- crashes ------------------------------------------------------------------------------------------------------


def test_a_crash_after_the_claim_still_ends_in_one_card(office: Office) -> None:
    office.slack.fails("chat.postMessage", Crash())
    with pytest.raises(Crash):
        office.show(office.events[0])
    assert office.later(office.events[0]) == 2 * SECONDS
    office.waits(30 * SECONDS)
    assert office.later(office.events[0]) == 30 * SECONDS
    office.waits(30 * SECONDS)
    for event in office.events:
        office.show(event)
    assert len(office.slack.roots()) == 1 and len(office.slack.lines()) == 1


def test_a_crash_after_slack_posted_finds_the_card_again(office: Office) -> None:
    office.slack.fails("chat.postMessage", Crash(), done=True)
    with pytest.raises(Crash):
        office.show(office.events[0])
    office.taken()
    office.waits(61 * SECONDS)
    office.show(office.events[0])
    assert len(office.slack.roots()) == 1 and len(office.slack.called("conversations.history")) == 1
    assert "*With:* Maria Silva" in office.card_text(), "a card found again shows an old state until it is refreshed"


def test_a_crash_after_a_line_was_posted_does_not_double_it(office: Office) -> None:
    office.show(office.events[0])
    office.slack.fails("chat.postMessage", Crash(), done=True)
    with pytest.raises(Crash):
        office.show(office.events[1])
    office.waits(61 * SECONDS)
    office.show(office.events[1])
    assert len(office.slack.lines()) == 1
    assert office.post("00000002").ts == office.slack.lines()[0]["ts"]


def test_a_crash_before_a_line_was_posted_does_not_lose_it(office: Office) -> None:
    office.show(office.events[0])
    office.slack.fails("chat.postMessage", Crash())
    with pytest.raises(Crash):
        office.show(office.events[1])
    office.waits(61 * SECONDS)
    office.show(office.events[1])
    assert len(office.slack.lines()) == 1


def test_no_answer_is_looked_up_before_anything_is_posted_again(office: Office) -> None:
    office.slack.fails("chat.postMessage", NoAnswer("timeout"), done=True)
    assert office.later(office.events[0]) == 60 * SECONDS
    office.waits(61 * SECONDS)
    office.show(office.events[0])
    assert len(office.slack.roots()) == 1


def test_the_look_up_does_not_take_another_cases_card(office: Office) -> None:
    office.slack.fails("chat.postMessage", Crash())
    with pytest.raises(Crash):
        office.show(office.events[0])
    other = {"event_type": "heed_case", "event_payload": {"brand": "acme", "case_id": "another-1", "post": "card"}}
    office.slack.messages[CARE, "1795165201.5"] = {"channel": CARE, "ts": "1795165201.5", "metadata": other}
    office.slack.messages[CARE, "1795165201.6"] = {"channel": CARE, "ts": "1795165201.6"}
    office.waits(61 * SECONDS)
    office.show(office.events[0])
    card = office.store.card("acme", office.case.id)
    assert card is not None and card.ts not in ("1795165201.5", "1795165201.6")


@pytest.mark.parametrize("threaded", [False, True])
def test_a_post_whose_answer_got_lost_is_found_below_whatever_was_said_since(office: Office, threaded: bool) -> None:
    """GIVEN a lost answer among hundreds of other posts THEN the look-up turns page after page."""
    if threaded:
        office.show(office.events[0])
    root = {"thread_ts": office.slack.roots()[0]["ts"]} if threaded else {}
    event = office.events[1 if threaded else 0]

    def chatter() -> None:
        for _ in range(250):
            office.slack.call("chat.postMessage", channel=CARE, text="chatter", blocks=[], metadata={}, **root)

    chatter()
    office.slack.fails("chat.postMessage", NoAnswer("timeout"), done=True)
    office.later(event)
    chatter()
    office.waits(61 * SECONDS)
    office.show(event)
    ours = [one for one in office.slack.messages.values() if one["metadata"]]
    assert len(ours) == (2 if threaded else 1)
    method = "conversations.replies" if threaded else "conversations.history"
    looked = office.slack.called(method)
    assert all(float(one["latest"]) - float(one["oldest"]) <= 80 for one in looked) and 1 < len(looked) <= 3


def test_a_post_costs_one_claim_and_one_record_and_no_read_before(office: Office) -> None:
    class Counting(MemoryStore):
        posts = 0

        def post(self, brand: str, case_id: str, name: str) -> Post | None:
            self.posts += 1
            return super().post(brand, case_id, name)

    office.store = Counting()
    office.store.commit(office.case, message(), *office.events)
    for event in office.events:
        office.show(event)
    assert office.store.posts == 0
    for event in office.events:
        office.show(event)
    assert office.store.posts == 1, "a card that stands is known without a look; a line is looked for"


# -- two workers at once ------------------------------------------------------------------------------------------


def test_two_workers_racing_for_a_card_make_one(office: Office) -> None:
    delays: list[timedelta] = []
    office.slack.meanwhile["chat.postMessage"] = lambda: delays.append(office.later(office.events[1]))
    office.show(office.events[0])
    office.show(office.events[1])
    assert delays == [2 * SECONDS] and len(office.slack.roots()) == 1


def test_a_claim_lost_in_a_race_is_tried_later(office: Office) -> None:
    class Slow(MemoryStore):
        """Sees no claim, though there is one."""

        def post(self, brand: str, case_id: str, name: str) -> Post | None:
            return None

    slow = Slow()
    slow.commit(office.case, message(), Post("acme", office.case.id, "card", NOW))
    office.store = slow
    assert office.later(office.events[0]) == 2 * SECONDS
    assert office.slack.messages == {}


def test_a_stale_update_that_lands_last_is_put_right(office: Office) -> None:
    """GIVEN a worker that is slow to update WHEN another shows a newer state meanwhile THEN the newer state stays."""
    office.show(office.events[0])
    first = office.happens(Fact.MESSAGE_REACTED, "system")
    office.slack.meanwhile["chat.update"] = lambda: office.show(office.taken())
    office.show(first)
    assert "*With:* Maria Silva" in office.card_text()


def test_a_stale_update_is_put_right_even_when_slack_is_busy_in_between(office: Office) -> None:
    office.show(office.events[0])
    first = office.happens(Fact.MESSAGE_REACTED, "system")

    def newer() -> None:
        office.show(office.taken())
        office.slack.meanwhile["chat.update"] = lambda: office.slack.fails("chat.update", SlackBusy(7 * SECONDS))

    office.slack.meanwhile["chat.update"] = newer
    assert office.later(first) == 7 * SECONDS
    assert "nobody yet" in office.card_text()
    office.show(first)
    assert "*With:* Maria Silva" in office.card_text()


def test_a_card_that_others_never_stop_changing_is_left_for_later(office: Office) -> None:
    office.show(office.events[0])

    def overtaken() -> None:
        card = office.store.card("acme", office.case.id)
        assert card is not None
        office.store.commit(card)
        office.slack.meanwhile["chat.update"] = overtaken

    office.slack.meanwhile["chat.update"] = overtaken
    event = office.taken()
    assert office.later(event) == 15 * SECONDS
    office.slack.meanwhile.clear()
    office.show(event)
    assert "*With:* Maria Silva" in office.card_text()


def test_a_post_whose_card_is_missing_is_left_for_later(office: Office) -> None:
    office.store.commit(Post("acme", office.case.id, "card", NOW, "1795165201.000001"))
    assert office.later(office.events[0]) == 15 * SECONDS
    assert office.slack.messages == {}


# -- Slack says no ------------------------------------------------------------------------------------------------


def test_busy_slack_is_asked_again_when_it_says_so(office: Office) -> None:
    office.slack.fails("chat.postMessage", SlackBusy(17 * SECONDS))
    assert office.later(office.events[0]) == 17 * SECONDS
    office.show(office.events[0])
    assert len(office.slack.roots()) == 1
    assert office.slack.called("conversations.history") == [], "what was surely not posted needs no look-up"


def test_unreachable_slack_is_asked_again(office: Office) -> None:
    office.slack.fails("chat.postMessage", NotSent("refused"))
    assert office.later(office.events[0]) == 15 * SECONDS
    office.show(office.events[0])
    assert len(office.slack.roots()) == 1


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "token_revoked", "not_in_channel"])
def test_a_refusal_is_counted_and_nothing_is_lost(office: Office, error: str) -> None:
    for method in ("chat.postMessage", "chat.update"):
        office.slack.fails(method, SlackRefused(error))
    assert office.later(office.events[0]) == timedelta(minutes=5)
    assert office.meter.seen == [("slack_refused", {"error": error})]
    office.show(office.events[0])
    assert office.later(office.taken()) == timedelta(minutes=5)
    for event in office.store.timeline("acme", office.case.id):
        office.show(event)
    assert "*With:* Maria Silva" in office.card_text() and len(office.slack.lines()) == 2


def test_a_deleted_card_is_put_up_again(office: Office) -> None:
    office.show(office.events[0])
    (old,) = office.slack.roots()
    office.slack.delete(CARE, old["ts"])
    office.waits(SECONDS)
    office.show(office.taken())
    (new,), (line,) = office.slack.roots(), office.slack.lines()
    assert new["ts"] != old["ts"] and line["thread_ts"] == new["ts"]
    assert office.store.card_place(TEAM, CARE, new["ts"]) is not None


def test_a_thread_that_is_gone_takes_a_new_card_too(office: Office) -> None:
    office.show(office.events[0])
    office.slack.delete(CARE, office.slack.roots()[0]["ts"])
    office.waits(SECONDS)
    office.show(office.events[1])
    assert len(office.slack.roots()) == 1 and len(office.slack.lines()) == 1


def test_a_worker_that_still_knows_the_deleted_card_does_not_make_a_second_one(office: Office) -> None:
    """GIVEN a deleted card WHEN two workers notice at the same time THEN there is one new card."""
    office.show(office.events[0])
    office.slack.delete(CARE, office.slack.roots()[0]["ts"])
    event = office.taken()
    office.slack.meanwhile["chat.update"] = lambda: office.show(event)
    office.show(event)
    assert len(office.slack.roots()) == 1 and len(office.slack.lines()) == 1


def test_a_line_that_slack_refuses_for_another_reason_is_kept_for_later(office: Office) -> None:
    office.show(office.events[0])
    office.slack.fails("chat.postMessage", SlackRefused("restricted_action"))
    assert office.later(office.events[1]) == timedelta(minutes=5)
    office.show(office.events[1])
    assert len(office.slack.lines()) == 1


# -- where there is nothing to show -------------------------------------------------------------------------------


def test_an_erased_case_is_not_shown(office: Office) -> None:
    office.show(replace(office.events[0], case_id=office.case.id.replace("-1", "-9")))
    assert office.slack.calls == []


def test_without_slack_nothing_is_posted(office: Office) -> None:
    office.config = replace(CONFIG, slack=None)
    office.show(office.events[0])
    assert office.slack.calls == []


@pytest.mark.parametrize("queue", ["quiet", "removed"])
def test_news_of_a_team_without_a_channel_are_told_when_it_gets_one(office: Office, queue: str) -> None:
    office.store.commit(replace(office.current, queue=queue))
    for event in office.events:
        assert office.later(event) == timedelta(minutes=5)
    assert office.slack.calls == [] and office.meter.seen == [("slack_refused", {"error": "no_channel"})] * 2
    there = Queue(queue, "Quiet", "C0QUIET01")
    office.config = replace(CONFIG, queues={**CONFIG.queues, queue: there})
    for event in office.events:
        office.show(event)
    assert [one["channel"] for one in office.slack.roots()] == ["C0QUIET01"] and len(office.slack.lines()) == 1


# -- cards that move ----------------------------------------------------------------------------------------------

FAR, FAR_CHANNEL = "far", "C0FAR0001"


def two_teams(**more: Any) -> Config:
    far = replace(CONFIG.queues["care"], key=FAR, name="Far away", slack=FAR_CHANNEL)
    return replace(CONFIG, queues={**CONFIG.queues, FAR: far}, **more)


@pytest.fixture
def teams() -> Office:
    return Office(config=two_teams())


def moves(office: Office, to: str) -> TimelineEvent:
    before = office.current
    told = Happening(Fact.CASE_MOVED, office.now, "maria", {"from": before.queue, "to": to})
    after, events = lifecycle.recorded(before, replace(before, queue=to), [told], office.now)
    office.store.commit(after, *events)
    return events[-1]


def live(office: Office) -> list[dict[str, Any]]:
    """Cards with buttons."""
    return [one for one in office.slack.roots() if any(block["type"] == "actions" for block in one["blocks"])]


def test_a_moved_case_stands_in_its_new_teams_channel_with_its_history(teams: Office) -> None:
    for event in teams.events:
        teams.show(event)
    (old,) = teams.slack.roots()
    teams.waits(SECONDS)
    teams.show(moves(teams, FAR))
    (new,) = live(teams)
    assert new["channel"] == FAR_CHANNEL and "*Team:* Far away" in str(new["blocks"])
    before = teams.slack.messages[CARE, old["ts"]]
    assert f"went to *Far away* in <#{FAR_CHANNEL}>" in str(before["blocks"]), "and has no buttons any more"
    there = [one["text"] for one in teams.slack.lines() if one["thread_ts"] == new["ts"]]
    assert len(there) == 2 and "What happened before" in there[0] and "moved this case to Far away" in there[1]
    assert "Where is my parcel?" in str(teams.slack.lines())
    for channel, ts in ((CARE, old["ts"]), (FAR_CHANNEL, new["ts"])):
        place = teams.store.card_place(TEAM, channel, ts)
        assert place is not None and place.case_id == teams.case.id, "words in either thread are notes"


def test_a_case_that_moves_back_and_forth_always_has_one_live_card_where_it_is(teams: Office) -> None:
    teams.show(teams.events[0])
    for to, channel in [(FAR, FAR_CHANNEL), ("care", CARE), (FAR, FAR_CHANNEL), ("care", CARE)]:
        teams.waits(2 * SECONDS)
        event = moves(teams, to)
        for _ in range(2):
            teams.show(event)
        (card,) = live(teams)
        assert card["channel"] == channel
        assert teams.slack.lines()[-1]["thread_ts"] == card["ts"]
    assert len(teams.slack.roots()) == 5
    assert [one["text"].count("moved this case") for one in teams.slack.lines()].count(1) == 4


def test_what_happens_after_a_move_is_told_and_broadcast_where_the_case_is(teams: Office) -> None:
    teams.show(teams.events[0])
    teams.show(moves(teams, FAR))
    teams.show(teams.happens(Fact.CASE_REOPENED, "system"))
    last = teams.slack.lines()[-1]
    assert (last["channel"], last["reply_broadcast"]) == (FAR_CHANNEL, True)


def test_a_team_that_gets_another_channel_gets_its_cards_there(office: Office) -> None:
    """The remedy for an archived channel: what could not be shown comes to the new one, though the old one is shut."""
    office.show(office.events[0])

    class Archived:
        def call(self, method: str, **arguments: Any) -> Any:
            if arguments["channel"] == CARE:
                raise SlackRefused("is_archived")
            return inner.call(method, **arguments)

    inner, office.slack = office.slack, Archived()
    taken = office.taken()
    assert office.later(taken) == timedelta(minutes=5)
    office.config = replace(CONFIG, queues={"care": replace(CONFIG.queues["care"], slack="C0NEW0001")})
    office.show(taken)
    (card,) = (one for one in inner.roots() if one["channel"] == "C0NEW0001")
    assert "*With:* Maria Silva" in str(card["blocks"])
    known = office.store.card("acme", office.case.id)
    assert known is not None and known.left == ()


def test_in_an_outage_of_slacks_the_place_that_a_card_left_is_cleared_later(teams: Office) -> None:
    """Not so what Slack refuses for good: nobody would wait for that to end."""
    for event in teams.events:
        teams.show(event)
    event = moves(teams, FAR)
    teams.slack.fails("chat.update", SlackRefused("internal_error"))
    assert teams.later(event) == timedelta(minutes=5)
    teams.waits(timedelta(minutes=5))
    teams.show(event)
    (before,) = (one for one in teams.slack.roots() if one["channel"] != FAR_CHANNEL)
    assert "actions" not in str(before["blocks"])


def test_a_card_whose_answer_got_lost_is_found_where_the_case_was_then(teams: Office) -> None:
    teams.slack.fails("chat.postMessage", NoAnswer("timeout"), done=True)
    teams.later(teams.events[0])
    event = moves(teams, FAR)
    teams.waits(61 * SECONDS)
    teams.show(event)
    (card,) = live(teams)
    assert card["channel"] == FAR_CHANNEL
    (before,) = (one for one in teams.slack.roots() if one["channel"] == CARE)
    assert f"went to *Far away* in <#{FAR_CHANNEL}>" in str(before["blocks"])


def test_many_places_are_cleared_although_slack_takes_one_call_at_a_time(teams: Office) -> None:
    teams.show(teams.events[0])
    for to in (FAR, "care", FAR):
        teams.waits(2 * SECONDS)
        event = moves(teams, to)
        teams.slack.fails("chat.update", SlackRefused("internal_error"))
        teams.later(event)
    for _ in range(4):
        teams.slack.hurried(SlackBusy(SECONDS), updates=1)
        with suppress(Later):
            teams.show(event)
    assert [one["channel"] for one in live(teams)] == [FAR_CHANNEL]


@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("done", [False, True])
def test_a_crash_anywhere_in_a_move_ends_in_one_live_card(teams: Office, call: int, done: bool) -> None:
    event = dies_in_a_move(teams, call, done)
    for one in [event, *teams.events, event]:
        teams.show(one)
    (card,) = live(teams)
    assert card["channel"] == FAR_CHANNEL and len(teams.slack.roots()) == 2
    told = [one["text"] for one in teams.slack.lines() if one["thread_ts"] == card["ts"]]
    assert [sum(words in one for one in told) for words in ("happened before", "moved this case")] == [1, 1]


def dies_in_a_move(teams: Office, call: int, done: bool) -> TimelineEvent:
    """Whichever call to Slack the worker dies at, before or after Slack did it."""
    for event in teams.events:
        teams.show(event)
    event = moves(teams, FAR)
    count = 0

    class Mortal:
        def call(self, method: str, **arguments: Any) -> Any:
            nonlocal count
            count += 1
            if count == call and not done:
                raise Crash
            answer = inner.call(method, **arguments)
            if count == call:
                raise Crash
            return answer

    inner, teams.slack = teams.slack, Mortal()
    with suppress(Crash):
        teams.show(event)
    teams.slack = inner
    teams.waits(61 * SECONDS)
    return event


@pytest.mark.parametrize("to", ["care", "third"])
@pytest.mark.parametrize("call", range(1, 9))
@pytest.mark.parametrize("done", [False, True])
def test_a_card_put_up_by_somebody_who_died_over_it_does_not_stay_where_the_case_is_not(
    teams: Office, call: int, done: bool, to: str
) -> None:
    """GIVEN a card of which nobody knows that it stands WHEN the case goes on, or back, THEN no button stays there."""
    third = replace(CONFIG.queues["care"], key="third", name="Third", slack="C0THIRD01")
    teams.config = replace(teams.config, queues={**teams.config.queues, "third": third})
    dies_in_a_move(teams, call, done)
    event = moves(teams, to)
    for _ in range(2):
        with suppress(Later):
            teams.show(event)
        teams.waits(61 * SECONDS)
    assert [one["channel"] for one in live(teams)] == [teams.config.queues[to].slack]
    known = teams.store.card("acme", teams.case.id)
    assert known is not None and (known.begun, known.left) == ((), ())


@pytest.mark.parametrize("error", ["not_in_channel", "internal_error"])
def test_where_heed_may_not_look_any_more_nothing_is_waited_for(teams: Office, error: str) -> None:
    """Only an outage of Slack's ends."""
    dies_in_a_move(teams, 1, done=True)
    event = moves(teams, "care")
    teams.slack.fails("conversations.history", SlackRefused(error))
    with suppress(Later):
        teams.show(event)
    known = teams.store.card("acme", teams.case.id)
    assert known is not None and bool(known.begun) is (error == "internal_error")


def test_two_workers_that_move_a_card_at_once_make_one(teams: Office) -> None:
    for event in teams.events:
        teams.show(event)
    event = moves(teams, FAR)
    delays: list[timedelta] = []
    teams.slack.meanwhile["chat.postMessage"] = lambda: delays.append(teams.later(event))
    teams.show(event)
    teams.show(event)
    assert delays == [2 * SECONDS] and len(live(teams)) == 1 and len(teams.slack.roots()) == 2


def test_a_card_that_was_overtaken_by_the_next_move_is_no_live_card_either(teams: Office) -> None:
    """GIVEN a slow worker that puts the card up WHEN the case is elsewhere by then THEN only the last one lives."""
    third = replace(CONFIG.queues["care"], key="third", name="Third", slack="C0THIRD01")
    teams.config = replace(teams.config, queues={**teams.config.queues, "third": third})
    teams.show(teams.events[0])
    first = moves(teams, FAR)
    teams.slack.meanwhile["chat.postMessage"] = lambda: teams.later(moves(teams, "third"))
    teams.show(first)
    for event in teams.store.timeline("acme", teams.case.id):
        teams.show(event)
    assert [one["channel"] for one in live(teams)] == ["C0THIRD01"]


def test_a_card_whose_answer_got_lost_belongs_to_the_workspace_where_it_stands(office: Office) -> None:
    hill, mill = Slack("T0HILL", "A1", secrets="slack/T0HILL"), Slack("T0MILL", "A2", secrets="slack/T0MILL")
    care = replace(CONFIG.queues["care"], workspace="mill")
    far = replace(care, key=FAR, workspace="hill", slack=FAR_CHANNEL)
    queues = {"care": care, FAR: far}
    office.config = replace(CONFIG, slack=hill, workspaces={"hill": hill, "mill": mill}, queues=queues)
    slacks = {team: FakeSlack(NOW.timestamp()) for team in ("T0HILL", "T0MILL")}
    office.slack = ByChannel(office.config, lambda workspace: slacks[workspace.team])
    slacks["T0MILL"].fails("chat.postMessage", NoAnswer("timeout"), done=True)
    office.later(office.events[0])
    event = moves(office, FAR)
    office.now += 61 * SECONDS
    office.show(event)
    (old,), (new,) = slacks["T0MILL"].roots(), slacks["T0HILL"].roots()
    assert "went to" in str(old["blocks"]) and new["channel"] == FAR_CHANNEL
    place = office.store.card_place("T0MILL", CARE, old["ts"])
    assert place is not None and place.case_id == office.case.id


def test_a_card_in_another_workspace_is_edited_there(office: Office) -> None:
    """Also when its channel is no queue's any more: only the card itself knows in which workspace it stands."""
    hill, mill = Slack("T0HILL", "A1", secrets="slack/T0HILL"), Slack("T0MILL", "A2", secrets="slack/T0MILL")
    care = replace(CONFIG.queues["care"], workspace="mill")
    office.config = replace(CONFIG, slack=hill, workspaces={"hill": hill, "mill": mill}, queues={"care": care})
    slacks = {team: FakeSlack(NOW.timestamp()) for team in ("T0HILL", "T0MILL")}
    office.slack = ByChannel(office.config, lambda workspace: slacks[workspace.team])
    office.show(office.events[0])
    moved = replace(care, workspace="hill", slack="C0HILL001")
    office.config = replace(office.config, queues={"care": moved})
    office.slack = ByChannel(office.config, lambda workspace: slacks[workspace.team])
    office.show(office.events[1])
    (old,), (new,) = slacks["T0MILL"].roots(), slacks["T0HILL"].roots()
    assert "went to" in str(old["blocks"]) and new["channel"] == "C0HILL001"
    assert slacks["T0HILL"].called("chat.update") == []


# -- cards that cannot be edited ----------------------------------------------------------------------------------


def test_where_nobody_may_edit_the_card_stays_and_its_thread_says_so_once(office: Office) -> None:
    for event in office.events:
        office.show(event)
    for _ in range(3):
        office.slack.fails("chat.update", SlackRefused("edit_window_closed"))
        office.show(office.happens(Fact.CASE_TAGGED, add=["vip"]))
        office.waits(6 * SECONDS)
    assert len(office.slack.roots()) == 1
    texts = [one["text"] for one in office.slack.lines()]
    assert sum("does not let Heed edit this card" in one for one in texts) == 1 and len(texts) == 5
    assert office.meter.seen == [("slack_token_refused", {})] * 3
    office.show(office.taken())
    assert "*With:* Maria Silva" in office.card_text(), "it is edited again when that is allowed again"


def test_a_card_of_another_app_is_followed_by_one_of_ours(office: Office) -> None:
    office.show(office.events[0])
    office.slack.fails("chat.update", SlackRefused("cant_update_message"))
    office.show(office.taken())
    office.waits(6 * SECONDS)
    office.show(office.happens(Fact.CASE_TAGGED, add=["vip"]))
    assert len(office.slack.roots()) == 2 and len(office.slack.called("chat.update")) == 2


# -- who has to act -----------------------------------------------------------------------------------------------


def answered(office: Office, fact: Fact, agent: str = "maria") -> str:
    """The line of an answer of hers of which that happened."""
    thread_id = thread().conversation_id
    reply = Reply("r1", "acme", office.case.id, thread_id, "facebook", "page", Mode.PUBLIC, "We look.", {}, agent, NOW)
    office.store.commit(reply)
    office.show(office.happens(fact, "system", reply_id="r1", reason="blocked"))
    return str(office.slack.lines()[-1]["text"])


@pytest.mark.parametrize("fact", [Fact.REPLY_FAILED, Fact.REPLY_UNKNOWN])
def test_the_author_of_an_answer_in_trouble_is_called(office: Office, fact: Fact) -> None:
    told = answered(office, fact)
    assert told.startswith("<@U0AGENT01> ") and told.count("<@") == 1
    assert "*Answers:* 1 " in office.card_text()
    assert office.slack.lines()[-1]["reply_broadcast"] is False, "nobody else is disturbed"


def test_those_who_may_approve_are_called_once_and_never_the_author(office: Office) -> None:
    bosses = {
        key: replace(MARIA, id=key, role=Role.SUPERVISOR, slack=f"U0AGENT1{key}", brands=brands)
        for key, brands in {"1": ("acme",), "2": ("acme",), "3": ("zenith",)}.items()
    }
    author = replace(bosses["2"], id="maria", slack="U0AGENT01")
    office.config = replace(CONFIG, agents={**CONFIG.agents, "maria": author, **bosses})
    told = answered(office, Fact.REPLY_HELD)
    assert told.startswith("<@U0AGENT11> <@U0AGENT12> ") and told.count("<@") == 2
    assert "1 to be approved" in office.card_text()
    for event in office.store.timeline("acme", office.case.id):
        office.show(event)
    assert sum("<@U0AGENT11>" in one["text"] for one in office.slack.lines()) == 1


def test_where_anybody_may_approve_the_channel_is_told_and_nobody_called(office: Office) -> None:
    office.config = replace(CONFIG, approvers=Approvers.ANYONE)
    assert "<@" not in answered(office, Fact.REPLY_HELD)
    assert office.slack.lines()[-1]["reply_broadcast"] is True


def test_no_more_than_five_people_are_called(office: Office) -> None:
    many = {str(n): replace(MARIA, id=str(n), role=Role.ADMIN, slack=f"U0AGENT{n}") for n in range(30)}
    office.config = replace(CONFIG, agents={**CONFIG.agents, **many})
    assert answered(office, Fact.REPLY_HELD).count("<@") == 5


# -- what is known of the contact ---------------------------------------------------------------------------------


def test_a_card_tells_what_is_known_of_the_contact_and_offers_a_translation(office: Office) -> None:
    person = replace(contact(), tags=("vip", "press"), unreachable=True, cases=2)
    second = replace(office.case, id=ids.case_id(person.id, 2), version=0)
    first = replace(office.current, status=Status.SOLVED, solved_at=NOW - timedelta(days=5))
    event = replace(office.events[0], case_id=second.id, version=0)
    office.store.commit(person, first, second, event)
    assert CONFIG.slack is not None
    office.config = replace(CONFIG, slack=replace(CONFIG.slack, translate="https://translate.example/?q="))
    office.show(event)
    card = office.card_text()
    assert "2nd case, last solved 5 days ago · `vip` · `press` · private messages do not reach them" in card
    assert "<https://translate.example/?q=Where%20is%20my%20parcel%3F|Translate>" in card


# -- news that come fast ------------------------------------------------------------------------------------------


def test_a_card_is_edited_once_in_five_seconds_and_shows_the_last_of_it(office: Office) -> None:
    office.show(office.events[0])
    waits = []
    for _ in range(30):
        event = office.happens(Fact.MESSAGE_REACTED, "system")
        try:
            office.show(event)
        except Later as later:
            waits.append((office.now + later.delay, event))
        office.waits(SECONDS / 2)
    assert len(office.slack.called("chat.update")) <= 3
    for at, event in waits:
        office.now = max(office.now, at)
        office.show(event)
    assert len(office.slack.called("chat.update")) <= 4
    card = office.store.card("acme", office.case.id)
    assert card is not None and card.shows == office.current.seq


def test_a_worker_whose_clock_is_behind_does_not_wait_for_it(office: Office) -> None:
    office.show(office.events[0])
    office.show(office.happens(Fact.MESSAGE_REACTED, "system"))
    office.now -= timedelta(minutes=1)
    office.show(office.happens(Fact.MESSAGE_REACTED, "system"))
    assert len(office.slack.called("chat.update")) == 2


def test_what_people_do_and_what_is_too_late_is_shown_at_once(office: Office) -> None:
    office.show(office.events[0])
    office.show(office.happens(Fact.MESSAGE_REACTED, "system"))
    assert office.later(office.happens(Fact.MESSAGE_REACTED, "system")) == 5 * SECONDS
    office.show(office.taken())
    assert "*With:* Maria Silva" in office.card_text()
    breach = {"metric": "first_response", "instance": 0, "due_at": iso(NOW)}
    office.show(office.happens(Fact.CLOCK_BREACHED, "system", **breach))
    assert len(office.slack.called("chat.update")) == 3


def test_a_card_that_waits_keeps_no_line_waiting(office: Office) -> None:
    for event in office.events:
        office.show(event)
    office.show(office.happens(Fact.MESSAGE_REACTED, "system"))
    said = replace(message("And where is my answer?"), id="second")
    office.store.commit(said)
    event = office.happens(Fact.MESSAGE_RECEIVED, "customer", message_id=said.id)
    assert office.later(event) == 5 * SECONDS
    assert "And where is my answer?" in office.slack.lines()[-1]["text"]
    office.waits(5 * SECONDS)
    office.show(event)
    assert len(office.slack.lines()) == 2 and len(office.slack.called("chat.update")) == 2


def test_a_network_and_an_agent_that_are_gone_keep_their_bare_names() -> None:
    office = Office()
    there = office.current.with_thread(thread("later", channel="myspace", ago=0))
    office.store.commit(replace(there, last_message_id="gone"))
    office.show(office.happens(Fact.CASE_TAKEN, "gone-agent"))
    assert "on myspace" in office.slack.roots()[0]["text"]
    assert "gone-agent took this case." in office.slack.lines()[0]["text"]


# -- over real HTTP -----------------------------------------------------------------------------------------------


def test_a_lost_answer_of_a_real_slack_gives_one_card_and_one_line(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with SlackDouble(channels={CARE: "care"}, bot_events=False, now=lambda: office.now.timestamp()) as double:
        office.slack = SlackWebApi("xoxb-double", double.api_url)
        for event in office.events:
            double.fail("chat.postMessage", "drop_after")
            assert office.later(event) == 60 * SECONDS
            office.now += 61 * SECONDS
            office.show(event)
        office.show(office.taken())
        texts = [one.body["text"] for one in double.workspace.visible(CARE)]
    assert len(texts) == 3 and "*With:* Maria Silva" in str(double.workspace.visible(CARE)[0].body["blocks"])
