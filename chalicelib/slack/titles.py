"""What the windows are called that open before anybody knows what will stand in them."""

from collections.abc import Mapping

from chalicelib.slack import buttons
from chalicelib.slack.incoming import Click, Shortcut, Work

REPLY_TO_THIS, ADD_TO_CASE = "reply_to_this", "add_to_case"

OF_BUTTONS: Mapping[str, str] = {
    buttons.REPLY: "Reply",
    buttons.OFFLINE: "Take offline",
    buttons.NOTE: "Internal note",
    buttons.MORE: "More",
    buttons.ESCALATE: "Escalate",
    buttons.ASSIGN: "Assign",
    buttons.MOVE: "To another team",
    buttons.PRIORITY: "Priority",
    buttons.TAGS: "Tags",
    buttons.SNOOZE_UNTIL: "Snooze",
    buttons.MERGE: "Merge",
    buttons.LINK: "Link",
    buttons.DISMISS: "Not a request",
    buttons.MODERATE: "On the network",
    buttons.CLOCKS: "Clocks",
    buttons.REJECT: "Not like this",
}
OF_SHORTCUTS: Mapping[str, str] = {REPLY_TO_THIS: "Reply", ADD_TO_CASE: "Add to a case"}


def asked_for(click: Click) -> str:
    """Under which button's name the window stands that this click asks for; empty for clicks that only do something."""
    return click.action if click.action in OF_BUTTONS else ""


def of(did: Work) -> str:
    """The title of the window to open at once; empty when none is, or when they are in one already."""
    if isinstance(did, Shortcut):
        return OF_SHORTCUTS.get(did.callback, "")
    if not isinstance(did, Click) or (did.view_id and not did.home):
        return ""
    return OF_BUTTONS.get(asked_for(did), "")
