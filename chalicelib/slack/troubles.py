"""Where Heed cannot post, in words for those who can mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.slack.blocks import Block, section
from chalicelib.slack.mrkdwn import escape
from chalicelib.slack.times import moment

SHOWN = 5

_RESTRICTED = "restricted_action"
_DO: Mapping[str, str] = {
    "is_archived": "The channel is archived. Unarchive it, or give the team another one in `care.yaml`.",
    "not_in_channel": "Heed is not in it. Type `/invite @Heed` there.",
    "channel_not_found": "It is gone, or private and Heed is not in it. Type `/invite @Heed` there, "
    "or give the team another one in `care.yaml`.",
    _RESTRICTED: "Only some may post in it. Let Heed post there, too.",
    "messages_tab_disabled": "The app may not write to people. Paste `heed slack manifest` into its settings again.",
}
_DO_EVERYWHERE: Mapping[str, str] = {
    "message_limit_exceeded": "Its plan takes no more messages: ask its owner.",
    "edit_window_closed": "It lets nobody edit old messages: let people edit in its settings, *Message editing*.",
}
_INSTALL = "Install the app again and store its token: `heed connect slack`."
_OTHERWISE = "`heed slack check` names what to do."


@dataclass(frozen=True, slots=True)
class Trouble:
    """``channel`` is Slack's id of a channel or a member; without one it is all of the ``team``, a workspace."""

    team: str
    channel: str
    error: str
    since: datetime
    queues: tuple[str, ...] = ()
    """What the teams are called that miss it."""


def banner(troubles: Iterable[Trouble], now: datetime) -> list[Block]:
    """The oldest first: whatever began then may have caused the rest."""
    found = sorted(troubles, key=lambda one: (one.since, one.channel))
    return [section(_words(one, now)) for one in found[:SHOWN]]


def _words(one: Trouble, now: datetime) -> str:
    error = one.error if not one.error.startswith(_RESTRICTED) else _RESTRICTED
    there = _DO.get(error, f"Slack says `{escape(one.error)}`. {_OTHERWISE}")
    do = there if one.channel else _DO_EVERYWHERE.get(error, _INSTALL)
    missing = f" Cases of {escape(', '.join(one.queues))} wait for it." if one.queues else ""
    return f":warning: *Heed cannot post {_where(one)} since {moment(one.since, now)}.* {do}{missing}"


def _where(one: Trouble) -> str:
    if not one.channel:
        return f"in workspace {escape(one.team)}"
    return f"to <@{one.channel}>" if one.channel[:1] in "UW" else f"in <#{one.channel}>"
