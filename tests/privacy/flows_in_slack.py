"""What is shown in Slack and done there, by agents and by whoever says that they are Slack; canaries in every field."""

import hmac
import json
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import urlencode

from chalicelib.channels.base import Response
from chalicelib.domain import bundling
from chalicelib.domain.bundling import Bundle
from chalicelib.domain.card import Card
from chalicelib.domain.case import Case
from chalicelib.domain.clock import ClockState
from chalicelib.domain.escalation import Way
from chalicelib.domain.reply import Mode, Reply
from chalicelib.domain.timeline import Fact
from chalicelib.handlers import desk, inbox, sweeps
from chalicelib.handlers.worker import RECEIVES
from chalicelib.service.ports import NoAnswer, SlackRefused
from chalicelib.slack import buttons, forms, modals
from chalicelib.wiring import wired
from tests.attacks.kit import ANA, APP, TEAM, signed
from tests.attacks.test_cross_brand import click, names, views, window
from tests.aws.conftest import queue
from tests.build import BRAND, MINUTE, NOON
from tests.fakes.ports import RecordingPager, ScriptedHttp
from tests.fakes.slack_api import FakeSlack
from tests.handlers.conftest import Parts
from tests.handlers.test_doors import TICK, Context
from tests.privacy.aviary import Aviary, away, buried, lambda_prints, refusal
from tests.privacy.flows import cases, delivering, order, post, records


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
    with away(canary):
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
        told += lambda_prints(partial(sweeps.herald, TICK, Context()))
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
        acts(canary, parts, click(ANA, action, f"{BRAND}/{case.id}", card.ts, number))
    about, fields = {"brand": BRAND, "case": case.id}, (modals.TEXT, *names(forms, ("",)))
    for callback, kind in product(views(), ("view_submission", "view_closed")):
        acts(canary, parts, window(ANA, kind, callback, about, {name: canary() for name in fields}))
    for number, text in enumerate((canary(), f"take {canary()}", f"reply {canary()}")):
        acts(canary, parts, note(text, card.ts, number))
    slack.fails("views.open", NoAnswer(canary()))
    acts(canary, parts, click(ANA, buttons.REPLY, f"{BRAND}/{case.id}", card.ts, 99))
    facts = {event.fact for event in parts.store.timeline(BRAND, case.id, 1000) if event.seq > before}
    assert Fact.NOTE_ADDED in facts
    with away(canary):
        acts(canary, parts, note(canary(), card.ts, 98), RECEIVES)
    return buried("heed-slack-dead.fifo")


def acts(canary: Aviary, parts: Parts, done: dict[str, Any], receives: int = 1) -> None:
    """Somebody does that in Slack, which signs it; the worker is given what came of it."""
    event = done["type"] == "event_callback"
    body = json.dumps(done) if event else urlencode({"payload": json.dumps(done)})
    kind = "application/json" if event else "application/x-www-form-urlencoded"
    post(canary, "/slack", body.encode(), **signed(body.encode(), parts.clock()), **{"Content-Type": kind})
    while parts.errands.waiting:
        inbox.inbox(records(parts.errands.waiting.pop(0), receives=receives, name="heed-slack.fifo"), Context())


def note(text: str, root: str, number: int) -> dict[str, Any]:
    """Words in the thread of a card."""
    event = {"type": "message", "channel": "C0MESSAGES", "user": ANA, "text": text, "thread_ts": root}
    stamped = {**event, "ts": f"1780315300.{number:06d}", "team": TEAM}
    return {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": f"E{number}", "event": stamped}


FILES = {"F1": "application/pdf", "F2": "application/pdf", "F3": "application/x-canary", "F4": "application/pdf"}


def files(parts: Parts, canary: Aviary) -> str:
    """An agent sends files: the customer's network takes one; Slack, the network and the archive do not take others."""
    slack = office(parts)
    case = next(one for one in everybodys(parts) if one.id == cases(parts)[0])
    [thread] = case.threads.values()
    where = f"{Mode.PRIVATE.value}:{thread.conversation_id}:{thread.channel}"
    for number, (id, kind) in enumerate(FILES.items()):
        slack.files[id] = (f"{canary()}.pdf", canary().encode(), kind)
        sent = window(ANA, "view_submission", modals.REPLY_VIEW, {"brand": BRAND, "case": case.id}, {})
        values = {modals.TEXT: {"x": {"value": canary()}}, modals.WHERE: {"x": {"value": where}}}
        sent["view"] |= {
            "id": f"VF{number}",
            "state": {"values": values | {modals.FILE: {"x": {"files": [{"id": id}]}}}},
        }
        if id == "F2":
            slack.fails("read", NoAnswer(canary()))
        with away(canary, "archive") if id == "F4" else nullcontext():
            acts(canary, parts, sent, RECEIVES)
    kept = [key for key in parts.archive.kept if key.startswith("files/")]
    assert len(kept) == 1 and "Canary" in kept[0]
    sends(parts, canary, case)
    return buried("heed-slack-dead.fifo")


def sends(parts: Parts, canary: Aviary, case: Case) -> None:
    """The words go, and then the file, about which the network says what it says."""
    taken = json.dumps({"ok": True, "result": {"message_id": 77, "chat": {"id": 1, "title": canary()}}}).encode()
    http = ScriptedHttp([Response(200, {}, taken), refusal(canary, 400)])
    wired.delivery = delivering(parts, canary, http)
    for _ in range(2):
        for reply in [one for one in parts.store._rows.values() if isinstance(one, Reply) and one.case_id == case.id]:
            order(reply.id, "reply_id")
    assert b"files/" in (http.asked[-1].body or b"")


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
            answers.append(post(canary, "/slack", body.encode(), **headers, **{"Content-Type": kind}))
    return "".join(answers)
