"""All of Heed between the doubles of Slack and of the networks; what people do, and what can be seen of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from threading import get_ident
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.case import Case
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.storage import DynamoStore
from chalicelib.wiring import now, wired
from infra.doubles.networks.accounts import ACCOUNTS, Account
from infra.doubles.networks.people import WebhookRequest
from infra.doubles.networks.server import NetworkDoubles
from infra.doubles.slack import SlackDouble
from infra.doubles.slack.shapes import Json
from infra.local.clients import clients
from infra.local.heed import LocalHeed
from infra.local.pumps.base import Invoke
from infra.local.runtime import Runtime
from tests.build import BRAND, config_data
from tests.infra.waiting import GIVES_UP, eventually

SIGNING_SECRET, BOT_TOKEN = "double-signing-secret", "xoxb-double"
AGENTS = {"ana": "U0ANA", "tom": "U0TOM", "mia": "U0MIA", "eva": "U0EVA", "leo": "U0LEO"}
SUPERVISOR = "leo"
MESSAGES, ESCALATIONS = "C0MESSAGES", "C0ESCALATE"
HURRY = "right now"
WITHIN, WARN_BEFORE = 8, 5
_COUNTS = ("", "NotVisible", "Delayed")


def policy() -> dict[str, Any]:
    """Five agents, and a promise of seconds for those who are in a hurry."""
    data = config_data()
    agent = data["agents"]["ana"]
    data["agents"] = {
        key: {**agent, "name": key.title(), "email": f"{key}@example.com", "slack": user}
        for key, user in AGENTS.items()
    }
    data["agents"][SUPERVISOR]["role"] = "supervisor"
    data["rules"].append({"because": "a hurry", "keywords": [HURRY], "queue": "messages", "priority": "urgent"})
    short = {"metric": "first_response", "within": WITHIN, "warn_before": WARN_BEFORE}
    data["promises"].insert(0, {"priorities": ["urgent"], "targets": [short]})
    return data


def accounts() -> tuple[Account, ...]:
    """The doubles' accounts under the keys and ids of the policy."""
    ours = {one["channel"]: (key, one["native_id"]) for key, one in config_data()["accounts"].items()}
    return tuple(
        replace(account, key=ours[account.network][0], native_id=ours[account.network][1]) for account in ACCOUNTS
    )


def secrets(networks: NetworkDoubles) -> dict[str, dict[str, Any]]:
    """What the vault holds: each account speaks to its double."""
    hooks = {
        f"hooks/{account.network}/{account.key}": {
            "secrets": [account.secret],
            "verify_token": account.verify_token,
            "token": account.token or None,
            "account": account.native_id,
            "api": networks.base(account.network),
        }
        for account in networks.accounts
    }
    return {**hooks, "slack": {"signing_secrets": [SIGNING_SECRET], "token": BOT_TOKEN}}


class Switchboard:
    """Calls functions in this process, but for those that a test has moved elsewhere."""

    def __init__(self, here: Invoke) -> None:
        self.here = here
        self.elsewhere: dict[str, Invoke] = {}
        self.called: list[str] = []

    def __call__(self, name: str, event: Any) -> Any:
        self.called.append(name)
        return self.elsewhere.get(name, self.here)(name, event)


class SwitchedHeed(LocalHeed):
    """LocalHeed whose functions can be moved elsewhere, and whose workers can be replaced."""

    def invoker(self) -> Invoke:
        self.switch = Switchboard(super().invoker())
        return self.switch

    def restart(self) -> None:
        """Every worker ends and another begins, remembering nothing; their event sources go on where they were."""
        workers = [one.logical_id for one in self.stack.functions.values() if one.events]
        for worker in workers:
            self.runtime.pause(worker)
        wired.forget()
        wired.meter = self.meter
        for worker in workers:
            self.runtime.resume(worker)


@dataclass
class World:
    slack: SlackDouble
    networks: NetworkDoubles
    heed: SwitchedHeed
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def store(self) -> DynamoStore:
        return wired.store

    @property
    def runtime(self) -> Runtime:
        return self.heed.runtime

    def account(self, network: str) -> Account:
        return next(account for account in self.networks.accounts if account.network == network)

    # -- doing ----------------------------------------------------------------------------------------------------

    def http(self, path: str, headers: Mapping[str, str | bytes], body: bytes, method: str = "POST") -> tuple[int, str]:
        """One request to Heed's front."""
        connection = HTTPConnection(urlsplit(self.heed.url).netloc, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def hook(self, request: WebhookRequest) -> int:
        return self.http(f"/hooks/{request.path}", dict(request.headers), request.body)[0]

    def press(self, body: Json, action: str, agent: str) -> None:
        """A button of a message of the bot's."""
        channel = next(one.channel for one in list(self.slack.workspace.messages) if one.ts == body["ts"])
        assert self.slack.click(channel, body["ts"], action, AGENTS[agent]).ok
        self.done()

    def done(self, within: float = GIVES_UP) -> None:
        """Returns when Heed has done whatever people did in Slack."""
        eventually(lambda: not self.waiting("Slack"), within)

    def presses(self, view: Json, action: str, agent: str, *given: Any) -> Json:
        """Something in a window or at home; the window they look at afterwards."""
        assert self.slack.click_view(view["id"], action, AGENTS[agent], *given).ok
        self.done()
        return self.window(agent) if self.slack.views.stacks.get(AGENTS[agent]) else {}

    def only_for(self, user: str) -> list[str]:
        """What somebody was told for themselves only, with what stood below it."""
        found = [one for one in list(self.slack.workspace.messages) if one.seen_by == user]
        return [f"{one.body['text']} {one.body.get('blocks', '')}" for one in found]

    def window(self, agent: str) -> Json:
        """The modal the agent looks at."""
        return self.slack.views.stacks[AGENTS[agent]][-1]

    def answer(self, case: Case, text: str, agent: str = "ana") -> Reply:
        """Reply on the card, the first place the window offers, send."""
        self.press(self.card(case), "case_reply", agent)
        view = self.window(agent)
        where = [block["element"]["options"][0]["value"] for block in view["blocks"] if block["block_id"] == "where"]
        values = {"text": {"text": text}, **({"where": {"where": where[0]}} if where else {})}
        assert self.slack.submit(view["id"], values, AGENTS[agent]).outcome == "close"
        self.done()
        queued = [event for event in self.timeline(case) if event.fact is Fact.REPLY_QUEUED]
        return self.reply(queued[-1].data["reply_id"])

    @contextmanager
    def later(self, span: timedelta, *, here: bool = False) -> Iterator[None]:
        """Time has passed for everything in this process that asks Heed's clock; or for what runs ``here``, in this
        thread, so that workers at their queues give nobody times that are not going to come for a while."""
        thread = get_ident()
        wired.now = lambda: now() + (span if not here or get_ident() == thread else timedelta())
        wired.__dict__.pop("delivery", None)
        try:
            yield
        finally:
            wired.now = now
            if not here:
                self._open_doors()
            wired.__dict__.pop("delivery", None)

    def _open_doors(self) -> None:
        """Slack's doors were given times that are not going to come for a while."""
        wired.__dict__.pop("pace", None)
        dynamodb, table = clients()("dynamodb"), wired.settings.table
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                if item.get("kind", {}).get("S") == "Door":
                    dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    def run_elsewhere(self, function: str, invoke: Invoke) -> None:
        self.heed.switch.elsewhere[self.heed.stack.function(function).name] = invoke

    def run_here(self, function: str) -> None:
        del self.heed.switch.elsewhere[self.heed.stack.function(function).name]

    # -- looking --------------------------------------------------------------------------------------------------

    def case(self, case: Case) -> Case:
        found = self.store.case(case.brand, case.id)
        assert found is not None
        return found

    def reply(self, reply_id: str) -> Reply:
        found = self.store.reply(BRAND, reply_id)
        assert found is not None
        return found

    def timeline(self, case: Case) -> list[TimelineEvent]:
        return self.store.timeline(case.brand, case.id)

    def facts(self, case: Case) -> list[Fact]:
        return [event.fact for event in self.timeline(case)]

    def told(self, case: Case) -> list[Json]:
        """Everything Slack shows of a case, the card first."""
        bodies = [one.body for one in list(self.slack.workspace.messages) if not one.gone]
        return [body for body in bodies if _about(body).get("case_id") == case.id]

    def cards(self, case: Case) -> list[Json]:
        return [body for body in self.told(case) if _about(body)["post"] == "card"]

    def card(self, case: Case) -> Json:
        (card,) = eventually(lambda: self.cards(case))
        return card

    def lines(self, case: Case, words: str = "") -> list[Json]:
        """What its thread says, of those lines that hold the words."""
        return [body for body in self.told(case) if _about(body)["post"] != "card" and words in body["text"]]

    def waiting(self, queue: str, *counts: str) -> int:
        """Messages in a queue by its logical id: ready (""), "NotVisible" or "Delayed"; all together by default."""
        names = [f"ApproximateNumberOfMessages{one}" for one in counts or _COUNTS]
        url = self.heed.stack.physical_id(queue)
        answer = clients()("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())

    def settle(self, within: float = GIVES_UP) -> None:
        """Returns when no effect is owed and no queue holds work."""
        stack = self.heed.stack
        queues = [name for name, one in stack.resources.items() if one.kind == "AWS::SQS::Queue"]
        working = [name for name in queues if not name.endswith("Dead")]
        soon = datetime.now(UTC) + timedelta(days=1)

        def quiet() -> bool:
            return not any(self.waiting(name) for name in working) and not any(self.store.pending(soon))

        # Work that moves on while one queue after the other is asked may be missed by a single round of questions.
        eventually(lambda: all(quiet() for _ in range(4)), within, every=0.2)


def _about(body: Json) -> Mapping[str, str]:
    about: Mapping[str, str] = (body.get("metadata") or {}).get("event_payload", {})
    return about
