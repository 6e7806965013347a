"""A body of a thousand updates, many of them bad: whoever stands beside those loses nothing by it."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from chalicelib.aws.clients import client
from chalicelib.aws.queues import attributes_of, dead_letter_queue
from chalicelib.channels.base import Credentials
from chalicelib.domain.fitting import LONGEST
from chalicelib.domain.message import Message
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.handlers import intake
from infra.doubles.networks.accounts import account_of
from infra.doubles.networks.signing import meta_signature
from tests.aws.conftest import queue, received
from tests.aws.test_adapters import record
from tests.build import ACCOUNTS, NOON
from tests.handlers.conftest import Parts
from tests.handlers.test_doors import Context, post

pytestmark = pytest.mark.usefixtures("aws")

Json = dict[str, Any]

UPDATES, PAGE, QUEUE = 1000, ACCOUNTS["facebook"], "heed-dev-inbound.fifo"
SECRET = account_of("facebook").secret
HUGE, LONG, MOST_HUGE = 210_000, 10_000, 20
"""Letters: more than the queue and a row take, and more than Messenger lets anybody write. Twenty of the first and all
the rest fit into a body of 6 MB."""
WRONG: list[Json] = [{"mid": ["no", "id"]}, {"text": "no id"}, {"mid": "m", "text": 7}, {"mid": {}, "is_deleted": True}]


def update(number: int, **told: Any) -> Json:
    ends = {"sender": {"id": f"{7_000_000 + number}"}, "recipient": {"id": PAGE}}
    return {**ends, "timestamp": int(NOON.timestamp() * 1000) + number, **told}


def message(number: int, text: str = "") -> Json:
    return update(number, message={"mid": f"m_{number}", "text": text or f"Update {number}"})


def malformed(number: int, turn: int) -> Json:
    return update(number, message=WRONG[turn % len(WRONG)])


def unknown(number: int, turn: int) -> Json:
    return update(number, brand_new_thing={"number": number})


def oversized(number: int, turn: int) -> Json:
    return message(number, f"{number} " + "x" * (HUGE if turn < MOST_HUGE else LONG))


BAD: tuple[Callable[[int, int], Json], ...] = (malformed, unknown, oversized)


class Body:
    """A thousand updates with ``bad`` ones evenly among them, a third of each kind, beginning with the ``first``."""

    def __init__(self, bad: int, first: int) -> None:
        self.items = [message(number) for number in range(UPDATES)]
        self.bad: dict[str, dict[int, Json]] = {kind.__name__: {} for kind in BAD}
        for place in range(bad):
            number, kind = place * (UPDATES // bad), BAD[(place + first) % len(BAD)]
            self.items[number] = kind(number, place // len(BAD))
            self.bad[kind.__name__][number] = self.items[number]

    def texts(self) -> dict[str, str]:
        """What is to become a message, by its id: everything that can be read at all."""
        lost = {**self.bad["malformed"], **self.bad["unknown"]}
        told = (one["message"] for number, one in enumerate(self.items) if number not in lost)
        return {one["mid"]: one["text"] for one in told}

    def huge(self) -> list[Json]:
        return [one for one in self.bad["oversized"].values() if len(one["message"]["text"]) > LONGEST]

    def raw(self) -> bytes:
        entries = [{"id": PAGE, "time": one["timestamp"], "messaging": [one]} for one in self.items]
        return json.dumps({"object": "page", "entry": entries}).encode()


def posted(parts: Parts, raw: bytes) -> Any:
    parts.vault.hooks["facebook", "harbor-facebook"] = Credentials(secrets=(SECRET,))
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": meta_signature(SECRET, raw)}
    return post("/hooks/facebook/harbor-facebook", headers, raw)


def worked_off(parts: Parts) -> None:
    """By ten, as Lambda does it; the worker keeps none of them for another time."""
    sent = parts.fragments.sent
    for start in range(0, len(sent), 10):
        batch = [
            record(QUEUE, messageId=f"{start}-{place}", body=body, attributes=attributes(group))
            for place, (group, _, body) in enumerate(sent[start : start + 10])
        ]
        assert intake.intake({"Records": batch}, Context()) == {"batchItemFailures": []}


def attributes(group: str) -> dict[str, str]:
    return {"SentTimestamp": "1", "ApproximateReceiveCount": "1", "MessageGroupId": group}


def buried(url: str) -> list[Json]:
    found: list[Json] = []
    while letters := received(url):
        found += letters
        for one in letters:
            client("sqs").delete_message(QueueUrl=url, ReceiptHandle=str(one["ReceiptHandle"]))
    return found


def in_turn(items: Iterable[Json]) -> list[Json]:
    return sorted(items, key=lambda one: int(one["timestamp"]))


def items_of(bodies: Iterable[Any]) -> list[Json]:
    """The updates of these bodies, as they came."""
    return in_turn(one for body in bodies for entry in body["entry"] for one in entry["messaging"])


def told_once(parts: Parts, texts: dict[str, str]) -> None:
    """Each of these is a message, as much of it as a row takes, and one case tells once that it came."""
    rows = parts.store._rows.values()
    found = {str(one.native_id): str(one.text)[:LONGEST] for one in rows if isinstance(one, Message)}
    assert found == {native: text[:LONGEST] for native, text in texts.items()}
    facts = [one for one in rows if isinstance(one, TimelineEvent) and one.fact is Fact.MESSAGE_RECEIVED]
    came = Counter(str(one.data["message_id"]) for one in facts)
    assert len(came) == len(texts) and set(came.values()) == {1}


@pytest.mark.parametrize(("bad", "first"), [(1, 0), (1, 1), (1, 2), (10, 0), (500, 0)])
def test_of_a_thousand_updates_the_healthy_are_told_once_and_the_bad_are_kept(
    parts: Parts, bad: int, first: int, record_property: Any
) -> None:
    """Malformed ones are buried with a reason, unknown ones lie in the archive; oversized ones are messages, too, and
    what is too much for a row is cut there and lies in the archive as a whole.
    """
    dead, body = queue(dead_letter_queue(QUEUE)), Body(bad, first)
    assert posted(parts, body.raw()).json_body == {"accepted": UPDATES}
    assert sum('"ref":' in wire for _, _, wire in parts.fragments.sent) == len(body.huge())
    worked_off(parts)

    told_once(parts, body.texts())
    letters = buried(dead)
    assert items_of(json.loads(one["Body"])["body"] for one in letters) == in_turn(body.bad["malformed"].values())
    assert all(attributes_of(one)["reason"].startswith("Unreadable at chalicelib.channels.") for one in letters)
    kept = parts.archive.kept
    assert all(key.startswith("unknown/facebook/") for key in kept), "what came by reference is taken"
    assert items_of(map(json.loads, kept.values())) == in_turn([*body.bad["unknown"].values(), *body.huge()])
    record_property("bad", f"{bad} of {UPDATES}, all of them kept")


def test_the_thirds_are_thirds() -> None:
    assert [len(one) for one in Body(500, 0).bad.values()] == [167, 167, 166]
    assert [len(one) for one in Body(10, 0).bad.values()] == [4, 3, 3]
    assert [len(Body(1, first).bad[kind.__name__]) for first, kind in enumerate(BAD)] == [1, 1, 1]
    assert [len(Body(bad, 0).huge()) for bad in (1, 10, 500)] == [0, 3, MOST_HUGE]
