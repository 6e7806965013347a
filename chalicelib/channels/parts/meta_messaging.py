"""Private messages as Messenger and Instagram write them: one table of what an item of ``messaging[]`` may carry."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.channels.base import Credentials
from chalicelib.channels.parts.files import Takes
from chalicelib.channels.parts.meta import Handler, Place, heard, moment, said
from chalicelib.channels.parts.reading import Fields
from chalicelib.channels.parts.text import clean
from chalicelib.domain.event import Attachment, Event, Kind
from chalicelib.domain.ids import digest
from chalicelib.domain.reply import Mode, Outgoing

PAGE_INBOX = frozenset({"26390203743090", "263902037430900"})
"""The app ids of Meta Business Suite: the documents print the first, everybody's payloads carry the second."""
WINDOW = timedelta(hours=24)
HUMAN_AGENT_WINDOW = timedelta(days=7)
_TWINS = {"image": "sticker", "share": "ig_post"}
"""While Meta changes how it names these, one sticker or shared post arrives under both kinds."""


def message(place: Place, item: Fields) -> Iterable[Event]:
    body = item.sub("message")
    if body.flag("is_deleted"):
        return [place.event(Kind.DELETE, of=body.need("mid"), **_who(place, item))]
    facts = {**_who(place, item), "id": body.need("mid"), "text": body.text("text"), "attachments": _attachments(body)}
    facts["parent"] = body.sub("reply_to").id("mid")
    if facts["recipient"] is not None:
        return [_echo(place, body, facts)]
    kind = Kind.STANDBY_MESSAGE if place.standby else Kind.MESSAGE
    return [place.event(kind, subtype=_subtype(body), extra=_beside(item, body), **facts)]


def _echo(place: Place, body: Fields, facts: dict[str, Any]) -> Event:
    """What our side said. ``own`` is False for Page Inbox and where another app owns the thread, else True.

    A webhook does not say which app is ours, so a second app on the Page counts as own here; intake knows better by id.
    Without an app id (Instagram) it cannot be told.
    """
    app = body.id("app_id")
    own = None if app is None else not place.standby and app not in PAGE_INBOX
    return place.event(Kind.ECHO, own=own, extra=said(app_id=app, metadata=body.text("metadata")), **facts)


def _who(place: Place, item: Fields) -> dict[str, Any]:
    """The customer of an item, on whichever side of it they stand, and when it happened."""
    sender, recipient = item.sub("sender").id("id"), item.sub("recipient").id("id")
    ours = item.sub("message").flag("is_echo") or (sender is not None and sender == place.account)
    peer = recipient if ours else sender
    return {
        "author": None if ours else sender,
        "recipient": recipient if ours else None,
        "at": moment(item, "timestamp"),
        "conversation": f"{place.account}:{peer}" if peer else None,
    }


def _subtype(body: Fields) -> str | None:
    if body.flag("is_unsupported"):
        return "unsupported"
    if "story" in body.sub("reply_to"):
        return "story_reply"
    if any(item.text("type") == "story_mention" for item in body.each("attachments")):
        return "story_mention"
    return None


def _beside(item: Fields, body: Fields) -> dict[str, Any]:
    referral = body.sub("referral")
    return said(
        payload=body.sub("quick_reply").text("payload"),
        story=body.sub("reply_to").sub("story").id("id"),
        campaign=referral.id("ad_id"),
        ref=referral.text("ref"),
        user_ref=item.sub("sender").id("user_ref"),
    )


def _attachments(body: Fields) -> tuple[Attachment, ...]:
    items = [_attachment(item) for item in body.each("attachments")]
    kinds = {(item.kind, _twin_key(item)) for item in items}
    return tuple(item for item in items if (_TWINS.get(item.kind), _twin_key(item)) not in kinds)


def _twin_key(item: Attachment) -> str | None:
    return item.id if item.kind in ("image", "sticker") else None


def _attachment(item: Fields) -> Attachment:
    loose = item.data.get("payload")  # null, absent and even a text occur on shared links
    payload = Fields(loose if isinstance(loose, dict) else {}, f"{item.path}.payload")
    ids = (payload.id(key) for key in ("sticker_id", "reel_video_id", "ig_post_media_id", "id"))
    return Attachment(
        kind=item.text("type") or "unknown",
        url=payload.text("url") or item.text("url"),
        id=next((one for one in ids if one), None),
        name=payload.text("title") or item.text("title"),
    )


def edit(place: Place, item: Fields) -> Iterable[Event]:
    body = item.sub("message_edit")
    facts = {"of": body.need("mid"), "text": body.text("text"), "version": body.id("num_edit")}
    return [place.event(Kind.EDIT, **facts, **_who(place, item))]


def reaction(place: Place, item: Fields) -> Iterable[Event]:
    body = item.sub("reaction")
    removed = body.text("action") == "unreact"
    kind = Kind.REACTION_REMOVED if removed else Kind.REACTION
    emoji = None if removed else body.text("emoji") or body.text("reaction")
    return [place.event(kind, of=body.need("mid"), emoji=emoji, **_who(place, item))]


def read(place: Place, item: Fields) -> Iterable[Event]:
    """Messenger says up to when, Instagram up to which message."""
    body = item.sub("read")
    return [place.event(Kind.READ, of=body.id("mid"), up_to=moment(body, "watermark"), **_who(place, item))]


def delivery(place: Place, item: Fields) -> Iterable[Event]:
    body = item.sub("delivery")
    facts = {"up_to": moment(body, "watermark"), **_who(place, item)}
    mids: list[str | None] = [*body.ids("mids")] or [None]
    return [place.event(Kind.DELIVERED, of=mid, **facts) for mid in mids]


def postback(place: Place, item: Fields) -> Iterable[Event]:
    """A button tapped. In standby and in old versions it has no id of its own, so it gets one from what it says."""
    if item.flag("is_self"):
        return [place.event(Kind.IGNORE, reason="self-messaging test")]
    body, who = item.sub("postback"), _who(place, item)
    title, payload, referral = body.text("title"), body.text("payload"), body.sub("referral")
    derived = digest("postback", str(place.account), str(who["author"]), str(who["at"]), payload or title or "")
    kind = Kind.STANDBY_MESSAGE if place.standby else Kind.MESSAGE
    extra = said(payload=payload, ref=referral.text("ref"), campaign=referral.id("ad_id"))
    facts = {"id": body.id("mid") or derived, "subtype": "postback", "text": title, "extra": extra}
    return [place.event(kind, **facts, **who)]


def referral(place: Place, item: Fields) -> Iterable[Event]:
    """Somebody came by a link or an ad into a thread that exists; there are no words yet."""
    body = item.sub("referral")
    extra = said(ref=body.text("ref"), source=body.text("source"), campaign=body.id("ad_id"))
    return [place.event(Kind.ACTION, subtype="referral", extra=extra, **_who(place, item))]


def optin(place: Place, item: Fields) -> Iterable[Event]:
    body = item.sub("optin")
    extra = said(ref=body.text("ref"), category=body.text("type"), value="start")
    return [place.event(Kind.PREFERENCE, subtype="optin", extra=extra, **_who(place, item))]


def handover(action: str) -> Handler:
    """A thread changes hands between apps. ``to_us`` is by the network's rule of whom it tells, not by our app id.

    It has no id of its own, so it gets one from what it says.
    """

    def handle(place: Place, item: Fields) -> Iterable[Event]:
        body = item.sub(f"{action}_thread_control")
        owner = body.id("new_owner_app_id")
        keys = ("previous_owner_app_id", "new_owner_app_id", "requested_owner_app_id")
        extra = said(**{key: body.id(key) for key in keys}, metadata=body.text("metadata"))
        extra["to_us"] = action == "pass" and owner not in PAGE_INBOX
        who = _who(place, item)
        derived = digest("handover", action, str(place.account), str(who["author"]), str(who["at"]), owner or "")
        return [place.event(Kind.HANDOVER, id=derived, subtype=action, extra=extra, **who)]

    return handle


def policy(key: str) -> Handler:
    def handle(place: Place, item: Fields) -> Iterable[Event]:
        body = item.sub(key)
        subtype = f"policy_{body.text('action') or 'unknown'}"
        facts = {"subtype": subtype, "reason": body.text("reason"), "at": moment(item, "timestamp")}
        return [place.event(Kind.ACCOUNT_EVENT, **facts)]

    return handle


def app_roles(place: Place, item: Fields) -> Iterable[Event]:
    return [place.event(Kind.ACCOUNT_EVENT, subtype="app_roles", at=moment(item, "timestamp"))]


MESSAGING: Mapping[str, Handler] = {
    "message": message,
    "message_edit": edit,
    "reaction": reaction,
    "read": read,
    "delivery": delivery,
    "postback": postback,
    "referral": referral,
    "optin": optin,
    "pass_thread_control": handover("pass"),
    "take_thread_control": handover("take"),
    "request_thread_control": handover("request"),
    "app_roles": app_roles,
    "policy_enforcement": policy("policy_enforcement"),
    "policy-enforcement": policy("policy-enforcement"),
}


def wrapped(place: Place, value: Fields) -> Iterable[Event]:
    """A messaging item inside ``changes``, as the App Dashboard sends it."""
    return heard(MESSAGING, place, value)


WRAPPED: Mapping[str, Handler] = dict.fromkeys(
    ("messages", "message_edits", "message_edit", "message_reactions", "messaging_postbacks", "messaging_seen"), wrapped
)


def said_privately(outgoing: Outgoing, person: str, message: Mapping[str, Any], **kind: str) -> dict[str, Any]:
    """The body of a send. A private reply names the public thing it answers instead of the person."""
    if outgoing.mode is Mode.PRIVATE_REPLY:
        names = [(f"{key}_id", outgoing.address[key]) for key in ("comment", "post") if key in outgoing.address]
        return {"recipient": dict(names[:1]), "message": message}
    return {"recipient": {"id": outgoing.address[person]}, **kind, "message": message}


def window(mode: Mode, options: Mapping[str, str]) -> timedelta | None:
    """A comment can be answered in public for ever and in private for a week; a message for a day, by people longer."""
    if mode is Mode.PUBLIC:
        return None
    return HUMAN_AGENT_WINDOW if mode is Mode.PRIVATE_REPLY or options.get("human_agent") == "yes" else WINDOW


def late(outgoing: Outgoing, credentials: Credentials) -> dict[str, str]:
    """The tag for a person's answer after the window, where Meta has granted the feature to the app."""
    if credentials.options.get("human_agent") != "yes" or not (outgoing.attempted_at and outgoing.last_inbound_at):
        return {}
    waited = outgoing.attempted_at - outgoing.last_inbound_at
    return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if WINDOW < waited <= HUMAN_AGENT_WINDOW else {}


def content(outgoing: Outgoing, files: Mapping[str, Takes]) -> dict[str, Any]:
    """Words, or one file: a message cannot have both."""
    if outgoing.file is None:
        return {"text": words(outgoing)}
    payload = {"url": outgoing.link, "is_reusable": False}
    return {"attachment": {"type": files[outgoing.file.mime].kind, "payload": payload}}


def words(outgoing: Outgoing) -> str:
    return clean(outgoing.text) or ""
