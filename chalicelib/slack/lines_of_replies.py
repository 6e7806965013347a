"""The lines about answers: on their way, held, taken back, arrived, or nobody can tell."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.answers import by_bot
from chalicelib.domain.instants import instant
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack.blocks import Block, actions, button
from chalicelib.slack.buttons import APPROVE, MISSING, REJECT, THERE, UNDO
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.telling import REASON, Line, Scene, about, bot, reach, what, with_message, with_note, with_reply
from chalicelib.slack.times import moment


def _queued(event: TimelineEvent, scene: Scene) -> Line:
    words = f":outbox_tray: {scene.who} answers {reach(event, scene)}{_naming(event, scene)}"
    leaves = _leaves(event, scene)
    if leaves is None:
        return with_reply(f"{words}:", scene)
    return with_reply(f"{words}, at {moment(leaves, scene.now)}:", scene, _undo(event))


def _naming(event: TimelineEvent, scene: Scene) -> str:
    promised = event.data.get("promised")
    return f" and names them {moment(instant(promised), scene.now)}" if promised else ""


def _leaves(event: TimelineEvent, scene: Scene) -> datetime | None:
    """When it leaves, while it can still be taken back. What was put down with the reply says so, else the event."""
    told = event.data.get("not_before")
    leaves = instant(told) if told else scene.reply.not_before if scene.reply else None
    return leaves if leaves and leaves > scene.now else None


def _undo(event: TimelineEvent) -> Block:
    return actions([button("Take it back", UNDO, about(event, event.data.get("reply_id", "")))])


def _held(event: TimelineEvent, scene: Scene) -> Line:
    subject = about(event, event.data.get("reply_id", ""))
    wants = f"{scene.who} wants to answer {reach(event, scene)}{_naming(event, scene)}"
    words = f":raised_hand_with_fingers_splayed: {wants}. Who approves it?"
    choice = (button("Approve and send", APPROVE, subject, "primary"), button("Not like this…", REJECT, subject))
    return replace(with_reply(_calling(words, scene), scene, actions(choice)), broadcast=not scene.calls)


def _calling(words: str, scene: Scene) -> str:
    """Whoever has to act is called by name; a channel of people who have not is left in peace."""
    return f"{scene.calls} {words}".strip()


def _approved(event: TimelineEvent, scene: Scene) -> Line:
    words = f":ballot_box_with_check: {scene.who} approved the answer; it is sent {reach(event, scene)}"
    leaves = _leaves(event, scene)
    if leaves is None:
        return Line(f"{words} now.")
    return Line(f"{words} at {moment(leaves, scene.now)}.", (_undo(event),))


def _rejected(event: TimelineEvent, scene: Scene) -> Line:
    words = f":leftwards_arrow_with_hook: {scene.who} sent the answer back to its author. It did not leave."
    return with_note(words, event.data.get("note"))


def _undone(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":leftwards_arrow_with_hook: {scene.who} took the answer back. It did not leave.")


def _deferred(event: TimelineEvent, scene: Scene) -> Line:
    reason = event.data.get("reason")
    if reason is None:
        return Line(f":repeat: {scene.who} looked: the answer is not there, so it is sent again now.")
    why = DELAYS.get(reason, "did not take it yet")
    return Line(f":hourglass: {scene.place} {why}. Heed sends the answer as soon as it can; there is nothing to do.")


def _sent(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":white_check_mark: The {what(scene)} was sent {reach(event, scene)}.")


def _failed(event: TimelineEvent, scene: Scene) -> Line:
    reason = str(event.data.get("reason") or "no reason given")
    because, do = failed(reason, scene.place, literal(reason.replace("_", " "), REASON))
    return Line(_calling(f":x: *The {what(scene)} did not get through:* {because}. {do}", scene))


def failed(reason: str, place: str, words: str) -> tuple[str, str]:
    """Why an answer did not get through there, and what to do; ``words`` for a reason that is none of ours."""
    why, do = FAILURES.get(reason, ("{place} refused it ({reason})", RETRY))
    return why.format(place=place, reason=words), do


def _unknown(event: TimelineEvent, scene: Scene) -> Line:
    words = (
        f":grey_question: Nobody can tell whether the {what(scene)} arrived: {scene.place} gave no clear sign. "
        "Look at the conversation there before anything is sent again, then press what you saw."
    )
    subject = about(event, event.data.get("reply_id", ""))
    seen = (button("It is there", THERE, subject), button("It is not there: send again", MISSING, subject))
    return Line(_calling(words, scene), (actions(seen),))


def _elsewhere(event: TimelineEvent, scene: Scene) -> Line:
    if by_bot(event):
        return with_message(f":robot_face: {bot(event)} answered on {scene.place}:", scene)
    return with_message(f"A colleague answered on {scene.place}, outside of Heed:", scene)


DELAYS: Mapping[str, str] = {"rate_limited": "asks us to wait", "unreachable": "cannot be reached right now"}
RETRY = "Press Reply on the card to write another one."
FAILURES: Mapping[str, tuple[str, str]] = {
    "expired_token": ("Heed's access to {place} has run out", "Ask an admin to connect the account again, then reply."),
    "not_connected": ("Heed is not connected to that account on {place}", "Ask an admin to connect it, then reply."),
    "outside_window": ("{place} takes answers only for a while after a message", "Wait until they write again."),
    "blocked": ("the customer does not take messages from us on {place}", "Try another way to reach them."),
    "gone": ("what it answers is not on {place} any more", "If it still matters, write to them another way."),
    "too_long": ("it is too long for {place}", "Press Reply and write a shorter one."),
    "duplicate": ("{place} has had these very words already", "Look there first; if needed, word it differently."),
    "not_taken": ("{place} does not take such a file any more", "Press Reply and send it in another form."),
    "not_kept": ("the file is not kept any more", "Press Reply and choose it again."),
    "unreachable": ("{place} did not take it for too long", RETRY),
    "not_allowed": ("{place} does not allow our account to do this", "Ask an admin to check the account's rights."),
}

OF_REPLIES: Mapping[Fact, Callable[[TimelineEvent, Scene], Line]] = {
    Fact.REPLY_HELD: _held,
    Fact.REPLY_APPROVED: _approved,
    Fact.REPLY_REJECTED: _rejected,
    Fact.REPLY_UNDONE: _undone,
    Fact.REPLY_QUEUED: _queued,
    Fact.REPLY_DEFERRED: _deferred,
    Fact.REPLY_SENT: _sent,
    Fact.REPLY_FAILED: _failed,
    Fact.REPLY_UNKNOWN: _unknown,
    Fact.REPLY_ELSEWHERE: _elsewhere,
}
