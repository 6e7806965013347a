"""CPU of a webhook through our edge, against the least any handler must do: verify, parse, one send per ten."""

import json
from collections.abc import Callable
from typing import Any

from bench.bodies import PATH, SECRET, messages, signed
from bench.measure import TIMED, Effort, Judged, Result, Table, alternate, ratio
from bench.world import heed_app, on_fake, silent
from chalicelib import channels
from chalicelib.aws.clients import client
from chalicelib.channels.base import Inbound
from chalicelib.channels.parts.signatures import any_equal, hex_sha256
from chalicelib.wiring import wired

TARGET = 1.5
COUNTS = (1, 20)


def run(effort: Effort) -> Result:
    result = Result(
        "edge",
        "Edge: one webhook",
        "Microseconds of CPU for one Messenger webhook, from its bytes to an accepted queue batch. The floor verifies "
        "the HMAC, parses the JSON and sends ten messages a call through the same botocore client.",
    )
    with on_fake(), silent():
        for count in COUNTS:
            _measure(count, effort, result)
    result.notes.append(
        "The gateway row is Chalice's LocalGateway (event building, routing, response) around the edge; Lambda runs "
        "Chalice's routing only, and API Gateway does the rest."
    )
    return result


def _measure(count: int, effort: Effort, result: Result) -> None:
    raw, headers = signed(messages(count))
    cases = {"floor": floor(raw, headers), "edge": edge(raw, headers), "gateway": gateway(raw, headers)}
    timings = alternate(cases, effort)
    words = {
        "floor": "ideal handler (floor)",
        "edge": "service.edge + facebook",
        "gateway": "the same in Chalice's LocalGateway",
    }
    rows = [[words[n], *one.cells(), ratio(one, timings["floor"])] for n, one in timings.items()]
    result.tables.append(Table(f"{count} message(s), us a webhook", ["path", *TIMED, "x floor"], rows))
    result.bars[f"{count} message(s): us of CPU a webhook"] = {words[n]: one.median for n, one in timings.items()}
    result.judged.append(Judged(f"edge, {count} message(s), x floor", ratio(timings["edge"], timings["floor"]), TARGET))


def floor(raw: bytes, headers: dict[str, str]) -> Callable[[], None]:
    sqs, url = client("sqs"), wired.settings.inbound_url

    def handle() -> None:
        if not any_equal(headers["x-hub-signature-256"], [f"sha256={hex_sha256(SECRET, raw)}"]):
            raise ValueError("not signed")
        items = json.loads(raw)["entry"][0]["messaging"]
        entries = [_entry(place, one) for place, one in enumerate(items)]
        for start in range(0, len(entries), 10):
            sqs.send_message_batch(QueueUrl=url, Entries=entries[start : start + 10])

    return handle


def _entry(place: int, item: Any) -> dict[str, str]:
    body = json.dumps(item, separators=(",", ":"))
    group, mid = item["sender"]["id"], item["message"]["mid"]
    return {"Id": str(place), "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": mid}


def edge(raw: bytes, headers: dict[str, str]) -> Callable[[], None]:
    network, account = channels.load("facebook"), PATH.rpartition("/")[2]

    def handle() -> None:
        answer = wired.edge.receive(network, account, Inbound("POST", headers, {}, raw), wired.now())
        if answer.status != 200:
            raise ValueError(answer.body)

    return handle


def gateway(raw: bytes, headers: dict[str, str]) -> Callable[[], None]:
    from chalice.config import Config
    from chalice.local import LocalGateway

    local = LocalGateway(heed_app(), Config())

    def handle() -> None:
        answer = local.handle_request(method="POST", path=PATH, headers=headers, body=raw)
        if answer["statusCode"] != 200:
            raise ValueError(answer["body"])

    return handle
