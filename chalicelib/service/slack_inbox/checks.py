"""What is wrong with a window that was sent, as far as it can be known without looking anything up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.channels.base import Channel
from chalicelib.domain.commands import Snooze
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Refusal
from chalicelib.domain.people import Agent
from chalicelib.domain.reply import Mode
from chalicelib.domain.work import check_nap
from chalicelib.service.slack_inbox.who import barred
from chalicelib.service.slack_inbox.words import EMPTY, NOT_BOTH, NOT_SET_UP, NOTHING, PLACE_LEFT, UNNAMED
from chalicelib.slack import commands, forms, modals
from chalicelib.slack.destinations import Aim, aim, too_long
from chalicelib.slack.incoming import Submitted
from chalicelib.slack.references import naming

NAMING = frozenset({forms.MERGE_VIEW, forms.LINK_VIEW})
"""Windows in which another case is named."""


def wrong(
    sent: Submitted, agent: Agent | None, config: Config, channel: Callable[[str], Channel], now: datetime
) -> dict[str, Any]:
    """The words beside their field that keep the window open, with what was written in it; empty when nothing is."""
    try:
        _check(sent, agent, config, channel, now)
    except commands.NotLikeThis as refusal:
        return modals.errors(_at(sent, refusal.block), str(refusal))
    except Refusal as refusal:
        return modals.errors(main(sent), str(refusal))
    return {}


def main(sent: Submitted) -> str:
    """The block beside which words about the whole window stand."""
    return _at(sent, forms.MAIN.get(sent.callback, modals.TEXT))


def _at(sent: Submitted, name: str) -> str:
    return sent.blocks.get(name, name)


def _check(
    sent: Submitted, agent: Agent | None, config: Config, channel: Callable[[str], Channel], now: datetime
) -> None:
    if agent is None:
        raise Refusal(NOT_SET_UP)
    if sent.brand and (told := barred(agent, sent.brand, sent.case_id)):
        raise Refusal(told)
    if sent.callback == modals.REPLY_VIEW:
        _check_reply(sent, channel)
        return
    if sent.callback in (*NAMING, forms.ADD_VIEW) and naming(named(sent)) is None:
        raise Refusal(UNNAMED)

    def known(user: str) -> str | None:
        found = config.agent_in_slack(sent.team, user)
        return found.id if found else None

    command = commands.from_form(sent, agent.id, known)
    if isinstance(command, Snooze):
        check_nap(command.until, now)


def named(sent: Submitted) -> str:
    """What somebody wrote to name a case, or else chose."""
    return sent.values.get(forms.WHO) or sent.values.get(forms.CASE, "")


def _check_reply(sent: Submitted, channel: Callable[[str], Channel]) -> None:
    where = aim(sent.values.get(modals.WHERE) or sent.metadata.get(modals.WHERE, ""))
    if where is None:
        raise commands.NotLikeThis(modals.TEXT, PLACE_LEFT)
    text = sent.values.get(modals.TEXT, "")
    if text.strip() or not sent.values.get(modals.FILE):
        _check_words(modals.TEXT, text, where, channel, NOTHING if modals.FILE in sent.values else EMPTY)
    if not sent.values.get(modals.ALSO):
        return
    if where.mode is not Mode.PRIVATE_REPLY:
        raise commands.NotLikeThis(modals.ALSO, NOT_BOTH)
    _check_words(modals.PUBLIC, commands.public_words(sent), replace(where, mode=Mode.PUBLIC), channel)


def _check_words(block: str, text: str, where: Aim, channel: Callable[[str], Channel], empty: str = EMPTY) -> None:
    if not text.strip():
        raise commands.NotLikeThis(block, empty)
    if where.network and (told := too_long(channel(where.network), where.outgoing(text.strip()))):
        raise commands.NotLikeThis(block, told)
