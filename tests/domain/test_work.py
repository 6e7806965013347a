"""What people do with cases, as pure turns."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import tags, work
from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.errors import Owned, Refusal
from chalicelib.domain.people import Agent, Role
from chalicelib.domain.reasons import LONGEST
from chalicelib.domain.timeline import Fact, Happening
from tests.build import BRAND, MINUTE, NOON, case, thread

ANA = Agent("ana", "Ana", "ana@example.com", Role.AGENT, (BRAND,))
MIA = Agent("mia", "Mia", "mia@example.com", Role.SUPERVISOR, (BRAND,))
OTHER = f"{'d' * 20}-1"
SOLVED: dict[str, Any] = {"status": Status.SOLVED, "solved_at": NOON}


def test_an_agent_hands_on_what_is_theirs_or_nobodys() -> None:
    for assignee in (None, "ana"):
        after, happened = work.assigned(case(assignee=assignee), "tom", ANA, NOON)
        assert (after.assignee, after.status, happened[0].fact) == ("tom", Status.OPEN, Fact.CASE_ASSIGNED)
    with pytest.raises(Owned, match="belongs to eve; ask them or a supervisor"):
        work.assigned(case(assignee="eve"), "tom", ANA, NOON)
    with pytest.raises(Owned, match="belongs to eve"):
        work.moved(case(assignee="eve"), "escalations", ANA, NOON)
    assert work.assigned(case(assignee="eve"), "tom", MIA, NOON)[1][0].data == {"to": "tom", "from": "eve"}


def test_a_colleagues_case_is_given_back_by_supervisors_alone() -> None:
    with pytest.raises(Owned, match="belongs to tom; only they or a supervisor can release it"):
        work.released(case(assignee="tom"), ANA, NOON)
    assert work.released(case(), ANA, NOON)[1] == []
    after, happened = work.released(case(assignee="ana"), ANA, NOON)
    assert (after.assignee, happened[0].actor, happened[0].data) == (None, "ana", {})
    after, happened = work.released(case(assignee="tom"), MIA, NOON)
    assert (after.assignee, happened[0].actor, happened[0].data) == (None, "mia", {"from": "tom"})


def test_moving_frees_the_case_and_wakes_it() -> None:
    asleep, _ = work.snoozed(case(assignee="ana"), NOON + MINUTE, "ana", NOON)
    after, happened = work.moved(asleep, "escalations", ANA, NOON)
    assert (after.queue, after.assignee, after.status, after.snoozed_until) == ("escalations", None, Status.OPEN, None)
    assert happened[0].data == {"to": "escalations", "from": "messages"}


def test_who_set_a_priority_and_why_comes_before_what_the_rules_said() -> None:
    known = case(reasons=("angry words", "public comment"))
    once, _ = work.prioritised(known, Priority.URGENT, "ana", NOON, " a lawyer \n writes ", "Ana")
    assert once.reasons == ("set by Ana: a lawyer writes", "angry words", "public comment")
    twice, _ = work.prioritised(once, Priority.LOW, "mia", NOON, by="Mia")
    assert twice.reasons == ("set by Mia", "angry words", "public comment"), "the last one counts"


def test_what_changes_nothing_says_nothing() -> None:
    known = case(assignee="tom", tags=("vip",), links=(OTHER,))
    assert work.assigned(known, "tom", ANA, NOON) == (known, [])
    assert work.moved(known, "messages", ANA, NOON) == (known, [])
    assert work.prioritised(known, Priority.NORMAL, "ana", NOON) == (known, [])
    assert work.tagged(known, ["VIP"], ["never"], "ana", NOON) == (known, [])
    assert work.woken(known, "ana", NOON) == (known, [])
    assert work.linked(known, case(id=OTHER, links=(known.id,)), "ana", NOON)[0] == (known, [])
    assert work.dismissed(replace(known, **SOLVED), "ana", NOON)[1] == []


def test_solved_and_merged_cases_say_where_to_go_on() -> None:
    turns: tuple[Callable[[Case], object], ...] = (
        lambda one: work.assigned(one, "tom", MIA, NOON),
        lambda one: work.moved(one, "escalations", MIA, NOON),
        lambda one: work.prioritised(one, Priority.HIGH, "mia", NOON),
        lambda one: work.snoozed(one, NOON + MINUTE, "mia", NOON),
    )
    for turn in turns:
        with pytest.raises(Refusal, match="comes back by itself"):
            turn(case(**SOLVED))
        with pytest.raises(Refusal, match=f"merged into {OTHER}; go on there"):
            turn(case(**SOLVED, merged_into=OTHER))


def test_a_snooze_ends_in_the_future_and_within_a_quarter() -> None:
    after, happened = work.snoozed(case(), NOON + timedelta(days=90), "ana", NOON, " waits \n for parts ")
    assert (after.status, after.snoozed_until) == (Status.ON_HOLD, NOON + timedelta(days=90))
    assert happened[0].data["reason"] == "waits for parts"
    with pytest.raises(Refusal, match="is past"):
        work.snoozed(case(), NOON, "ana", NOON)
    with pytest.raises(Refusal, match="90 days at most"):
        work.snoozed(case(), NOON + timedelta(days=90, seconds=1), "ana", NOON)


def test_a_snooze_ends_by_itself_once() -> None:
    asleep, _ = work.snoozed(case(), NOON + MINUTE, "ana", NOON)
    assert work.snooze_ticked(asleep, NOON) == (asleep, [])
    awake, happened = work.snooze_ticked(asleep, NOON + 2 * MINUTE)
    assert (awake.status, awake.snoozed_until, happened[0].at) == (Status.OPEN, None, NOON + MINUTE)
    assert work.snooze_ticked(awake, NOON + 3 * MINUTE) == (awake, [])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("VIP", "vip"),
        ("  Late   Parcel ", "late-parcel"),
        ("Straße", "strasse"),
        ("a\u0308rger", "ärger"),
        ("v1.2", "v1.2"),
    ],
)
def test_a_tag_has_one_spelling(said: str, kept: str) -> None:
    assert tags.tag(said) == kept


@pytest.mark.parametrize("said", ["", " ", "-a", "a,b", "<!here>", "x" * 41, "a/b", "#x"])
def test_what_cannot_be_a_tag_is_refused(said: str) -> None:
    with pytest.raises(Refusal, match="tag"):
        tags.tag(said)


@given(st.text(max_size=60))
def test_a_tag_of_a_tag_is_itself(said: str) -> None:
    try:
        once = tags.tag(said)
    except Refusal:
        return
    assert tags.tag(once) == once
    assert 0 < len(once) <= tags.LONGEST


def test_a_case_has_only_so_many_tags() -> None:
    full = case(tags=tuple(f"t{one}" for one in range(tags.MOST)))
    with pytest.raises(Refusal, match="20 tags at most"):
        work.tagged(full, ["more"], [], "ana", NOON)
    after, happened = work.tagged(full, ["more"], ["t0"], "ana", NOON)
    assert len(after.tags) == tags.MOST
    assert happened[0].data == {"added": ["more"], "removed": ["t0"]}


def test_dismissing_solves_and_says_why() -> None:
    after, happened = work.dismissed(case(claim_until=NOON), "ana", NOON, "spam")
    assert (after.status, after.solved_at, after.claim_until) == (Status.SOLVED, NOON, None)
    assert (happened[0].fact, happened[0].data) == (Fact.CASE_DISMISSED, {"reason": "spam"})


def test_links_are_mutual_and_few() -> None:
    (one, told), (other, heard) = work.linked(case(), case(id=OTHER), "ana", NOON)
    assert (one.links, other.links) == ((OTHER,), (one.id,))
    assert (told[0].data, heard[0].data) == ({"to": OTHER}, {"to": one.id})
    with pytest.raises(Refusal, match="itself"):
        work.linked(case(), case(), "ana", NOON)
    with pytest.raises(Refusal, match="linked to 20 others"):
        work.linked(case(links=tuple(map(str, range(20)))), case(id=OTHER), "ana", NOON)


def loser(**more: Any) -> Case:
    known = case(tags=("late",), links=(OTHER, "x"), open_replies=("r1",), last_inbound_at=NOON + MINUTE, **more)
    return replace(known, last_message_id="m9", unanswered=(NOON + MINUTE,)).with_thread(thread("m9", NOON + MINUTE))


def test_a_merge_hands_over_what_is_still_to_be_done() -> None:
    winner = case(id=OTHER, tags=("vip",), status=Status.PENDING, assignee="tom", last_inbound_at=NOON, links=("y",))
    (ended, told), (after, heard) = work.merged(loser(), winner, "ana", NOON)
    assert (ended.status, ended.merged_into, ended.open_replies) == (Status.SOLVED, OTHER, ())
    assert (after.status, after.assignee, after.tags) == (Status.OPEN, "tom", ("vip", "late"))
    assert (after.open_replies, after.links, set(after.threads)) == (("r1",), ("y", "x"), {"v1"})
    assert (after.last_inbound_at, after.last_message_id) == (NOON + MINUTE, "m9")
    assert after.unanswered == (NOON + MINUTE,)
    assert (told[0].data, heard[0].data) == ({"into": OTHER}, {"from": ended.id})


def test_a_merge_of_what_waits_for_nobody_leaves_the_other_asleep() -> None:
    asleep, _ = work.snoozed(case(id=OTHER), NOON + MINUTE, "tom", NOON)
    _, (after, _) = work.merged(loser(status=Status.PENDING), asleep, "ana", NOON)
    assert (after.status, after.snoozed_until) == (Status.ON_HOLD, NOON + MINUTE)


def test_what_cannot_be_merged_says_what_can() -> None:
    for winner, why in (
        (case(), "itself"),
        (case(id=OTHER, **SOLVED), "is solved; name one that is open"),
        (case(id=OTHER, **SOLVED, merged_into="z"), "was merged into z; name that one"),
    ):
        with pytest.raises(Refusal, match=why):
            work.merged(loser(), winner, "ana", NOON)
    with pytest.raises(Refusal, match="merged into z"):
        work.merged(loser(**SOLVED, merged_into="z"), case(id=OTHER), "ana", NOON)
    again = work.merged(loser(**SOLVED, merged_into=OTHER), case(id=OTHER), "ana", NOON)
    assert [happened for _, happened in again] == [[], []]


HALF_HOUR = timedelta(minutes=30)


def told(fact: Fact, actor: str) -> list[Happening]:
    return [Happening(fact, NOON, actor)]


def test_a_claim_begins_with_an_owner_and_ends_with_their_work() -> None:
    taken = work.claimed(case(), case(assignee="ana"), told(Fact.CASE_TAKEN, "ana"), HALF_HOUR, NOON)
    assert taken.claim_until == NOON + HALF_HOUR
    tagged = work.claimed(taken, taken, told(Fact.CASE_TAGGED, "ana"), HALF_HOUR, NOON + MINUTE)
    assert tagged.claim_until == NOON + HALF_HOUR
    for fact, actor, until in (
        (Fact.NOTE_ADDED, "ana", None),
        (Fact.REPLY_QUEUED, "ana", None),
        (Fact.NOTE_ADDED, "tom", NOON + HALF_HOUR),
    ):
        assert work.claimed(taken, taken, told(fact, actor), HALF_HOUR, NOON).claim_until == until
    handed = work.claimed(taken, replace(taken, assignee="tom"), told(Fact.NOTE_ADDED, "ana"), HALF_HOUR, NOON + MINUTE)
    assert handed.claim_until == NOON + MINUTE + HALF_HOUR
    assert work.claimed(taken, replace(taken, assignee=None), [], HALF_HOUR, NOON).claim_until is None
    assert work.claimed(case(), case(assignee="ana"), [], None, NOON).claim_until is None


def test_who_does_nothing_loses_the_case_once() -> None:
    held = case(assignee="ana", status=Status.OPEN, claim_until=NOON + MINUTE)
    assert work.claim_ticked(held, NOON) == (held, [])
    free, happened = work.claim_ticked(held, NOON + 2 * MINUTE)
    assert (free.assignee, free.claim_until) == (None, None)
    assert (happened[0].fact, happened[0].at) == (Fact.CASE_RELEASED, NOON + MINUTE)
    assert happened[0].data == {"why": "claim", "from": "ana"}
    assert work.claim_ticked(free, NOON + 3 * MINUTE) == (free, [])


@pytest.mark.parametrize("status", list(Status))
def test_who_goes_leaves_only_what_customers_wait_for(status: Status) -> None:
    after, happened = work.left(case(assignee="ana", status=status), NOON)
    goes = status in (Status.NEW, Status.OPEN)
    assert (after.assignee is None, bool(happened)) == (goes, goes)


def test_a_reason_is_kept_whole_or_refused() -> None:
    after, events = work.prioritised(case(), Priority.URGENT, "ana", NOON, "x" * LONGEST)
    assert events[0].data["reason"] == "x" * 500 and after.priority is Priority.URGENT
    with pytest.raises(Refusal, match="may have 500 characters; this has 501"):
        work.prioritised(case(), Priority.URGENT, "ana", NOON, "x" * 501)
