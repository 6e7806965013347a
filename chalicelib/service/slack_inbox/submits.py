"""Windows that were sent and are closed already. What cannot be done is told, and the words are kept as a draft."""

from dataclasses import replace

from chalicelib.domain.commands import Answer, Undo
from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import reply_id
from chalicelib.domain.macros import then
from chalicelib.domain.people import Agent
from chalicelib.domain.reply import UNDONE, Enclosure, Then, enclosed
from chalicelib.service.slack_inbox import checks, drafts, lookup, windows
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.files import fetched
from chalicelib.service.slack_inbox.words import FIRST_LEAVES, NOT_BOTH, PLACE_LEFT, TOO_LATE
from chalicelib.slack import commands, forms, modals
from chalicelib.slack.destinations import destination
from chalicelib.slack.incoming import Submitted
from chalicelib.slack.mrkdwn import clip

QUOTED = 200


def submitted(inbox: Inbox, sent: Submitted, agent: Agent, late: bool) -> None:
    """A note is kept however late it comes; nothing else is done that was meant for another time."""
    if sent.callback == modals.REPLY_VIEW:
        _reply(inbox, sent, agent, late)
    elif late and sent.callback not in (modals.NOTE_VIEW, forms.ADD_VIEW):
        inbox.tell(TOO_LATE)
    else:
        _carry_out(inbox, sent, agent)


def _carry_out(inbox: Inbox, sent: Submitted, agent: Agent) -> None:
    try:
        command = commands.from_form(_with_case(inbox, sent, agent), agent.id, inbox.agent_id)
        refused = inbox.carry_out(lookup.numbered(inbox, command, agent)) if command else None
    except Refusal as refusal:
        refused = str(refusal)
    if refused:
        drafts.refused(inbox, sent, agent)
        inbox.tell(refused)
    elif sent.callback == modals.NOTE_VIEW:
        drafts.forget(inbox, sent, agent)


def _with_case(inbox: Inbox, sent: Submitted, agent: Agent) -> Submitted:
    """A note that names its case. Raises Refusal."""
    if sent.callback != forms.ADD_VIEW:
        return sent
    case = lookup.named(inbox, checks.named(sent), agent)
    return replace(sent, callback=modals.NOTE_VIEW, metadata={"brand": case.brand, "case": case.id})


def _reply(inbox: Inbox, sent: Submitted, agent: Agent, late: bool) -> None:
    """What is refused now could not be known before; the words come back in a window of their own."""
    try:
        if late:
            raise Refusal(TOO_LATE)
        if refused := inbox.carry_out(_answer(inbox, sent, agent)):
            raise Refusal(refused)
    except Refusal as refusal:
        drafts.refused(inbox, sent, agent)
        windows.give_back(inbox, sent, agent, str(refusal))
        return
    drafts.forget(inbox, sent, agent)


def _answer(inbox: Inbox, sent: Submitted, agent: Agent) -> Answer:
    """What the window asks for, with all that hangs on it."""
    case = inbox.case(sent.brand, sent.case_id, agent)
    chosen = sent.values.get(modals.WHERE) or sent.metadata.get(modals.WHERE, "")
    where = destination(case, chosen) if case else None
    if where is None:
        raise Refusal(PLACE_LEFT)
    also = bool(sent.values.get(modals.ALSO))
    if also and where.public is None:
        raise Refusal(NOT_BOTH)
    hanging = _then(inbox, sent, agent, commands.public_words(sent) if also else "", fetched(inbox, sent, where))
    return _instead(inbox, sent, replace(commands.from_reply(sent, agent.id, where), then=hanging))


def _then(inbox: Inbox, sent: Submitted, agent: Agent, publicly: str, file: Enclosure | None) -> Then | None:
    """The file, the words that tell of the answer in public, and what the saved reply does beside it."""
    macro = inbox.config.macros.get(sent.values.get(modals.MACRO, ""))
    meant = then(macro, agent.id) if macro and macro.serves(sent.brand) else Then()
    hanging = replace(meant, publicly=publicly, file=file)
    return hanging if hanging != Then() else None


def _instead(inbox: Inbox, sent: Submitted, answer: Answer) -> Answer:
    """Other words of a window that was sent before, as after a timeout, take the place of the first while they can."""
    known = inbox.store.reply(answer.brand, reply_id(answer.brand, answer.id))
    if known is None or _said(known.text, known.then, known.file) == _said(answer.text.strip(), answer.then):
        return answer
    undo = Undo(f"{sent.identity}:undo", answer.brand, answer.case_id, answer.agent, known.id)
    if known.reason != UNDONE and inbox.carry_out(undo):
        first = known.text or ", ".join(one.name for one in enclosed(known))
        raise Refusal(FIRST_LEAVES.format(words=clip(first, QUOTED)))
    return replace(answer, id=sent.identity)


def _said(text: str, hanging: Then | None, file: Enclosure | None = None) -> tuple[str, str, Enclosure | None]:
    """All that others get to see of an answer."""
    return text, hanging.publicly if hanging else "", file or (hanging.file if hanging else None)
