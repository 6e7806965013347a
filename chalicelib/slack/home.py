"""The Home tab: a personal inbox, sorted by what is due first, and what waits in the teams."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.slack import answers, buttons
from chalicelib.slack.answers import Found, Load
from chalicelib.slack.blocks import Block, actions, button, context, plain, section
from chalicelib.slack.times import moment
from chalicelib.slack.troubles import Trouble, banner

MINE, LOADS = 25, 15
"""Two blocks for a case, a line for each of a hundred more and few others stay below the hundred that Slack shows."""


def home(
    mine: Found,
    loads: Sequence[Load],
    queues: Mapping[str, str],
    now: datetime,
    *,
    away: bool | None = None,
    can_take: bool = False,
    wrong: Sequence[Trouble] = (),
) -> Block:
    """``away`` is None where presence is not kept. ``can_take``: whether a next case can be asked for.

    ``wrong``: where Heed cannot post.
    """
    blocks = [
        *banner(wrong, now),
        {"type": "header", "text": plain(f"Your cases: {mine.count}")},
        actions(_top(away, can_take)),
        *_presence(away),
        *(block for one in mine.cases[:MINE] for block in answers.entry(one, queues, now, mine.words(one))),
        *answers.others(mine, queues, now, MINE),
        *([] if mine.cases else [section("Nothing is with you. :sparkles:")]),
        {"type": "divider"},
        section("*What waits in the teams*\n" + _waiting(loads)),
        context(f"As of {moment(now, now)}"),
    ]
    return {"type": "home", "blocks": blocks}


def stranger(words: str) -> Block:
    return {"type": "home", "blocks": [section(words)]}


def _top(away: bool | None, can_take: bool) -> list[Block]:
    toggle = [button("I am here", buttons.BACK, "me", "primary")] if away else [button("I am away", buttons.AWAY, "me")]
    first = [button("Next case", buttons.NEXT, "me", "primary")] if can_take else []
    return [*first, button("Refresh", buttons.REFRESH, "me"), *(toggle if away is not None else [])]


def _presence(away: bool | None) -> list[Block]:
    return [section(":palm_tree: You are away: Heed gives you no case.")] if away else []


def _waiting(loads: Sequence[Load]) -> str:
    return "\n".join(answers.load_line(one) for one in loads[:LOADS]) or "Nothing."
