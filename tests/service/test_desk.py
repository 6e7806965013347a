"""Case events become visible in Slack, exactly once, whatever fails in between."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import lifecycle
from chalicelib.domain.card import Post
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Later
from chalicelib.domain.event import Attachment
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.net.slack import SlackWebApi
from chalicelib.service.desk import show
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from infra.doubles.slack.double import SlackDouble
from tests.fakes.memory_store import MemoryStore
from tests.fakes.slack_api import Crash, FakeSlack
from tests.slack.samples import CARE, CONFIG, NOW, TEAM, message, network, opened, recorded, thread

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
    assert ("could not be loaded" in line) != opens


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
def test_a_queue_without_a_channel_is_counted(office: Office, queue: str) -> None:
    office.store.commit(replace(office.current, queue=queue))
    office.show(office.events[0])
    assert office.slack.calls == [] and office.meter.seen == [("desk_without_channel", {"queue": queue})]


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
