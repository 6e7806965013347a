"""What the Events API tells: words in threads, mentions, who looks at the Home tab, and where we stand."""

from collections.abc import Mapping
from typing import Any

from chalicelib.channels.base import Malformed
from chalicelib.slack.incoming import Asked, Challenge, HomeOpened, Ignored, Incoming, Revised, Said
from chalicelib.slack.reading import at, maybe, need, wellformed
from chalicelib.slack.standing import EVENTS, LIMITED, limited, standing

SPOKEN = frozenset({"file_share", "thread_broadcast", "me_message"})
"""Subtypes of ``message`` with which a person says something; every other one is bookkeeping of Slack's."""
DELETED = "message_deleted"
CHANGED = {"message_changed": "message", DELETED: "previous_message"}
"""Subtypes that tell what became of words, and where the words are."""
EMOJI_DEPTH = 12


def event(body: Mapping[str, Any]) -> Incoming:
    kind = need(body, "type")
    if kind == "url_verification":
        return Challenge(need(body, "challenge"))
    if kind == LIMITED:
        return limited(body)
    if kind != "event_callback":
        return Ignored(f"{kind} is not listened to")
    told = at(body, "event")
    about = need(told, "type")
    if about in EVENTS:
        return standing(body, told, _bot(body))
    read = _ABOUT.get(about)
    return read(body, told) if read else Ignored(f"{about} is not listened to")


def _message(body: Mapping[str, Any], told: Mapping[str, Any]) -> Incoming:
    if (changed := CHANGED.get(str(told.get("subtype")))) is not None:
        words = at(told, changed)
        return _revised(body, told, words) if isinstance(words, Mapping) else Ignored("without the words")
    reason = _not_said(body, told) or ("" if _threaded(told) else "not in a thread") or _wordless(told)
    return Ignored(reason) if reason else _said(body, told)


def _revised(body: Mapping[str, Any], told: Mapping[str, Any], words: Mapping[str, Any]) -> Incoming:
    """Words in a thread that say something else now. Slack tells of its own bookkeeping in the same way."""
    gone = told.get("subtype") == DELETED
    same = not gone and maybe(words, "text") == maybe(told, "previous_message", "text")
    reason = _not_said(body, words) or ("" if _threaded(words) else "not in a thread") or ("as before" if same else "")
    if reason:
        return Ignored(reason)
    said = _said(body, {**words, "channel": told.get("channel")})
    return Revised(
        event_id=said.event_id,
        user=said.user,
        team=said.team,
        app=said.app,
        channel=said.channel,
        thread_ts=said.thread_ts,
        ts=said.ts,
        order=need(told, "ts"),
        text=None if gone else said.text,
        files=said.files,
    )


def _mention(body: Mapping[str, Any], told: Mapping[str, Any]) -> Incoming:
    """In a thread the same words come as a message as well, and that one counts."""
    reason = _not_said(body, told) or ("told as a message too" if _threaded(told) else "") or _wordless(told)
    return Ignored(reason) if reason else _asked(body, told)


def _home(body: Mapping[str, Any], told: Mapping[str, Any]) -> Incoming:
    if maybe(told, "tab") != "home":
        return Ignored("not the Home tab")
    return HomeOpened(
        user=need(told, "user"),
        team=need(body, "team_id"),
        app=need(body, "api_app_id"),
        view_hash=maybe(told, "view", "hash") or "",
        event_id=need(body, "event_id"),
    )


def _threaded(told: Mapping[str, Any]) -> bool:
    thread = told.get("thread_ts")
    return bool(thread) and thread != told.get("ts")


def _wordless(told: Mapping[str, Any]) -> str:
    return "" if told.get("text") or told.get("files") else "no words"


def _not_said(body: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Why this is no colleague's word, if it is not."""
    reasons = {
        "not something a person said": bool(told.get("subtype")) and maybe(told, "subtype") not in SPOKEN,
        "said by a bot": bool(told.get("bot_id")) or not told.get("user"),
        "said by a stranger": _stranger(body, told),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _stranger(body: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Somebody of another workspace in a shared channel, or somebody there who cannot be told from one."""
    teams = [team for key in ("team", "user_team", "source_team") if (team := told.get(key))]
    if not teams:
        return bool(body.get("is_ext_shared_channel"))
    return any(team != body.get("team_id") for team in teams)


def _said(body: Mapping[str, Any], told: Mapping[str, Any]) -> Said:
    files = told.get("files")
    return Said(
        event_id=need(body, "event_id"),
        user=need(told, "user"),
        team=need(body, "team_id"),
        app=need(body, "api_app_id"),
        channel=need(told, "channel"),
        thread_ts=need(told, "thread_ts"),
        ts=need(told, "ts"),
        text=_with_emoji(maybe(told, "text") or "", told.get("blocks")),
        files=tuple(maybe(one, "name") or "file" for one in files) if isinstance(files, list) else (),
        bot=_bot(body),
        parent=maybe(told, "parent_user_id") or "",
    )


def _asked(body: Mapping[str, Any], told: Mapping[str, Any]) -> Asked:
    return Asked(
        user=need(told, "user"),
        team=need(body, "team_id"),
        app=need(body, "api_app_id"),
        text=_without(_bot(body), maybe(told, "text") or ""),
        channel=need(told, "channel"),
        id=need(body, "event_id"),
        mention=True,
    )


def _without(bot: str, text: str) -> str:
    return text.replace(f"<@{bot}>", " ").strip() if bot else text


def _bot(body: Mapping[str, Any]) -> str:
    """Our own user in this workspace; the envelope tells for whom it was delivered."""
    installed = at(body, "authorizations")
    users = [maybe(one, "user_id") for one in installed if at(one, "is_bot")] if isinstance(installed, list) else []
    return next((user for user in users if user), "")


def _with_emoji(text: str, blocks: Any) -> str:
    """``:wave:`` as the character it stands for, where the rich form of the message tells which one that is."""
    for name, code in _emoji(blocks):
        text = text.replace(f":{name}:", code)
    return text


def _emoji(nodes: Any, depth: int = EMOJI_DEPTH) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for node in nodes if isinstance(nodes, list) and depth else ():
        name, code = maybe(node, "name"), maybe(node, "unicode")
        if at(node, "type") == "emoji" and name and code:
            found.append((name, _characters(code)))
        found += _emoji(at(node, "elements"), depth - 1)
    return found


def _characters(code: str) -> str:
    try:
        return wellformed("".join(chr(int(point, 16)) for point in code.split("-")))
    except (ValueError, OverflowError) as error:
        raise Malformed("an emoji is no list of code points") from error


_ABOUT = {"message": _message, "app_mention": _mention, "app_home_opened": _home}
