"""What a channel reads while many cards wait for it: how many, which come first, and a button for the next one."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.slack import clockwords
from chalicelib.slack.blocks import Posting, actions, button, context, metadata, section
from chalicelib.slack.buttons import NEXT
from chalicelib.slack.mrkdwn import literal

NAME = 80
CROWD = "crowd"


def crowd(about: tuple[str, str], count: int, first: Sequence[Case], now: datetime) -> Posting:
    """``about`` is the brand and the name under which it is posted, ``first`` the cases that are due first."""
    words = (
        f":inbox_tray: *About {count} more cases wait* to be shown here: Slack takes one message a second. "
        "*Next case* gives you the one that is due first."
    )
    urgent = [section("\n".join(["The most urgent:", *(f"• {_line(case, now)}" for case in first)]))] if first else []
    more = "Cards follow, oldest due first; one that somebody takes, or whose time runs out, comes at once."
    take = actions([button("Next case", NEXT, "next", "primary")])
    return Posting(words, (section(words), *urgent, take, context(more)), metadata(about[0], CROWD, about[1]))


def _line(case: Case, now: datetime) -> str:
    who = literal(case.contact_name, NAME) or "somebody"
    return " ".join(part for part in (f"*{who}*", clockwords.due(case, now)) if part)
