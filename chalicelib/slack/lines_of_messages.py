"""The lines about what the customer wrote, what became of it on its network, and what colleagues noted."""

from collections.abc import Callable, Mapping

from chalicelib.domain.commands import Act
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack.mrkdwn import literal
from chalicelib.slack.telling import REASON, Line, Scene, with_message, with_note
from chalicelib.slack.times import moment


def _received(event: TimelineEvent, scene: Scene) -> Line:
    reach = "publicly" if scene.message and scene.message.public else "privately"
    return with_message(f"*{scene.customer}* wrote {reach} on {scene.place}:", scene)


def _edited(event: TimelineEvent, scene: Scene) -> Line:
    return with_message(f":pencil2: *{scene.customer}* changed a message. It says now:", scene)


def _deleted(event: TimelineEvent, scene: Scene) -> Line:
    sent = scene.message.at if scene.message else None
    which = f" written {moment(sent, scene.now)}" if sent else ""
    return Line(f":wastebasket: {scene.customer} took back a message{which}. Do not quote it to them.")


def _hidden(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":see_no_evil: A message of {scene.customer} is hidden on {scene.place} now.")


def _unreachable(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":no_entry_sign: *{scene.customer}* blocked us on {scene.place}: an answer there cannot arrive.")


def _noted(event: TimelineEvent, scene: Scene) -> Line:
    return with_message(f":memo: {scene.who} noted, for colleagues only:", scene)


def _act_queued(event: TimelineEvent, scene: Scene) -> Line:
    words = f":hammer_and_wrench: {scene.who} asks {scene.place} to {_doing(event)}."
    return with_note(words, event.data.get("reason"))


def _act_done(event: TimelineEvent, scene: Scene) -> Line:
    return Line(f":white_check_mark: {scene.place} did it: {_done(event)}.")


def _act_failed(event: TimelineEvent, scene: Scene) -> Line:
    reason = literal(str(event.data.get("reason") or "no reason given").replace("_", " "), REASON)
    return Line(f":x: *{scene.place} did not {_doing(event)}:* {reason}. Do it there by hand if it is needed.")


def _doing(event: TimelineEvent) -> str:
    return DOING.get(str(event.data.get("act", "")), "change the message")


def _done(event: TimelineEvent) -> str:
    return DONE.get(str(event.data.get("act", "")), "the message is changed")


DOING: Mapping[str, str] = {
    Act.HIDE: "hide a message",
    Act.UNHIDE: "show a message again",
    Act.DELETE: "delete a message",
    Act.LIKE: "like a message",
}
DONE: Mapping[str, str] = {
    Act.HIDE: "the message is hidden",
    Act.UNHIDE: "the message is shown again",
    Act.DELETE: "the message is deleted",
    Act.LIKE: "the message is liked",
}

OF_MESSAGES: Mapping[Fact, Callable[[TimelineEvent, Scene], Line]] = {
    Fact.MESSAGE_RECEIVED: _received,
    Fact.MESSAGE_EDITED: _edited,
    Fact.MESSAGE_DELETED: _deleted,
    Fact.MESSAGE_HIDDEN: _hidden,
    Fact.CONTACT_UNREACHABLE: _unreachable,
    Fact.NOTE_ADDED: _noted,
    Fact.ACT_QUEUED: _act_queued,
    Fact.ACT_DONE: _act_done,
    Fact.ACT_FAILED: _act_failed,
}
