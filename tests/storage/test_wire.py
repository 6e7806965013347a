"""What goes over the wire: how many calls each operation costs, and what happens when the network is unkind."""

import json
from collections.abc import Callable
from typing import Any
from zlib import crc32

import pytest
from botocore.awsrequest import AWSResponse
from pynamodb.exceptions import GetError, PutError, PynamoDBException, TransactWriteError, UpdateError

from chalicelib.domain.case import Status
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import case_id
from chalicelib.domain.marks import mark
from chalicelib.domain.reply import Reply
from chalicelib.storage import DynamoStore
from chalicelib.storage.codec import image_of
from chalicelib.storage.indexes import BY_AGENT, BY_QUEUE, Index
from chalicelib.storage.layout import Key, key_of
from tests.storage import samples
from tests.storage.conftest import Wire
from tests.storage.samples import ANN, BRAND, LATER

CASE = case_id(ANN, 1)
LISTED = ["Query"] * 4
"""People's lists."""
SWEPT = ["Query"] * 16
"""What only the sweeper and the auditor read."""

COSTS: dict[str, tuple[Callable[[DynamoStore], object], list[str]]] = {
    "contact": (lambda store: store.contact(BRAND, ANN), ["Query"]),
    "case": (lambda store: store.case(BRAND, CASE), ["GetItem"]),
    "message": (lambda store: store.message(BRAND, "m1"), ["GetItem"]),
    "messages": (lambda store: store.messages(BRAND, [f"m{n}" for n in range(100)]), ["BatchGetItem"]),
    "several": (lambda store: store.several(Reply, BRAND, (f"r{n}" for n in range(150))), ["BatchGetItem"] * 2),
    "no messages": (lambda store: store.messages(BRAND, []), []),
    "reply": (lambda store: store.reply(BRAND, "r1"), ["GetItem"]),
    "conversation": (lambda store: store.conversation(BRAND, "c1"), ["GetItem"]),
    "timeline": (lambda store: store.timeline(BRAND, CASE), ["Query"]),
    "full timeline": (lambda store: store.timeline(BRAND, CASE, limit=1), ["Query"]),
    "event": (lambda store: store.event(BRAND, CASE, 1), ["GetItem"]),
    "card": (lambda store: store.card(BRAND, CASE), ["GetItem"]),
    "post": (lambda store: store.post(BRAND, CASE, "card"), ["GetItem"]),
    "card_place": (lambda store: store.card_place("T1", "C1", "1.1"), ["GetItem"]),
    "draft": (lambda store: store.draft(BRAND, CASE, "eve"), ["GetItem"]),
    "mark": (lambda store: store.mark("T1", "member/U1"), ["GetItem"]),
    "marks": (lambda store: store.marks("T1", "trouble/"), ["Query"]),
    "commit of a mark": (lambda store: store.commit(mark("T1", "member/U1", LATER, LATER - LATER)), ["PutItem"]),
    "commit of a draft": (lambda store: store.commit(samples.draft()), ["PutItem"]),
    "commit of none": (lambda store: store.commit(), []),
    "commit of one": (lambda store: store.commit(samples.card()), ["PutItem"]),
    "commit of five": (
        lambda store: store.commit(*(samples.message(f"new-{n}") for n in range(5))),
        ["TransactWriteItems"],
    ),
    "delivered": (lambda store: store.delivered(samples.event(1)), ["UpdateItem"]),
    "delivered in part": (lambda store: store.delivered_in_part(samples.event(1), ["arm"]), ["UpdateItem"]),
    "pending": (lambda store: list(store.pending(LATER)), SWEPT),
    "checkpoints": (lambda store: list(store.checkpoints(LATER)), SWEPT),
    "queue": (lambda store: store.queue(BRAND, "care"), [*LISTED, "BatchGetItem"]),
    "assigned": (lambda store: store.assigned(BRAND, "eve"), [*LISTED, "BatchGetItem"]),
    "empty queue": (lambda store: store.queue(BRAND, "nobody"), LISTED),
}


@pytest.mark.parametrize("operation", COSTS)
def test_each_operation_costs_these_calls(wire: Wire, operation: str) -> None:
    clocks = (samples.clock(samples.minutes(30)),)
    wire.store.commit(samples.contact(), samples.case(assignee="eve", clocks=clocks), samples.event(1))
    wire.calls.clear()
    call, expected = COSTS[operation]
    call(wire.store)
    assert wire.calls == expected


READS = [
    "contact",
    "case",
    "message",
    "messages",
    "timeline",
    "event",
    "card",
    "post",
    "card_place",
    "queue",
]


@pytest.mark.parametrize("operation", READS)
def test_rows_are_read_consistently(wire: Wire, operation: str) -> None:
    wire.store.commit(samples.case(), samples.event(1))
    wire.bodies.clear()
    COSTS[operation][0](wire.store)
    of_rows = [body for body in wire.bodies if "IndexName" not in body]
    reads = [body.get("RequestItems", {}).get(wire.store.table.table_name, body) for body in of_rows]
    assert [read.get("ConsistentRead") for read in reads] == [True]


def test_no_query_reads_more_than_was_asked_for(wire: Wire) -> None:
    wire.store.timeline(BRAND, CASE, limit=7)
    wire.store.queue(BRAND, "care", limit=7)
    assert [body["Limit"] for body in wire.bodies] == [7] * (1 + BY_QUEUE.shards)


def test_what_an_index_has_not_yet_forgotten_is_left_out(wire: Wire) -> None:
    solved = samples.case(status=Status.SOLVED)
    moved = samples.case(number=2, queue="billing", assignee="kim")
    wire.store.commit(solved, moved)
    wire.answers.extend(_shards_of(BY_QUEUE, key_of(solved), key_of(moved)))
    assert wire.store.queue(BRAND, "care") == []
    wire.answers.extend(_shards_of(BY_AGENT, key_of(solved), key_of(moved)))
    assert wire.store.assigned(BRAND, "eve") == []


@pytest.mark.parametrize("before", [1, 4])
def test_rows_that_were_put_on_fewer_shards_are_found_and_leave_the_index(wire: Wire, before: int) -> None:
    events = [samples.event(1, case_id(ANN, number)) for number in range(1, 9)]
    for event in events:
        old = {"pending_key": {"S": f"pending#{crc32(event.case_id.encode()) % before}"}}
        wire.store.table.connection.client.put_item(
            TableName=wire.store.table.table_name, Item={**image_of(event), **old}
        )
    assert {case for _, case, _ in wire.store.pending(LATER)} == {event.case_id for event in events}
    for event in events:
        wire.store.delivered(event)
    assert list(wire.store.pending(LATER)) == []


def test_more_than_a_hundred_messages_are_asked_for_in_hundreds(wire: Wire) -> None:
    wire.store.commit(samples.message("m7"), samples.message("m149"))
    wire.calls.clear()
    assert set(wire.store.messages(BRAND, [f"m{n}" for n in range(150)])) == {"m7", "m149"}
    assert wire.calls == ["BatchGetItem", "BatchGetItem"]


def test_what_a_batch_leaves_over_is_asked_for_again(wire: Wire) -> None:
    wire.store.commit(samples.message("m1"), samples.message("m2"))
    left = [{"pk": {"S": "acme#message#m2"}, "sk": {"S": "MESSAGE"}}]
    answer = {"Responses": {}, "UnprocessedKeys": {wire.store.table.table_name: {"Keys": left}}}
    wire.answers.append(_response(answer))
    assert set(wire.store.messages(BRAND, ["m1", "m2"])) == {"m2"}


def test_an_answer_that_got_lost_makes_our_own_row_look_like_a_conflict(wire: Wire) -> None:
    wire.lose_next_answer()
    with pytest.raises(Conflict) as refused:
        wire.store.commit(samples.message())
    assert refused.value.keys == ("m1",)
    assert wire.calls == ["PutItem", "PutItem"]
    assert wire.store.message(BRAND, "m1") == samples.message(version=1)


def test_rows_that_another_transaction_holds_are_a_conflict(wire: Wire) -> None:
    wire.answers.append(_cancelled("None", "TransactionConflict"))
    with pytest.raises(Conflict) as refused:
        wire.store.commit(samples.message("m1"), samples.message("m2"))
    assert refused.value.keys == ("m2",)
    wire.answers.append(_refused("TransactionConflictException"))
    with pytest.raises(Conflict):
        wire.store.commit(samples.message("m1"))


@pytest.mark.parametrize("reason", ["ThrottlingError", "ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_what_reading_again_would_not_cure_is_no_conflict(wire: Wire, reason: str) -> None:
    wire.answers.append(_cancelled("ConditionalCheckFailed", reason))
    with pytest.raises(TransactWriteError):
        wire.store.commit(samples.message("m1"), samples.message("m2"))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda store: store.commit(samples.message()), PutError),
        (lambda store: store.commit(samples.message("m1"), samples.message("m2")), TransactWriteError),
        (lambda store: store.delivered(samples.event(1)), UpdateError),
        (lambda store: store.message(BRAND, "m1"), GetError),
    ],
)
def test_other_errors_pass_as_they_are(
    wire: Wire, call: Callable[[DynamoStore], object], error: type[PynamoDBException]
) -> None:
    wire.answers.append(_refused("AccessDeniedException"))
    with pytest.raises(error) as refused:
        call(wire.store)
    assert refused.value.cause_response_code == "AccessDeniedException"


def test_a_call_is_tried_three_times_at_most_and_gives_up_soon(wire: Wire) -> None:
    config = wire.store.table.connection.client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    wire.answers.extend(_refused("InternalServerError", status=500) for _ in range(3))
    with pytest.raises(GetError):
        wire.store.message(BRAND, "m1")
    assert wire.calls == ["GetItem"] * 3


class _Body:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> list[bytes]:
        return [self._body]


def _response(body: dict[str, Any], status: int = 200) -> AWSResponse:
    return AWSResponse("https://dynamodb", status, {}, _Body(json.dumps(body).encode()))


def _shards_of(index: Index, *keys: Key) -> list[AWSResponse]:
    """An index that still names these keys, all in its first shard."""
    at = {"S": "2026-06-01T12:00:00.000Z"}
    items = [{"pk": {"S": key.pk}, "sk": {"S": key.sk}, index.sort: at} for key in keys]
    return [_response({"Items": items}), *(_response({"Items": []}) for _ in range(index.shards - 1))]


def _refused(code: str, *, status: int = 400, **more: Any) -> AWSResponse:
    return _response({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **more}, status)


def _cancelled(*codes: str) -> AWSResponse:
    return _refused("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])
