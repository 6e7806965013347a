"""The networks: they take replies well or badly, send webhooks until we accept them, and repeat what was said to us."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.channels.base import Inbound, Request, Response
from chalicelib.service.ports import NoAnswer, NotSent
from tests.simulation.languages import KEYS, Json, Language, Said
from tests.simulation.scheduler import moment

if TYPE_CHECKING:
    from tests.simulation.world import World

RESEND = 60


@dataclass(slots=True, eq=False)
class Hook:
    """One webhook on its way: ``what`` names the truth it tells."""

    language: Language
    body: Json
    what: tuple[str, ...]
    accepted: int = 0
    refused: int = 0


@dataclass
class Network:
    """``said`` is what the customers see of us, in the order in which it came to stand there."""

    world: "World"
    hooks: list[Hook] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    elsewhere: int = 0
    bounced: set[str] = field(default_factory=set)
    _ids: int = 0

    # -- webhooks -------------------------------------------------------------------------------------------------

    def tell(self, language: Language, body: Json, *what: str, slow: int = 3) -> None:
        hook = Hook(language, body, what)
        self.hooks.append(hook)
        faults, scheduler = self.world.faults, self.world.scheduler
        scheduler.between(0, 300 if faults.fires("webhook overtaken") else slow, lambda: self._post(hook))
        if faults.fires("webhook repeated"):
            scheduler.between(0, 900, lambda: self._post(hook))

    def _post(self, hook: Hook) -> None:
        """Sent again until there was a 200, as every network does for hours."""
        world, language = self.world, hook.language
        body = json.dumps(hook.body).encode()
        request = Inbound("POST", language.signed(body, moment(world.scheduler.now)), {}, body)
        status: list[int] = []
        world.run("edge", lambda: status.append(world.receive(language, request)))
        if status == [200]:
            hook.accepted += 1
            return
        hook.refused += 1
        world.scheduler.after(RESEND, lambda: self._post(hook))

    # -- the port -------------------------------------------------------------------------------------------------

    def send(self, request: Request, timeout: timedelta) -> Response:
        """One request. Which network it is for, its URL tells."""
        language = KEYS[_channel(request)]
        faults, scheduler = self.world.faults, self.world.scheduler
        scheduler.now += 1
        for fault, act in _FAULTS.items():
            if faults.fires(f"network {fault}"):
                return act(self, language, request)
        return self._act(language, request)

    def _act(self, language: Language, request: Request) -> Response:
        if request.method == "GET":
            return language.found(request, self.said)
        reply_id, customer, text = language.sent(request)
        known = next((one for one in self.said if one.reply_id == reply_id), None)
        if known is not None and language.keeps_our_id:
            return language.accepted(known)
        native_id = reply_id if language.keeps_our_id else self.fresh("out")
        said = Said(native_id, customer, text, self.at, reply_id)
        self.said.append(said)
        self._news(language, said)
        return language.accepted(said)

    def _news(self, language: Language, said: Said) -> None:
        if language.echoes and not self.world.faults.fires("echo missing"):
            self.tell(language, language.echo(said), "echo", said.id)
        late = language.fails_late and self.world.faults.fires("fails late")
        if late:
            self.bounced.add(said.reply_id or "")
        if late or not self.world.faults.fires("receipt missing"):
            self.tell(language, language.receipt(said, "failed" if late else "delivered"), "receipt", said.id, slow=90)

    def colleague(self, language: Language, customer: str) -> None:
        """Somebody of ours answers in the network's own app."""
        said = Said(self.fresh("else"), customer, f"A colleague says {self._ids}", self.at)
        self.elsewhere += 1
        self.tell(language, language.echo(said), "colleague", said.id)

    def fresh(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}-{self._ids}"

    @property
    def at(self) -> datetime:
        """The network's own clock."""
        return moment(self.world.scheduler.now + self.world.network_skew)

    # -- how it fails ---------------------------------------------------------------------------------------------

    def _unreachable(self, language: Language, request: Request) -> Response:
        raise NotSent

    def _busy(self, language: Language, request: Request) -> Response:
        return Response(429, {"retry-after": "30"}, b"")

    def _refuses(self, language: Language, request: Request) -> Response:
        """Who knows replies by our id gives a repeat the answer it gave before."""
        if request.method == "GET":
            return Response(400)
        known = language.keeps_our_id and any(one.reply_id == language.sent(request)[0] for one in self.said)
        return self._act(language, request) if known else language.refused()

    def _broken_before(self, language: Language, request: Request) -> Response:
        return Response(503)

    def _broken_after(self, language: Language, request: Request) -> Response:
        self._act(language, request)
        return Response(502)

    def _silent_before(self, language: Language, request: Request) -> Response:
        self.world.scheduler.now += 10
        raise NoAnswer

    def _silent_after(self, language: Language, request: Request) -> Response:
        self._act(language, request)
        self.world.scheduler.now += 10
        raise NoAnswer

    def _acts_later(self, language: Language, request: Request) -> Response:
        self.world.scheduler.between(5, 20, lambda: (self._act(language, request), None)[1])
        raise NoAnswer

    def _cut_short(self, language: Language, request: Request) -> Response:
        answer = self._act(language, request)
        return Response(answer.status, answer.headers, answer.body[:9])


_FAULTS: dict[str, Callable[[Network, Language, Request], Response]] = {
    "unreachable": Network._unreachable,
    "busy": Network._busy,
    "refuses": Network._refuses,
    "broken before": Network._broken_before,
    "broken after": Network._broken_after,
    "silent before": Network._silent_before,
    "silent after": Network._silent_after,
    "acts later": Network._acts_later,
    "cut short": Network._cut_short,
}


def _channel(request: Request) -> str:
    if "forum" in request.url:
        return "standard_webhooks"
    return "facebook" if "/104552811223344/" in request.url else "whatsapp"
