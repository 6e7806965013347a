"""Windows that the door has opened are filled, because what stands in them has to be read first."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chalicelib.domain.case import Case
from chalicelib.domain.draft import NOTE
from chalicelib.domain.explaining import explained
from chalicelib.domain.macros import filled
from chalicelib.domain.people import Agent
from chalicelib.domain.reply import Mode
from chalicelib.service import collisions
from chalicelib.service.ports import IN_VAIN
from chalicelib.service.slack_inbox import drafts, lookup
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import ALSO_WRITES, NO_CASE, NO_PLACE, NOT_SENT
from chalicelib.slack import buttons, explaining, forms, modals, titles
from chalicelib.slack.destinations import destination, destinations
from chalicelib.slack.incoming import Click, Submitted
from chalicelib.slack.mrkdwn import escape
from chalicelib.slack.replying import Aids, Words, reply

View = dict[str, Any]
Build = Callable[[Inbox, Case, Click, Agent], View]


def fill_in(inbox: Inbox, click: Click, agent: Agent) -> None:
    """The form that a button asks for; from a window of ours it takes that one's place."""
    if barred := inbox.barred(agent, click.brand, click.case_id):
        inbox.tell(barred)
        return
    asked = titles.asked_for(click)
    case = inbox.case(click.brand, click.case_id, agent)
    view = _BUILD[asked](inbox, case, click, agent) if case else modals.says(titles.OF_BUTTONS[asked], NO_CASE)
    show(inbox, _opened_from(view, click))


def _opened_from(view: View, click: Click) -> View:
    """The window remembers below which message its button stood: there its person is told what came of it."""
    at = f"{click.channel}/{click.thread_ts or click.ts}" if click.channel else click.metadata.get("at", "")
    if not at or "private_metadata" not in view:
        return view
    return {**view, "private_metadata": json.dumps({**json.loads(view["private_metadata"]), "at": at})}


def show(inbox: Inbox, view: View) -> None:
    """In the window that stands open, unless it was closed meanwhile or something newer is in it."""
    did, window = inbox.errand.did, inbox.errand.window
    if window is not None:
        _update(inbox, window.id, window.hash, view)
    elif isinstance(did, Click) and did.view_id and not did.home:
        _update(inbox, did.view_id, did.view_hash, view)


def _update(inbox: Inbox, view_id: str, view_hash: str, view: View) -> None:
    known = {"hash": view_hash} if view_hash else {}
    with suppress(*IN_VAIN):
        inbox.back.slack.call("views.update", view_id=view_id, view=view, **known)


def give_back(inbox: Inbox, sent: Submitted, agent: Agent, why: str) -> None:
    """An answer that cannot leave: its words in the reply window again, with the reason above them."""
    case = inbox.case(sent.brand, sent.case_id, agent)
    told = NOT_SENT.format(why=why)
    if case is None:
        inbox.tell(told)
    else:
        inbox.back.show(reply_view(inbox, case, agent, refused=why), told)


def reply_view(
    inbox: Inbox, case: Case, agent: Agent, about: str = "", refused: str = "", *, offline: bool = False
) -> View:
    if not destinations(case):
        return modals.says("Reply", NO_PLACE)
    words = drafts.unsent(inbox, case, agent)
    words = replace(words, kept="", refused=refused) if refused else words
    words = _in_private(case, words) if offline else words
    others = _others(inbox, case, agent)
    aids = replace(_aids(inbox, case, agent, others), words=words, about=about)
    collisions.begun(inbox.store, case.brand, case.id, agent.id, inbox.now)
    _warned(inbox, case, agent, others)
    return reply(case, inbox.channel, inbox.now, aids)


def _in_private(case: Case, words: Words) -> Words:
    """What was begun in public goes on in private, and everybody reads that it does.

    Where a network takes no private answer to it, they are asked in public to write to us.
    """
    private = [one for one in destinations(case) if one.mode is not Mode.PUBLIC]
    if not private:
        return replace(words, text=words.text or modals.ASK_TO_WRITE)
    chosen = next((one for one in private if one.public), private[0])
    told = words.public or (modals.TOLD_PUBLICLY if chosen.public else "")
    return replace(words, where=chosen.value, public=told)


def _others(inbox: Inbox, case: Case, agent: Agent) -> list[Agent]:
    """Who else has this window open."""
    found = collisions.others(inbox.store, case.brand, case.id, agent.id, inbox.now)
    return [one for key in found if (one := inbox.config.agents.get(key))]


def _warned(inbox: Inbox, case: Case, agent: Agent, others: Sequence[Agent]) -> None:
    """Who began before us cannot see in their window that we do, too: they are told below the card."""
    card = inbox.store.card(case.brand, case.id) if others else None
    for one in others if card else ():
        if card and one.slack and inbox.agent(one.slack) == one:
            where = {"channel": card.slack_channel, "thread_ts": card.ts, "user": one.slack}
            with suppress(*IN_VAIN):
                inbox.slack.call("chat.postEphemeral", **where, text=escape(ALSO_WRITES.format(name=agent.name)))


def _aids(inbox: Inbox, case: Case, agent: Agent, others: Sequence[Agent]) -> Aids:
    """What the policy says of every answer, and who else writes one."""
    return Aids(
        macros=[(key, macro.title) for key, macro in inbox.config.macros.items() if macro.serves(case.brand)],
        writing=[one.name for one in others],
        undo=inbox.config.undo or None,
        approval=agent.approval,
        options={key: account.options for key, account in inbox.config.accounts.items()},
        latest=inbox.store.message(case.brand, thread.last_message_id) if (thread := case.thread()) else None,
    )


def fill(inbox: Inbox, click: Click, agent: Agent) -> None:
    """A saved reply was chosen: its words stand in the window before anything is sent, beside those typed before."""
    macro = inbox.config.macros.get(click.value)
    case = inbox.case(click.brand, click.case_id, agent) if macro else None
    if macro is None or case is None or not macro.serves(case.brand) or not destinations(case):
        return
    _again(inbox, case, click, agent, _filled(inbox, case, agent, click), macro.key, _turn(click) + 1)


def measure(inbox: Inbox, click: Click, agent: Agent) -> None:
    """The same window, which now says how much room its words leave."""
    case = inbox.case(click.brand, click.case_id, agent)
    if case is not None and destinations(case):
        text, macro = click.values.get(modals.TEXT, ""), click.metadata.get(modals.MACRO, "")
        _again(inbox, case, click, agent, text, macro, _turn(click))


def _turn(click: Click) -> int:
    return int(click.metadata.get("turn", "0"))


def _again(inbox: Inbox, case: Case, click: Click, agent: Agent, text: str, macro: str, turn: int) -> None:
    """The reply window with this text in it, and with all that was chosen in it."""
    public = click.values.get(modals.PUBLIC, "") if click.values.get(modals.ALSO) else ""
    aids = _aids(inbox, case, agent, _others(inbox, case, agent))
    aids = replace(aids, words=Words(text, click.values.get(modals.WHERE, ""), public), macro=macro, turn=turn)
    show(inbox, _opened_from(reply(case, inbox.channel, inbox.now, aids), click))


def _filled(inbox: Inbox, case: Case, agent: Agent, click: Click) -> str:
    """The saved words in place of those of the one chosen before; whatever else was typed stands below them."""
    chosen = click.values.get(modals.WHERE) or click.metadata.get(modals.WHERE, "")
    reader = case.facing((destination(case, chosen) or destinations(case)[0]).thread)

    def words(key: str) -> str:
        macro = inbox.config.macros.get(key)
        return filled(macro, reader, agent.name, inbox.config.brands[case.brand].name) if macro else ""

    typed = click.values.get(modals.TEXT, "").strip()
    if before := words(click.metadata.get(modals.MACRO, "")).strip():
        typed = typed.removeprefix(before).strip()
    return "\n\n".join(part for part in (words(click.value), typed) if part)


def _reply(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return reply_view(inbox, case, agent)


def _offline(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return reply_view(inbox, case, agent, offline=True)


def _note(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    words = drafts.unsent(inbox, case, agent, NOTE)
    return modals.note(case.brand, case.id, words.text, words.kept)


def _menu(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return forms.menu(case, lookup.permalink(inbox, case, click.ts))


def _move(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return forms.move(case, list(inbox.queues().items()))


def _reject(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return forms.reject(case, click.subject)


def _snooze(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return forms.snooze(case, inbox.now)


def _clocks(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    """Each promise and its log, of which only the latest is read."""
    timeline = inbox.store.timeline(case.brand, case.id, explaining.READ)
    told = explained(case, timeline, inbox.now)
    return explaining.window(told, lambda key: one.name if (one := inbox.config.agents.get(key)) else key)


def _moderate(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return forms.moderate(case, lookup.written(inbox, case), inbox.now)


def _plain(build: Callable[[Case], View]) -> Build:
    return lambda inbox, case, click, agent: build(case)


_BUILD: Mapping[str, Build] = {
    buttons.REPLY: _reply,
    buttons.OFFLINE: _offline,
    buttons.NOTE: _note,
    buttons.MORE: _menu,
    buttons.ESCALATE: _plain(forms.escalate),
    buttons.ASSIGN: _plain(forms.assign),
    buttons.MOVE: _move,
    buttons.PRIORITY: _plain(forms.priority),
    buttons.TAGS: _plain(forms.tags),
    buttons.SNOOZE_UNTIL: _snooze,
    buttons.MERGE: _plain(forms.merge),
    buttons.LINK: _plain(forms.link),
    buttons.DISMISS: _plain(forms.dismiss),
    buttons.MODERATE: _moderate,
    buttons.CLOCKS: _clocks,
    buttons.REJECT: _reject,
}
