"""What stands in Slack of somebody goes with them: every line, notice and summary, however often Slack asks to wait."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import bundling, ids
from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Post, post_name
from chalicelib.domain.case import Case
from chalicelib.domain.clock import ClockState
from chalicelib.domain.commands import AddNote, Merge, Move
from chalicelib.domain.errors import Later
from chalicelib.domain.escalation import Way
from chalicelib.domain.event import Kind
from chalicelib.domain.timeline import Fact
from chalicelib.service.desk import show
from chalicelib.service.notices import Herald
from chalicelib.service.ports import NoAnswer, SlackBusy, SlackRefused
from chalicelib.service.privacy import request, requested
from chalicelib.service.standing import DEBOUNCE
from chalicelib.service.summaries import flush
from chalicelib.service.takedown import TAKEN
from chalicelib.slack.times import moment_of
from tests.build import BRAND, MINUTE, NOON, config, config_data
from tests.fakes.ports import MemoryArchive, RecordingPager
from tests.fakes.slack_api import FakeSlack
from tests.service.people import ANA_ID, SECRETS, TOM, TOM_ID, eraser, erasure, findings, joined, told, tom_writes
from tests.service.world import World

CHANNEL = "C0MESSAGES"
LATER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Office:
    """Everything that happens is shown."""

    world: World = field(default_factory=World)
    slack: FakeSlack = field(default_factory=lambda: FakeSlack(NOON.timestamp(), app="A0HEED"))
    archive: MemoryArchive = field(default_factory=MemoryArchive)

    def show(self) -> None:
        for place in self.world.store.pending(LATER):
            event = self.world.store.event(*place)
            assert event is not None
            self.world.clock.pass_by(DEBOUNCE)
            show(
                event,
                store=self.world.store,
                slack=self.slack,
                config=self.world.config,
                channel=lambda name: self.world.channel,
                meter=self.world.meter,
                now=self.world.clock(),
            )
            self.world.store.delivered(event)

    def said(self, *words: str) -> list[str]:
        everything = json.dumps(list(self.slack.messages.values()), ensure_ascii=False, default=str)
        return [one for one in words if one in everything]

    def erase(self, who: str = ANA_ID, code: str = "code") -> list[str]:
        """Runs until it is done; returns what stood in Slack then."""
        request(self.archive, erasure(self.world, code, who))
        while not eraser(self.world, self.archive, lambda: self.slack).work().done:
            self.world.clock.pass_by(MINUTE)
        self.show()
        return self.said(*SECRETS)


@pytest.fixture
def office() -> Office:
    return Office()


def test_every_line_goes_and_the_card_is_about_nobody(office: Office) -> None:
    told(office.world)
    office.show()
    assert office.said("edited order", "on its way", "calls every day", "insults us", "Ana B")
    office.world.clock.pass_by(MINUTE)
    assert office.erase() == []
    assert office.said("Tom asks") and office.said("somebody")
    done = requested(office.archive, "code")
    assert done and (done.left, findings(office.world)) == (0, [])


def test_nothing_that_was_taken_down_comes_back(office: Office) -> None:
    """The queue may offer an event again that was shown long ago."""
    told(office.world)
    office.show()
    events = office.world.store.timeline(BRAND, office.world.case().id)
    office.world.clock.pass_by(MINUTE)
    office.erase()
    before = dict(office.slack.messages)
    for event in events:
        office.world.store.commit(replace(office.world.store.event(BRAND, event.case_id, event.seq), pending=True))  # type: ignore[type-var, arg-type]
    office.show()
    assert office.slack.messages == before
    post = office.world.store.post(BRAND, events[0].case_id, f"{2:08d}")
    assert post and post.ts == TAKEN


TROUBLE = [SlackBusy(timedelta(seconds=30)), NoAnswer("timeout"), SlackRefused("token_revoked")]


@pytest.mark.parametrize("error", TROUBLE)
@pytest.mark.parametrize("after", range(0, 6, 2))
def test_while_slack_does_not_do_it_the_request_stays_open_and_goes_on(
    office: Office, error: Exception, after: int
) -> None:
    told(office.world)
    office.show()
    office.world.clock.pass_by(MINUTE)
    request(office.archive, erasure(office.world))
    original, count = office.slack.call, 0

    def call(method: str, **arguments: object) -> dict[str, object]:
        nonlocal count
        count += method == "chat.delete"
        if count > after:
            raise error
        return original(method, **arguments)

    office.slack.call = call  # type: ignore[method-assign]
    outcome = eraser(office.world, office.archive, lambda: office.slack).work()
    assert outcome.done == []
    assert (len(outcome.waiting), len(outcome.failures)) == ((0, 1) if isinstance(error, SlackRefused) else (1, 0))
    assert office.world.case().erased_at is None
    still = requested(office.archive, "code")
    assert still and still.done_at is None
    office.slack.call = original  # type: ignore[method-assign]
    assert office.erase() == []


def test_what_only_people_can_delete_is_counted_and_does_not_keep_the_rest_waiting(office: Office) -> None:
    told(office.world)
    office.show()
    mine = next(one for one in office.slack.lines() if "calls every day" in json.dumps(one))
    mine["app_id"] = None  # typed by a colleague
    office.world.clock.pass_by(MINUTE)
    assert office.erase() == ["calls every day"]
    done = requested(office.archive, "code")
    assert done and done.left == 1


def test_a_line_that_somebody_deleted_is_gone(office: Office) -> None:
    told(office.world)
    office.show()
    line = office.slack.lines()[0]
    office.slack.messages.pop((CHANNEL, line["ts"]))
    office.world.clock.pass_by(MINUTE)
    office.erase()
    done = requested(office.archive, "code")
    assert done and done.left == 0


def test_a_line_of_unknown_place_that_is_not_where_it_was_looked_for_counts_as_left(office: Office) -> None:
    """As posts of an earlier release are: not found in the card's channel proves nothing."""
    told(office.world)
    office.show()
    store = office.world.store
    post = store.post(BRAND, office.world.case().id, f"{2:08d}")
    assert post and post.slack_channel == CHANNEL
    store.commit(replace(post, slack_channel=None))
    office.slack.messages.pop((CHANNEL, str(post.ts)))
    office.world.clock.pass_by(MINUTE)
    office.erase()
    done = requested(office.archive, "code")
    assert done and done.left == 1


def test_what_the_desk_is_posting_at_this_moment_is_waited_for(office: Office) -> None:
    told(office.world)
    office.show()
    store = office.world.store
    post = store.post(BRAND, office.world.case().id, f"{2:08d}")
    assert post
    store.commit(replace(post, ts=None, claimed_at=office.world.clock()))
    request(office.archive, erasure(office.world))
    outcome = eraser(office.world, office.archive, lambda: office.slack).work()
    assert outcome.waiting == ["code"]


@pytest.mark.parametrize("stands", [True, False])
def test_a_line_of_which_nobody_recorded_that_it_stands_is_looked_for(office: Office, stands: bool) -> None:
    told(office.world)
    office.show()
    store = office.world.store
    post = store.post(BRAND, office.world.case().id, f"{2:08d}")
    assert post and (CHANNEL, post.ts) in office.slack.messages
    store.commit(replace(post, ts=None, claimed_at=moment_of(str(post.ts))))
    if not stands:
        office.slack.messages.pop((CHANNEL, str(post.ts)))
    office.world.clock.pass_by(2 * MINUTE)
    office.erase()
    done, left = requested(office.archive, "code"), store.post(BRAND, post.case_id, post.name)
    assert (CHANNEL, post.ts) not in office.slack.messages
    assert done and (done.left, left and left.ts) == (0, TAKEN)


def test_a_card_of_which_nobody_recorded_that_it_stands_is_left_to_the_desk(office: Office) -> None:
    """It is looked for there, and shows the case as it is: about nobody."""
    told(office.world)
    office.show()
    case, store = office.world.case(), office.world.store
    begun = Post(BRAND, case.id, post_name(1, "C0ELSEWHERE"), office.world.clock(), slack_channel="C0ELSEWHERE")
    store.commit(begun)
    office.world.clock.pass_by(2 * MINUTE)
    assert office.erase() == []
    found = store.post(BRAND, case.id, begun.name)
    assert found and found.ts is None


def summed_up(office: Office, way: Way, target: str) -> None:
    """A summary names Ana's case."""
    world = office.world
    herald = Herald(world.store, office.slack, RecordingPager(), world.config, world.meter, world.clock())
    case, warned = office.world.case(), Fact.CLOCK_WARNED.value
    clocks = tuple(replace(one, state=ClockState.RUNNING, warned_at=NOON) for one in case.clocks)
    bundle = Bundle(BRAND, case.queue, way.value, NOON - MINUTE, target, what=warned)
    gathered = bundling.gathered(bundle, case.id, None, NOON)
    world.store.commit(gathered, replace(case, clocks=clocks))
    assert flush(herald, [gathered]) == 1


@pytest.mark.parametrize(("way", "target"), [(Way.TEAM, ""), (Way.ASSIGNEE, "U0TOM")])
def test_summaries_that_name_them_go_too_wherever_they_stand(office: Office, way: Way, target: str) -> None:
    told(office.world)
    office.show()
    summed_up(office, way, target)
    assert len([one for one in office.slack.messages.values() if "promises in danger" in json.dumps(one)]) == 1
    office.world.clock.pass_by(MINUTE)
    assert office.erase() == []
    assert [one for one in office.slack.messages.values() if "promises in danger" in json.dumps(one)] == []


def test_of_a_shared_case_only_their_lines_go(office: Office) -> None:
    joined(office.world)
    office.show()
    office.world.clock.pass_by(MINUTE)
    assert office.erase() == []
    assert office.said("Tom asks", "Tom asks again", "Tom is kind") == ["Tom asks", "Tom asks again", "Tom is kind"]
    assert office.said("which of them") == []
    assert office.erase(TOM_ID, "other") == []
    assert office.said("Tom asks", "Tom T", "Tom is kind") == []


def test_of_a_shared_case_the_owners_lines_go_and_the_others_stay(office: Office) -> None:
    joined(office.world)
    office.show()
    office.world.clock.pass_by(MINUTE)
    office.erase(TOM_ID)
    assert office.said("Tom asks", "Tom is kind", "which of them") == []
    assert office.said("edited order, again") == ["edited order, again"]


def test_without_slack_what_stands_there_is_counted(office: Office) -> None:
    told(office.world)
    office.show()
    office.world.clock.pass_by(MINUTE)
    erased = eraser(office.world, office.archive).carry_out(erasure(office.world))
    assert erased.left == len(office.slack.lines()) - sum("Tom" in json.dumps(one) for one in office.slack.lines())


# -- unsent ----------------------------------------------------------------------------------------------------------


def brand(evidence: str) -> Office:
    one = {**config_data()["brands"][BRAND], "evidence": evidence}
    return Office(World(config=config(brands={BRAND: one})))


@pytest.mark.parametrize("evidence", ["none", "hash", "text"])
def test_what_its_author_took_back_is_not_to_be_read_in_slack(evidence: str) -> None:
    office = brand(evidence)
    office.world.take(text="You ruined my wedding")
    office.show()
    office.world.take(Kind.EDIT, id=None, of="mid-1", text="You ruined everything", version="1")
    office.world.take(id="mid-2", text="Never mind")
    office.show()
    assert office.said("my wedding", "ruined everything")
    office.world.take(Kind.DELETE, id=None, of="mid-1", text=None)
    office.show()
    kept = ["my wedding", "ruined everything"] if evidence == "text" else []
    assert office.said("my wedding", "ruined everything") == kept
    assert office.said("Never mind", "took back a message") == ["Never mind", "took back a message"]


@pytest.mark.parametrize("long", ["", " and" * 250])
def test_what_was_taken_back_goes_from_a_digest_too(long: str) -> None:
    """Long words make several pages of one digest."""
    office = brand("none")
    for number in range(60):
        office.world.take(id=f"m{number}", text=f"word{number:02d}{long}", at=NOON)
    events = office.world.store.timeline(BRAND, office.world.case().id, 1000)
    office.show()
    pages = [one for one in office.slack.lines() if "things at once" in one["text"]]
    assert len(pages) > 2 if long else len(pages) == 2
    assert office.said("word03", "word18")
    for number in (3, 18):
        assert events[number + 1].data["message_id"] == ids.message_id(BRAND, "harbor-facebook", f"m{number}")
        office.world.take(Kind.DELETE, id=None, of=f"m{number}", text=None)
    office.show()
    others = [f"word{number:02d}" for number in range(60) if number not in (3, 18)]
    assert office.said("word03", "word18") == []
    assert office.said(*others) == others


def moved(office: Office, case: Case) -> None:
    """The card stands with another team, where its thread was told once more."""
    office.show()
    office.world.bus(Move("m1", BRAND, case.id, "ana", "escalations"), office.world.clock())
    office.show()
    assert office.said("What happened before")


def test_what_was_taken_back_is_not_told_where_the_card_went_to() -> None:
    office = brand("none")
    office.world.take(text="You ruined my wedding")
    office.world.take(id="mid-2", text="Never mind")
    moved(office, office.world.case())
    office.world.take(Kind.DELETE, id=None, of="mid-1", text=None)
    office.show()
    assert office.said("my wedding", "Never mind") == ["Never mind"]


@pytest.mark.parametrize("shared", [False, True])
def test_wherever_the_card_stood_what_it_said_goes(office: Office, shared: bool) -> None:
    if shared:
        moved(office, joined(office.world))
    else:
        told(office.world)
        moved(office, office.world.case())
    office.world.clock.pass_by(MINUTE)
    assert office.erase() == []


def test_after_a_merge_the_line_is_found_in_the_thread_where_it_was_told() -> None:
    office = Office()
    told(office.world)
    office.show()
    office.world.bus(Merge("m1", BRAND, office.world.case().id, "ana", office.world.case(TOM).id), office.world.clock())
    office.show()
    office.world.take(Kind.DELETE, id=None, of="c-1", text=None)
    office.show()
    assert office.said("my order!") == []


def test_slack_busy_while_it_is_told_anew_is_asked_again() -> None:
    office = brand("none")
    office.world.take(text="You ruined my wedding")
    office.world.take(id="mid-2", text="Never mind")
    office.show()
    office.world.take(Kind.DELETE, id=None, of="mid-1", text=None)
    office.slack.fails("chat.update", SlackBusy(timedelta(seconds=1)))
    with pytest.raises(Later):
        office.show()
    office.show()
    assert office.said("my wedding") == []


def test_nobody_else_loses_a_line(office: Office) -> None:
    told(office.world)
    office.world.bus(AddNote("n5", BRAND, office.world.case(TOM).id, "ana", "Tom waits"), office.world.clock())
    tom_writes(office.world, "Tom asks more", "mid-t5")
    office.show()
    office.world.clock.pass_by(MINUTE)
    office.erase()
    assert office.said("Tom asks", "Tom waits", "Tom asks more") == ["Tom asks", "Tom waits", "Tom asks more"]
    facts = [event.fact for event in office.world.store.timeline(BRAND, office.world.case(TOM).id)]
    assert Fact.CONTACT_ERASED not in facts


def test_many_lines_are_told_anew_although_slack_takes_one_call_at_a_time() -> None:
    office = brand("none")
    office.world.take(text="You ruined day 0")
    for number in range(1, 4):
        office.world.take(Kind.EDIT, id=None, of="mid-1", text=f"You ruined day {number}", version=str(number))
        office.show()
    assert len([one for one in office.slack.lines() if "You ruined" in one["text"]]) > 2
    office.world.take(Kind.DELETE, id=None, of="mid-1", text=None)
    for _ in range(8):
        office.slack.hurried(SlackBusy(timedelta(seconds=1)), updates=1)
        with suppress(Later):
            office.show()
    assert office.said("You ruined") == []


def test_a_history_that_only_people_can_delete_is_asked_for_once() -> None:
    office = brand("none")
    office.world.take(text="You ruined my wedding")
    moved(office, office.world.case())
    office.world.take(Kind.DELETE, id=None, of="mid-1", text=None)
    office.slack.fails("chat.delete", SlackRefused("compliance_exports_prevent_deletion"))
    office.show()
    (deleted,) = (one for one in office.world.store.timeline(BRAND, office.world.case().id) if "deleted" in one.fact)
    office.world.store.commit(replace(deleted, pending=True))
    office.show()
    assert len(office.slack.called("chat.delete")) == 1
