"""What an attacker reaches: Heed's real application, with two brands and every network connected."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from chalice.test import Client

from chalicelib import channels
from chalicelib.channels.base import Credentials
from chalicelib.channels.parts.signatures import hex_sha256
from chalicelib.domain.case import Case
from chalicelib.domain.ids import digest
from chalicelib.handlers import inbox, intake
from chalicelib.service.desk import show
from chalicelib.wiring import wired
from infra.doubles.networks.accounts import Account, account_of
from infra.doubles.networks.people import Event, Person, WebhookRequest, build
from tests.build import NOON, config, config_data
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts

NETWORKS = channels.names()
SEED = 20_261_120
TEAM, APP, SECRET = "T0HEED", "A0HEED", "slack-secret"
HARBOR, RIVAL = "harbor", "rival"
ANA, EVE = "U0ANA", "U0EVE"
"""An agent of each brand, by their ids in Slack."""
CUSTOMER = Person("7245118832190456", "Ana Sample", "ana_s", "491701234567")
FORGED_KEY = "whsec_cml2YWwtc3RhbmRhcmQtd2ViaG9vay1rZXktMDAwMSEh"


def accounts(brand: str) -> dict[str, Account]:
    """One account on every network; the rival's has another id and other secrets."""
    known = {network: account_of(network) for network in NETWORKS}
    if brand == HARBOR:
        return {network: replace(one, key=f"harbor-{network}") for network, one in known.items()}
    return {
        network: replace(
            one,
            key=f"rival-{network}",
            native_id=f"{one.native_id}9",
            secret=FORGED_KEY if network == "standard_webhooks" else f"rival_{one.secret}",
        )
        for network, one in known.items()
    }


def two_brands() -> dict[str, Any]:
    """The plain policy file, and a second company beside the first, with a queue, accounts and an agent of its own."""
    data = config_data()
    data["brands"][RIVAL] = {"name": "Rival", "queue": "rivals", "reopen_within": 604_800, "evidence": "none"}
    data["queues"]["rivals"] = {"name": "Rivals", "slack": "C0RIVALS"}
    data["accounts"] = {
        one.key: {"brand": brand, "channel": one.network, "native_id": one.native_id, "name": brand}
        for brand in (HARBOR, RIVAL)
        for one in accounts(brand).values()
    }
    eve = {"name": "Eve", "email": "eve@example.com", "role": "supervisor", "brands": [RIVAL], "slack": EVE}
    data["agents"]["eve"] = eve
    return data


@dataclass
class Stand:
    """Heed as the internet sees it."""

    parts: Parts
    slack: FakeSlack
    client: Client

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        return self.client.http.post(path, headers={"Content-Type": "application/json", **headers}, body=body)

    def tell(self, sent: WebhookRequest) -> Any:
        return self.post(f"/hooks/{sent.path}", sent.headers, sent.body)

    def slacks(self, headers: Mapping[str, str], body: bytes) -> Any:
        """What Slack is told; the worker has done the rest by then."""
        kind = "application/json" if body[:1] == b"{" else "application/x-www-form-urlencoded"
        answer = self.post("/slack", {"Content-Type": kind, **headers}, body)
        while self.parts.errands.waiting:
            inbox.carry_out(json.loads(self.parts.errands.waiting.pop(0)))
        return answer

    def presses(self, payload: Mapping[str, Any]) -> Any:
        """Something a person did in Slack, signed by Slack."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self.slacks(signed(body, self.parts.clock()), body)

    def take_in(self) -> int:
        """Intake works on everything the edge has queued."""
        queued = list(self.parts.fragments.sent)
        self.parts.fragments.sent.clear()
        for _, _, body in queued:
            intake.take(json.loads(body))
        return len(queued)

    def show(self) -> None:
        """The desk shows every piece of news that is owed."""
        for place in self.parts.store.pending(datetime.max.replace(tzinfo=NOON.tzinfo)):
            event = self.parts.store.event(*place)
            assert event is not None
            show(
                event,
                store=self.parts.store,
                slack=self.slack,
                config=wired.config,
                channel=channels.load,
                meter=self.parts.meter,
                now=self.parts.clock(),
            )
            self.parts.store.delivered(event)

    def cases(self, brand: str = HARBOR) -> list[Case]:
        return [row for row in self.parts.store._rows.values() if isinstance(row, Case) and row.brand == brand]

    def connect(self, secrets: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Every account with its own secret, or with those given for its network."""
        for brand in (HARBOR, RIVAL):
            for network, one in accounts(brand).items():
                own = (secrets or {}).get(network, (one.secret,))
                known = Credentials(secrets=own, token=one.token, verify_token="verify-me", account=one.native_id)
                self.parts.vault.hooks[network, one.key] = known


def stand(parts: Parts, client: Client) -> Stand:
    made = Stand(parts, FakeSlack(NOON.timestamp(), app=APP), client)
    made.connect()
    wired.use(config(**{name: value for name, value in two_brands().items() if name != "version"}))
    wired._slack["slack"] = ("xoxb-test", made.slack)
    wired.__dict__["answers"] = made.slack
    made.slack.knows(wired.config.agents.values())
    return made


def message(
    network: str, text: str = "Where is my parcel?", person: Person = CUSTOMER, *, brand: str = HARBOR, id: str = "7001"
) -> WebhookRequest:
    """A customer's private message, signed by the network."""
    return build(accounts(brand)[network], Event("message", person, id, NOON, text))


PROOF: Mapping[str, tuple[str, ...]] = {
    "facebook": ("X-Hub-Signature-256",),
    "instagram": ("X-Hub-Signature-256",),
    "whatsapp": ("X-Hub-Signature-256",),
    "x": ("x-twitter-webhooks-signature",),
    "telegram": ("X-Telegram-Bot-Api-Secret-Token",),
    "standard_webhooks": ("webhook-id", "webhook-timestamp", "webhook-signature"),
}
"""The headers by which each network proves who it is."""
UNSIGNED_BODY = frozenset({"telegram"})
"""Networks that prove who they are and not what they say; the connection has to be trusted for that."""


def signed(body: bytes, now: datetime = NOON, secret: str = SECRET) -> dict[str, str]:
    """Slack's headers for these bytes."""
    stamp = str(int(now.timestamp()))
    signature = "v0=" + hex_sha256(secret, b"v0:" + stamp.encode() + b":" + body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


def orders(heed: Stand, user: str, text: str) -> Any:
    """Each use of the command is one of its own, and is answered at an address of its own."""
    common = {"team_id": TEAM, "api_app_id": APP, "channel_id": "C0RIVALS", "command": "/heed"}
    more = {"trigger_id": digest(user, text), "response_url": f"https://hooks.slack.com/{user}/C0RIVALS"}
    body = urlencode({**common, **more, "user_id": user, "text": text}).encode("utf-8", "replace")
    return heed.slacks(signed(body), body)


def dice(name: str) -> random.Random:
    return random.Random(f"{SEED}:{name}")
