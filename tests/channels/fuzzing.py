"""Conformance against chance: whatever JSON, headers or answers come, a channel says no by name or not at all."""

import copy
import json
import random
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.channels.base import Channel, Inbound, Malformed, Response
from tests.channels import kit, reading, signing, speaking

SETTINGS = settings(max_examples=100, deadline=None, database=None)
TEXTS = st.text("a0:-/@ \x00\ud83d\u00e9\u0660\U0001f33b", max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(TEXTS, LEAVES, max_size=3)


def survives_any_json(channel: Channel, folder: Path) -> None:
    words = sorted({str(key) for body in kit.bodies(channel, folder).values() for key in _keys(body)})
    keys = st.sampled_from(words) | TEXTS
    inner = st.dictionaries(keys, VALUES, max_size=4)

    @SETTINGS
    @given(
        st.dictionaries(keys, VALUES | inner | st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=4))
    )
    def check(body: dict[str, Any]) -> None:
        reading.holds_with(channel, body)

    check()


def survives_mutated_fixtures(channel: Channel, folder: Path) -> None:
    bodies = list(kit.bodies(channel, folder).values())

    @SETTINGS
    @given(st.sampled_from(bodies), st.randoms(use_true_random=False), st.lists(VALUES, min_size=1, max_size=3))
    def check(body: Any, chance: random.Random, values: list[Any]) -> None:
        reading.holds_with(channel, _mutated(body, chance, values))

    check()


def survives_any_bytes(channel: Channel, folder: Path) -> None:
    whole = b"\n".join(path.read_bytes() for path in kit.files(folder))

    @SETTINGS
    @given(st.binary(), st.integers(0, len(whole)), st.integers(0, 300))
    def check(noise: bytes, start: int, size: int) -> None:
        raw = whole[start : start + size] + noise
        try:
            body = channel.decode(raw)
        except Malformed:
            return
        reading.holds_with(channel, body)

    check()


def refuses_any_headers(channel: Channel, folder: Path) -> None:
    vector = kit.genuine(folder)[0]
    request = vector.inbound(folder)
    names = st.sampled_from(sorted(request.headers))

    @SETTINGS
    @given(st.dictionaries(names, TEXTS), st.binary())
    def check(headers: dict[str, str], body: bytes) -> None:
        forged = Inbound("POST", headers, {}, body)
        assert not signing.accepts(channel, forged, [vector.secret], vector.clock())

    check()


def survives_any_answer(channel: Channel, folder: Path) -> None:
    replies = list(speaking.replies(channel, folder))
    words = ["data", "id", "result", "error", "errors", "code", "message", "messages", "parameters", "type", "chat"]
    keys = st.sampled_from([*words, "message_id", "detail", "description", "retry_after", "error_subcode"])
    answers = st.dictionaries(keys, VALUES | st.dictionaries(keys, VALUES))

    @SETTINGS
    @given(st.sampled_from(replies), st.sampled_from([200, 201, 400, 401, 403, 404, 429, 500]), answers)
    def check(reply: Any, status: int, answer: dict[str, Any]) -> None:
        response = Response(status, {}, json.dumps(answer).encode())
        speaking.judge_outcome(channel.outcome(reply, response))
        channel.found(reply, response)

    check()


def _keys(body: Any) -> list[Any]:
    return [path[-1] for path in reading.leaves(body) if isinstance(path[-1], str)]


def _mutated(body: Any, chance: random.Random, values: list[Any]) -> Any:
    """The body with some leaves changed, dropped or put elsewhere."""
    changed = copy.deepcopy(body)
    for value in values:
        paths = list(reading.leaves(changed))
        if not paths:
            break
        path, other = chance.choice(paths), reading.at(changed, chance.choice(paths))
        deed = chance.choice(("change", "drop", "move"))
        if deed == "drop":
            changed = reading.without(changed, path)
        else:
            changed = reading.with_leaf(changed, path, value if deed == "change" else copy.deepcopy(other))
    return changed


CHECKS = (
    survives_any_json,
    survives_mutated_fixtures,
    survives_any_bytes,
    refuses_any_headers,
    survives_any_answer,
)
