"""What seldom comes: policies of several workspaces, events of strangers, and requests that Meta signs by itself."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.instants import iso
from chalicelib.wiring import now
from tests.scenarios.test_escalation import chained

SOON = timedelta(seconds=20)


def mailed() -> dict[str, Any]:
    """A breach is mailed at once and the next ones are gathered; cases of the escalations team are given out.

    Mia hands the on-call duty over in a moment, when cases wait that the hand-over tells of.
    """
    data = chained()
    mail = {"kind": "notify", "way": "email", "target": "lead@example.com"}
    data["chains"]["urgent"]["steps"] = [mail, {"kind": "flood", "count": 100, "span": 3600}]
    data["queues"]["escalations"]["assign"] = "auto"
    shift = {"start": iso(now() - timedelta(hours=1)), "end": iso(now() + SOON), "who": "mia"}
    data["rotations"] = {key: {**one, "overrides": [shift]} for key, one in data["rotations"].items()}
    return data


def in_two_workspaces() -> dict[str, Any]:
    data = mailed()
    data["workspaces"] = {"main": {"team": data["slack"]["team"], "app": data["slack"]["app"]}}
    for one in (*data["queues"].values(), *data["agents"].values()):
        one["workspace"] = "main"
    data["promises"][-1]["targets"][0]["within"] += 60
    return {**data, "slack": None}


def strange(entry: dict[str, Any]) -> None:
    """It is meant for a page that is not ours."""
    entry["id"] = entry["messaging"][0]["recipient"]["id"] = "999"


def unheard_of(entry: dict[str, Any]) -> None:
    """A kind of event that is not there yet."""
    entry["messaging"][0].update(message=None, unheard_of={})


def signed_request(payload: Mapping[str, Any], secret: str) -> str:
    """As Meta signs it."""
    told = urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=")
    mark = urlsafe_b64encode(hmac.digest(secret.encode(), told, "sha256")).rstrip(b"=")
    return f"{mark.decode()}.{told.decode()}"
