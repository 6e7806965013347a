"""What a person did in Slack, or Slack told, on its way through the queue between the door and its worker."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, get_args

from chalicelib.domain.ids import digest
from chalicelib.domain.instants import instant, iso
from chalicelib.slack.incoming import Work

_KINDS = {kind.__name__: kind for kind in get_args(Work)}


@dataclass(frozen=True, slots=True)
class Window:
    """A modal that stands open and says to wait."""

    id: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """``at`` is when it reached the door, ``window`` the one that was opened for it there."""

    did: Work
    at: datetime
    window: Window | None = None

    @property
    def group(self) -> str:
        """What one person does is worked off in its order, and nobody waits for anybody else's."""
        return digest("person", self.did.team, self.did.user)

    @property
    def dedupe(self) -> str:
        return digest(type(self.did).__name__, self.did.identity)


def written(errand: Errand) -> str:
    window = asdict(errand.window) if errand.window else None
    kind = type(errand.did).__name__
    return json.dumps(
        {"kind": kind, "at": iso(errand.at), "window": window, "did": asdict(errand.did)},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read(body: Mapping[str, Any]) -> Errand:
    """What :func:`written` wrote; what only another release knows is passed over. Raises KeyError or TypeError."""
    kind = _KINDS[body["kind"]]
    known = {field.name for field in fields(kind)}
    given = {name: tuple(one) if isinstance(one, list) else one for name, one in body["did"].items() if name in known}
    window = body.get("window")
    return Errand(kind(**given), instant(body["at"]), Window(**window) if window else None)
