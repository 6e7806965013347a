"""What everything in the inbox shares: its ports, who is who, and how to tell somebody something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.channels.base import Channel
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Command
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.people import Agent
from chalicelib.service.files import FileStore
from chalicelib.service.ports import Meter, SlackRefused, SlackWorkspace, Store
from chalicelib.service.slack_inbox.back import Back
from chalicelib.service.slack_inbox.badges import Badges
from chalicelib.service.slack_inbox.who import barred
from chalicelib.service.slack_inbox.words import BUSY, ELSEWHERE, NOT_SET_UP, NOT_VERIFIED, REFUSES_TO_SAY
from chalicelib.slack.errands import Errand

Bus = Callable[[Command, datetime], Case]


class Stranger(Exception):
    """Somebody we do not know, or who is not who they are said to be. The text is what to tell them."""


class Unsaid(Stranger):
    """Somebody of whom Slack refuses to say who they are, for now."""


@dataclass(frozen=True, slots=True)
class Inbox:
    store: Store
    bus: Bus
    slack: SlackWorkspace
    files: FileStore
    config: Config
    channel: Callable[[str], Channel]
    now: datetime
    errand: Errand
    back: Back
    meter: Meter
    badges: Badges

    @property
    def team(self) -> str:
        """The workspace in which somebody acted."""
        return self.errand.did.team

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
        """Who this member of the workspace is, as the policy file has it."""
        return self.config.agent_in_slack(self.team, user)

    def who(self) -> Agent:
        """Who did this. Raises Stranger, and what a later try may cure."""
        agent = self.agent(self.errand.did.user)
        if agent is None:
            raise Stranger(NOT_SET_UP)
        try:
            why = self.badges.problem(self.store, self.slack, self.meter, self.team, agent, self.now)
        except SlackRefused as refused:
            raise Unsaid(NOT_VERIFIED.format(why=REFUSES_TO_SAY.format(error=refused.error))) from refused
        if why:
            raise Stranger(NOT_VERIFIED.format(why=why))
        return agent

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
        """What to tell somebody who may not work on this case at all."""
        return barred(agent, brand, case_id)

    def tell(self, text: str) -> None:
        """Words for this person only. When Slack refuses even those, there is nobody left to tell."""
        self.back.tell(text)
