"""The buttons for what somebody ordered that has none, or was none: the same as on the card, beside the hint."""

from collections.abc import Callable, Mapping, Sequence

from chalicelib.domain.case import Case
from chalicelib.domain.reply import Mode
from chalicelib.slack import buttons, forms, verbs
from chalicelib.slack.blocks import Block, actions, button, section
from chalicelib.slack.destinations import destinations

Offer = Callable[[Case], Sequence[Block]]


def hint(words: str, raw: str, case: Case | None) -> Block:
    """Our words for one person, and below them the button that opens the window they may have meant."""
    offer = _OFFERS.get(verbs.meant(raw))
    offered = offer(case) if offer and case and not case.merged_into else ()
    return {"text": words, "blocks": [section(words), *([actions(offered)] if offered else [])]}


def _opens(label: str, action: str, *, live: bool = True) -> Offer:
    """What is in the menu of a live case, and of one that is over where ``live`` does not ask for that."""
    return lambda case: [button(label, action, buttons.value(case))] if case.live or not live else []


def _reply(case: Case) -> Sequence[Block]:
    return [button("Reply", buttons.REPLY, buttons.value(case))] if destinations(case) else []


def _offline(case: Case) -> Sequence[Block]:
    public = case.live and any(one.mode is Mode.PUBLIC for one in destinations(case))
    return [button("Take offline…", buttons.OFFLINE, buttons.value(case))] if public else []


def _moderate(case: Case) -> Sequence[Block]:
    return [button("Hide, delete, like…", buttons.MODERATE, buttons.value(case))] if forms.offers(case) else []


def _alarm(case: Case) -> Sequence[Block]:
    return [buttons.alarm(case)] if case.live else []


_OFFERS: Mapping[str, Offer] = {
    **dict.fromkeys(("reply", "answer", "send", "macro", "template"), _reply),
    **dict.fromkeys(("offline", "private"), _offline),
    **dict.fromkeys(("hide", "unhide", "show", "delete", "like"), _moderate),
    "clocks": _opens("Clocks…", buttons.CLOCKS, live=False),
    "assign": _opens("Assign or hand over…", buttons.ASSIGN),
    "move": _opens("To another team…", buttons.MOVE),
    "priority": _opens("Priority…", buttons.PRIORITY),
    "snooze": _opens("Snooze…", buttons.SNOOZE_UNTIL),
    "tag": _opens("Tags…", buttons.TAGS, live=False),
    "link": _opens("Link to…", buttons.LINK, live=False),
    "merge": _opens("Merge into…", buttons.MERGE),
    "escalate": _alarm,
}
"""Nothing is approved, sent back or taken back from here: whoever does that has the words before their eyes."""
