"""Two workspaces at one door: each is believed for itself only."""

import json
from typing import Any

import pytest

from chalicelib.channels.parts.signatures import hex_sha256
from chalicelib.wiring import wired
from tests.build import NOON, config
from tests.fakes.ports import DictVault
from tests.handlers.conftest import Parts
from tests.handlers.test_desk_door import TWO
from tests.handlers.test_doors import post

HILL, MILL = "slack/T0HILL", "slack/T0MILL"


class TwoVaults(DictVault):
    def slack(self, name: str = "slack") -> dict[str, object]:
        return {"signing_secrets": [f"secret of {name}"], "token": f"xoxb-{name}"}


@pytest.fixture
def two(parts: Parts) -> Parts:
    wired.__dict__["vault"] = TwoVaults({})
    wired.use(config(slack=None, workspaces=TWO))
    return parts


def sent(body: dict[str, Any], signed_for: str) -> int:
    raw, stamp = json.dumps(body).encode(), str(int(NOON.timestamp()))
    signature = "v0=" + hex_sha256(f"secret of {signed_for}", b"v0:" + stamp.encode() + b":" + raw)
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
    }
    return int(post("/slack", headers, raw).status_code)


def said(team: str, app: str) -> dict[str, Any]:
    event = {"type": "message", "user": "U0X", "text": "hi", "channel": "C0X", "ts": "2.0", "thread_ts": "1.0"}
    return {"type": "event_callback", "team_id": team, "api_app_id": app, "event_id": "Ev1", "event": event}


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("team", "signed_for", "status"),
    [
        ("T0HILL", HILL, 200),
        ("T0MILL", MILL, 200),
        ("T0MILL", HILL, 401),
        ("T0HILL", MILL, 401),
        ("T0OTHER", HILL, 401),
        ("T0HILL", "slack", 401),
    ],
)
def test_the_secret_of_one_workspace_signs_nothing_for_another(team: str, signed_for: str, status: int) -> None:
    assert sent(said(team, "A0HILL"), signed_for) == status


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(("signed_for", "status"), [(HILL, 200), (MILL, 200), ("slack", 401)])
def test_slacks_question_whether_the_address_listens_may_come_from_each(signed_for: str, status: int) -> None:
    assert sent({"type": "url_verification", "challenge": "c"}, signed_for) == status
