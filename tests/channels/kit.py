"""What a channel's fixture folder holds, for the conformance checks: bodies, events expected of them, signatures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.channels.base import Channel, Inbound
from chalicelib.domain.event import Event
from chalicelib.domain.instants import instant

FIXTURES = Path(__file__).parent.parent / "fixtures" / "channels"
NOT_BODIES = frozenset({"expected.json", "vectors.json", "quirks.json"})
NOT_JUDGED = frozenset({"remark", "note"})
TIMES = frozenset({"at", "up_to"})
ATTRIBUTES = frozenset(one.name for one in fields(Event)) - {"extra"}


@dataclass(frozen=True)
class Vector:
    """One signed request: ``expect`` is accept or refuse, ``now`` the clock at which it is judged."""

    file: str
    headers: Mapping[str, str]
    secret: str
    now: int
    expect: str
    query: Mapping[str, str] = field(default_factory=dict)

    def inbound(self, folder: Path) -> Inbound:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Inbound("POST", headers, dict(self.query), (folder / self.file).read_bytes())

    def clock(self, seconds: int = 0) -> datetime:
        return datetime.fromtimestamp(self.now, UTC) + timedelta(seconds=seconds)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.name not in NOT_BODIES)


def bodies(channel: Channel, folder: Path) -> dict[str, Any]:
    return {path.name: channel.decode(path.read_bytes()) for path in files(folder)}


def expected(folder: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((folder / "expected.json").read_text("utf-8"))
    return found


def vectors(folder: Path) -> list[Vector]:
    found = [Vector(**one) for one in json.loads((folder / "vectors.json").read_text("utf-8"))]
    assert any(one.expect == "accept" for one in found), "no genuine signature to judge by"
    return found


def genuine(folder: Path) -> list[Vector]:
    return [one for one in vectors(folder) if one.expect == "accept"]


def quirks(folder: Path) -> dict[str, Any]:
    """What this network does otherwise than all others, each with its reason; most have none."""
    path = folder / "quirks.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    unknown = found.keys() - {"signature_ignores_body", "token_in_url", "tolerance", "outcomes", "same_happening"}
    assert not unknown, f"quirks.json: no check knows {sorted(unknown)}"
    return found


def differences(event: Event, wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What an event says otherwise than wanted; fields that nobody named are not judged."""
    judged = {name: value for name, value in wanted.items() if name not in NOT_JUDGED}
    said = {name: _said(event, name) for name in judged}
    return {name: (said[name], value) for name, value in judged.items() if said[name] != _wanted(name, value)}


def _said(event: Event, name: str) -> Any:
    if name == "attachments":
        return [one.kind for one in event.attachments]
    return getattr(event, name) if name in ATTRIBUTES else event.extra.get(name)


def _wanted(name: str, value: Any) -> Any:
    return instant(value) if name in TIMES and value is not None else value
