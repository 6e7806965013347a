"""WhatsApp Cloud API: messages, their fate, the phone app's own answers, opt-outs and account news."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from chalicelib.channels.base import Capability, Credentials, Limit, Request
from chalicelib.channels.parts.files import WHATSAPP as FILES
from chalicelib.channels.parts.meta import GraphChannel, Handler, Place, fingerprint, moment, said
from chalicelib.channels.parts.meta_outcomes import WHATSAPP_CODES, failure
from chalicelib.channels.parts.meta_plain import WHATSAPP
from chalicelib.channels.parts.reading import Fields
from chalicelib.channels.parts.whatsapp_content import CONTENT, content, written
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Mode, Outgoing

_LISTS = ("messages", "message_echoes", "statuses", "user_preferences", "user_id_update")
_STATES = {state.value: state for state in (Kind.SENT, Kind.DELIVERED, Kind.READ, Kind.PLAYED, Kind.FAILED)}


def happenings(place: Place, value: Fields) -> Iterator[Event]:
    """Whatever lists a value carries; errors alone are about the account."""
    here = replace(place, account=value.sub("metadata").id("phone_number_id") or place.account)
    for key in _LISTS:
        for item in value.each(key):
            yield from _TELL[key](here, item, value)
    if not any(value.items(key) for key in _LISTS):
        yield from _errors(here, value)


def _errors(place: Place, value: Fields) -> Iterable[Event]:
    if not value.items("errors"):
        return [place.unknown("messages", value.data)]
    return [
        place.event(
            Kind.ACCOUNT_EVENT,
            subtype="error",
            code=error.number("code"),
            reason=error.text("title"),
            version=fingerprint(error.data),
        )
        for error in value.each("errors")
    ]


def _message(place: Place, message: Fields, value: Fields) -> Iterable[Event]:
    kind = message.text("type") or "unknown"
    who = _who(place, message, value)
    facts = {"id": message.need("id"), "at": moment(message, "timestamp"), **who}
    if kind in _SIGNALS:
        return _SIGNALS[kind](place, message, facts)
    if kind not in CONTENT:
        return [place.unknown(kind, message.data)]
    return [place.event(Kind.MESSAGE, **_merged(facts, content(message), _context(message)))]


def _who(place: Place, message: Fields, value: Fields) -> dict[str, Any]:
    """The sender, by business-scoped id where there is one: a person with a username may have no number."""
    phone, scoped = message.id("from"), message.id("from_user_id")
    contact = next((one for one in value.each("contacts") if _same_person(one, phone, scoped)), Fields({}))
    phone, author = phone or contact.id("wa_id"), scoped or contact.id("user_id") or phone
    profile = contact.sub("profile")
    return {
        "author": author,
        "phone": phone,
        "name": profile.text("name"),
        "handle": (profile.text("username") or "").removeprefix("@") or None,
        "conversation": _conversation(place, author),
    }


def _same_person(contact: Fields, phone: str | None, scoped: str | None) -> bool:
    """Contacts come in any order, so they are matched by id."""
    by_scoped = scoped is not None and contact.id("user_id") == scoped
    return by_scoped or (phone is not None and contact.id("wa_id") == phone)


def _conversation(place: Place, author: str | None) -> str | None:
    return f"{place.account}:{author}" if author else None


def _context(message: Fields) -> dict[str, Any]:
    context = message.sub("context")
    forwarded = context.flag("forwarded") or context.flag("frequently_forwarded")
    campaign = message.sub("referral").id("source_id")
    extra = said(forwarded=forwarded, campaign=campaign, group=message.id("group_id"))
    return {"parent": context.id("id"), "extra": extra}


def _merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """All facts of one event; what each part puts beside the vocabulary is kept."""
    extra = {name: fact for part in parts for name, fact in part.get("extra", {}).items()}
    return {**{name: fact for part in parts for name, fact in part.items()}, "extra": extra}


def _reaction(place: Place, message: Fields, facts: Mapping[str, Any]) -> Iterable[Event]:
    """Withdrawn when the emoji is empty or absent."""
    body = message.sub("reaction")
    emoji = body.text("emoji")
    kind = Kind.REACTION if emoji else Kind.REACTION_REMOVED
    return [place.event(kind, of=body.need("message_id"), emoji=emoji, **facts)]


def _edit(place: Place, message: Fields, facts: Mapping[str, Any]) -> Iterable[Event]:
    body = message.sub("edit")
    after = body.sub("message")
    return [place.event(Kind.EDIT, of=body.need("original_message_id"), **_merged(facts, content(after)))]


def _revoke(place: Place, message: Fields, facts: Mapping[str, Any]) -> Iterable[Event]:
    return [place.event(Kind.DELETE, of=message.sub("revoke").need("original_message_id"), **facts)]


def _system(place: Place, message: Fields, facts: Mapping[str, Any]) -> Iterable[Event]:
    """A number or id changed hands. The new one follows the customer; the words are WhatsApp's, not theirs."""
    body = message.sub("system")
    by_number = body.text("type") == "user_changed_number"
    old = message.id("from") if by_number else body.id("previous_user_id")
    new = body.id("new_wa_id") or body.id("wa_id") if by_number else body.id("user_id")
    extra = said(old=old, new=new)
    return [place.event(Kind.CONTACT_UPDATE, subtype=body.text("type"), extra=extra, **facts)]


_SIGNALS = {"reaction": _reaction, "edit": _edit, "revoke": _revoke, "system": _system}


def _echo(place: Place, message: Fields, value: Fields) -> Iterable[Event]:
    """Somebody of ours answered from the phone app."""
    recipient = message.id("to_user_id") or message.id("to")
    facts = {"id": message.need("id"), "at": moment(message, "timestamp"), "recipient": recipient}
    facts["conversation"] = _conversation(place, recipient)
    return [place.event(Kind.ECHO, own=False, **_merged(facts, content(message), _context(message)))]


def _status(place: Place, status: Fields, value: Fields) -> Iterable[Event]:
    """The fate of a message of ours. They come in any order and repeatedly."""
    kind = _STATES.get(status.text("status") or "")
    if kind is None:
        return [place.unknown(f"statuses/{status.text('status')}", status.data)]
    keys = ("recipient_participant_user_id", "recipient_participant_id", "recipient_user_id", "recipient_id")
    author = next((one for one in map(status.id, keys) if one), None)
    facts = {"of": status.need("id"), "at": moment(status, "timestamp"), "author": author}
    facts["conversation"] = _conversation(place, author)
    extra = said(callback_data=status.text("biz_opaque_callback_data"))
    return [place.event(kind, **_merged(facts, {"extra": extra}, _failure(status)))]


def _failure(status: Fields) -> dict[str, Any]:
    error = next(iter(status.each("errors")), None)
    if error is None:
        return {}
    code = error.number("code")
    detail = error.sub("error_data").text("details") or error.text("title")
    return {"code": code, "reason": failure(code).replace("_", " "), "extra": said(detail=detail)}


def _preference(place: Place, item: Fields, value: Fields) -> Iterable[Event]:
    author = item.id("user_id") or item.id("wa_id")
    extra = said(category=item.text("category"), value=item.text("value"))
    facts = {"author": author, "phone": item.id("wa_id"), "at": moment(item, "timestamp")}
    return [place.event(Kind.PREFERENCE, subtype=extra.get("value"), extra=extra, **facts)]


def _new_id(place: Place, item: Fields, value: Fields) -> Iterable[Event]:
    """A changed number gives a person a new business-scoped id."""
    ids = item.sub("user_id")
    extra = said(old=ids.id("previous"), new=ids.need("current"))
    facts = {"author": ids.id("previous"), "phone": item.id("wa_id"), "at": moment(item, "timestamp")}
    facts |= {"subtype": "user_id_update", "version": fingerprint(extra)}
    return [place.event(Kind.CONTACT_UPDATE, extra=extra, **facts)]


_TELL = {
    "messages": _message,
    "message_echoes": _echo,
    "statuses": _status,
    "user_preferences": _preference,
    "user_id_update": _new_id,
}


def template(place: Place, value: Fields) -> Iterable[Event]:
    subtype = f"template_{(value.text('event') or 'unknown').lower()}"
    return [_news(place, value, subtype, template=value.text("message_template_name"))]


def quality(place: Place, value: Fields) -> Iterable[Event]:
    return [_news(place, value, "quality", limit=value.text("current_limit"))]


def news(subtype: str) -> Handler:
    return lambda place, value: [_news(place, value, subtype)]


def _news(place: Place, value: Fields, subtype: str, **facts: str | None) -> Event:
    """Something an operator should know. It has no time and no id, so its content tells it from others."""
    extra = said(event=value.text("event"), **facts)
    version = fingerprint(value.data)
    return place.event(Kind.ACCOUNT_EVENT, subtype=subtype, reason=value.text("reason"), version=version, extra=extra)


def history(place: Place, value: Fields) -> Iterable[Event]:
    return [place.event(Kind.IGNORE, reason="import of old messages", version=fingerprint(value.data))]


_NEWS = (
    "account_update",
    "account_review_update",
    "template_category_update",
    "phone_number_name_update",
    "business_username_update",
    "security",
)


class WhatsApp(GraphChannel):
    name = "whatsapp"
    title = "WhatsApp"
    public_kinds = frozenset()
    api = "https://graph.facebook.com"
    topic = "whatsapp_business_account"
    codes = WHATSAPP_CODES
    files = FILES
    plain = WHATSAPP
    fields: ClassVar[Mapping[str, Handler]] = {
        **dict.fromkeys(("messages", "smb_message_echoes", "user_preferences", "user_id_update"), happenings),
        **dict.fromkeys(("history", "smb_app_state_sync"), history),
        **{field: news(field) for field in _NEWS},
        "message_template_status_update": template,
        "phone_number_quality_update": quality,
    }

    def pieces(self, key: str, item: Any) -> Iterable[Any]:
        value = item.get("value") if isinstance(item, dict) else None
        if not isinstance(value, dict):
            return [item]
        lists = [key for key in _LISTS if value.get(key)]
        return _cut(item, value, lists) if lists and all(isinstance(value[key], list) for key in lists) else [item]

    def address(self, event: Event) -> Mapping[str, str]:
        """By number where there is one: some features do not take a business-scoped id."""
        if event.kind is not Kind.MESSAGE:
            return {}
        person = {"to": event.phone} if event.phone else {"recipient": event.author}
        return said(**person, message=event.id, account=event.account)

    def capabilities(self, event: Event) -> frozenset[Capability]:
        return frozenset({Capability.REPLY}) if event.kind is Kind.MESSAGE else frozenset()

    def limit(self, outgoing: Outgoing) -> Limit:
        return Limit(4096)

    def window(self, mode: Mode, options: Mapping[str, str]) -> timedelta | None:
        return timedelta(hours=24)

    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        """The callback data comes back with every status, which settles a reply whose answer was lost."""
        address, (kind, content) = outgoing.address, written(outgoing)
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **{key: address[key] for key in ("to", "recipient") if key in address},
            "type": kind,
            **({"context": {"message_id": address["message"]}} if "message" in address else {}),
            kind: content,
            "biz_opaque_callback_data": outgoing.id,
        }
        return self.call("POST", [self.sender(outgoing, credentials), "messages"], credentials, body)

    def native_id(self, outgoing: Outgoing, answer: Fields) -> str:
        return next(iter(answer.each("messages")), Fields({}, "messages")).need("id")


def _cut(item: Mapping[str, Any], value: Mapping[str, Any], lists: list[str]) -> Iterator[Any]:
    """One item each, with the contacts it is about: a thousand copies of all contacts would be a body of megabytes."""
    common = {key: part for key, part in value.items() if key not in (*_LISTS, "contacts")}
    people = _by_id(value.get("contacts"))
    for key in lists:
        for one in value[key]:
            ids = (one.get("from_user_id"), one.get("from")) if isinstance(one, dict) else ()
            named = [people[str(who)] for who in ids if str(who) in people][:1]
            yield {**item, "value": {**common, **({"contacts": named} if named else {}), key: [one]}}


def _by_id(contacts: Any) -> dict[str, Any]:
    listed = [one for one in contacts if isinstance(one, dict)] if isinstance(contacts, list) else []
    return {str(one[key]): one for one in listed for key in ("wa_id", "user_id") if one.get(key) is not None}


CHANNEL = WhatsApp()
