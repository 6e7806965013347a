"""What an agent writes is kept until it is sent, so that it survives a window that was lost."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.case import Case
from chalicelib.domain.draft import NOTE, Draft, expiry
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import split_case_id
from chalicelib.domain.people import Agent
from chalicelib.domain.presence import writing
from chalicelib.domain.reply import Reply
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.slack import modals
from chalicelib.slack.destinations import Aim
from chalicelib.slack.incoming import Click, Closed, Submitted
from chalicelib.slack.lines_of_replies import failed
from chalicelib.slack.replying import Words
from chalicelib.slack.times import moment_of

KINDS = {modals.REPLY_VIEW: "", modals.NOTE_VIEW: NOTE}
"""The windows whose words are kept, and what their drafts are called."""
SOONEST = timedelta(milliseconds=1)
"""What comes later than something else comes later by so much at least."""
LOOKED_THROUGH = 20
"""So many of the latest events may bring words back."""
_CAME_BACK = {
    Fact.REPLY_UNDONE: "These are the words that were taken back",
    Fact.REPLY_REJECTED: "These are the words that a colleague sent back",
    Fact.REPLY_FAILED: "These are the words that could not be sent",
}


def typed(inbox: Inbox, click: Click, agent: Agent) -> None:
    """A keystroke. The latest words win, whatever order they come in. Who writes is seen by others to write."""
    text = click.values.get(modals.TEXT) or click.value
    if not _keep(inbox, click, agent, text, moment_of(click.action_ts)) or KINDS.get(click.callback):
        return
    with suppress(Conflict):
        inbox.store.commit(writing(click.brand, click.case_id, agent.id, inbox.now))


def closed(inbox: Inbox, closed: Closed, agent: Agent) -> None:
    """Slack does not always say what stood in the window; what it told before is kept already."""
    text = closed.values.get(modals.TEXT, "")
    if text.strip():
        _keep(inbox, closed, agent, text, inbox.errand.at)


def refused(inbox: Inbox, sent: Submitted, agent: Agent) -> None:
    """They could not leave: words of their own from now on, whatever became of their window before.

    Others that wait there since are not lost for them: both stand in the next window.
    """
    if not _keeps(inbox, sent, agent):
        return
    text, at = sent.values.get(modals.TEXT, ""), inbox.now
    if known := inbox.store.draft(sent.brand, sent.case_id, agent.id, KINDS[sent.callback]):
        at = max(at, known.at + SOONEST)
        if known.usable(inbox.now) and known.view != sent.view_id:
            text = known.text if text in known.text else f"{known.text}\n\n{text}"
    _commit(inbox, _draft(replace(sent, view_id=""), agent, text, at))


def forget(inbox: Inbox, sent: Submitted, agent: Agent) -> None:
    """They were sent, and with them whatever Slack still tells of that window."""
    _commit(inbox, _draft(sent, agent, "", inbox.errand.at, sent=True))


def _keep(inbox: Inbox, did: Click | Closed | Submitted, agent: Agent, text: str, at: datetime) -> bool:
    return _keeps(inbox, did, agent) and _commit(inbox, _draft(did, agent, text, at))


def _keeps(inbox: Inbox, did: Click | Closed | Submitted, agent: Agent) -> bool:
    """Whether what they write there is kept: the window is one of these, and they may work on its case."""
    return did.callback in KINDS and _is_case(did.case_id) and not inbox.barred(agent, did.brand, did.case_id)


def _draft(did: Click | Closed | Submitted, agent: Agent, text: str, at: datetime, *, sent: bool = False) -> Draft:
    return Draft(
        brand=did.brand,
        case_id=did.case_id,
        agent=agent.id,
        at=at,
        expires_at=expiry(at),
        text=text,
        kind=KINDS[did.callback],
        where="" if sent else did.values.get(modals.WHERE) or did.metadata.get(modals.WHERE, ""),
        public=did.values.get(modals.PUBLIC, "") if did.values.get(modals.ALSO) and not sent else "",
        view=did.view_id,
        sent=sent,
    )


def _commit(inbox: Inbox, draft: Draft) -> bool:
    """A mark beside them must never cost the words, so each is written by itself."""
    try:
        inbox.store.commit(draft)
    except Conflict:
        return False
    return True


def unsent(inbox: Inbox, case: Case, agent: Agent, kind: str = "") -> Words:
    """What this agent wrote and did not send, or sent and got back; it stands in the window when it opens."""
    kept = inbox.store.draft(case.brand, case.id, agent.id, kind)
    if kept and kept.usable(inbox.now):
        return Words(kept.text, kept.where, kept.public, modals.not_sent(kept.at, inbox.now))
    return Words() if kind else _came_back(inbox, case, agent, kept)


def _came_back(inbox: Inbox, case: Case, agent: Agent, since: Draft | None) -> Words:
    """The words of an answer that was undone, rejected or failed after they wrote last."""
    events = inbox.store.timeline(case.brand, case.id, LOOKED_THROUGH)
    later = (one for one in reversed(events) if since is None or one.at > since.at)
    for event in (one for one in later if one.fact in _CAME_BACK):
        reply = inbox.store.reply(case.brand, str(event.data.get("reply_id", "")))
        if reply is not None and reply.agent == agent.id and reply.text:
            where = Aim(reply.mode, reply.conversation_id, reply.channel).value
            return Words(reply.text, where, kept=f"{_CAME_BACK[event.fact]}{_because(inbox, event, reply)}.")
    return Words()


def _because(inbox: Inbox, event: TimelineEvent, reply: Reply) -> str:
    if event.fact is Fact.REPLY_FAILED:
        reason = reply.reason or ""
        return f": {failed(reason, inbox.channel(reply.channel).title, reason.replace('_', ' '))[0]}"
    return f": {note}" if (note := event.data.get("note")) else ""


def _is_case(case_id: str) -> bool:
    try:
        split_case_id(case_id)
    except ValueError:
        return False
    return True
