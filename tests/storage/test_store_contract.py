"""What every store promises, whichever engine is under it. Each test runs on memory, on moto and on DynamoDB itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.draft import NOTE, Draft
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import case_id
from chalicelib.domain.logbook import Logbook
from chalicelib.domain.marks import Mark, mark
from chalicelib.domain.message import Message
from chalicelib.domain.moderation import Action
from chalicelib.domain.presence import AgentState, Writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.domain.turns import Door
from chalicelib.service.ports import Row, Store
from tests.fakes.memory_store import Versionless
from tests.storage import samples
from tests.storage.conftest import Engine
from tests.storage.samples import ANN, BOB, BRAND, LATER, NOON
from tests.storage.strategies import ROW_TYPES, rows

READ: dict[type, Callable[[Store, Any], Row | None]] = {
    Contact: lambda store, row: store.contact(row.brand, row.id)[0],
    Case: lambda store, row: store.case(row.brand, row.id),
    Conversation: lambda store, row: store.conversation(row.brand, row.id),
    Message: lambda store, row: store.message(row.brand, row.id),
    Reply: lambda store, row: store.reply(row.brand, row.id),
    Action: lambda store, row: store.action(row.brand, row.id),
    TimelineEvent: lambda store, row: store.event(row.brand, row.case_id, row.seq),
    Card: lambda store, row: store.card(row.brand, row.case_id),
    Post: lambda store, row: store.post(row.brand, row.case_id, row.name),
    CardPlace: lambda store, row: store.card_place(row.team, row.slack_channel, row.ts),
    Draft: lambda store, row: store.draft(row.brand, row.case_id, row.agent, row.kind),
    Mark: lambda store, row: store.mark(row.team, row.name),
    Bundle: lambda store, row: store.bundle(row.brand, row.queue, row.way, row.target, row.what),
    Logbook: lambda store, row: store.logbook(row.brand),
    AgentState: lambda store, row: store.agent_state(row.brand, row.agent),
    Door: lambda store, row: store.door(row.team, row.name),
    Writing: lambda store, row: next(
        (one for one in store.writers(row.brand, row.case_id) if one.agent == row.agent), None
    ),
}


def read(store: Store, row: Row) -> Row | None:
    return READ[type(row)](store, row)


def written(row: Row) -> Row:
    """The row as it is read after its commit."""
    if isinstance(row, Versionless):
        return row
    return replace(row, version=row.version + 1)


# -- every field comes back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ROW_TYPES, ids=lambda kind: str(kind.__name__))
def test_every_field_of_every_row_comes_back(engine: Engine, kind: type[Row]) -> None:
    @settings(
        max_examples=engine.examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(rows(kind, empty=engine.empty))
    def check(row: Row) -> None:
        assume(read(engine.store, row) is None)
        engine.store.commit(row)
        assert read(engine.store, row) == written(row)

    check()


def test_times_are_kept_to_the_millisecond(store: Store) -> None:
    store.commit(samples.post(claimed_at=NOON + timedelta(microseconds=1999)))
    post = store.post(BRAND, case_id(ANN, 1), "card")
    assert post and post.claimed_at == NOON + timedelta(milliseconds=1)


def test_what_was_committed_cannot_be_changed_from_outside(store: Store) -> None:
    data: dict[str, Any] = {"ids": ["a"]}
    store.commit(samples.event(1, data=data))
    data["ids"].append("b")
    first = store.event(BRAND, case_id(ANN, 1), 1)
    assert first and first.data == {"ids": ["a"]}
    first.data["ids"].append("c")
    assert store.event(BRAND, case_id(ANN, 1), 1) == replace(first, data={"ids": ["a"]})


def test_data_that_json_cannot_say_is_refused(store: Store) -> None:
    with pytest.raises(TypeError):
        store.commit(samples.event(1, data={"at": NOON}))
    assert store.event(BRAND, case_id(ANN, 1), 1) is None


@pytest.mark.parametrize("row", [samples.contact(), samples.case(), samples.message(), samples.card(), samples.place()])
def test_what_is_not_there_is_none(store: Store, row: Row) -> None:
    assert read(store, row) is None


@pytest.mark.parametrize("named", ["", "nonsense", f"{ANN}-", f"{ANN}-01", f"{ANN}-x", f"{ANN}-\u0663"])
def test_what_is_no_case_id_names_no_case(store: Store, named: str) -> None:
    store.commit(samples.case(number=1), samples.case(number=3))
    assert store.case(BRAND, named) is None


# -- contact and latest case ----------------------------------------------------------------------------------------


def test_a_contact_comes_with_the_latest_of_many_cases(store: Store) -> None:
    store.commit(samples.contact(cases=12), *(samples.case(number=number) for number in range(1, 10)))
    store.commit(*(samples.case(number=number) for number in range(10, 13)))
    contact, latest = store.contact(BRAND, ANN)
    assert contact == samples.contact(cases=12, version=1)
    assert latest and latest.id == case_id(ANN, 12)


def test_a_contact_may_have_no_case_yet(store: Store) -> None:
    store.commit(samples.contact())
    assert store.contact(BRAND, ANN) == (samples.contact(version=1), None)
    assert store.contact(BRAND, BOB) == (None, None)


def test_who_is_no_contact_any_more_still_has_their_latest_case(store: Store) -> None:
    for number in (1, 2, 3):
        store.commit(samples.case(ANN, number))
    contact, latest = store.contact(BRAND, ANN)
    assert contact is None and latest is not None and latest.id == case_id(ANN, 3)


def test_a_contact_is_not_given_anothers_case(store: Store) -> None:
    store.commit(samples.contact(), samples.case(BOB))
    assert store.contact(BRAND, ANN) == (samples.contact(version=1), None)


# -- commit -----------------------------------------------------------------------------------------------------------


def test_a_row_is_written_one_version_on(store: Store) -> None:
    store.commit(samples.case())
    store.commit(samples.case(version=1, seq=7))
    assert store.case(BRAND, case_id(ANN, 1)) == samples.case(version=2, seq=7)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (samples.contact(), ANN),
        (samples.case(), f"{ANN}-1"),
        (samples.message(), "m1"),
        (samples.event(3), f"{ANN}-1/3"),
        (samples.card(), f"{ANN}-1/card"),
        (samples.post("3"), f"{ANN}-1/post/3"),
        (samples.place(), "T1/C1/1.1"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_row_is_inserted_once(store: Store, row: Row, name: str) -> None:
    store.commit(row)
    with pytest.raises(Conflict) as refused:
        store.commit(row)
    assert refused.value.keys == (name,)


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_is_not_stored_is_refused(store: Store, version: int) -> None:
    with pytest.raises(Conflict):
        store.commit(samples.message(version=version))
    store.commit(samples.message())
    store.commit(samples.message(version=1))
    with pytest.raises(Conflict) as refused:
        store.commit(samples.message(version=version, text="late"))
    assert refused.value.keys == ("m1",)
    assert store.message(BRAND, "m1") == samples.message(version=2)


def test_all_rows_are_written_or_none(store: Store) -> None:
    store.commit(samples.message("known"), samples.contact())
    with pytest.raises(Conflict) as refused:
        store.commit(
            samples.case(), samples.contact(), samples.event(1), samples.message("known"), samples.message("new")
        )
    assert set(refused.value.keys) == {ANN, "known"}
    assert store.contact(BRAND, ANN) == (samples.contact(version=1), None)
    assert store.messages(BRAND, ["known", "new"]) == {"known": samples.message("known", version=1)}
    assert store.timeline(BRAND, case_id(ANN, 1)) == []
    assert store.queue(BRAND, "care") == []
    assert list(store.pending(LATER)) == []


def test_nothing_is_a_commit_too(store: Store) -> None:
    store.commit()


def test_a_row_cannot_stand_twice_in_one_commit(store: Store) -> None:
    with pytest.raises(ValueError, match="twice"):
        store.commit(samples.message(), samples.message(text="other"))
    assert store.message(BRAND, "m1") is None


def test_a_conversation_stays_with_its_contact(store: Store) -> None:
    store.commit(samples.conversation())
    store.commit(samples.conversation(case_id=case_id(ANN, 2)), samples.message())
    with pytest.raises(Conflict) as refused:
        store.commit(samples.conversation(BOB))
    assert refused.value.keys == ("conversation-1",)
    assert store.conversation(BRAND, "conversation-1") == samples.conversation(case_id=case_id(ANN, 2))


def test_a_card_place_is_taken_once(store: Store) -> None:
    store.commit(samples.place())
    with pytest.raises(Conflict):
        store.commit(samples.card(), samples.place(case_id(BOB, 1)))
    assert store.card_place("T1", "C1", "1.1") == samples.place()
    assert store.card(BRAND, case_id(ANN, 1)) is None


def test_the_latest_draft_wins_in_whatever_order_they_come(store: Store) -> None:
    store.commit(samples.draft("We are loo"))
    store.commit(samples.draft("We are looking.", NOON + samples.minutes(1)))
    for late in (NOON, NOON + samples.minutes(1)):
        with pytest.raises(Conflict) as refused:
            store.commit(samples.draft("We", late))
        assert refused.value.keys == (f"{case_id(ANN, 1)}/draft/eve",)
    known = store.draft(BRAND, case_id(ANN, 1), "eve")
    assert known is not None and known.text == "We are looking."
    assert store.draft(BRAND, case_id(ANN, 1), "ann") is None
    assert store.draft(BRAND, case_id(ANN, 1), "eve", NOTE) is None, "a note is kept by itself"


def test_words_of_a_window_that_was_sent_are_no_draft_any_more(store: Store) -> None:
    def typed(text: str, second: int, view: str = "V1", sent: bool = False) -> None:
        at = NOON + timedelta(seconds=second)
        store.commit(replace(samples.draft(text, at), view=view, sent=sent))

    typed("Hello", 5)
    typed("", 3, sent=True)
    with pytest.raises(Conflict):
        typed("Hel", 9)
    known = store.draft(BRAND, case_id(ANN, 1), "eve")
    assert known is not None and known.sent and known.text == ""
    typed("Next", 6, "V2")
    with pytest.raises(Conflict):
        typed("Hell", 4)
    with pytest.raises(Conflict):
        typed("", 4, sent=True)
    known = store.draft(BRAND, case_id(ANN, 1), "eve")
    assert known is not None and (known.text, known.view, known.sent) == ("Next", "V2", False)


def test_the_latest_mark_stands_and_marks_are_found_by_how_they_begin(store: Store) -> None:
    first = mark("T1", "trouble/C1", NOON, timedelta(hours=1), "is_archived", NOON)
    store.commit(first)
    store.commit(mark("T1", "member/U1", NOON, timedelta(days=1)))
    store.commit(mark("T2", "trouble/C1", NOON, timedelta(days=1)))
    later = replace(first, at=LATER, text="")
    store.commit(later)
    with pytest.raises(Conflict, match="T1/mark/trouble/C1"):
        store.commit(first)
    assert store.marks("T1", "trouble/") == [later] and store.marks("T3", "") == []
    last = replace(later, text="not_in_channel")
    store.commit(last)
    assert store.marks("T1", "trouble/") == [last], "of one moment the last one counts"
    assert store.mark("T1", "member/U2") is None
    assert first.current(NOON) and not first.current(NOON + timedelta(hours=1))


# -- brands -----------------------------------------------------------------------------------------------------------


def test_brands_do_not_see_each_other(store: Store) -> None:
    ours: tuple[Row, ...] = (
        samples.contact(),
        samples.case(assignee="eve"),
        samples.message(),
        samples.event(1),
        samples.card(),
    )
    store.commit(*ours)
    theirs: list[Row] = [replace(row, brand="other") for row in ours[:3]]
    assert [read(store, row) for row in theirs] == [None, None, None]
    assert store.contact("other", ANN) == (None, None)
    assert store.messages("other", ["m1"]) == {}
    assert store.timeline("other", case_id(ANN, 1)) == []
    assert store.queue("other", "care") == store.assigned("other", "eve") == []
    store.commit(*theirs)
    assert read(store, ours[2]) == written(ours[2])


@pytest.mark.parametrize("brand", ["", "Acme", "a#contact", "a b", "acme\n", "ä"])
def test_a_brand_that_could_bend_a_key_is_refused(store: Store, brand: str) -> None:
    for call in (store.case, store.message, store.timeline, store.queue, store.assigned, store.card, store.contact):
        with pytest.raises(ValueError, match="not a brand"):
            call(brand, f"{ANN}-1")
    for row in (samples.message(brand=brand), replace(samples.place(), brand=brand)):
        with pytest.raises(ValueError, match="not a brand"):
            store.commit(row)


# -- races ------------------------------------------------------------------------------------------------------------


def test_of_eight_writers_one_wins(racing_engine: Engine) -> None:
    store = racing_engine.store
    store.commit(samples.case())

    def take(agent: int) -> str | None:
        try:
            store.commit(samples.case(version=1, assignee=f"agent-{agent}"), samples.message(f"m{agent}"))
        except Conflict:
            return None
        return f"agent-{agent}"

    with ThreadPoolExecutor(8) as pool:
        winners = [agent for agent in pool.map(take, range(8)) if agent]
    taken = store.case(BRAND, case_id(ANN, 1))
    assert taken
    assert winners == [taken.assignee]
    assert len(store.messages(BRAND, [f"m{agent}" for agent in range(8)])) == 1


def test_writers_who_read_again_lose_nothing(racing_engine: Engine) -> None:
    store = racing_engine.store
    store.commit(samples.case())

    def note(_: int) -> None:
        for _attempt in range(1000):
            case = store.case(BRAND, case_id(ANN, 1))
            assert case
            try:
                return store.commit(replace(case, seq=case.seq + 1), samples.event(case.seq + 1))
            except Conflict:
                continue
        raise AssertionError("never got through")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(24)))
    assert [event.seq for event in store.timeline(BRAND, case_id(ANN, 1))] == list(range(1, 25))
