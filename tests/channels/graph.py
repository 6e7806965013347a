"""What the tests of the three Graph channels share: fixtures, replies, answers and broken bodies."""

import copy
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from chalicelib.channels.base import Channel, Credentials, Request, Response, Unreadable
from chalicelib.domain.event import Event
from chalicelib.domain.reply import Mode, Outgoing
from tests.channels import kit

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
CREDENTIALS = Credentials(secrets=("heed-app-secret-1",), verify_token="meatyhamhock", token="EAAB-token")
JSON = {"Authorization": "Bearer EAAB-token", "Content-Type": "application/json"}
BEARER = {"Authorization": "Bearer EAAB-token"}


def payload(channel: str, name: str) -> Any:
    return json.loads((kit.FIXTURES / channel / f"{name}.json").read_bytes())


def payloads(channel: str) -> list[Any]:
    return [json.loads(file.read_bytes()) for file in kit.files(kit.FIXTURES / channel)]


def one(channel: Channel, body: Any) -> Event:
    (event,) = channel.read(body)
    return event


def outgoing(channel: Channel, mode: Mode, address: dict[str, str], text: str = "Grüße 👋", **times: Any) -> Outgoing:
    return Outgoing("rep_01J0", channel.name, "main", mode, text, address, **times)


def answered_after(waited: timedelta) -> dict[str, Any]:
    return {"last_inbound_at": NOW - waited, "attempted_at": NOW}


def sent_json(request: Request) -> Any:
    assert request.body is not None
    return json.loads(request.body)


def response(status: int, body: Any = None, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def error(code: int, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    return {"error": {"message": "(#1) no", "code": code, "error_subcode": subcode, "fbtrace_id": "A1", **more}}


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=True)
    | st.text(st.characters(exclude_categories=()), max_size=8)
)
ANY_JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a body with every key or index in it."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]


@st.composite
def broken(draw: st.DrawFn, channel: str) -> Any:
    """A real body with one to three places removed or replaced by something else."""
    body = copy.deepcopy(draw(st.sampled_from(payloads(channel))))
    for _ in range(draw(st.integers(1, 3))):
        places = _places(body)
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            container[key] = draw(ANY_JSON)
        else:
            del container[key]
    return body


def survives(channel: Channel, body: Any) -> None:
    """Reading yields storable events or names the field; splitting for the queue never fails."""
    list(channel.fragments(body))
    try:
        events = channel.read(body)
    except Unreadable:
        return
    for event in events:
        assert all("\x00" not in text and text.encode() for text in _texts(asdict(event)) if text)
        assert all(isinstance(part, str) for part in channel.address(event).values())
        channel.capabilities(event)


def _texts(value: Any) -> list[str]:
    """Every text in it, however deep; encoding one with a lone surrogate raises."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []
