"""`SlackDouble`: a small Slack on 127.0.0.1 with a page to look at, for tests and for the local demo."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from infra.doubles.slack import api_files, control, events, static
from infra.doubles.slack.admin import Admin
from infra.doubles.slack.api import Api
from infra.doubles.slack.counters import Counters
from infra.doubles.slack.courier import ANSWER_SECONDS, Courier
from infra.doubles.slack.gate import Buckets, Fault, FaultKind, Faults, RateLimit
from infra.doubles.slack.http import HttpServer, Reply, Request, json_reply
from infra.doubles.slack.payloads import Payloads
from infra.doubles.slack.people import People
from infra.doubles.slack.response_urls import PATH as RESPONSE_PATH
from infra.doubles.slack.response_urls import ResponseUrls
from infra.doubles.slack.shapes import CannotDoError, Delivery, File, Identity, Json, SlackError
from infra.doubles.slack.views import Views
from infra.doubles.slack.web import WebApi, arguments
from infra.doubles.slack.workspace import Workspace

DEFAULT_USERS = {
    "U0ANA": {"name": "ana", "real_name": "Ana Ruiz", "email": "ana@heed.example"},
    "U0TOM": {"name": "tom", "real_name": "Tom Becker", "email": "tom@heed.example"},
    "U0MEI": {"name": "mei", "real_name": "Mei Tanaka", "email": "mei@heed.example"},
}
DEFAULT_CHANNELS = {"C0CARE": "care", "C0BILLING": "care-billing", "C0ALERTS": "care-alerts"}


class SlackDouble:
    """The Web API under `<url>/api/`, the page under `<url>/`, controls under `<url>/_double/`.

    `now` is the clock of everything: timestamps, signatures, the three seconds of a trigger_id, the rate limit.
    `bot_events`: the bot's own messages come back as events, as in Slack. `retry_events`: failed events are repeated.
    """

    def __init__(
        self,
        signing_secret: str = "double-signing-secret",  # noqa: S107 - the secret of a server that only plays Slack
        bot_token: str = "xoxb-double",  # noqa: S107
        *,
        team_id: str = "T0HEED",
        app_id: str = "A0HEED",
        bot_user_id: str = "U0HEEDBOT",
        bot_id: str = "B0HEEDBOT",
        users: dict[str, dict[str, str]] | None = None,
        channels: dict[str, str] | None = None,
        now: Callable[[], float] = time.time,
        rate_limit: RateLimit | None = None,
        bot_events: bool = True,
        retry_events: bool = False,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        identity = Identity(team_id, app_id, bot_user_id, bot_id)
        counters = Counters(now)
        self.workspace = Workspace(identity, users or DEFAULT_USERS, channels or DEFAULT_CHANNELS, counters)
        self.views = Views(identity, counters)
        self.courier = Courier(signing_secret, now, retry_events, answer_seconds)
        self.faults = Faults()
        self._api = Api(self.workspace, self.views, self._announce)
        self._urls = ResponseUrls(self._api)
        self._bot_events = bot_events
        self._people = People(self._api, self.courier, self._urls, Payloads(self.workspace), self._pack)
        self._server: HttpServer | None = None
        self.web = WebApi(self._api, bot_token, self.faults, Buckets(rate_limit, now))
        self.admin = Admin(self._api, self.web.grants, self.courier)

    @property
    def url(self) -> str:
        return self._api.base_url

    @property
    def api_url(self) -> str:
        """What a Web API client takes as its base_url."""
        return f"{self.url}/api/"

    @property
    def events_url(self) -> str:
        return self.courier.events_url

    @events_url.setter
    def events_url(self, url: str) -> None:
        self.courier.events_url = url

    @property
    def interactivity_url(self) -> str:
        """Where buttons, modals, shortcuts and slash commands go."""
        return self.courier.interactivity_url

    @interactivity_url.setter
    def interactivity_url(self, url: str) -> None:
        self.courier.interactivity_url = url

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.courier.deliveries)

    def start(self, port: int = 0) -> str:
        self._server = HttpServer(port, self._front)
        self._api.base_url = self._server.url
        self.courier.start()
        self._server.begin()
        return self.url

    def stop(self) -> None:
        if self._server is not None:
            self._server.end()
            self.courier.stop()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def fail(self, method: str, kind: FaultKind, times: int = 1, **details: Any) -> None:
        """The next calls of a method go wrong; `*` means any method. Details: error, retry_after, status."""
        self.faults.add(Fault(method, kind, times, **details))

    def click(
        self, channel: str, ts: str, action_id: str, user: str, value: Any = None, block_id: str = ""
    ) -> Delivery:
        """Uses a button, menu or checkbox of a message. `value` is the value of the chosen option."""
        return self._people.click(channel, ts, action_id, user, value, block_id)

    def click_view(
        self, view_id: str, action_id: str, user: str, value: Any = None, values: Json | None = None
    ) -> Delivery:
        return self._people.click_view(view_id, action_id, user, value, values or {})

    def submit(self, view_id: str, values: Json, user: str) -> Delivery:
        """Sends a modal. `values` is `{block_id: {action_id: plain value}}`; the answer is applied to the stack."""
        return self._people.submit(view_id, values, user)

    def upload(self, name: str, body: bytes, user: str) -> str:
        """Chooses a file for a form; returns the id by which `submit` takes it."""
        return str(self._people.upload(name, body, user)["id"])

    def close_view(self, view_id: str, user: str) -> Delivery | None:
        return self._people.close_view(view_id, user)

    def say(self, channel: str, thread_ts: str | None, text: str, user: str, files: Sequence[File] = ()) -> Delivery:
        return self._people.say(channel, thread_ts, text, user, files)

    def edit(self, channel: str, ts: str, text: str, user: str) -> Delivery:
        return self._people.edit(channel, ts, text, user)

    def delete(self, channel: str, ts: str, user: str) -> Delivery:
        return self._people.delete(channel, ts, user)

    def command(self, command: str, text: str, channel: str, user: str) -> Delivery:
        return self._people.command(command, text, channel, user)

    def shortcut(self, callback_id: str, channel: str, ts: str, user: str) -> Delivery:
        return self._people.shortcut(callback_id, channel, ts, user)

    def open_home(self, user: str) -> Delivery:
        return self._people.open_home(user)

    def verify_events_url(self, challenge: str = "3eZbrw1aBm2rZgRNFdxV") -> bool:
        """Slack's check when the URL is saved: the challenge must come back."""
        body = {"token": "deprecated", "challenge": challenge, "type": "url_verification"}
        delivery = self.courier.event(body)
        answered = (delivery.answer or {}).get("challenge", delivery.text)
        return delivery.ok and answered == challenge

    def event(self, event_id: str) -> Json:
        """The envelope of an event that was delivered before."""
        for delivery in self.deliveries:
            if delivery.payload.get("event_id") == event_id:
                return delivery.payload
        raise CannotDoError(f"no event {event_id} was delivered")

    def redeliver(self, event: Json, reason: str = "http_timeout") -> Delivery:
        """Sends an envelope again, with `X-Slack-Retry-Num` counted up."""
        return self.courier.again(event, reason)

    def repeat(self, delivery: Delivery, reason: str = "http_timeout") -> Delivery:
        """Sends an interaction again, with the retry headers."""
        return self.courier.repeat(delivery, reason)

    def settle(self) -> None:
        """Waits until the events of the bot's own messages have been delivered."""
        self.courier.settle()

    def _pack(self, event: Json) -> Json:
        return events.envelope(event, self.workspace.identity, self.workspace.counters)

    def _announce(self, event: Json) -> None:
        if self._bot_events:
            self.courier.later(self._pack(event))

    def _front(self, request: Request) -> Reply:
        if request.path.startswith("/api/"):
            return self.web.serve(request)
        if request.path.startswith(control.PREFIX):
            return control.serve(self, request)
        if request.path.startswith(RESPONSE_PATH):
            return self._respond(request)
        if request.path.startswith(api_files.UPLOADS):
            return api_files.take(self._api, request)
        if request.path.startswith(api_files.PRIVATE):
            return api_files.give(self._api, request, self.web.bot_token)
        return static.serve(request.path)

    def _respond(self, request: Request) -> Reply:
        try:
            with self.workspace.counters.lock:
                self._urls.use(request.path.removeprefix(RESPONSE_PATH), arguments(request))
        except SlackError as refused:
            status = 404 if refused.code in ("expired_url", "used_url") else 200
            return json_reply(refused.answer(), status)
        return json_reply({"ok": True})
