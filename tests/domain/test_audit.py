"""The chain of a case: untouched it is clean, and no row of it can be changed, dropped, moved or put in unseen."""

import json
from dataclasses import fields, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.audit import STATE, Head, chained, changes, hash_of, head_of, plain, record, sealed
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.escalation import Chain, Step, StepKind, Way
from chalicelib.domain.ids import digest
from chalicelib.domain.lifecycle import recorded
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.domain.verdict import Finding, against, verify
from tests.build import NOON, case
from tests.storage.strategies import rows

Story = tuple[Case, list[TimelineEvent]]

FACTS = [fact for fact in Fact if not fact.startswith("clock.")]

WRITES = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(FACTS), st.dictionaries(st.text(max_size=4), st.integers())), max_size=3),
        st.sampled_from(Status),
        st.sampled_from(Priority),
        st.sampled_from([None, "ana", "tom"]),
    ),
    min_size=1,
    max_size=6,
)


def story(writes: list[Any]) -> Story:
    """A case that was written so, and its whole timeline."""
    before: Case | None = None
    after = case()
    events: list[TimelineEvent] = []
    for minute, (facts, status, priority, agent) in enumerate(writes):
        now = NOON + timedelta(minutes=minute)
        happened = [Happening(Fact.NOTE_ADDED, now, "ana"), *(Happening(one, now, "tom", data) for one, data in facts)]
        changed = replace(after, status=status, priority=priority, assignee=agent)
        after, told = recorded(before, changed, happened, now)
        before, events = after, events + told
    return after, events


STORIES = WRITES.map(story)


def judged(head: Case, events: list[TimelineEvent]) -> tuple[Finding, ...]:
    return verify(head_of(head), [record(event) for event in events]).findings


@given(STORIES)
def test_what_nobody_touched_is_clean(told: Story) -> None:
    assert judged(*told) == ()


FIELDS = [one.name for one in fields(TimelineEvent) if one.name not in ("pending", "done", "version")]


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=15, deadline=None)
@given(told=STORIES, other=rows(TimelineEvent), data=st.data())
def test_no_field_of_any_row_can_be_changed(name: str, told: Story, other: TimelineEvent, data: st.DataObject) -> None:
    case, events = told
    at = data.draw(st.integers(0, len(events) - 1))
    forged = replace(events[at], **{name: getattr(other, name)})
    if plain(getattr(forged, name)) != plain(getattr(events[at], name)):
        assert judged(case, [*events[:at], forged, *events[at + 1 :]])


@given(STORIES, st.data())
def test_no_row_can_be_dropped(told: Story, data: st.DataObject) -> None:
    case, events = told
    at = data.draw(st.integers(0, len(events) - 1))
    assert judged(case, events[:at] + events[at + 1 :])


@given(STORIES, st.data())
def test_no_two_rows_can_change_places(told: Story, data: st.DataObject) -> None:
    """Neither as they are, nor each under the number of the other."""
    case, events = told
    events = [*events, *recorded(case, case, [Happening(Fact.NOTE_ADDED, NOON, "ana")], NOON)[1]]
    case = replace(case, seq=case.seq + 1, head=events[-1].hash)
    assert judged(case, events) == ()
    one, two = sorted(data.draw(st.sets(st.integers(0, len(events) - 1), min_size=2, max_size=2)))
    swapped = list(events)
    swapped[one], swapped[two] = events[two], events[one]
    assert judged(case, swapped)
    renumbered = [replace(event, seq=place) for place, event in enumerate(swapped, start=1)]
    assert judged(case, renumbered)


@given(STORIES, st.data())
def test_no_row_can_be_put_in(told: Story, data: st.DataObject) -> None:
    """Not even one that is a proper link: what follows it, or the case, knows better."""
    case, events = told
    at = data.draw(st.integers(0, len(events)))
    head = events[at - 1].hash if at else ""
    _, forged = recorded(case, replace(case, seq=at, head=head), [Happening(Fact.CASE_TAKEN, NOON, "eve")], NOON)
    assert judged(case, [*events[:at], *forged, *events[at:]])


def test_the_state_of_the_case_must_be_what_its_history_led_to() -> None:
    after, events = story([([], Status.OPEN, Priority.NORMAL, "ana")])
    forged = replace(after, assignee="tom")
    assert [one.what for one in judged(forged, events)] == ["leads to another assignee than the case has"]


def test_a_history_without_its_case_is_found() -> None:
    after, events = story([([], Status.OPEN, Priority.NORMAL, "ana")])
    gone = Head(after.brand, after.id, 0, "", {}, known=False)
    assert verify(gone, [record(event) for event in events]).findings[0].what == "has a history but no case"


def test_rows_older_than_the_chain_are_told_apart() -> None:
    """They cannot be proven, but what follows them can."""
    old, events = story([([], Status.OPEN, Priority.NORMAL, "ana")])
    old, events = replace(old, head=""), [replace(event, prev="", hash="", changed={}) for event in events]
    after, more = recorded(old, old, [Happening(Fact.CASE_SOLVED, NOON, "ana")] * 2, NOON)
    verdict = verify(head_of(after), [record(event) for event in (*events, *more)])
    assert (verdict.unchained, verdict.findings) == (1, ())
    stripped = [*events, more[0], replace(more[1], hash="", prev="")]
    assert "has lost its hash" in [one.what for one in judged(after, stripped)]


def test_what_expired_is_counted_and_the_rest_still_proven() -> None:
    after, events = story([([], Status.OPEN, Priority.NORMAL, "ana")] * 4)
    rest = [record(event) for event in events[2:]]
    assert verify(head_of(after), rest).findings
    verdict = verify(head_of(after), rest, expired=True)
    assert (verdict.expired, verdict.findings) == (2, ())
    rest[1]["actor"] = "eve"
    assert verify(head_of(after), rest, expired=True).findings


def test_a_case_all_of_whose_events_expired_is_clean() -> None:
    after, _ = story([([], Status.OPEN, Priority.NORMAL, "ana")] * 2)
    assert verify(head_of(after), [], expired=True).findings == ()
    assert verify(head_of(after), []).findings


def test_what_expired_does_not_hide_a_state_that_the_rest_tells_otherwise() -> None:
    after, events = story([([], Status.OPEN, Priority.NORMAL, who) for who in ("ana", "tom", "ana")])
    rest = [record(event) for event in events[1:]]
    assert verify(head_of(after), rest, expired=True).findings == ()
    forged = verify(head_of(replace(after, assignee="eve")), rest, expired=True).findings
    assert [one.what for one in forged] == ["leads to another assignee than the case has"]


def test_an_anchor_finds_a_history_that_was_written_anew() -> None:
    """Whoever may write every row may also make a chain that holds; what was anchored outside tells."""
    after, events = story([([], Status.OPEN, Priority.NORMAL, "ana")] * 2)
    anchor = {"case_id": after.id, "seq": after.seq, "head": after.head}
    assert against(anchor, [record(event) for event in events]) is None
    blank = [replace(event, actor="eve", prev="", hash="", changed={}) for event in events]
    forged, links = chained(None, replace(after, seq=0, head=""), blank)
    assert judged(forged, links) == ()
    assert against(anchor, [record(event) for event in links])
    assert against(anchor, [])


UNTOLD = {
    **dict.fromkeys(("id", "brand"), "the key of the row, which an event names"),
    "contact_id": "the beginning of the id",
    **dict.fromkeys(
        ("contact_name", "contact_handle"), "what a customer is called: after an erasure a hash can be guessed"
    ),
    "clocks": "told as promises",
    "reasons": "why it was routed so; the event that opened it says so in its data",
    "origin": "what policies are matched on; what comes of it are clocks",
    "opened_at": "when the first event was true",
    **dict.fromkeys(
        ("targets", "terms"), "a copy of the policy, whose mark is in the logbook; what comes of it are clocks"
    ),
    "threads": "where they talk; the facts of messages name them",
    **dict.fromkeys(("last_inbound_at", "last_message_id", "unanswered"), "when the facts of their messages were true"),
    **dict.fromkeys(("answered_at", "asked_at", "seen_at"), "when the facts of our replies and echoes were true"),
    **dict.fromkeys(("open_replies", "stuck"), "what the facts of replies say: queued, failed, settled"),
    **dict.fromkeys(("solved_at", "reopened_at", "handed_at", "assigned_at", "free_at"), "when a fact was true"),
    "claim_until": "follows from who took it when; what ran out is a fact",
    "rests": "when the facts of its status were true",
    "owed": "when the facts of what somebody waits for were true",
    "left": "what it was before it was solved: the change that solved it says so",
    "timer": "which timer sleeps: how, not what",
    "commands": "marks of what was carried out; each fact names its command",
    **dict.fromkeys(("seq", "head"), "the end of the chain itself, held against its last event"),
    "version": "how often the row was written, not what stands in it",
}
"""Fields of a case whose change no event tells, and why nobody has to be told."""


def test_every_field_of_a_case_is_told_of_or_says_why_not() -> None:
    told = {name for name in STATE if name != "promises"}
    assert told.isdisjoint(UNTOLD)
    assert told | UNTOLD.keys() == {one.name for one in fields(Case)}
    assert "promises" in STATE and all(UNTOLD.values())


def test_what_a_calendar_remembers_of_its_days_is_no_part_of_it() -> None:
    calendar = Calendar("week", "Europe/Berlin", (((480, 1080),),) * 7)
    before = plain(calendar)
    calendar.add(NOON, timedelta(days=3))
    assert plain(calendar) == before


def test_changes_are_told_as_before_and_after() -> None:
    was = case()
    assert changes(None, was) == {
        "status": [None, "new"],
        "queue": [None, "messages"],
        "priority": [None, "normal"],
        "promises": [None, digest("promises")],
    }
    now = replace(was, assignee="ana", status=Status.OPEN, snoozed_until=NOON)
    assert changes(was, now) == {
        "assignee": [None, "ana"],
        "status": ["new", "open"],
        "snoozed_until": [None, "2026-06-01T12:00:00.000Z"],
    }


def test_the_words_can_go_and_the_chain_holds() -> None:
    """But only where the case says that somebody was erased."""
    happened = [Happening(Fact.CASE_MOVED, NOON, "ana", {"queue": "vip", "note": "Ana B. from Lyon"})]
    after, events = recorded(None, case(), happened, NOON)
    bare = [sealed(event) for event in events]
    assert "Lyon" not in str(bare)
    assert bare[0].data["queue"] == "vip"
    lost = ["has lost its words, though nobody was erased"]
    assert [one.what for one in judged(after, bare)] == lost
    assert lost[0] in [one.what for one in judged(replace(after, erased_at=NOON), bare)]
    erased, last = recorded(after, after, [Happening(Fact.CASE_ERASED, NOON, "odo")], NOON)
    assert judged(erased, [*bare, *last]) == ()
    assert judged(after, [replace(events[0], data={"queue": "vip", "note": "other words"})])


def test_tags_can_go_like_words_and_what_the_case_has_is_still_compared() -> None:
    tagged = [Happening(Fact.CASE_TAGGED, NOON, "ana", {"added": ["lyon-lawyer", "vip"]})]
    after, events = recorded(None, replace(case(), tags=("lyon-lawyer", "vip")), tagged, NOON)
    last, more = recorded(after, after, [Happening(Fact.CONTACT_ERASED, NOON, "odo")], NOON)
    bare = [sealed(event) for event in (*events, *more)]
    assert "lyon" not in str([record(event) for event in bare])
    assert judged(last, bare) == ()
    assert [one.what for one in judged(replace(last, tags=("vip",)), bare)] == [
        "leads to another tags than the case has"
    ]


FORGED: dict[str, dict[str, Any]] = {
    "promises": {"clocks": ()},
    "held_at": {"held_at": NOON},
    "erased_at": {"erased_at": NOON},
    "escalation": {"escalation": None},
}


@pytest.mark.parametrize("name", FORGED)
def test_no_clock_hold_erasure_or_escalation_can_be_changed_or_dropped(name: str) -> None:
    chain = Chain("vip", (Step(StepKind.NOTIFY, Way.TEAM),)).started(NOON, "ana")
    before, events = recorded(None, case(), [Happening(Fact.CASE_OPENED, NOON, "system")], NOON)
    after, more = recorded(
        before, replace(before, escalation=chain), [Happening(Fact.CASE_ESCALATED, NOON, "ana")], NOON
    )
    assert after.clocks
    assert judged(after, [*events, *more]) == ()
    forged = replace(after, **FORGED[name])
    assert [one.what for one in judged(forged, [*events, *more])] == [f"leads to another {name} than the case has"]


def test_a_clock_that_says_it_was_kept_is_found() -> None:
    after, events = recorded(None, case(), [Happening(Fact.CASE_OPENED, NOON, "system")], NOON)
    one, *others = after.clocks
    forged = replace(after, clocks=(replace(one, due_at=one.due_at + timedelta(hours=1)), *others))
    assert [one.what for one in judged(forged, events)] == ["leads to another promises than the case has"]


def test_a_case_of_an_earlier_release_is_not_blamed_for_what_it_did_not_tell() -> None:
    after, events = recorded(None, case(), [Happening(Fact.CASE_OPENED, NOON, "system")], NOON)
    told = {name: value for name, value in events[0].changed.items() if name != "promises"}
    old = replace(events[0], changed=told, prev="", hash="")
    old = replace(old, hash=hash_of(record(old)))
    assert judged(replace(after, head=old.hash, held_at=NOON), [old]) == ()


def test_the_documented_recipe_needs_nothing_of_ours() -> None:
    """The lines of docs/audit.md, on a line of an export."""
    _, events = story([([], Status.OPEN, Priority.NORMAL, "ana")])
    line = json.dumps(record(events[0]))
    told = json.loads(line)
    given_hash = told.pop("hash")
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert sha256(text.encode()).hexdigest() == given_hash


def test_a_link_costs_few_bytes() -> None:
    """Two hashes and what changed: an event still is a quarter of the kilobyte DynamoDB bills."""
    _, events = story([([], Status.OPEN, Priority.NORMAL, "ana")])
    link = {"changed": events[0].changed, "prev": "f" * 64, "hash": events[0].hash}
    assert len(json.dumps(link)) < 330
