"""CPU of a webhook through our edge, against the least any handler must do: verify, parse, one send per ten."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from bench.bodies import SECRET, api_event, comments, messages, pictures, signed, texts
from bench.measure import TIMED, Effort, Judged, Result, Table, alternate, ratio
from bench.world import heed_app, on_fake, silent
from chalicelib import channels
from chalicelib.aws.clients import client
from chalicelib.channels.base import Inbound
from chalicelib.channels.parts.signatures import any_equal, hex_sha256
from chalicelib.wiring import wired

TARGET = 1.5
WORDS = {
    "floor": "ideal handler (floor)",
    "edge": "service.edge + the network",
    "function": "the whole function, as Lambda calls it",
}


class Webhook(NamedTuple):
    """``plain`` ones are told at a look, the others are read whole."""

    title: str
    network: str
    body: dict[str, Any]
    plain: bool = True


WEBHOOKS = (
    Webhook("1 message", "facebook", messages(1)),
    Webhook("20 messages", "facebook", messages(20)),
    Webhook("20 comments below a post", "facebook", comments(20)),
    Webhook("20 texts on WhatsApp", "whatsapp", texts(20)),
    Webhook("20 pictures", "facebook", pictures(20), plain=False),
)


def run(effort: Effort) -> Result:
    result = Result(
        "edge",
        "Edge: one webhook",
        "Microseconds of CPU for one webhook, from its bytes to accepted queue batches. The floor verifies the HMAC, "
        "parses the JSON and sends ten messages a call through the same botocore client: 20 messages are two calls, "
        "whoever sends them.",
    )
    with on_fake(), silent():
        for webhook in WEBHOOKS:
            _measure(webhook, effort, result)
    result.notes.append(
        "The function is the application called with API Gateway's event: Chalice's routing, our edge and the metric "
        "line. A webhook of things that are no plain texts or comments is read whole, piece by piece, so that one "
        "that cannot be read costs its neighbours nothing; it has no target."
    )
    return result


def _measure(webhook: Webhook, effort: Effort, result: Result) -> None:
    raw, headers = signed(webhook.body)
    cases = {
        "floor": floor(raw, headers),
        "edge": edge(webhook.network, raw, headers),
        "function": function(webhook.network, raw, headers),
    }
    timings = alternate(cases, effort)
    rows = [[WORDS[name], *one.cells(), ratio(one, timings["floor"])] for name, one in timings.items()]
    result.tables.append(Table(f"{webhook.title}, us a webhook", ["path", *TIMED, "x floor"], rows))
    result.bars[f"{webhook.title}: us of CPU a webhook"] = {WORDS[name]: one.median for name, one in timings.items()}
    if webhook.plain:
        value = ratio(timings["function"], timings["floor"])
        result.judged.append(Judged(f"edge, {webhook.title}, x floor", value, TARGET))


def floor(raw: bytes, headers: dict[str, str]) -> Callable[[], None]:
    sqs, url = client("sqs"), wired.settings.inbound_url

    def handle() -> None:
        if not any_equal(headers["x-hub-signature-256"], [f"sha256={hex_sha256(SECRET, raw)}"]):
            raise ValueError("not signed")
        entries = [_entry(place, *one) for place, one in enumerate(_items(json.loads(raw)["entry"][0]))]
        for start in range(0, len(entries), 10):
            sqs.send_message_batch(QueueUrl=url, Entries=entries[start : start + 10])

    return handle


def _items(entry: Any) -> Iterable[tuple[Any, str, str]]:
    """What happened, by whom, and its id."""
    if "messaging" in entry:
        return [(one, one["sender"]["id"], one["message"]["mid"]) for one in entry["messaging"]]
    values = [change["value"] for change in entry["changes"]]
    if "messages" in values[0]:
        return [(one, one["from"], one["id"]) for one in values[0]["messages"]]
    return [(one, one["from"]["id"], one["comment_id"]) for one in values]


def _entry(place: int, item: Any, group: str, native: str) -> dict[str, str]:
    body = json.dumps(item, separators=(",", ":"))
    return {"Id": str(place), "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": native}


def edge(network: str, raw: bytes, headers: dict[str, str]) -> Callable[[], None]:
    channel, account = channels.load(network), f"harbor-{network}"

    def handle() -> None:
        answer = wired.edge.receive(channel, account, Inbound("POST", headers, {}, raw), wired.now())
        if answer.status != 200:
            raise ValueError(answer.body)

    return handle


def function(network: str, raw: bytes, headers: dict[str, str]) -> Callable[[], None]:
    app, event = heed_app(), api_event(raw, headers, network)

    def handle() -> None:
        answer = app(event, None)
        if answer["statusCode"] != 200:
            raise ValueError(answer["body"])

    return handle
