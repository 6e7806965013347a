"""The door: a window is opened while Slack lets us, what can be known at once is said, the rest goes to a queue."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.channels.base import Channel
from chalicelib.domain.config import Config
from chalicelib.domain.people import Agent
from chalicelib.service.ports import IN_VAIN, Answers, Errands, QueueRefused, SlackApi
from chalicelib.service.slack_inbox import checks
from chalicelib.service.slack_inbox.back import Back
from chalicelib.service.slack_inbox.who import barred, ours
from chalicelib.service.slack_inbox.words import NOT_TAKEN, TOO_SLOW
from chalicelib.slack import modals, titles
from chalicelib.slack.answers import only_you
from chalicelib.slack.errands import Errand, Window, written
from chalicelib.slack.incoming import Asked, Challenge, Click, Closed, Incoming, Shortcut, Submitted, Work

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Door:
    """No database, and no call to Slack but the one that opens a window."""

    config: Config
    slack: Callable[[str], SlackApi]
    errands: Errands
    answers: Answers
    channel: Callable[[str], Channel]
    now: datetime

    def receive(self, incoming: Incoming) -> Answer:
        """The body of our answer. Raises QueueRefused for what Slack sends again when it is not taken."""
        if isinstance(incoming, Challenge):
            return {"challenge": incoming.challenge}
        if not isinstance(incoming, Work) or not ours(incoming, self.config):
            return {}
        agent = self.config.agent_in_slack(incoming.team, incoming.user)
        if isinstance(incoming, Submitted):
            wrong = checks.wrong(incoming, agent, self.config, self.channel, self.now)
            return wrong or self._handed_on(Errand(incoming, self.now))
        try:
            window = self._opened(incoming, agent)
        except IN_VAIN:
            self._back(incoming).tell(TOO_SLOW)
            return {}
        return self._handed_on(Errand(incoming, self.now, window))

    def _opened(self, did: Work, agent: Agent | None) -> Window | None:
        """Slack's permission to open a window lasts three seconds. Who may do nothing gets none."""
        title = titles.of(did)
        if not title or agent is None or not isinstance(did, Click | Shortcut):
            return None
        if isinstance(did, Click) and barred(agent, did.brand, did.case_id):
            return None
        opened = self.slack(did.team).call("views.open", trigger_id=did.trigger_id, view=modals.loading(title))["view"]
        return Window(opened["id"], opened.get("hash", ""))

    def _handed_on(self, errand: Errand) -> Answer:
        try:
            self.errands.send(errand.group, errand.dedupe, written(errand))
        except QueueRefused:
            return self._not_taken(errand)
        return {}

    def _not_taken(self, errand: Errand) -> Answer:
        """Slack sends events again, and nothing else: there the person does, when they are told to."""
        did = errand.did
        if isinstance(did, Submitted):
            return modals.errors(checks.main(did), NOT_TAKEN)
        if isinstance(did, Asked) and not did.mention:
            return only_you(NOT_TAKEN)
        if not isinstance(did, Click | Shortcut | Closed):
            raise QueueRefused
        if not isinstance(did, Closed) and not _typed(did):
            self._back(did, errand.window).tell(NOT_TAKEN)
        return {}

    def _back(self, did: Work, window: Window | None = None) -> Back:
        return Back(self.slack(did.team), self.answers, did, window)


def _typed(did: Click | Shortcut) -> bool:
    """A keystroke, of which Slack tells while somebody writes: the next one says more."""
    return isinstance(did, Click) and did.action == modals.TEXT
