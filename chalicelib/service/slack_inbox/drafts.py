"""What an agent writes is kept until it is sent, so that it survives a window that was lost."""

from contextlib import suppress

from chalicelib.domain.draft import draft
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import split_case_id
from chalicelib.domain.people import Agent
from chalicelib.domain.presence import writing
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.slack import modals
from chalicelib.slack.incoming import Closed


def keep(inbox: Inbox, brand: str, case_id: str, agent: Agent, text: str) -> None:
    """The latest words win, whatever order they come in. Who writes is seen by others to write."""
    if inbox.barred(agent, brand, case_id) is None and _is_case(case_id):
        busy = (writing(brand, case_id, agent.id, inbox.now),) if text else ()
        with suppress(Conflict):
            inbox.store.commit(draft(brand, case_id, agent.id, text, inbox.now), *busy)


def forget(inbox: Inbox, brand: str, case_id: str, agent: Agent) -> None:
    """They were sent."""
    keep(inbox, brand, case_id, agent, "")


def closed(inbox: Inbox, closed: Closed, agent: Agent | None) -> None:
    """Slack does not always say what stood in the window; what it told before is kept already."""
    text = closed.values.get(modals.TEXT, "")
    if agent is not None and closed.callback == modals.REPLY_VIEW and text.strip():
        keep(inbox, closed.brand, closed.case_id, agent, text)


def _is_case(case_id: str) -> bool:
    try:
        split_case_id(case_id)
    except ValueError:
        return False
    return True
