"""The Home tab: published when somebody looks at it, and again when they press something there."""

from contextlib import suppress

from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.people import Agent
from chalicelib.domain.presence import Presence
from chalicelib.service.assigning import Assigning
from chalicelib.service.ports import IN_VAIN
from chalicelib.service.slack_inbox import lookup, standing
from chalicelib.service.slack_inbox.asked import loads, take_next
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import BUSY, GIVEN, NOTHING_NEXT
from chalicelib.slack import buttons, home
from chalicelib.slack.blocks import Block
from chalicelib.slack.incoming import Click

ACTIONS = frozenset({buttons.REFRESH, buttons.AWAY, buttons.BACK, buttons.NEXT})


def pressed(inbox: Inbox, click: Click, agent: Agent) -> None:
    try:
        refused = _act(inbox, click, agent)
    except Refusal as refusal:
        refused = str(refusal)
    except Conflict:
        refused = BUSY
    if refused:
        inbox.tell(refused)
    else:
        publish(inbox, agent, click.view_hash)


def _act(inbox: Inbox, click: Click, agent: Agent) -> str:
    """Nothing when it was done, else what to tell."""
    assigning = Assigning(inbox.store, inbox.config)
    if click.action == buttons.BACK:
        assigning.come(agent, inbox.now)
    elif click.action == buttons.AWAY:
        assigning.leave(agent, inbox.now)
    elif click.action == buttons.NEXT:
        case = take_next(inbox, click.press, agent)
        return NOTHING_NEXT if case is None else "" if click.home else GIVEN.format(who=case.contact_name)
    return ""


def publish(inbox: Inbox, agent: Agent, view_hash: str) -> None:
    """Show what is so now, unless they see something newer than ``view_hash`` already."""
    _show(inbox, _view(inbox, agent), view_hash)


def turn_away(inbox: Inbox, why: str, view_hash: str) -> None:
    _show(inbox, home.stranger(why), view_hash)


def _show(inbox: Inbox, view: Block, view_hash: str) -> None:
    known = {"hash": view_hash} if view_hash else {}
    with suppress(*IN_VAIN):
        inbox.slack.call("views.publish", user_id=inbox.errand.did.user, view=view, **known)


def _view(inbox: Inbox, agent: Agent) -> Block:
    away = Assigning(inbox.store, inbox.config).presence(agent) is Presence.AWAY
    mine = lookup.worded(inbox, lookup.mine(inbox, agent), home.MINE)
    wrong = standing.seen_by(agent, inbox.store, inbox.config, inbox.now)
    return home.home(mine, loads(inbox, agent), inbox.queues(), inbox.now, away=away, can_take=True, wrong=wrong)
