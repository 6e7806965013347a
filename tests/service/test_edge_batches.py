"""Whatever a network puts into a body: as few calls of the queue as can be, nothing else asked of AWS, no false yes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from chalice.test import Client

import app
from chalicelib.aws import clients
from chalicelib.wiring import wired
from infra.doubles.networks.people import VOICES, Event, WebhookRequest, build, x_legacy
from tests.attacks.kit import CUSTOMER, HARBOR, NETWORKS, accounts
from tests.aws.conftest import aws, settings
from tests.build import NOON

__all__ = ["aws"]

LISTED = {"facebook": "entry", "instagram": "entry", "whatsapp": "entry", "x": "tweet_create_events"}
"""In which list a network tells several things at once; the others tell one in a body."""
BODIES = [(network, size) for network in NETWORKS for size in (1, 100, 1000) if size == 1 or network in LISTED]


def told(network: str, number: int) -> Any:
    """What a person of their own says, in a body by itself; of X it is the older family that lists."""
    account, person = accounts(HARBOR)[network], replace(CUSTOMER, id=f"{9000 + number}")
    event = Event("message", person, f"{7000 + number}", NOON, f"@{account.handle} {number}")
    return x_legacy.mention(account, event) if network == "x" else json.loads(build(account, event).body)


def signed(network: str, size: int) -> WebhookRequest:
    account, bodies = accounts(HARBOR)[network], [told(network, number) for number in range(size)]
    listed = LISTED.get(network)
    whole = {**bodies[0], listed: [one for body in bodies for one in body[listed]]} if listed else bodies[0]
    raw = json.dumps(whole).encode()
    headers = VOICES[network].sign(account, Event("message", CUSTOMER, "7001", NOON, "Hello"), raw)
    return WebhookRequest("POST", f"{network}/{account.key}", headers, raw)


def nothing(places: list[str]) -> list[str]:
    return []


@dataclass
class Line:
    """The queue as the edge sees it: batches, and no other call. ``kept`` is what it took, by the names it was given.

    Of its ``bad`` call, the first of which is 0, it takes all but what ``refuses`` names. Moto's queue would do, but it
    looks at all it has, clock and all, for every message.
    """

    refuses: Callable[[list[str]], list[str]] = nothing
    bad: int = 0
    sizes: list[int] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        named = {str(one["Id"]): str(one["MessageDeduplicationId"]) for one in Entries}
        self.sizes.append(len(Entries))
        refused = self.refuses(list(named)) if len(self.sizes) == self.bad + 1 else []
        self.kept |= {dedupe for place, dedupe in named.items() if place not in refused}
        failed = [{"Id": one, "Code": "InternalError", "SenderFault": False} for one in refused]
        taken = [{"Id": one} for one in named if one not in refused]
        return {"Successful": taken, "Failed": failed} if failed else {"Successful": taken}


@dataclass
class Door:
    """The real application with its real parts; ``asked`` is every call of AWS but those of the queue, by name."""

    http: Any
    asked: list[str] = field(default_factory=list)

    def note(self, model: Any, **_: Any) -> None:
        self.asked.append(f"{model.service_model.service_name}.{model.name}")

    def before(self, line: Line) -> Line:
        """The edge sends to this queue from now on."""
        clients.client.cache_clear()
        clients.given["sqs"] = line
        return line

    def tell(self, sent: WebhookRequest) -> int:
        self.asked.clear()
        status: int = self.http.post(f"/hooks/{sent.path}", headers=dict(sent.headers), body=sent.body).status_code
        return status


@pytest.fixture
def door(aws: None) -> Iterator[Door]:
    wired.forget()
    with Client(app.app) as client:
        made = Door(client.http)
        clients.session().register("before-call", made.note)
        for network, account in accounts(HARBOR).items():
            name, value = f"/heed/dev/hooks/{network}/{account.key}", json.dumps({"secrets": [account.secret]})
            clients.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString")
        wired.__dict__.update(settings=settings(secrets="/heed/dev"), now=lambda: NOON)
        yield made
    wired.forget()


def by_ten(size: int) -> list[int]:
    return [min(10, size - start) for start in range(0, size, 10)]


@pytest.mark.parametrize(("network", "size"), BODIES)
def test_ten_updates_travel_in_one_call_and_only_the_secret_is_asked_for_once(
    door: Door, network: str, size: int, record_property: Any
) -> None:
    sent = signed(network, size)
    for asked in (["ssm.GetParameter"], []):
        line = door.before(Line())
        assert door.tell(sent) == 200
        assert (door.asked, line.sizes, len(line.kept)) == (asked, by_ten(size), size)
    record_property("calls", f"{network}: {len(by_ten(size))} for {size}")


def raising(error: Exception) -> Callable[[list[str]], list[str]]:
    def refuses(places: list[str]) -> list[str]:
        raise error

    return refuses


REFUSALS: dict[str, Callable[[list[str]], list[str]]] = {
    "nobody answers": raising(EndpointConnectionError(endpoint_url="https://sqs.example")),
    "too late": raising(ReadTimeoutError(endpoint_url="https://sqs.example")),
    "throttled": raising(ClientError({"Error": {"Code": "ThrottlingException"}}, "SendMessageBatch")),
    "not allowed": raising(ClientError({"Error": {"Code": "AccessDenied"}}, "SendMessageBatch")),
    "not the first": lambda places: places[:1],
    "not the last": lambda places: places[-1:],
    "none of them": lambda places: places,
}


@pytest.mark.parametrize(("network", "size"), BODIES)
def test_while_the_queue_does_not_take_it_all_the_network_hears_5xx_and_told_again_it_is_all_there(
    door: Door, network: str, size: int
) -> None:
    """Refused at the first, a middle or the last call. What was taken before has the same name when it comes again."""
    sent, whole = signed(network, size), by_ten(size)
    last = len(whole) - 1
    for bad in sorted({last} if size == 1000 else {0, last // 2, last}):
        for name, refuses in REFUSALS.items():
            line = door.before(Line(refuses, bad))
            assert 500 <= door.tell(sent) < 600, name
            assert line.sizes == whole[: bad + 1] and len(line.kept) < size, name
            assert door.tell(sent) == 200
            assert (line.sizes[bad + 1 :], len(line.kept)) == (whole, size), name
