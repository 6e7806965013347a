"""Whatever somebody of one brand makes up: at every door of Slack, and in every job of a queue, they get nothing of the
other brand, though both have a case, a customer, a message and an answer of the same numbers."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from random import Random
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.card import Card, CardPlace, Post
from chalicelib.domain.errors import Later, Refusal
from chalicelib.handlers import clock, delivery, desk, intake
from chalicelib.slack import buttons, verbs
from tests.attacks.kit import ANA, EVE, HARBOR, NETWORKS, RIVAL, Stand, accounts, dice, message, orders, signed
from tests.attacks.test_cross_brand import CANARY, PART, Scene, click, in_window, names, told_by_slack, values, views
from tests.attacks.test_cross_brand import _common as common
from tests.attacks.test_cross_brand import window as sent
from tests.attacks.test_mass_assignment_in_slack import FIELDS, undone

FEW, MANY = 400, 5_000
TOGETHER = 40
"""So many requests build on each other; after them everything is as it was."""


def disguised(node: Any) -> Any:
    """The same row of the other brand, under the same numbers, about somebody who is called otherwise."""
    if type(node) is str:
        return {HARBOR: RIVAL}.get(node, node.replace(CANARY, "Rita").replace(CANARY.lower(), "rita"))
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{one.name: disguised(getattr(node, one.name)) for one in fields(node) if one.init})
    if isinstance(node, Mapping):
        return {key: disguised(one) for key, one in node.items()}
    return tuple(map(disguised, node)) if isinstance(node, tuple) else node


class Twins(Scene):
    """The scene, and of every row of harbor's one of the rival's with the same numbers."""

    def __init__(self, heed: Stand) -> None:
        super().__init__(heed)
        for row in (one for one in self.before.values() if not isinstance(one, Card | CardPlace | Post)):
            twin = disguised(row)
            heed.parts.store.commit(replace(twin, version=0) if hasattr(twin, "version") else twin)
        self.case_ids = (self.theirs.id, self.ours.id, f"{self.theirs.id}0", "", "x", "../x", "`x`")
        self.subjects = ("", self.reply_id, self.message_id, "60", "x")
        self.fields = values(self)

    def brand(self, random: Random) -> str:
        return random.choice((HARBOR, HARBOR, RIVAL, RIVAL, "Harbor", "harbor ", "", "rival#contact", "harbor/rival"))

    def about(self, random: Random) -> dict[str, str]:
        known = {"brand": self.brand(random), "case": random.choice(self.case_ids)}
        more = {"reply": random.choice(self.subjects), "at": f"C0MESSAGES/{self.root}", "turn": "1", "before": "x"}
        return {**known, **{name: one for name, one in more.items() if random.random() < 0.5}}


Door = Callable[[Twins, Random, str], Any]


def _presses(twins: Twins, random: Random, user: str) -> Any:
    value = "/".join((twins.brand(random), random.choice(twins.case_ids), random.choice(twins.subjects)))
    action, number = random.choice(names(buttons)), random.randrange(10**6)
    if random.random() < 0.5:
        return twins.heed.presses(click(user, action, value, twins.root, number))
    return twins.heed.presses(in_window(user, action, value, twins.about(random), number))


def _sends(twins: Twins, random: Random, user: str) -> Any:
    chosen = {name: random.choice([*twins.fields.values(), *twins.case_ids, ANA]) for name in FIELDS}
    kept = {name: one for name, one in {**chosen, **twins.fields}.items() if random.random() < 0.8}
    kind = random.choice(("view_submission", "view_submission", "view_closed"))
    return twins.heed.presses(sent(user, kind, random.choice(views()), twins.about(random), kept))


def _orders(twins: Twins, random: Random, user: str) -> Any:
    link = f"https://acme.slack.com/archives/C0MESSAGES/p{twins.root.replace('.', '')}"
    about = random.choice((*twins.case_ids, link, f"<{link}|x>", PART, "a", "%", f"@{PART}", twins.message_id))
    verb = random.choice((*verbs.ORDERS, "show", "find", "case", "mine", "report", "next", "on-call", ""))
    return orders(twins.heed, user, f"{verb} {about} {random.randrange(10**6)}"[: random.randrange(3, 200)])


def _tells(twins: Twins, random: Random, user: str) -> Any:
    stamp = f"1780315300.{random.randrange(10**6):06d}"
    text = random.choice(("A note", f"<@U0BOT> {random.choice(tuple(verbs.ORDERS))}", f"<@U0BOT> find {PART}"))
    where = {"channel": random.choice(("C0MESSAGES", "C0RIVALS")), "thread_ts": twins.root, "ts": stamp, "text": text}
    words = {"type": "message", "user": user, **where}
    told = random.choice(
        (
            words,
            {**words, "type": "app_mention"},
            {key: one for key, one in words.items() if key != "thread_ts"} | {"type": "app_mention"},
            {"type": "message", "subtype": "message_changed", **where, "message": words, "previous_message": {}},
            {"type": "message", "subtype": "message_deleted", **where, "previous_message": words},
            {"type": "app_home_opened", "tab": "home", "channel": "D1", "ts": stamp},
        )
    )
    body = told_by_slack(user, told)
    return twins.heed.slacks(signed(body), body)


def _shortcuts(twins: Twins, random: Random, user: str) -> Any:
    post = random.choice(("line", "card", "1", "2", "99"))
    about = {"ts": twins.root, "text": "x", "metadata": {"event_payload": {"post": post}}}
    about |= {"thread_ts": twins.root} if random.random() < 0.7 else {}
    where = {"channel": {"id": random.choice(("C0MESSAGES", "C0RIVALS"))}, "message_ts": twins.root, "message": about}
    callback = random.choice(("reply_to_this", "add_to_case"))
    return twins.heed.presses({**common("message_action", user), "callback_id": callback, **where})


def _jobs(twins: Twins, random: Random, user: str) -> Any:
    """What lies in a queue under the rival's name, whoever put it there."""
    case = {"brand": RIVAL, "case_id": random.choice(twins.case_ids[:3])}
    with suppress(Later, Refusal):
        random.choice(
            (
                lambda: clock.ring({**case, "revision": random.randrange(3), "at": "2026-06-01T12:00:00Z"}),
                lambda: clock.ring({**case, "breach": random.randrange(9)}),
                lambda: delivery.send({"brand": RIVAL, "reply_id": random.choice(twins.subjects[1:])}),
                lambda: delivery.send({"brand": RIVAL, "action_id": ids.action_id(HARBOR, "x")}),
                lambda: desk.tell({**case, "seq": random.randrange(9)}),
                lambda: _fragment(random),
                twins.heed.show,
            )
        )()


def _fragment(random: Random) -> None:
    """A webhook that came for the rival's account and speaks of harbor's."""
    network = random.choice(NETWORKS)
    told = json.loads(message(network, "Hello", id=str(random.randrange(10**6))).body)
    hook = accounts(RIVAL)[network].key
    intake.take({"channel": network, "hook": hook, "received_at": "2026-06-01T12:00:00Z", "body": told})


def _anything(twins: Twins, random: Random, user: str) -> Any:
    return random.choice([_presses, _sends, _orders, _tells, _shortcuts, _jobs])(twins, random, user)


DOORS: Mapping[str, Door] = {
    "buttons": _presses,
    "windows": _sends,
    "commands": _orders,
    "events": _tells,
    "shortcuts": _shortcuts,
    "jobs": _jobs,
    "all of them": _anything,
}


def requests(twins: Twins, name: str, user: str, count: int) -> Iterator[str]:
    """So many at that door; what they build on is given anew now and then."""
    random = dice(f"{name}:{user}")
    for _ in range(0, count, TOGETHER):
        with undone(twins.heed):
            for _ in range(TOGETHER):
                answer = DOORS[name](twins, random, user)
                yield answer.body.decode() if answer else ""
                twins.heed.slack.calls.clear()
                twins.heed.slack.ephemeral.clear()


def _nothing_comes(heed: Stand, name: str, count: int, figure: Any) -> None:
    twins = Twins(heed)
    looked = [twins.unharmed(answer) for answer in requests(twins, name, EVE, count)]
    figure("foreign", f"{name}: {len(looked):,} made-up requests, 0 of {sum(looked):,} bytes were theirs")


@pytest.mark.parametrize("name", DOORS)
def test_nothing_of_another_brand_comes_out(heed: Stand, name: str, figure: Any) -> None:
    _nothing_comes(heed, name, FEW, figure)


@pytest.mark.slow
@pytest.mark.parametrize("name", DOORS)
def test_nothing_of_another_brand_comes_out_by_the_thousand(heed: Stand, name: str, figure: Any) -> None:
    _nothing_comes(heed, name, MANY, figure)


@pytest.mark.parametrize("name", ["buttons", "windows", "commands", "events", "shortcuts"])
def test_the_same_requests_of_somebody_of_the_brand_do_something(heed: Stand, name: str) -> None:
    """Were they all refused for what they look like, nothing above could fail."""
    twins = Twins(heed)
    harmed = 0
    for answer in requests(twins, name, ANA, TOGETHER):
        with suppress(AssertionError):
            twins.unharmed(answer)
            continue
        harmed += 1
    assert harmed
