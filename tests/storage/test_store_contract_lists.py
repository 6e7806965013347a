"""What every store promises of its lists: timelines, queues, and what is still owed or waited for."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.case import Status
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.ids import case_id, digest
from chalicelib.domain.message import Message
from chalicelib.domain.target import Metric
from chalicelib.service.ports import Store
from tests.storage import samples
from tests.storage.samples import ANN, BOB, BRAND, LATER, NOON, minutes

# -- several rows -----------------------------------------------------------------------------------------------------


def test_messages_come_by_id_and_missing_ones_are_left_out(store: Store) -> None:
    store.commit(*(samples.message(f"m{number}") for number in range(3)))
    found = store.messages(BRAND, ["m2", "m0", "nothing", "m2"])
    assert found == {name: samples.message(name, version=1) for name in ("m0", "m2")}
    assert store.messages(BRAND, []) == {}


def test_contacts_conversations_and_messages_come_by_id_in_one_way(store: Store) -> None:
    known: list[Contact | Conversation | Message] = [samples.contact(), samples.conversation(), samples.message()]
    store.commit(*known)
    for row in known:
        kind: Any = type(row)
        assert list(store.several(kind, BRAND, [row.id, "nothing", row.id])) == [row.id]
        assert store.several(kind, BRAND, iter([row.id]))[row.id].brand == BRAND
        assert store.several(kind, "other", [row.id]) == store.several(kind, BRAND, []) == {}


def test_a_timeline_shows_the_latest_events_oldest_first(store: Store) -> None:
    store.commit(*(samples.event(seq) for seq in range(1, 9)), samples.card(), samples.post())
    store.commit(*(samples.event(seq) for seq in range(9, 13)), samples.event(1, case=case_id(BOB, 1)))
    assert [event.seq for event in store.timeline(BRAND, case_id(ANN, 1))] == list(range(1, 13))
    assert [event.seq for event in store.timeline(BRAND, case_id(ANN, 1), limit=3)] == [10, 11, 12]
    assert store.timeline(BRAND, case_id(ANN, 1), limit=0) == []


def test_a_timeline_larger_than_a_page_comes_whole(store: Store) -> None:
    for seq in range(1, 6):
        store.commit(samples.event(seq, data={"note": "x" * 300_000}))
    assert [event.seq for event in store.timeline(BRAND, case_id(ANN, 1))] == [1, 2, 3, 4, 5]


def _person(number: int) -> str:
    return digest("person", str(number))


def test_a_queue_is_ordered_by_due_time_over_all_shards(store: Store) -> None:
    order = [5, 3, 8, 1, 7, 2, 6, 4]
    store.commit(
        *(samples.case(_person(due), clocks=(samples.clock(minutes(due)),)) for due in order), samples.case(ANN)
    )
    found = [case.contact_id for case in store.queue(BRAND, "care")]
    assert found == [*(_person(due) for due in range(1, 9)), ANN]
    assert [case.contact_id for case in store.queue(BRAND, "care", limit=3)] == found[:3]
    assert store.queue(BRAND, "care", limit=0) == []


def test_what_waits_for_somebody_comes_oldest_due_first_and_then_by_age(store: Store) -> None:
    due = [samples.case(_person(number), clocks=(samples.clock(minutes(number)),)) for number in (3, 1, 2)]
    aged = [samples.case(_person(number), opened_at=NOON - minutes(number)) for number in (4, 6, 5)]
    store.commit(*due, *aged, samples.case(ANN, assignee="eve"), samples.case(BOB, status=Status.ON_HOLD))
    found = [case.contact_id for case in store.waiting(BRAND, "care", 50)]
    assert found == [_person(number) for number in (1, 2, 3, 6, 5, 4)]
    assert [case.contact_id for case in store.waiting(BRAND, "care", 2)] == found[:2]
    assert list(store.waiting(BRAND, "care", 0)) == list(store.waiting(BRAND, "billing", 9)) == []
    first = replace(due[1], version=1, assignee="eve", status=Status.OPEN)
    store.commit(first)
    assert [case.contact_id for case in store.waiting(BRAND, "care", 50)] == found[1:]
    store.commit(replace(first, version=2, assignee=None, queue="billing"))
    assert [case.contact_id for case in store.waiting(BRAND, "billing", 50)] == found[:1]


def test_more_than_a_page_that_waits_comes_in_order(store: Store) -> None:
    for start in range(0, 30, 5):
        numbers = range(start + 1, start + 6)
        store.commit(*(samples.case(_person(one), clocks=(samples.clock(minutes(31 - one)),)) for one in numbers))
    found = store.waiting(BRAND, "care", 28)
    assert [case.contact_id for case in found] == [_person(number) for number in range(30, 2, -1)]


def test_all_live_cases_of_a_queue_come_page_by_page(store: Store) -> None:
    store.commit(*(samples.case(_person(number)) for number in range(10)))
    store.commit(samples.case(ANN, queue="billing"), samples.case(BOB, status=Status.SOLVED))
    found: list[str] = []
    after, pages = "", 0
    while pages == 0 or after:
        cases, after = store.live(BRAND, "care", after, 2)
        assert len(cases) <= 2
        found += [case.contact_id for case in cases]
        pages += 1
    assert sorted(found) == sorted(_person(number) for number in range(10))
    assert pages >= 5
    assert store.live(BRAND, "nobody", "", 1)[0] == []


def test_a_case_leaves_the_queue_when_it_moves_or_is_solved(store: Store) -> None:
    store.commit(samples.case(ANN), samples.case(BOB), samples.case(_person(1)))
    store.commit(samples.case(ANN, version=1, status=Status.SOLVED, assignee="eve"))
    store.commit(samples.case(BOB, version=1, queue="billing", status=Status.ON_HOLD))
    assert [case.contact_id for case in store.queue(BRAND, "care")] == [_person(1)]
    assert [case.contact_id for case in store.queue(BRAND, "billing")] == [BOB]
    assert store.assigned(BRAND, "eve") == []
    store.commit(samples.case(ANN, version=2, status=Status.OPEN, revision=1))
    assert {case.contact_id for case in store.queue(BRAND, "care")} == {_person(1), ANN}


def test_an_agent_sees_their_cases_earliest_due_first(store: Store) -> None:
    store.commit(
        samples.case(ANN, clocks=(samples.clock(minutes(9)),), assignee="eve"), samples.case(_person(1), assignee="kim")
    )
    store.commit(samples.case(BOB, clocks=(samples.clock(minutes(4)),), assignee="eve"), samples.case(_person(2)))
    assert [case.contact_id for case in store.assigned(BRAND, "eve")] == [BOB, ANN]
    assert [case.contact_id for case in store.assigned(BRAND, "eve", limit=1)] == [BOB]
    store.commit(samples.case(BOB, version=1))
    assert [case.contact_id for case in store.assigned(BRAND, "eve")] == [ANN]


# -- what is still owed -----------------------------------------------------------------------------------------------


def test_pending_events_come_oldest_first_until_delivered(store: Store) -> None:
    ages = {
        number: samples.event(1, case_id(_person(number), 1), recorded_at=NOON + minutes(number)) for number in range(6)
    }
    store.commit(*ages.values(), samples.event(2, pending=False))
    expected = [(BRAND, ages[number].case_id, 1) for number in range(5)]
    assert list(store.pending(NOON + minutes(5))) == expected
    assert list(store.pending(NOON)) == []
    store.delivered(ages[0])
    store.delivered(ages[0])
    assert list(store.pending(NOON + minutes(5))) == expected[1:]
    assert store.event(BRAND, ages[0].case_id, 1) == replace(ages[0], pending=False, version=1)


def test_more_than_a_page_is_owed_and_whoever_goes_past_some_gets_to_all(store: Store) -> None:
    """Many of one moment among them; some are delivered on the way, none comes twice."""
    moments = [NOON + minutes(number // 150) for number in range(250)]
    for number, at in enumerate(moments):
        store.commit(samples.event(1, case_id(_person(number), 1), recorded_at=at))
    found = []
    for number, place in enumerate(store.pending(LATER)):
        found.append(place)
        if number % 3 == 0:
            event = store.event(*place)
            assert event is not None
            store.delivered(event)
    assert sorted(found) == sorted((BRAND, case_id(_person(number), 1), 1) for number in range(250))
    assert len(list(store.pending(LATER))) == 250 - 84


def test_an_event_remembers_what_of_it_was_done_until_all_is(store: Store) -> None:
    store.commit(samples.event(1))
    store.delivered_in_part(samples.event(1), ["case-events"])
    event = store.event(BRAND, case_id(ANN, 1), 1)
    assert event == samples.event(1, done=("case-events",), version=1)
    assert [place[2] for place in store.pending(LATER)] == [1]
    store.delivered(samples.event(1))
    store.delivered_in_part(samples.event(1), ["arm", "case-events"])
    event = store.event(BRAND, case_id(ANN, 1), 1)
    assert event is not None and not event.pending and event.done == ("case-events",)
    assert list(store.pending(LATER)) == []


def test_delivering_what_is_not_there_does_nothing(store: Store) -> None:
    store.delivered(samples.event(9))
    store.delivered_in_part(samples.event(9), ["arm"])
    assert store.event(BRAND, case_id(ANN, 1), 9) is None


def test_checkpoints_come_oldest_first_over_all_brands(store: Store) -> None:
    late, soon = samples.clock(minutes(30)), samples.clock(minutes(10))
    store.commit(samples.case(ANN, clocks=(late,)), samples.case(_person(1)))
    store.commit(samples.case(BOB, brand="other", clocks=(soon, samples.clock(minutes(90), Metric.RESOLUTION))))
    expected = [("other", case_id(BOB, 1), NOON + minutes(9)), (BRAND, case_id(ANN, 1), NOON + minutes(29))]
    assert list(store.checkpoints(LATER)) == expected
    assert list(store.checkpoints(NOON + minutes(29))) == expected[:1]


def test_a_case_whose_clocks_stand_still_has_no_checkpoint(store: Store) -> None:
    running = samples.clock(minutes(30))
    store.commit(samples.case(ANN, clocks=(running,)))
    store.commit(samples.case(ANN, version=1, clocks=(running.warned(NOON + minutes(29)),)))
    assert list(store.checkpoints(LATER)) == [(BRAND, case_id(ANN, 1), NOON + minutes(30))]
    store.commit(samples.case(ANN, version=2, clocks=(running.met(NOON + minutes(3)),)))
    assert list(store.checkpoints(LATER)) == []
    assert [case.version for case in store.queue(BRAND, "care")] == [3]
