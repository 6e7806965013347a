"""The ways back to the person who did something in Slack. All are best effort: what they tell of is done, or is not."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from chalicelib.service.ports import IN_VAIN, Answers, SlackApi
from chalicelib.slack import modals
from chalicelib.slack.errands import Window
from chalicelib.slack.incoming import Work
from chalicelib.slack.mrkdwn import escape

Way = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Back:
    slack: SlackApi
    answers: Answers
    did: Work
    window: Window | None = None

    def tell(self, text: str) -> None:
        """Our words for this person only, by the nearest way that is open."""
        self._first(self._ways(text))

    def answer(self, body: dict[str, Any]) -> None:
        """A longer answer, with blocks: to a command, or for them alone in the thread or channel where they asked."""
        shown: dict[str, Any] = {key: body[key] for key in ("text", "blocks") if key in body}
        self._first(self._said(shown))

    def show(self, view: dict[str, Any], text: str) -> None:
        """A window in place of the one they sent; where Slack does not let us open one any more, the words."""
        opened = partial(self.slack.call, "views.open", trigger_id=self._trigger, view=view)
        self._first(iter([*([opened] if self._trigger else []), *self._said({"text": escape(text)})]))

    def _first(self, ways: Iterator[Way]) -> None:
        for way in ways:
            with suppress(*IN_VAIN):
                way()
                return

    def _ways(self, text: str) -> Iterator[Way]:
        """A view has no channel: there the words take the window's place, or come in one of their own."""
        words = modals.says("Heed", text)
        if view_id := self.window.id if self.window else self._open_view:
            yield partial(self.slack.call, "views.update", view_id=view_id, view=words)
        if self._trigger and not self._url:
            yield partial(self.slack.call, "views.open", trigger_id=self._trigger, view=words)
        yield from self._said({"text": escape(text)})

    def _said(self, shown: dict[str, Any]) -> Iterator[Way]:
        thread = getattr(self.did, "thread_ts", None)
        where = {"thread_ts": thread} if thread else {}
        channel = getattr(self.did, "channel", "")
        if self._url:
            only_them = {"response_type": "ephemeral", "replace_original": False}
            yield partial(self.answers.send, self._url, {**only_them, **where, **shown})
        if channel:
            yield partial(self.slack.call, "chat.postEphemeral", channel=channel, user=self.did.user, **where, **shown)
        else:
            yield partial(self.slack.call, "chat.postMessage", channel=self.did.user, **shown)

    @property
    def _url(self) -> str:
        return getattr(self.did, "response_url", None) or ""

    @property
    def _trigger(self) -> str:
        return getattr(self.did, "trigger_id", "")

    @property
    def _open_view(self) -> str:
        """The window they pressed something in; one that was sent is closed, and the Home tab is none."""
        pressed = getattr(self.did, "action", "") and not getattr(self.did, "home", False)
        return getattr(self.did, "view_id", "") if pressed else ""
