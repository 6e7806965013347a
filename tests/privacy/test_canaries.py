"""200 canaries, one in every place where a person's data can stand, sent through every flow: logs know none of them."""

import hmac
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from chalice.test import Client

import app
from chalicelib.channels.base import Credentials
from chalicelib.domain import ids
from chalicelib.domain.commands import AddNote, Answer, Assign, Dismiss, Move, Take
from chalicelib.domain.errors import Refusal
from chalicelib.domain.privacy import Erasure
from chalicelib.domain.reply import Mode
from chalicelib.handlers import clock, delivery, desk, intake, privacy, publisher, sweeps
from chalicelib.handlers.worker import RECEIVES, logger
from chalicelib.service.bus import Bus
from chalicelib.service.delivery import Delivery
from chalicelib.service.ports import NoAnswer, SlackRefused
from chalicelib.service.privacy import Eraser
from chalicelib.storage.codec import image_of
from chalicelib.wiring import wired
from tests.aws.conftest import aws, queue, received
from tests.build import BRAND, NOON, config
from tests.fakes.channel import PlainChannel
from tests.fakes.ports import ScriptedHttp
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts, parts
from tests.handlers.test_doors import TICK, Context

__all__ = ["aws", "parts"]

AT_LEAST = 200
PEOPLE = 12
TELEGRAM = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": "tg-secret"}
DEAD = "heed-inbound-dead.fifo"


@dataclass
class Aviary:
    """Makes canaries, and keeps all that was ever said aloud."""

    made: int = 0
    counts: list[str] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)

    def __call__(self) -> str:
        self.made += 1
        return f"Canary{self.made:04d}Bird"

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        self.counts.append(f"{name} {dimensions}")

    def heard(self, *more: str) -> set[str]:
        return set(re.findall(r"Canary\d{4}Bird", "\n".join([self.log.getvalue(), *self.counts, *more])))


@pytest.fixture
def canary(parts: Parts) -> Iterator[Aviary]:
    """Everything that is logged from INFO on, with tracebacks; everything printed; every metric."""
    aviary = Aviary()
    handler = logging.StreamHandler(aviary.log)
    loggers = [logging.getLogger(), logging.getLogger(logger().name), app.app.log]
    before = [one.level for one in loggers]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.INFO)
    wired.meter = aviary
    wired.edge = type(wired.edge)(parts.vault, parts.fragments, parts.archive, aviary)
    parts.vault.hooks["facebook", "harbor-facebook"] = Credentials(secrets=("fb-secret",), token="t")
    yield aviary
    for one, level in zip(loggers, before, strict=True):
        one.removeHandler(handler)
        one.setLevel(level)


def update(canary: Aviary, number: int = 1, **more: Any) -> dict[str, Any]:
    """A message of Telegram with a canary in every field a person fills."""
    person = {"id": number, "is_bot": False, "first_name": canary(), "last_name": canary(), "username": canary()}
    chat = {"id": number, "type": "private", "first_name": canary(), "username": canary()}
    message = {
        "message_id": number,
        "from": person,
        "chat": chat,
        "date": int(NOON.timestamp()),
        "caption": canary(),
        "document": {"file_id": canary(), "file_unique_id": "u", "file_name": canary(), "mime_type": "text/plain"},
        "contact": {"phone_number": canary(), "first_name": canary()},
        **more,
    }
    return {"update_id": number, "message": message}


def wire(body: Any, **more: Any) -> str:
    received_at = "2026-06-01T12:00:00.000Z"
    return json.dumps(
        {"channel": "telegram", "hook": "harbor-telegram", "received_at": received_at, "body": body, **more}
    )


def records(*bodies: str, receives: int = 1, name: str = "heed-inbound.fifo") -> dict[str, Any]:
    attributes = {"SentTimestamp": "1", "ApproximateReceiveCount": str(receives), "MessageGroupId": "g"}
    source = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    return {
        "Records": [
            {"messageId": f"m{n}", "body": body, "eventSourceARN": source, "attributes": attributes}
            for n, body in enumerate(bodies)
        ]
    }


def post(path: str, body: bytes, **headers: str) -> str:
    with Client(app.app) as client:
        return str(client.http.post(path, headers={**TELEGRAM, **headers}, body=body).body)


class Loud:
    """Whatever is asked of it raises an error that quotes a customer, as libraries do."""

    def __init__(self, canary: Aviary) -> None:
        self._canary = canary

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*given: Any, **named: Any) -> Any:
            raise ConnectionError(f"could not {name} {self._canary()}: {given!r} {named!r}")

        return fail


def cases(parts: Parts) -> list[str]:
    return [ids.case_id(ids.contact_id(BRAND, "telegram", str(n)), 1) for n in range(1, PEOPLE + 1)]


def webhooks(parts: Parts, canary: Aviary) -> str:
    """Taken, refused, not JSON, unknown, and a queue that is away: what the network is told says nothing either."""
    door = "/hooks/telegram/harbor-telegram"
    answers = [post(door, json.dumps(update(canary)).encode())]
    answers.append(post(door, json.dumps(update(canary)).encode(), **{"X-Telegram-Bot-Api-Secret-Token": canary()}))
    answers.append(post(door, f"not json {canary()}".encode()))
    wired.edge = type(wired.edge)(parts.vault, Loud(canary), parts.archive, canary)
    answers.append(post(door, json.dumps(update(canary)).encode()))
    return "".join(answers)


def intakes(parts: Parts, canary: Aviary) -> str:
    """Understood, unknown, poison, and a store that is away until the last try: buried with a reason that is ours."""
    dead = queue(DEAD)
    for number in range(1, PEOPLE + 1):
        intake.intake(records(wire(update(canary, number))), Context())
    unknown = {"update_id": 9, canary(): {"text": canary()}}
    poison = {"update_id": 9, "message": {"message_id": canary(), "from": canary(), "text": [canary()]}}
    intake.intake(records(wire(unknown), wire(poison), f"not json {canary()}"), Context())
    store, wired.store = wired.store, Loud(canary)  # type: ignore[assignment]
    for receives in (1, RECEIVES):
        intake.intake(records(wire(update(canary, 99)), receives=receives), Context())
    wired.store = store
    buried = received(dead)
    assert buried
    return json.dumps([one["MessageAttributes"] for one in buried])


def commands(parts: Parts, canary: Aviary) -> str:
    """What agents write, and what they are refused."""
    bus = Bus(parts.store, config(), lambda name: PlainChannel())
    told = []
    for number, case_id in enumerate(cases(parts)):
        case = parts.store.case(BRAND, case_id)
        assert case
        thread = case.thread()
        assert thread
        who = (BRAND, case_id, "ana")
        wanted = [
            Take(f"t{number}", *who),
            AddNote(f"n{number}", *who, canary()),
            Answer(f"a{number}", *who, canary(), Mode.PRIVATE, thread.conversation_id),
            Answer(f"x{number}", *who, canary() * 900, Mode.PUBLIC, thread.conversation_id),
            Assign(f"g{number}", *who, canary(), canary()),
            Move(f"m{number}", *who, canary(), canary()),
            Dismiss(f"d{number}", BRAND, case_id, canary(), canary()),
        ]
        for command in wanted:
            try:
                bus(command, NOON)
            except Refusal as refusal:
                told.append(type(refusal).__name__)
    return "".join(told)


def deliveries(parts: Parts, canary: Aviary) -> str:
    """The network takes it, refuses it in the customer's words, gives no answer, or the worker crashes."""
    http = ScriptedHttp([NoAnswer(canary()), NoAnswer(canary()), ConnectionError(canary())])
    about = (parts.store, lambda name: PlainChannel(), parts.vault, http, canary, parts.clock)
    wired.delivery = Delivery(*about, lambda: wired.config)
    queue("heed-outbound-dead")
    for number in range(len(cases(parts))):
        order = json.dumps({"brand": BRAND, "reply_id": ids.reply_id(BRAND, f"a{number}")})
        for receives in (1, RECEIVES):
            delivery.delivery(records(order, receives=receives, name="heed-outbound"), Context())
    return ""


def desks(parts: Parts, canary: Aviary) -> str:
    """Slack shows it, refuses it, or is away."""
    slack = FakeSlack(NOON.timestamp())
    queue("heed-team-dead")
    for number, case_id in enumerate(cases(parts)):
        if number % 3 == 1:
            slack.fails("chat.postMessage", SlackRefused("invalid_blocks"))
        if number % 3 == 2:
            slack.fails("chat.postMessage", NoAnswer(canary()))
        wired.__dict__["slack_at"] = lambda *_: slack
        for event in parts.store.timeline(BRAND, case_id):
            news = json.dumps({"brand": BRAND, "case_id": case_id, "seq": event.seq})
            desk.desk(records(news, receives=RECEIVES, name="heed-team"), Context())
    return ""


def slacks(parts: Parts, canary: Aviary) -> str:
    """What people write in Slack: signed and not, sense and nonsense."""
    bodies = [
        json.dumps({"type": "event_callback", "team_id": canary(), "event": {"type": "message", "text": canary()}}),
        json.dumps({"type": canary(), "user": {"name": canary()}}),
        f"payload={json.dumps({'type': 'view_submission', 'user': {'id': canary()}, 'view': canary()})}",
        f"payload={canary()}",
    ]
    answers = []
    for body in bodies:
        for secret in ("slack-secret", canary()):
            at = str(int(NOON.timestamp()))
            mark = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), "sha256").hexdigest()
            headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mark}"}
            kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
            answers.append(post("/slack", body.encode(), **headers, **{"Content-Type": kind}))
    return "".join(answers)


def effects(parts: Parts, canary: Aviary) -> str:
    """The stream, the sweeps and the timers, with everything behind them away."""
    wired.effects = Loud(canary)
    images = [image_of(event) for one in cases(parts) for event in parts.store.timeline(BRAND, one)]
    stream = [
        {"eventID": str(n), "eventName": "INSERT", "dynamodb": {"NewImage": image, "SequenceNumber": str(n)}}
        for n, image in enumerate(images)
    ]
    for record in stream:
        record["eventSourceARN"] = "arn:aws:dynamodb:us-east-1:1:table/t/stream/s"
    publisher.publisher({"Records": stream}, Context())
    queue("heed-timers-dead")
    for one in cases(parts):
        wake = json.dumps({"brand": BRAND, "case_id": one, "revision": 0, "at": "2026-06-01T12:00:00.000Z"})
        clock.clock(records(wake, name="heed-timers"), Context())
    told = ""
    for sweep in (sweeps.sweeper, sweeps.auditor):
        try:
            sweep(TICK, Context())
        except ExceptionGroup as group:
            told += str(group)
    return told


def erasures(parts: Parts, canary: Aviary) -> str:
    """People go, and Meta asks for more, truly and not."""
    person = ids.contact_id(BRAND, "telegram", "1")
    asked = Erasure("code", BRAND, (person,), parts.clock(), "odo", "asked by mail")
    Eraser(parts.store, parts.archive, lambda: None, canary, parts.clock).carry_out(asked)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = post("/privacy/meta/harbor-facebook", f"signed_request={canary()}.{canary()}".encode(), **form)
    privacy.eraser(TICK, Context())
    return answer


FLOWS = (webhooks, intakes, commands, deliveries, desks, slacks, effects, erasures)


@pytest.mark.usefixtures("aws")
def test_no_canary_sings(parts: Parts, canary: Aviary, capfd: pytest.CaptureFixture[str]) -> None:
    sung = {flow.__name__: sorted(canary.heard(flow(parts, canary), *capfd.readouterr())) for flow in FLOWS}
    assert sung == {flow.__name__: [] for flow in FLOWS}
    assert canary.made >= AT_LEAST
    assert canary.log.getvalue()


def test_the_ears_are_good(canary: Aviary) -> None:
    """What is logged, raised or counted with a canary in it is heard."""
    try:
        raise ValueError(canary())
    except ValueError:
        logging.getLogger("elsewhere").exception("went wrong")
    logger().info(canary())
    canary.count("events", kind=canary())
    assert len(canary.heard()) == 3
