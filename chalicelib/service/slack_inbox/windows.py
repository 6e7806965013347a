"""Windows open at once, because Slack's permission to open one lasts three seconds; then the case is read."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.case import Case
from chalicelib.domain.explaining import explained
from chalicelib.domain.macros import filled
from chalicelib.domain.people import Agent
from chalicelib.service import collisions
from chalicelib.service.ports import SlackRefused
from chalicelib.service.slack_inbox.desk import Answer, Inbox
from chalicelib.service.slack_inbox.words import NO_CASE, NO_PLACE, OVER, TOO_SLOW
from chalicelib.slack import buttons, explaining, forms, modals
from chalicelib.slack.incoming import Click

View = dict[str, Any]
Build = Callable[[Inbox, Case, Click, Agent], View]


def opens(click: Click) -> bool:
    """Whether this button only opens a window."""
    return click.action in _WINDOWS or click.action == buttons.NOTE or _picks(click)


def _picks(click: Click) -> bool:
    return click.action == buttons.SNOOZE and click.subject == buttons.PICK


def open_for(inbox: Inbox, click: Click, agent: Agent) -> Answer:
    barred = inbox.barred(agent, click.brand, click.case_id)
    if barred:
        return inbox.tell(click, barred)
    if click.action == buttons.NOTE:
        return _open_note(inbox, click)
    title, build = _WINDOWS[buttons.SNOOZE_UNTIL if _picks(click) else click.action]

    def made() -> View:
        case = inbox.case(click.brand, click.case_id, agent)
        return build(inbox, case, click, agent) if case else modals.says(title, NO_CASE)

    if click.view_id and not click.home:
        _show(inbox, click.view_id, "", made())
        return {}
    return {} if show_loading(inbox, click.trigger_id, title, made) else inbox.tell(click, TOO_SLOW)


def show_loading(inbox: Inbox, trigger_id: str, title: str, made: Callable[[], View]) -> bool:
    """Open a window that says to wait, then put what was made into it; False when it came too late for that."""
    try:
        opened = inbox.slack.call("views.open", trigger_id=trigger_id, view=modals.loading(title))
    except SlackRefused:
        return False
    _show(inbox, opened["view"]["id"], opened["view"].get("hash", ""), made())
    return True


def _show(inbox: Inbox, view_id: str, view_hash: str, view: View) -> None:
    """Unless the agent closed the window meanwhile, or something newer is in it."""
    known = {"hash": view_hash} if view_hash else {}
    with suppress(SlackRefused):
        inbox.slack.call("views.update", view_id=view_id, view=view, **known)


def _open_note(inbox: Inbox, click: Click) -> Answer:
    try:
        inbox.slack.call("views.open", trigger_id=click.trigger_id, view=modals.note(click.brand, click.case_id))
    except SlackRefused:
        return inbox.tell(click, TOO_SLOW)
    return {}


def reply_view(inbox: Inbox, case: Case, agent: Agent, about: str = "") -> View:
    if not modals.destinations(case):
        return modals.says("Reply", NO_PLACE)
    text, kept_at = _kept(inbox, case, agent)
    aids = replace(_aids(inbox, agent), writing=_others(inbox, case, agent), text=text, kept_at=kept_at, about=about)
    return modals.reply(case, inbox.channel, inbox.now, aids)


def _aids(inbox: Inbox, agent: Agent) -> modals.Aids:
    """What the policy says of every answer."""
    macros = [(key, macro.title) for key, macro in inbox.config.macros.items()]
    return modals.Aids(macros=macros, undo=inbox.config.undo or None, approval=agent.approval)


def _others(inbox: Inbox, case: Case, agent: Agent) -> list[str]:
    """Who else has this window open. That we have it too is written down for them."""
    found = collisions.others(inbox.store, case.brand, case.id, agent.id, inbox.now)
    collisions.begun(inbox.store, case.brand, case.id, agent.id, inbox.now)
    return [one.name for key in found if (one := inbox.config.agents.get(key))]


def _kept(inbox: Inbox, case: Case, agent: Agent) -> tuple[str, datetime | None]:
    """What this agent wrote and did not send."""
    kept = inbox.store.draft(case.brand, case.id, agent.id)
    return (kept.text, kept.at) if kept and kept.usable(inbox.now) else ("", None)


def fill(inbox: Inbox, click: Click, agent: Agent) -> Answer:
    """A saved reply was chosen: its words, filled, stand in the window before anything is sent."""
    macro = inbox.config.macros.get(click.value)
    case = inbox.case(click.brand, click.case_id, agent) if macro else None
    if macro is None or case is None or not modals.destinations(case):
        return {}
    words = filled(macro, case, agent.name, inbox.config.brands[case.brand].name)
    turn = int(click.metadata.get("turn", "0")) + 1
    view = modals.reply(
        case, inbox.channel, inbox.now, replace(_aids(inbox, agent), text=words, macro=macro.key, turn=turn)
    )
    _show(inbox, click.view_id, click.view_hash, view)
    return {}


def _reply(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return reply_view(inbox, case, agent)


def _menu(inbox: Inbox, case: Case, click: Click, agent: Agent) -> View:
    return forms.menu(case) if case.live else modals.says("More", OVER)


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


def _plain(build: Callable[[Case], View]) -> Build:
    return lambda inbox, case, click, agent: build(case)


_WINDOWS: Mapping[str, tuple[str, Build]] = {
    buttons.REPLY: ("Reply", _reply),
    buttons.MORE: ("More", _menu),
    buttons.ESCALATE: ("Escalate", _plain(forms.escalate)),
    buttons.ASSIGN: ("Assign", _plain(forms.assign)),
    buttons.MOVE: ("To another team", _move),
    buttons.PRIORITY: ("Priority", _plain(forms.priority)),
    buttons.TAGS: ("Tags", _plain(forms.tags)),
    buttons.SNOOZE_UNTIL: ("Snooze", _snooze),
    buttons.MERGE: ("Merge", _plain(forms.merge)),
    buttons.LINK: ("Link", _plain(forms.link)),
    buttons.DISMISS: ("Not a request", _plain(forms.dismiss)),
    buttons.MODERATE: ("On the network", _plain(forms.moderate)),
    buttons.CLOCKS: ("Clocks", _clocks),
    buttons.REJECT: ("Not like this", _reject),
}
