"""What every door of the inbox shares: its ports, who is who, and how to tell somebody something."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.channels.base import Channel
from chalicelib.domain.case import Case
from chalicelib.domain.commands import AddNote, Command
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict, NotAllowed, Refusal
from chalicelib.domain.people import Agent, may
from chalicelib.service.ports import SlackApi, SlackRefused, Store
from chalicelib.service.slack_inbox.words import BUSY, ELSEWHERE
from chalicelib.slack import modals
from chalicelib.slack.incoming import Click, Said
from chalicelib.slack.mrkdwn import escape

Bus = Callable[[Command, datetime], Case]
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Inbox:
    store: Store
    bus: Bus
    slack: SlackApi
    config: Config
    channel: Callable[[str], Channel]
    now: datetime
    team: str
    """The workspace in which somebody acted."""

    def case(self, brand: str, case_id: str, agent: Agent) -> Case | None:
        """The case, if it is of a brand this person works for and of this workspace."""
        case = self.store.case(brand, case_id) if brand in agent.brands else None
        return case if case and self.here(case) else None

    def here(self, case: Case) -> bool:
        """Of several workspaces a case is worked on in the one of its team."""
        return not self.config.workspaces or self._works_here(case.queue)

    def _works_here(self, queue: str) -> bool:
        known = self.config.queues.get(queue)
        where = self.config.workspace(known) if known else None
        return where is not None and where.team == self.team

    def agent(self, user: str) -> Agent | None:
        """Who this member of the workspace is."""
        return self.config.agent_in_slack(self.team, user)

    def name(self, user: str) -> str | None:
        """What the person with this Slack id is called."""
        agent = self.agent(user)
        return agent.name if agent else None

    def agent_id(self, user: str) -> str | None:
        agent = self.agent(user)
        return agent.id if agent else None

    def queues(self) -> dict[str, str]:
        """What the teams are called, by key."""
        return {key: queue.name for key, queue in self.config.queues.items()}

    def teams(self) -> list[str]:
        """The teams whose cases are worked on here."""
        return [key for key in self.config.queues if not self.config.workspaces or self._works_here(key)]

    def carry_out(self, command: Command) -> str | None:
        """None when it was done, else what to tell the person."""
        try:
            self.do(command)
        except Refusal as refusal:
            return str(refusal)
        except Conflict:
            return BUSY
        return None

    def do(self, command: Command) -> None:
        """Raises Refusal, and Conflict when others were always faster."""
        if self.config.workspaces and (case := self.store.case(command.brand, command.case_id)) and not self.here(case):
            raise Refusal(ELSEWHERE)
        self.bus(command, self.now)

    def barred(self, agent: Agent, brand: str, case_id: str) -> str | None:
        """What to tell somebody who may not work on this case at all; they get no window either."""
        return None if may(agent, AddNote("", brand, case_id, agent.id, "")) else str(NotAllowed())

    def tell(self, about: Click | Said, text: str) -> Answer:
        """Words for this person only. When Slack refuses even those, there is nobody left to tell."""
        with suppress(SlackRefused):
            if about.channel:
                thread = {"thread_ts": about.thread_ts} if about.thread_ts else {}
                words = escape(text)
                self.slack.call("chat.postEphemeral", channel=about.channel, user=about.user, text=words, **thread)
            elif isinstance(about, Click):
                self._tell_in_view(about, text)
        return {}

    def _tell_in_view(self, click: Click, text: str) -> None:
        """A view has no channel: the words take the window's place, or come in one of their own."""
        words = modals.says("Heed", text)
        if click.home:
            self.slack.call("views.open", trigger_id=click.trigger_id, view=words)
        else:
            self.slack.call("views.update", view_id=click.view_id, view=words)
