"""What a person did in Slack, as a command. Its id is Slack's own, so that a repeat does nothing.

Text in a thread is always a note: words for the customer leave by the reply window only.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain import ids
from chalicelib.domain.card import CardPlace
from chalicelib.domain.case import Priority
from chalicelib.domain.commands import (
    Acknowledge,
    Act,
    AddNote,
    Answer,
    Approve,
    Assign,
    Command,
    Dismiss,
    Escalate,
    Link,
    Merge,
    Moderate,
    Move,
    Reject,
    Release,
    Reopen,
    Resolve,
    ReviseNote,
    SetPriority,
    Settle,
    Snooze,
    Tag,
    Take,
    Undo,
    Wake,
)
from chalicelib.domain.errors import Refusal
from chalicelib.domain.instants import from_seconds
from chalicelib.domain.moderation import NEEDS_REASON
from chalicelib.domain.tags import tag
from chalicelib.slack import buttons, forms
from chalicelib.slack.destinations import Destination
from chalicelib.slack.incoming import Click, Revised, Said, Submitted
from chalicelib.slack.modals import APPROVAL, NOTE_VIEW, PROMISED, PUBLIC, TEXT, TOLD_PUBLICLY


class NotLikeThis(Refusal):
    """What is wrong, and beside which field it is to stand."""

    def __init__(self, block: str, words: str) -> None:
        super().__init__(words)
        self.block = block


_BARE: Mapping[str, Callable[[str, str, str, str], Command]] = {
    buttons.TAKE: Take,
    buttons.RELEASE: Release,
    buttons.RESOLVE: Resolve,
    buttons.REOPEN: Reopen,
    buttons.WAKE: Wake,
    buttons.ACKNOWLEDGE: Acknowledge,
}
_OF_REPLY: Mapping[str, Callable[[str, str, str, str, str], Command]] = {
    buttons.UNDO: Undo,
    buttons.APPROVE: Approve,
    buttons.THERE: partial(Settle, posted=True),
    buttons.MISSING: partial(Settle, posted=False),
}


def from_click(click: Click, agent: str, now: datetime) -> Command | None:
    """What the button asks for; None for buttons that only open a window, and for ones we do not know."""
    about = (click.press, click.brand, click.case_id, agent)
    if click.action in _BARE:
        return _BARE[click.action](*about)
    if click.action in _OF_REPLY:
        return _OF_REPLY[click.action](*about, click.subject)
    if click.action == buttons.SNOOZE and click.subject.isdecimal():
        return Snooze(*about, until=now + timedelta(minutes=min(int(click.subject), 129_600)))
    return None


def from_reply(submitted: Submitted, agent: str, where: Destination) -> Answer:
    text = submitted.values.get(TEXT, "")
    conversation_id = where.thread.conversation_id
    approval = bool(submitted.values.get(APPROVAL))
    about = (*_about(submitted, agent), text, where.mode, conversation_id)
    return Answer(*about, approval=approval, promised=_picked(submitted.values.get(PROMISED, "")))


def _picked(chosen: str) -> datetime | None:
    """A moment as Slack's picker gives it, or nothing."""
    return from_seconds(chosen) if chosen.isdecimal() and len(chosen) <= 10 else None


def public_words(submitted: Submitted) -> str:
    """What everybody reads beside a private answer; never the private words."""
    return submitted.values.get(PUBLIC, "").strip() or TOLD_PUBLICLY


def from_said(said: Said, place: CardPlace, agent: str, text: str) -> AddNote:
    """``text`` is the note as the agent meant it. Its id is the message's own, so that what becomes of it finds it."""
    return AddNote(_written(said), place.brand, place.case_id, agent, _with_files(text, said.files))


def from_revised(revised: Revised, place: CardPlace, agent: str, text: str) -> ReviseNote:
    """What somebody changed in a thread, or took back, as a change of the note it was kept as."""
    note = ids.note_id(place.brand, _written(revised))
    words = None if revised.text is None else _with_files(text, revised.files)
    return ReviseNote(revised.event_id, place.brand, place.case_id, agent, note, words, revised.order)


def _written(words: Said | Revised) -> str:
    return f"{words.channel}:{words.ts}"


def _with_files(text: str, files: Sequence[str]) -> str:
    """Files stay in Slack and are named."""
    return "\n".join(part for part in (text, *(f"[file in Slack: {name}]" for name in files)) if part)


def from_form(submitted: Submitted, agent: str, agents: Callable[[str], str | None]) -> Command | None:
    """What a window asks for; None for windows we do not know. Raises Refusal for fields that cannot be meant."""
    make = _FORMS.get(submitted.callback)
    return make(submitted, _about(submitted, agent), agents) if make else None


_About = tuple[str, str, str, str]
_Agents = Callable[[str], str | None]


def _about(submitted: Submitted, agent: str) -> _About:
    return submitted.view_id, submitted.brand, submitted.case_id, agent


def _text(submitted: Submitted) -> str:
    return submitted.values.get(TEXT, "").strip()


def _said(submitted: Submitted, else_: str) -> str:
    """The words of a field that may not stay empty. Raises Refusal."""
    if not (text := _text(submitted)):
        raise Refusal(else_)
    return text


def _note(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    _said(submitted, "The note is empty; write something first.")
    return AddNote(*about, submitted.values.get(TEXT, ""))


def _assign(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    to = agents(submitted.values.get(forms.WHO, ""))
    if to is None:
        raise Refusal("That person is not set up in Heed; ask an admin to add them in care.yaml.")
    return Assign(*about, to=to, note=_text(submitted))


def _move(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    return Move(*about, queue=submitted.values.get(forms.QUEUE, ""), note=_text(submitted))


def _priority(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    chosen = submitted.values.get(forms.PRIORITY, "")
    if chosen not in set(Priority):
        raise Refusal("Choose how urgent it is.")
    return SetPriority(*about, priority=Priority(chosen), reason=_text(submitted))


def _snooze(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    until = _picked(submitted.values.get(forms.UNTIL, ""))
    if until is None:
        raise Refusal("Choose until when.")
    return Snooze(*about, until=until, reason=_text(submitted))


def _tags(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    """Only what changed in the window: tags that somebody else gave meanwhile stay."""
    before = [one for one in submitted.metadata.get("before", "").split(",") if one]
    named = _listed(submitted, forms.TAGS)
    add = tuple(one for one in named if one not in before)
    gone = tuple(one for one in before if one not in named)
    return Tag(*about, add=add, remove=gone, person_add=_listed(submitted, forms.PERSON_TAGS))


def _listed(submitted: Submitted, field: str) -> tuple[str, ...]:
    """Tags as somebody wrote them, with commas between. Raises Refusal."""
    return tuple(dict.fromkeys(tag(one) for one in submitted.values.get(field, "").split(",") if one.strip()))


def _merge(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    return Merge(*about, into=submitted.values.get(forms.CASE, "").strip())


def _link(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    return Link(*about, to=submitted.values.get(forms.CASE, "").strip())


def _dismiss(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    return Dismiss(*about, reason=_text(submitted))


def _escalate(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    return Escalate(*about, reason=_said(submitted, "Say why, for those who are called."))


def _reject(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    reason = _said(submitted, "Say why, so that a better reply can be written.")
    return Reject(*about, reply_id=submitted.metadata.get("reply", ""), reason=reason)


def _moderate(submitted: Submitted, about: _About, agents: _Agents) -> Command:
    act, message_id = submitted.values.get(forms.ACT, ""), submitted.values.get(forms.MESSAGE, "")
    if act not in set(Act):
        raise Refusal("Choose what shall happen.")
    if Act(act) in NEEDS_REASON and not _text(submitted):
        raise NotLikeThis(TEXT, "Write down why; the reason stays in the timeline.")
    return Moderate(*about, message_id=message_id, act=Act(act), reason=_text(submitted))


_FORMS: Mapping[str, Callable[[Submitted, _About, _Agents], Command]] = {
    NOTE_VIEW: _note,
    forms.ASSIGN_VIEW: _assign,
    forms.MOVE_VIEW: _move,
    forms.PRIORITY_VIEW: _priority,
    forms.SNOOZE_VIEW: _snooze,
    forms.TAGS_VIEW: _tags,
    forms.MERGE_VIEW: _merge,
    forms.LINK_VIEW: _link,
    forms.DISMISS_VIEW: _dismiss,
    forms.ESCALATE_VIEW: _escalate,
    forms.REJECT_VIEW: _reject,
    forms.MODERATE_VIEW: _moderate,
    forms.ADD_VIEW: _note,
}
