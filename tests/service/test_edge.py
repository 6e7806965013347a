"""The edge: check, split, queue. Nothing else, and 200 only when the queue has it all."""

import json

import pytest

from chalicelib.channels.base import Answer, Credentials, Inbound, Refused
from chalicelib.service.edge import LARGEST, QUEUED_AT_MOST, Edge
from tests.build import NOON
from tests.fakes.channel import PlainChannel
from tests.fakes.ports import CountingMeter, DictVault, MemoryArchive, RecordingFragments

HOOK = {("facebook", "harbor"): Credentials(secrets=("old", "new"))}


def edge() -> tuple[Edge, RecordingFragments, MemoryArchive]:
    fragments, archive = RecordingFragments(), MemoryArchive()
    return Edge(DictVault(HOOK), fragments, archive, CountingMeter()), fragments, archive


def post(*texts: str, secret: str = "new", by: str = "ana") -> Inbound:
    events = [{"id": f"m{number}", "by": by, "text": text} for number, text in enumerate(texts)]
    return Inbound("POST", {"x-secret": secret}, {}, json.dumps({"events": events}).encode())


@pytest.mark.parametrize("secret", ["old", "new"])
def test_a_signed_body_is_split_and_queued(secret: str) -> None:
    door, fragments, _ = edge()
    answer = door.receive(PlainChannel(), "harbor", post("one", "two", secret=secret), NOON)
    assert (answer.status, json.loads(answer.body)) == (200, {"accepted": 2})
    assert fragments.calls == 1
    [first, second] = fragments.sent
    assert first[0] == second[0]
    assert first[1] != second[1]
    assert json.loads(first[2])["received_at"] == "2026-06-01T12:00:00.000Z"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post("x", secret="guess"), 401),
        (Inbound("POST", {}, {}, b"{}"), 401),
        (Inbound("POST", {"x-secret": "new"}, {}, b"not json"), 400),
        (Inbound("POST", {"x-secret": "new"}, {}, b"[1]"), 400),
        (Inbound("POST", {"x-secret": "new"}, {}, b"[" * 100_000), 400),
        (Inbound("POST", {"x-secret": "new"}, {}, b'{"events":[{"id":' + b"[" * 98 + b"]" * 98 + b"}]}"), 400),
        (Inbound("POST", {"x-secret": "new"}, {}, b" " * (LARGEST + 1)), 413),
        (Inbound("GET", {"x-secret": "new"}, {}, b""), 405),
    ],
)
def test_what_is_wrong_is_refused_with_a_reason_and_never_queued(request_: Inbound, status: int) -> None:
    door, fragments, _ = edge()
    answer = door.receive(PlainChannel(), "harbor", request_, NOON)
    assert answer.status == status
    assert json.loads(answer.body)["error"]
    assert fragments.sent == []


class Challenging(PlainChannel):
    """Refuses whatever is no challenge, as X does."""

    def handshake(self, request: Inbound, credentials: Credentials) -> Answer | None:
        if "challenge" not in request.query:
            raise Refused("no challenge")
        return Answer(200, request.query["challenge"])


def test_only_a_get_is_a_handshake() -> None:
    door, fragments, _ = edge()
    assert door.receive(Challenging(), "harbor", Inbound("GET", {}, {"challenge": "42"}, b""), NOON).body == "42"
    assert door.receive(Challenging(), "harbor", Inbound("GET", {}, {}, b""), NOON).status == 403
    assert fragments.sent == []
    assert door.receive(Challenging(), "harbor", post("one"), NOON).status == 200


def test_an_account_nobody_connected_is_not_found() -> None:
    door, _, _ = edge()
    assert door.receive(PlainChannel(), "other", post("x"), NOON).status == 404


def test_when_the_queue_refuses_the_sender_must_send_again() -> None:
    door, fragments, _ = edge()
    fragments.refusing = True
    with pytest.raises(ConnectionError):
        door.receive(PlainChannel(), "harbor", post("x"), NOON)


def test_a_piece_too_large_for_the_queue_travels_by_reference() -> None:
    door, fragments, archive = edge()
    door.receive(PlainChannel(), "harbor", post("x" * QUEUED_AT_MOST), NOON)
    [(_, _, wire)] = fragments.sent
    assert len(wire) < 1000
    assert json.loads(archive.fetch(json.loads(wire)["ref"]))["events"][0]["id"] == "m0"


def test_a_poisoned_piece_travels_too_and_costs_its_neighbours_nothing() -> None:
    door, fragments, _ = edge()
    body = {"events": [{"id": str(n), "by": "a", "text": "t"} if n != 500 else {"odd": True} for n in range(1000)]}
    answer = door.receive(
        PlainChannel(), "harbor", Inbound("POST", {"x-secret": "new"}, {}, json.dumps(body).encode()), NOON
    )
    assert (answer.status, len(fragments.sent)) == (200, 1000)
    assert len({group for group, _, _ in fragments.sent}) == 2


def test_an_empty_body_of_events_is_fine_and_queues_nothing() -> None:
    door, fragments, _ = edge()
    assert door.receive(PlainChannel(), "harbor", post(), NOON).status == 200
    assert fragments.calls == 0
