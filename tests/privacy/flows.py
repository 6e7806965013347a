"""What comes from the networks and goes to them, and what is done about it meanwhile; canaries in every field."""

import json
from functools import partial
from itertools import count
from typing import Any

from chalice.test import Client

import app
from chalicelib import channels
from chalicelib.domain import ids
from chalicelib.domain.commands import Act, AddNote, Answer, Assign, Dismiss, Moderate, Move, Take
from chalicelib.domain.errors import Refusal
from chalicelib.domain.privacy import Erasure
from chalicelib.domain.reply import Mode
from chalicelib.domain.timeline import Fact
from chalicelib.handlers import clock, delivery, intake, privacy, publisher, sweeps
from chalicelib.handlers.worker import RECEIVES
from chalicelib.service.bus import Bus
from chalicelib.service.delivery import Delivery
from chalicelib.service.edge import Edge
from chalicelib.service.ports import NoAnswer
from chalicelib.service.privacy import Eraser, request
from chalicelib.storage.codec import image_of
from chalicelib.wiring import wired
from infra.doubles.networks.people import KINDS, Event, Person, WebhookRequest, build
from tests.attacks.kit import HARBOR, accounts
from tests.aws.conftest import queue
from tests.build import BRAND, NOON, config
from tests.fakes.ports import ScriptedHttp
from tests.handlers.conftest import Parts
from tests.handlers.test_doors import TICK, Context
from tests.privacy.aviary import Aviary, Loud, away, buried, lambda_prints, refusal

PEOPLE = 12
TELEGRAM = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": "tg-secret"}
DEAD = "heed-inbound-dead.fifo"
NUMBERS = count()
PROOFS = ("signature", "signature-256", "token")


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
            {"messageId": f"m{next(NUMBERS)}", "body": body, "eventSourceARN": source, "attributes": attributes}
            for body in bodies
        ]
    }


def post(canary: Aviary, path: str, body: bytes, **headers: str) -> str:
    """What the caller is told. By what they prove who they are, nobody else hears."""
    given = {**TELEGRAM, **headers}
    canary.hides(*(one for name, one in given.items() if name.casefold().endswith(PROOFS)))
    with Client(app.app) as client:
        return str(client.http.post(path, headers=given, body=body).body)


def cases(parts: Parts) -> list[str]:
    return [ids.case_id(ids.contact_id(BRAND, "telegram", str(n)), 1) for n in range(1, PEOPLE + 1)]


def post_sent(canary: Aviary, sent: WebhookRequest) -> str:
    return post(canary, f"/hooks/{sent.path}", sent.body, **{"X-Telegram-Bot-Api-Secret-Token": "", **sent.headers})


def webhooks(parts: Parts, canary: Aviary) -> str:
    """Taken, refused, not JSON, and a queue or a vault that is away: what the network is told says nothing either."""
    door = "/hooks/telegram/harbor-telegram"
    answers = [post(canary, door, json.dumps(update(canary)).encode())]
    answers.append(
        post(canary, door, json.dumps(update(canary)).encode(), **{"X-Telegram-Bot-Api-Secret-Token": canary()})
    )
    answers.append(post(canary, door, f"not json {canary()}".encode()))
    for vault, queue_ in ((parts.vault, Loud(canary)), (Loud(canary), parts.fragments)):
        edge, wired.edge = wired.edge, Edge(vault, queue_, parts.archive, canary)
        answers.append(post(canary, door, json.dumps(update(canary)).encode()))
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
    with away(canary):
        for receives in (1, RECEIVES):
            intake.intake(records(wire(update(canary, 99)), receives=receives), Context())
    return buried(DEAD)


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
    wired.delivery = delivering(parts, canary, http)
    queue("heed-outbound-dead")
    replies = [ids.reply_id(BRAND, f"a{number}") for number in range(len(cases(parts)))]
    for reply_id in replies:
        order(reply_id, "reply_id")
    assert len(http.asked) > len(answers)
    canary.hides(*(one.url for one in http.asked))
    wired.delivery = delivering(parts, canary, Loud(canary))
    order(replies[-1], "reply_id")
    wired.delivery = Loud(canary)  # type: ignore[assignment]
    order("r", "reply_id")
    return buried("heed-outbound-dead")


def delivering(parts: Parts, canary: Aviary, http: Any) -> Delivery:
    about = (parts.store, channels.load, parts.vault, http, canary, parts.clock)
    return Delivery(*about, lambda: wired.config, parts.archive)


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
            post_sent(canary, build(known, event))
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
        post_sent(canary, build(known, Event("comment", person, f"880_77{number}", NOON, canary(), thread="880_1")))
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
    with away(canary):
        order(queued[0], "action_id")
    return buried("heed-outbound-dead")


def effects(parts: Parts, canary: Aviary) -> str:
    """The stream, the sweeps and the timers, with everything behind them away."""
    images = [image_of(event) for one in cases(parts) for event in parts.store.timeline(BRAND, one)]
    stream = [
        {"eventID": str(n), "eventName": "INSERT", "dynamodb": {"NewImage": image, "SequenceNumber": str(n)}}
        for n, image in enumerate(images)
    ]
    for record in stream:
        record["eventSourceARN"] = "arn:aws:dynamodb:us-east-1:1:table/t/stream/s"
    with away(canary, "effects"):
        publisher.publisher({"Records": stream}, Context())
        swept = rounds()
    queue("heed-timers-dead")
    for one in cases(parts):
        wake = json.dumps({"brand": BRAND, "case_id": one, "revision": 0, "at": "2026-06-01T12:00:00.000Z"})
        clock.clock(records(wake, name="heed-timers"), Context())
    with away(canary):
        clock.clock(records(wake, receives=RECEIVES, name="heed-timers"), Context())
    return buried("heed-timers-dead") + swept


def rounds() -> str:
    """Whatever comes by of itself comes by; an error that escapes is logged by Lambda."""
    functions = (sweeps.sweeper, sweeps.auditor, sweeps.herald, privacy.eraser)
    return "".join(lambda_prints(partial(function, TICK, Context())) for function in functions)


def outages(parts: Parts, canary: Aviary) -> str:
    """One part after the other is away when they come by, and somebody waits to be erased."""
    person = ids.contact_id(BRAND, "telegram", "2")
    request(parts.archive, Erasure("code2", BRAND, (person,), parts.clock(), "odo", "asked by mail"))
    told = {}
    for part in ("store", "archive", "reapply"):
        with away(canary, part):
            told[part] = rounds()
    assert [one.count("[ERROR]") for one in told.values()] == [4, 1, 1]
    assert rounds() == ""
    return "".join(told.values())


def erasures(parts: Parts, canary: Aviary) -> str:
    """People go, and Meta asks for more, truly and not."""
    person = ids.contact_id(BRAND, "telegram", "1")
    asked = Erasure("code", BRAND, (person,), parts.clock(), "odo", "asked by mail")
    Eraser(parts.store, parts.archive, lambda: None, canary, parts.clock).carry_out(asked)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = post(canary, "/privacy/meta/harbor-facebook", f"signed_request={canary()}.{canary()}".encode(), **form)
    return answer + rounds()
