"""200 canaries, one in every place where a person's data can stand, sent through every flow: logs know none of them."""

import hmac
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

import app
from chalicelib import channels
from chalicelib.channels.base import Credentials
from chalicelib.domain import bundling, ids
from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card
from chalicelib.domain.case import Case
from chalicelib.domain.clock import ClockState
from chalicelib.domain.commands import Act, AddNote, Answer, Assign, Dismiss, Moderate, Move, Take
from chalicelib.domain.errors import Refusal
from chalicelib.domain.escalation import Way
from chalicelib.domain.privacy import Erasure
from chalicelib.domain.reply import Mode
from chalicelib.domain.timeline import Fact
from chalicelib.handlers import clock, delivery, desk, inbox, intake, privacy, publisher, sweeps
from chalicelib.handlers.worker import RECEIVES, logger
from chalicelib.service.bus import Bus
from chalicelib.service.delivery import Delivery
from chalicelib.service.ports import NoAnswer, SlackRefused
from chalicelib.service.privacy import Eraser
from chalicelib.slack import buttons, forms, modals
from chalicelib.storage.codec import image_of
from chalicelib.wiring import wired
from infra.doubles.networks.people import KINDS, Event, Person, WebhookRequest, build
from tests.attacks.kit import ANA, APP, HARBOR, TEAM, accounts, signed, stand
from tests.attacks.test_cross_brand import click, names, views, window
from tests.aws.conftest import aws, queue
from tests.build import BRAND, MINUTE, NOON, config
from tests.fakes.ports import RecordingPager, ScriptedHttp
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts, parts
from tests.handlers.test_doors import TICK, Context
from tests.privacy.aviary import Aviary, Loud, buried, refusal

__all__ = ["aws", "parts"]

AT_LEAST = 200
PEOPLE = 12
TELEGRAM = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": "tg-secret"}
DEAD = "heed-inbound-dead.fifo"


@pytest.fixture
def canary(parts: Parts) -> Iterator[Aviary]:
    """Everything that is logged from INFO on, with tracebacks; everything printed; every metric."""
    aviary = Aviary()
    stand(parts, Client(app.app))
    parts.vault.hooks["telegram", "harbor-telegram"] = Credentials(secrets=("tg-secret",), token="1:t")
    handler = logging.StreamHandler(aviary.log)
    loggers = [logging.getLogger(), logging.getLogger(logger().name), app.app.log]
    before = [one.level for one in loggers]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.INFO)
    wired.meter = aviary
    wired.edge = type(wired.edge)(parts.vault, parts.fragments, parts.archive, aviary)
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


def cases(parts: Parts) -> list[str]:
    return [ids.case_id(ids.contact_id(BRAND, "telegram", str(n)), 1) for n in range(1, PEOPLE + 1)]


def post_sent(sent: WebhookRequest) -> str:
    return post(f"/hooks/{sent.path}", sent.body, **{"X-Telegram-Bot-Api-Secret-Token": "", **sent.headers})


def webhooks(parts: Parts, canary: Aviary) -> str:
    """Taken, refused, not JSON, unknown, and a queue that is away: what the network is told says nothing either."""
    door = "/hooks/telegram/harbor-telegram"
    answers = [post(door, json.dumps(update(canary)).encode())]
    answers.append(post(door, json.dumps(update(canary)).encode(), **{"X-Telegram-Bot-Api-Secret-Token": canary()}))
    answers.append(post(door, f"not json {canary()}".encode()))
    edge, wired.edge = wired.edge, type(wired.edge)(parts.vault, Loud(canary), parts.archive, canary)
    answers.append(post(door, json.dumps(update(canary)).encode()))
    wired.edge = edge
    return "".join(answers)


def intakes(parts: Parts, canary: Aviary) -> str:
    """Understood, unknown, poison, and a store that is away until the last try: buried with a reason that is ours."""
    queue(DEAD)
    for number in range(1, PEOPLE + 1):
        intake.intake(records(wire(update(canary, number))), Context())
    unknown = {"update_id": 9, canary(): {"text": canary()}}
    poison = {"update_id": 9, "message": {"message_id": canary(), "from": canary(), "text": [canary()]}}
    intake.intake(records(wire(unknown), wire(poison), f"not json {canary()}"), Context())
    with table_away(canary):
        for receives in (1, RECEIVES):
            intake.intake(records(wire(update(canary, 99)), receives=receives), Context())
    return buried(DEAD)


@contextmanager
def table_away(canary: Aviary) -> Iterator[None]:
    store, wired.store = wired.store, Loud(canary)  # type: ignore[assignment]
    yield
    wired.store = store


def commands(parts: Parts, canary: Aviary) -> str:
    """What agents write, and what they are refused."""
    bus = Bus(parts.store, config(), channels.load)
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
    answers = [refusal(canary, status) for status in (400, 403, 404, 429, 500, 200)]
    http = ScriptedHttp([NoAnswer(canary()), *answers, NoAnswer(canary()), ConnectionError(canary())])
    about = (parts.store, channels.load, parts.vault, http, canary, parts.clock)
    wired.delivery = Delivery(*about, lambda: wired.config, parts.archive)
    queue("heed-outbound-dead")
    for number in range(len(cases(parts))):
        order(ids.reply_id(BRAND, f"a{number}"), "reply_id")
    assert len(http.asked) > len(answers)
    wired.delivery = Loud(canary)  # type: ignore[assignment]
    order("r", "reply_id")
    return buried("heed-outbound-dead")


def order(subject: str, name: str) -> None:
    """Delivery is asked, and asked for the last time."""
    body = json.dumps({"brand": BRAND, name: subject})
    for receives in (1, RECEIVES):
        delivery.delivery(records(body, receives=receives, name="heed-outbound"), Context())


def networks(parts: Parts, canary: Aviary) -> str:
    """All that each network can tell of a person, through its door and through intake."""
    for network, known in accounts(HARBOR).items():
        for number, kind in enumerate(sorted(KINDS[network])):
            person = Person(f"88{number:04d}", canary(), canary(), canary())
            event = Event(kind, person, f"99{number:04d}", NOON, canary(), parent="880", thread="880_1")
            post_sent(build(known, event))
    bodies = [body for _, _, body in parts.fragments.sent]
    parts.fragments.sent.clear()
    assert len(bodies) >= len(accounts(HARBOR))
    queue(DEAD)
    intake.intake(records(*bodies), Context())
    return buried(DEAD)


def moderations(parts: Parts, canary: Aviary) -> str:
    """A comment is hidden and deleted, for reasons that quote it; the network takes it, refuses it, or is away."""
    known, queued = accounts(HARBOR)["facebook"], []
    for number in range(4):
        person = Person(f"77{number}", canary(), canary())
        post_sent(build(known, Event("comment", person, f"880_77{number}", NOON, canary(), thread="880_1")))
        intake.intake(records(*(body for _, _, body in parts.fragments.sent)), Context())
        parts.fragments.sent.clear()
        case_id = ids.case_id(ids.contact_id(BRAND, "facebook", person.id), 1)
        case = parts.store.case(BRAND, case_id)
        assert case and case.last_message_id
        act = Act.HIDE if number % 2 else Act.DELETE
        wired.bus(Moderate(f"o{number}", BRAND, case_id, "ana", case.last_message_id, act, canary()), NOON)
        told = parts.store.timeline(BRAND, case_id)
        queued += [event.data["action_id"] for event in told if event.fact is Fact.ACT_QUEUED]
    http = ScriptedHttp([refusal(canary, 400), NoAnswer(canary()), ConnectionError(canary())])
    wired.__dict__["http"] = http
    for action_id in queued:
        order(action_id, "action_id")
    assert len(queued) == 4 and http.asked
    with table_away(canary):
        order(queued[0], "action_id")
    return buried("heed-outbound-dead")


def desks(parts: Parts, canary: Aviary) -> str:
    """Slack shows it, refuses it, or is away."""
    slack = office(parts)
    queue("heed-team-dead")
    for number, case in enumerate(everybodys(parts)):
        if number % 3 == 1:
            slack.fails("chat.postMessage", SlackRefused("invalid_blocks"))
        if number % 3 == 2:
            slack.fails("chat.postMessage", NoAnswer(canary()))
        for event in parts.store.timeline(BRAND, case.id):
            news = json.dumps({"brand": BRAND, "case_id": case.id, "seq": event.seq})
            desk.desk(records(news, receives=RECEIVES, name="heed-team"), Context())
    assert any("Canary" in json.dumps(one) for one in slack.messages.values())
    with table_away(canary):
        desk.desk(records(news, receives=RECEIVES, name="heed-team"), Context())
    return buried("heed-team-dead")


def office(parts: Parts) -> FakeSlack:
    """The workspace, as it will be whenever it is asked for."""
    slack = FakeSlack(parts.clock().timestamp(), app=APP)
    wired._slack["slack"] = ("xoxb-test", slack)
    wired.__dict__["answers"] = slack
    slack.knows(wired.config.agents.values())
    return slack


def everybodys(parts: Parts) -> list[Case]:
    return [row for row in parts.store._rows.values() if isinstance(row, Case) and row.brand == BRAND]


def heralds(parts: Parts, canary: Aviary) -> str:
    """Chains call, summaries name people; to Slack and to telephones, that take it, refuse it, or are away."""
    told = ""
    for number, (way, error) in enumerate(product(Way, (None, SlackRefused("invalid_auth"), NoAnswer(canary())))):
        slack = office(parts)
        wired.__dict__["pager"] = RecordingPager(error=error and ConnectionError(canary()))
        if error:
            slack.fails("chat.postMessage", error)
        for case in everybodys(parts)[:3]:
            warned = (replace(one, state=ClockState.RUNNING, warned_at=NOON) for one in case.clocks)
            seen = replace(case, clocks=tuple(warned))
            bundle = Bundle(BRAND, case.queue, way, NOON, "U0ANA", what=Fact.CLOCK_WARNED.value)
            gathered = replace(bundling.gathered(bundle, case.id, None, NOON), version=_version(parts, bundle))
            parts.store.commit(gathered, seen)
        parts.clock.pass_by(MINUTE)
        told += swept(sweeps.herald)
        assert error or number or canary.counts
    return told


def _version(parts: Parts, bundle: Bundle) -> int:
    known = parts.store.bundle(bundle.brand, bundle.queue, bundle.way, bundle.target, bundle.what)
    return known.version if known else 0


def presses(parts: Parts, canary: Aviary) -> str:
    """Genuine buttons, windows, notes and orders of an agent, with customers' words in every field."""
    slack = office(parts)
    queue("heed-slack-dead.fifo")
    card = next(row for row in parts.store._rows.values() if isinstance(row, Card))
    case = parts.store.case(BRAND, card.case_id)
    assert case
    before = case.seq
    for number, action in enumerate(names(buttons)):
        acts(parts, click(ANA, action, f"{BRAND}/{case.id}", card.ts, number))
    about, fields = {"brand": BRAND, "case": case.id}, (modals.TEXT, *names(forms, ("",)))
    for callback, kind in product(views(), ("view_submission", "view_closed")):
        acts(parts, window(ANA, kind, callback, about, {name: canary() for name in fields}))
    for number, text in enumerate((canary(), f"take {canary()}", f"reply {canary()}")):
        acts(parts, note(text, card.ts, number))
    slack.fails("views.open", NoAnswer(canary()))
    acts(parts, click(ANA, buttons.REPLY, f"{BRAND}/{case.id}", card.ts, 99))
    facts = {event.fact for event in parts.store.timeline(BRAND, case.id, 1000) if event.seq > before}
    assert Fact.NOTE_ADDED in facts
    with table_away(canary):
        acts(parts, note(canary(), card.ts, 98), RECEIVES)
    return buried("heed-slack-dead.fifo")


def acts(parts: Parts, done: dict[str, Any], receives: int = 1) -> None:
    """Somebody does that in Slack, which signs it; the worker is given what came of it."""
    event = done["type"] == "event_callback"
    body = json.dumps(done) if event else urlencode({"payload": json.dumps(done)})
    kind = "application/json" if event else "application/x-www-form-urlencoded"
    post("/slack", body.encode(), **signed(body.encode(), parts.clock()), **{"Content-Type": kind})
    while parts.errands.waiting:
        inbox.inbox(records(parts.errands.waiting.pop(0), receives=receives, name="heed-slack.fifo"), Context())


def note(text: str, root: str, number: int) -> dict[str, Any]:
    """Words in the thread of a card."""
    event = {"type": "message", "channel": "C0MESSAGES", "user": ANA, "text": text, "thread_ts": root}
    stamped = {**event, "ts": f"1780315300.{number:06d}", "team": TEAM}
    return {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": f"E{number}", "event": stamped}


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
    with table_away(canary):
        clock.clock(records(wake, receives=RECEIVES, name="heed-timers"), Context())
    return buried("heed-timers-dead") + "".join(swept(sweep) for sweep in (sweeps.sweeper, sweeps.auditor))


def swept(sweep: Callable[..., Any]) -> str:
    """What a sweep that fails says."""
    try:
        sweep(TICK, Context())
    except ExceptionGroup as group:
        return str(group)
    return ""


def erasures(parts: Parts, canary: Aviary) -> str:
    """People go, and Meta asks for more, truly and not."""
    person = ids.contact_id(BRAND, "telegram", "1")
    asked = Erasure("code", BRAND, (person,), parts.clock(), "odo", "asked by mail")
    Eraser(parts.store, parts.archive, lambda: None, canary, parts.clock).carry_out(asked)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = post("/privacy/meta/harbor-facebook", f"signed_request={canary()}.{canary()}".encode(), **form)
    privacy.eraser(TICK, Context())
    return answer


FLOWS = (
    *(webhooks, networks, intakes, commands, deliveries, moderations),
    *(desks, heralds, slacks, presses, effects, erasures),
)


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
