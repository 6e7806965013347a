"""Who may knock at all: by workspace and app, by role and brand. The policy file alone says so."""

from chalicelib.domain.commands import AddNote
from chalicelib.domain.config import Config
from chalicelib.domain.errors import NotAllowed
from chalicelib.domain.people import Agent, may
from chalicelib.slack.incoming import Shortcut, Work


def ours(did: Work, config: Config) -> bool:
    """Only our workspace and our app count; nobody else's buttons do anything."""
    known = config.workspace_of(did.team)
    unnamed = isinstance(did, Shortcut) and not did.app
    return known is not None and (unnamed or did.app == known.app)


def barred(agent: Agent, brand: str, case_id: str) -> str | None:
    """What to tell somebody who may not work on this case at all, by role and brand; they get no window either."""
    return None if may(agent, AddNote("", brand, case_id, agent.id, "")) else str(NotAllowed())
