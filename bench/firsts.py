"""What each function is handed first, and a fake AWS that holds what it looks for: one case, its card and an answer."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bench import endpoint
from bench.bodies import (
    ACCOUNT,
    BRAND,
    HOOK,
    api_event,
    body_of,
    item,
    messages,
    queue_event,
    schedule_event,
    signed,
    slack_event,
    stream_event,
)
from bench.presses import SECRET
from bench.wire import Image, Wire
from bench.world import PARAMETER, SLACK
from chalicelib.domain.card import Card
from chalicelib.domain.commands import Answer
from chalicelib.domain.ids import reply_id
from chalicelib.domain.instants import iso
from chalicelib.domain.reply import Mode
from chalicelib.handlers.intake import take
from chalicelib.slack import errands
from chalicelib.slack.incoming import Asked
from chalicelib.slack.payloads import parse
from chalicelib.storage.codec import image_of
from chalicelib.wiring import now, wired

WAITED = timedelta(hours=2)
"""How long ago the customer wrote: so long that the first promise is broken, and the answer may still leave."""
SCHEDULES = ("sweeper", "herald", "auditor", "eraser")

Event = dict[str, Any]


def first_events(address: str) -> dict[str, Event]:
    """By function. The fake knows from now on what each of them will ask for."""
    earlier = now() - WAITED
    wired.now = now
    _secrets(address)
    rows = _rows(lambda: take(_fragment(earlier)))
    _stand(address, [*rows.values(), image_of(_card(rows["Case"]))])
    person = {"Items": [rows["Contact"], rows["Case"]], "Count": 2, "ScannedCount": 2}
    endpoint.answer(address, "Query", person, marker=f'"{rows["Case"]["pk"]["S"]}"')
    _stand(address, [_rows(lambda: _asked(rows["Case"]))["Reply"]])
    case = {"brand": BRAND, "case_id": rows["Case"]["id"]["S"]}
    timer = {**case, "revision": 0, "at": iso(now())}
    return {
        "webhook": api_event(*signed(messages(1))),
        "slack": slack_event(_asks(address), "application/x-www-form-urlencoded", SECRET, now()),
        "inbox": queue_event("heed-bench-slack.fifo", _errand(address)),
        "intake": queue_event("heed-bench-inbound.fifo", json.dumps(_fragment(now()))),
        "publisher": stream_event(rows["TimelineEvent"]),
        "clock": queue_event("heed-bench-timers", json.dumps(timer)),
        "delivery": queue_event("heed-bench-outbound", json.dumps({"brand": BRAND, "reply_id": reply_id(BRAND, "a1")})),
        "desk": queue_event("heed-bench-team-messages", json.dumps({**case, "seq": 1})),
        **dict.fromkeys(SCHEDULES, schedule_event(now())),
    }


def _secrets(address: str) -> None:
    """Slack and the network are the fake, too."""
    for name, secret in ((PARAMETER, {**HOOK, "api": address}), ("slack", SLACK)):
        path = f"{wired.settings.secrets}/{name}"
        parameter = {"Name": path, "Type": "SecureString", "Value": json.dumps(secret), "Version": 1}
        endpoint.answer(address, "GetParameter", {"Parameter": parameter}, marker=f'"{path}"')


def _fragment(at: Any) -> dict[str, Any]:
    told = {**item("m_bench000000000001"), "timestamp": int(at.timestamp() * 1000)}
    return {"channel": "facebook", "hook": ACCOUNT, "received_at": iso(at), "body": body_of(told)}


def _rows(act: Callable[[], object]) -> dict[str, Image]:
    """What it writes, by kind; of the events the first."""
    with closing(Wire(wired.store)) as wire:
        act()
    (write,) = [call.body for call in wire.calls if call.operation == "TransactWriteItems"]
    images = [one["Put"]["Item"] for one in write["TransactItems"]]
    return {image["kind"]["S"]: image for image in reversed(images)}


def _stand(address: str, images: list[Image]) -> None:
    """From now on these are in the table."""
    for image in images:
        key = {name: image[name] for name in ("pk", "sk")}
        endpoint.answer(address, "GetItem", {"Item": image}, marker=json.dumps(key))


def _asked(case: Image) -> None:
    """Somebody answers the customer."""
    (conversation,) = case["threads"]["M"]
    command = Answer("a1", BRAND, case["id"]["S"], "ana", "It leaves today.", Mode.PRIVATE, conversation)
    wired.bus(command, now())


def _card(case: Image) -> Card:
    return Card(BRAND, case["id"]["S"], "C0MESSAGES", "1780315200.000001", 0)


def _errand(address: str) -> str:
    """The same as it waits for the worker."""
    asked = parse(_asks(address))
    assert isinstance(asked, Asked)
    return errands.written(errands.Errand(asked, now()))


def _asks(address: str) -> bytes:
    """Somebody asks what is theirs."""
    told = {"team_id": "T0HEED", "api_app_id": "A0HEED", "user_id": "U0ANA", "channel_id": "C0MESSAGES"}
    said = {"command": "/heed", "text": "mine", "trigger_id": "1.2.a", "response_url": f"{address}/slack/answer"}
    return urlencode({**told, **said}).encode()
