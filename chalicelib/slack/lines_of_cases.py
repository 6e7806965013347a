"""The lines about the case itself: who has it, where it is, how urgent, and what was promised."""

from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.domain.instants import instant
from chalicelib.domain.reopening import TAKEN_BACK
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack.blocks import Block, actions, button
from chalicelib.slack.buttons import ACKNOWLEDGE, REOPEN
from chalicelib.slack.clockwords import OWED
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.telling import NAME, REASON, Line, Scene, about, bot, with_note
from chalicelib.slack.times import moment, span


def _reopened(event: TimelineEvent, scene: Scene) -> Line:
    if event.data.get("why") == TAKEN_BACK:
        counts = "What was promised counts on as if it had not been over."
        return Line(f":leftwards_arrow_with_hook: {scene.who} reopened this case. {counts}", broadcast=True)
    why = f"{scene.customer} wrote again"
    if event.data.get("why") == "reply":
        why = f"our answer did not reach {scene.customer}"
    words = f":leftwards_arrow_with_hook: {why[:1].upper()}{why[1:]}, so this case is open again."
    return Line(words, broadcast=True)


def _taken(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":raised_hand: {scene.who} took this case.")


def _released(event: TimelineEvent, scene: Scene) -> Line:
    of = f" of {scene.to}" if "from" in event.data else ""
    why = {"claim": "because nothing was done about it", "away": "because they are away"}.get(event.data.get("why", ""))
    return Line(f"{scene.who} gave this case{of} back to the team{f', {why}' if why else ''}. Press Take to continue.")


def _resolving(event: TimelineEvent, scene: Scene) -> Line:
    words = f":hourglass: {scene.who} resolves this case with the answer that is on its way"
    return Line(f"{words}. If that does not arrive, the case stays open.")


def _solved(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":white_check_mark: {scene.who} resolved this case.", (_back(event),))


def _dismissed(event: TimelineEvent, scene: Scene) -> Line:
    words = f":wave: {scene.who} says this was not a request. No clock counts it."
    told = with_note(words, event.data.get("reason"))
    return Line(told.words, (*told.shown, _back(event)), told.teaser)


def _back(event: TimelineEvent) -> Block:
    """A slip is taken back where it is seen."""
    return actions([button("Reopen", REOPEN, about(event).removesuffix("/"))])


def _assigned(event: TimelineEvent, scene: Scene) -> Line:
    return with_note(f":point_right: {scene.who} gave this case to {scene.to}.", event.data.get("note"))


def _moved(event: TimelineEvent, scene: Scene) -> Line:
    return with_note(f":arrow_right: {_by(scene)} moved this case to {scene.to}.", event.data.get("note"))


def _priority(event: TimelineEvent, scene: Scene) -> Line:
    now, before = (literal(str(event.data.get(key) or ""), NAME) for key in ("to", "from"))
    was = f", it was {before}" if before else ""
    return with_note(
        f":vertical_traffic_light: {_by(scene)} set the priority to *{now}*{was}.", event.data.get("reason")
    )


def _snoozed(event: TimelineEvent, scene: Scene) -> Line:
    until = _when(event, "until")
    till = f" until {moment(until, scene.now)}" if until else ""
    return with_note(f":zzz: {scene.who} snoozed this case{till}, or until they write.", event.data.get("reason"))


def _woken(event: TimelineEvent, scene: Scene) -> Line:
    return Line(":alarm_clock: This case is back from its snooze.", broadcast=event.actor == SYSTEM)


def _tagged(event: TimelineEvent, scene: Scene) -> Line:
    parts = [f"{sign} {tags}" for sign, key in (("+", "add"), ("-", "remove")) if (tags := _listed(event, key))]
    of = f" of {scene.customer}" if event.fact is Fact.CONTACT_TAGGED else ""
    return Line(f":label: {scene.who} changed the tags{of}: {'; '.join(parts) or 'none'}.")


def _merged(event: TimelineEvent, scene: Scene) -> Line:
    into, came = (literal(str(event.data.get(key) or ""), NAME) for key in ("into", "from"))
    if came and not into:
        return Line(f":twisted_rightwards_arrows: {scene.who} merged case `{came}` into this one.")
    return Line(f":twisted_rightwards_arrows: {scene.who} merged this case into `{into}`. Go on there.")


def _linked(event: TimelineEvent, scene: Scene) -> Line:
    to = literal(str(event.data.get("to") or event.data.get("from") or ""), NAME)
    return Line(f":link: {scene.who} linked this case to `{to}`.")


def _handed(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":robot_face: {bot(event)} handed this case over to people. Press Take or Reply.", broadcast=True)


def _applied(event: TimelineEvent, scene: Scene) -> Line:
    version = literal(str(event.data.get("version") or ""), NAME)
    return Line(
        f":scroll: The policy file was edited{f' (version {version})' if version else ''}: other promises hold now."
    )


def _escalated(event: TimelineEvent, scene: Scene) -> Line:
    state, chain = str(event.data.get("state", "started")), literal(str(event.data.get("chain") or ""), NAME)
    if state == "ended":
        why = literal(str(event.data.get("why") or ""), REASON)
        return Line(f":white_check_mark: The escalation {chain} is over{f': {why}' if why else ''}.".replace("  ", " "))
    if state != "started":
        until = _when(event, "until")
        till = f" until {moment(until, scene.now)}" if until else ""
        return Line(f":fire: The escalation {chain}: {literal(state, NAME)}{till}.")
    onto = actions([button("I am on it", ACKNOWLEDGE, about(event).removesuffix("/"), "primary")])
    told = with_note(f":fire: *Escalated* ({chain}) by {_by(scene)}. Who is on it?", event.data.get("reason"))
    return Line(told.words, (*told.shown, onto), told.teaser, broadcast=True)


def _acknowledged(event: TimelineEvent, scene: Scene) -> Line:
    until = _when(event, "until")
    else_words = f" If nothing follows by {moment(until, scene.now)}, it goes on." if until else ""
    return Line(f":raised_hand: {scene.who} is on it. Nobody else is called.{else_words}")


def _unacknowledged(event: TimelineEvent, scene: Scene) -> Line:
    return Line(":fire: Nothing followed, so the escalation goes on.")


def _held(event: TimelineEvent, scene: Scene) -> Line:
    return with_note(":lock: What belongs to this case is kept for legal reasons now.", event.data.get("reason"))


def _unheld(event: TimelineEvent, scene: Scene) -> Line:
    return Line(":unlock: What belongs to this case is not kept for legal reasons any more.")


def _erased(event: TimelineEvent, scene: Scene) -> Line:
    return Line(":wastebasket: The customer's data was erased. Please delete what you copied of it.")


def _contact_erased(event: TimelineEvent, scene: Scene) -> Line:
    words = ":wastebasket: The data of one of the people in this case was erased. The others go on in it."
    return Line(f"{words} Please delete what you copied of theirs.")


def _by(scene: Scene) -> str:
    return "Heed" if scene.actor in (SYSTEM, "") else scene.who


def _when(event: TimelineEvent, key: str) -> datetime | None:
    told = event.data.get(key)
    return instant(told) if isinstance(told, str) and told else None


def _listed(event: TimelineEvent, key: str) -> str:
    tags = event.data.get(key) or event.data.get({"add": "added", "remove": "removed"}[key]) or ()
    return ", ".join(literal(str(tag), NAME) for tag in tags)


def _warned(event: TimelineEvent, scene: Scene) -> Line:
    due = instant(event.data["due_at"])
    left = f", in {span(due - scene.now)}" if due > scene.now else ""
    words = f":warning: *Time runs out:* {_owed(event, scene)} by {moment(due, scene.now)}{left}. Press Take or Reply."
    return Line(words, broadcast=True)


def _breached(event: TimelineEvent, scene: Scene) -> Line:
    due = moment(instant(event.data["due_at"]), scene.now)
    return Line(f":rotating_light: *Too late:* {_owed(event, scene)} by {due}. Please do it now.", broadcast=True)


def _owed(event: TimelineEvent, scene: Scene) -> str:
    metric = event.data.get("metric")
    owed = OWED[Metric(metric)] if metric in set(Metric) else OWED[Metric.FIRST_RESPONSE]
    return owed.replace("{who}", scene.customer)


SYSTEM = "system"

OF_CASES: Mapping[Fact, Callable[[TimelineEvent, Scene], Line]] = {
    Fact.CASE_REOPENED: _reopened,
    Fact.CASE_TAKEN: _taken,
    Fact.CASE_RELEASED: _released,
    Fact.CASE_RESOLVING: _resolving,
    Fact.CASE_SOLVED: _solved,
    Fact.CASE_DISMISSED: _dismissed,
    Fact.CASE_ASSIGNED: _assigned,
    Fact.CASE_MOVED: _moved,
    Fact.CASE_PRIORITY: _priority,
    Fact.CASE_SNOOZED: _snoozed,
    Fact.CASE_WOKEN: _woken,
    **dict.fromkeys((Fact.CASE_TAGGED, Fact.CONTACT_TAGGED), _tagged),
    Fact.CASE_MERGED: _merged,
    Fact.CASE_LINKED: _linked,
    Fact.CASE_HANDED: _handed,
    Fact.POLICY_APPLIED: _applied,
    Fact.CASE_ESCALATED: _escalated,
    Fact.CASE_ACKNOWLEDGED: _acknowledged,
    Fact.CASE_UNACKNOWLEDGED: _unacknowledged,
    Fact.CASE_HELD: _held,
    Fact.CASE_UNHELD: _unheld,
    Fact.CASE_ERASED: _erased,
    Fact.CONTACT_ERASED: _contact_erased,
    Fact.CLOCK_WARNED: _warned,
    Fact.CLOCK_BREACHED: _breached,
}
