"""Items and rows: what the table holds in words, and that items of other releases can be read."""

from dataclasses import MISSING, fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.bundling import Gathered
from chalicelib.domain.calendar import Calendar, Day, read_hours
from chalicelib.domain.case import Case, Origin, Status, Thread
from chalicelib.domain.clock import Clock
from chalicelib.domain.clock_log import ClockEvent
from chalicelib.domain.contact import Identity
from chalicelib.domain.escalation import Escalation, Step
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Edit, Message
from chalicelib.domain.target import Metric, Target, Terms
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage import decode_event, models, models_chains
from chalicelib.storage.attributes import Image
from chalicelib.storage.codec import image_of, row_of
from chalicelib.storage.indexes import BY_PENDING, INDEXES, index_keys, shards
from chalicelib.storage.item import Item, Parts
from chalicelib.storage.models import MODELS
from tests.storage import samples
from tests.storage.samples import ANN, NOON, minutes
from tests.storage.strategies import ROW_TYPES

PARTS: dict[type, Parts] = {
    Identity: models.IDENTITY,
    Attachment: models.ATTACHMENT,
    Edit: models.EDIT,
    Target: models.TARGET,
    Clock: models.CLOCK,
    ClockEvent: models.CLOCK_EVENT,
    Terms: models.TERMS,
    Origin: models.ORIGIN,
    Thread: models.THREAD,
    Step: models_chains.STEP,
    Escalation: models_chains.ESCALATION,
    Gathered: models_chains.GATHERED,
}
INDEX_ATTRIBUTES = {name for index in INDEXES for name in (index.partition, index.sort)}


def image(row: Row) -> Image:
    return image_of(row)


def test_every_row_type_has_a_model_and_every_field_an_attribute() -> None:
    assert set(MODELS) == set(ROW_TYPES)
    for kind, model in MODELS.items():
        own = set(model.get_attributes()) - {"pk", "sk", "row"} - INDEX_ATTRIBUTES
        assert own | {"version"} == {field.name for field in fields(kind)} | {"version"}


@pytest.mark.parametrize("record", PARTS, ids=lambda record: str(record.__name__))
def test_every_field_of_a_nested_record_has_a_part(record: Any) -> None:
    assert set(PARTS[record]) == {field.name for field in fields(record)}


@pytest.mark.parametrize("kind", ROW_TYPES, ids=lambda kind: str(kind.__name__))
def test_only_fields_with_an_empty_default_may_be_left_out(kind: Any) -> None:
    attributes = MODELS[kind].get_attributes()
    for field in fields(kind):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        assert bool(attributes[field.name].null) == (default in (None, "", (), {})) or field.name == "version"


def test_an_item_reads_as_plain_words() -> None:
    case = samples.case(clocks=(samples.clock(minutes(30)),), assignee="eve", status=Status.OPEN)
    item = image(case)
    assert {name: item[name]["S"] for name in ("pk", "sk", "kind", "brand", "status", "opened_at")} == {
        "pk": f"acme#contact#{ANN}",
        "sk": "CASE#00000001",
        "kind": "Case",
        "brand": "acme",
        "status": "open",
        "opened_at": "2026-06-01T12:00:00.000Z",
    }
    assert item["version"] == {"N": "1"}
    assert item["clocks"]["L"][0]["M"]["target"] == {"N": "1800"}
    assert "last_inbound_at" not in item
    assert "threads" not in item


def test_a_message_keeps_its_kind_beside_the_kind_of_its_row() -> None:
    item = image(samples.message(kind="comment"))
    assert (item["kind"], item["message_kind"]) == ({"S": "Message"}, {"S": "comment"})


def test_an_empty_edit_differs_from_no_text() -> None:
    for text in ("", None):
        message = samples.message(edit=Edit(text, (0, "", "")))
        read = row_of(Message, image(message))
        assert read.edit == message.edit


OLD_CASE: Image = {
    "pk": {"S": f"acme#contact#{ANN}"},
    "sk": {"S": "CASE#00000001"},
    "kind": {"S": "Case"},
    "brand": {"S": "acme"},
    "id": {"S": f"{ANN}-1"},
    "contact_id": {"S": ANN},
    "contact_name": {"S": "Ann"},
    "queue": {"S": "care"},
    "priority": {"S": "normal"},
    "reasons": {"L": [{"S": "no rule matched"}]},
    "opened_at": {"S": "2026-06-01T12:00:00.000Z"},
    "targets": {"L": []},
}


def test_the_calendar_of_a_target_stands_there_in_words() -> None:
    week = (read_hours("08:00-12:00 22:00-06:00"), *[()] * 6)
    dates = {date(2026, 12, 28): Day((), "Brücke"), date(2027, 1, 4): Day(read_hours("08:00-12:00"))}
    case = samples.case(
        targets=(Target(Metric.RESOLUTION, minutes(60), minutes(5), Calendar("o", "UTC", week, dates)),)
    )
    assert image(case)["targets"]["L"][0]["M"]["calendar"]["M"] == {
        "name": {"S": "o"},
        "zone": {"S": "UTC"},
        "week": {"M": {"mon": {"S": "08:00-12:00 22:00-06:00"}}},
        "dates": {"M": {"2026-12-28": {"S": "closed; Brücke"}, "2027-01-04": {"S": "08:00-12:00"}}},
    }
    assert row_of(Case, image(case)).targets == case.targets


def test_a_calendar_of_several_targets_is_stored_once() -> None:
    office = Calendar("o", "UTC", (read_hours("08:00-12:00"), *[()] * 6))
    given = (office, None, replace(office, zone="Europe/Berlin"), office)
    metrics = (Metric.FIRST_RESPONSE, Metric.ASSIGN, Metric.UPDATE, Metric.RESOLUTION)
    promised = [Target(one, minutes(60), minutes(5), calendar) for one, calendar in zip(metrics, given, strict=True)]
    case = samples.case(targets=tuple(promised))
    stored = [one["M"].get("calendar") for one in image(case)["targets"]["L"]]
    assert (stored[1], stored[3]) == (None, {"N": "0"})
    assert row_of(Case, image(case)).targets == case.targets


def test_a_target_from_before_calendars_counts_every_second() -> None:
    plain = image(samples.case(targets=(Target(Metric.RESOLUTION, minutes(60), minutes(5)),)))
    assert set(plain["targets"]["L"][0]["M"]) == {"metric", "within", "warn_before"}
    (target,) = row_of(Case, plain).targets
    assert target.timekeeper.add(NOON, minutes(60)) == NOON + timedelta(hours=1)


def test_time_consumed_keeps_its_milliseconds() -> None:
    spent = timedelta(seconds=754, milliseconds=5)
    case = samples.case(clocks=(replace(samples.clock(minutes(30)), consumed=spent),))
    assert image(case)["clocks"]["L"][0]["M"]["consumed"] == {"N": "754.005"}
    assert row_of(Case, image(case)).clocks[0].consumed == spent


def test_an_item_from_before_a_field_existed_gets_its_default() -> None:
    assert row_of(Case, OLD_CASE) == samples.case()


def test_an_item_from_a_later_release_is_read_without_what_is_unknown() -> None:
    running = samples.clock(minutes(30))
    later = image(samples.case(clocks=(running,)))
    later["mood"] = {"S": "sunny"}
    later["clocks"]["L"][0]["M"]["blessed_at"] = {"S": "2026-06-01T12:00:00.000Z"}
    assert row_of(Case, later) == samples.case(clocks=(running,), version=1)


def test_a_null_is_read_as_absent() -> None:
    assert row_of(Case, {**OLD_CASE, "assignee": {"NULL": True}}) == samples.case()


def test_an_item_without_what_a_case_needs_is_an_error() -> None:
    with pytest.raises(TypeError, match="queue"):
        row_of(Case, {name: value for name, value in OLD_CASE.items() if name != "queue"})


def test_the_stream_image_of_an_event_is_read_without_asking_the_table() -> None:
    event = samples.event(3, data={"reply_id": "r1", "parts": [1, 2.5, None, {"deep": True}]}, arm=NOON)
    assert decode_event(image(event)) == samples.event(3, data=event.data, arm=NOON, version=1)


@pytest.mark.parametrize("other", [{}, image(samples.case()), {"kind": {"S": "Nonsense"}}])
def test_the_stream_image_of_anything_else_is_refused(other: Image) -> None:
    with pytest.raises(ValueError, match="not a timeline event"):
        decode_event(other)


def test_a_number_that_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        image(samples.event(1, data={"score": float("nan")}))


def test_index_attributes_are_there_only_while_something_waits() -> None:
    solved = samples.case(status=Status.SOLVED, assignee="eve", clocks=(samples.clock(minutes(9)).met(NOON),))
    assert index_keys(solved) == index_keys(samples.event(1, pending=False)) == index_keys(samples.message()) == {}
    assert set(index_keys(samples.event(1))) == {"pending_key", "pending_at"}
    assert set(index_keys(samples.case())) == {"queue_key", "due_key", "waiting_key", "waiting_at"}
    everything = samples.case(assignee="eve", clocks=(samples.clock(minutes(9)),))
    assert set(index_keys(everything)) == INDEX_ATTRIBUTES - {"pending_key", "pending_at", "waiting_key", "waiting_at"}


def test_rows_spread_over_all_shards_of_an_index() -> None:
    seen = {index_keys(samples.event(1, samples.case(ANN, number).id))["pending_key"] for number in range(1, 200)}
    assert seen == set(shards(BY_PENDING, "pending"))
    assert len(seen) == BY_PENDING.shards


def test_a_field_nobody_declared_cannot_be_lost_in_silence() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        MODELS[TimelineEvent](nonsense=1)
    assert "nonsense" not in Item.get_attributes()
