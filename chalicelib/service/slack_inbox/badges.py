"""Who acts is who the policy file says: Slack is asked once a day and person, before they do the first thing."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import digest
from chalicelib.domain.marks import Mark, mark
from chalicelib.domain.people import Agent
from chalicelib.service.ports import Meter, NoAnswer, NotSent, SlackApi, SlackBusy, SlackRefused, Store
from chalicelib.service.slack_outage import about
from chalicelib.slack.members import problem

FRESH, KEPT = timedelta(days=1), timedelta(days=7)
"""While Slack cannot be asked, what it said within these days goes on being true."""
SOON = timedelta(minutes=10)
"""How long a container remembers that all is well, and how long a refusal stands before Slack is asked again."""
UNKNOWN = "Slack does not know this member"


@dataclass(slots=True)
class Badges:
    """``seen``: until when this container need not look at what is stored."""

    seen: dict[str, datetime] = field(default_factory=dict)

    def problem(self, store: Store, slack: SlackApi, meter: Meter, team: str, agent: Agent, now: datetime) -> str:
        """Why this member may do nothing; empty for one who is who they are said to be.

        Raises SlackBusy, SlackRefused, NotSent or NoAnswer when that cannot be known now.
        """
        name = f"member/{agent.slack}/{digest(agent.email.casefold())}"
        if now < self.seen.get(f"{team} {name}", now):
            return ""
        kept = store.mark(team, name)
        if kept is None or now - kept.at >= (SOON if kept.text else FRESH):
            kept = _asked(store, slack, meter, mark(team, name, now, KEPT), kept, agent)
        if not kept.text:
            self.seen[f"{team} {name}"] = now + SOON
        return kept.text


def _asked(store: Store, slack: SlackApi, meter: Meter, fresh: Mark, known: Mark | None, agent: Agent) -> Mark:
    try:
        user = slack.call("users.info", user=agent.slack or "").get("user") or {}
        found = problem(user, agent.email, fresh.team)
    except SlackRefused as refused:
        if refused.error != "user_not_found":
            meter.count(f"slack_{about(refused.error)}_refused")
            if known is None:
                raise
            return known
        found = UNKNOWN
    except (SlackBusy, NotSent, NoAnswer):
        if known is None or known.text or not known.current(fresh.at):
            raise
        return known
    asked = _with(fresh, found)
    with suppress(Conflict):
        store.commit(asked)
    return asked


def _with(one: Mark, text: str) -> Mark:
    return Mark(one.team, one.name, one.at, one.expires_at, text)
