"""People on Telegram: `{"update_id", <kind>: {...}}`, times in seconds.

Deletes are told for business chats only (`business_*`). Nothing is signed: `X-Telegram-Bot-Api-Secret-Token` carries
the secret. Source: Bot API docs.
"""

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.shapes import Event, Json, Kinds, Person, Voice, plain

BUSINESS = "bc_HarborHill01"
GROUP_TITLE = "Harbor & Hill <friends>"


def sign(account: Account, event: Event, body: bytes) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": account.secret}


def _update(event: Event, kind: str, content: Json) -> Json:
    return {"update_id": event.number >> 24, kind: content}


def _names(who: Person) -> Json:
    first, _, last = who.name.partition(" ")
    names = {"first_name": first, "last_name": last, "username": who.handle}
    return {name: value for name, value in names.items() if value}


def _user(who: Person) -> Json:
    return {"id": int(who.id), "is_bot": False, **_names(who), "language_code": who.language}


def _chat(event: Event) -> Json:
    if event.thread:
        return {"id": int(event.thread), "title": GROUP_TITLE, "type": "supergroup"}
    return {"id": int(event.person.id), **_names(event.person), "type": "private"}


def _bot(account: Account) -> Json:
    return {"id": int(account.native_id), "is_bot": True, "first_name": account.name, "username": account.handle}


def _message(account: Account, event: Event) -> Json:
    message: Json = {"message_id": int(event.id), "from": _user(event.person), "chat": _chat(event)}
    if event.parent:
        answered = {"message_id": int(event.parent), "from": _bot(account), "chat": _chat(event)}
        message["reply_to_message"] = {**answered, "date": event.seconds - 60}
    return message | {"date": event.seconds, "text": event.text}


def message(account: Account, event: Event) -> Json:
    return _update(event, "message", _message(account, event))


def edit(account: Account, event: Event) -> Json:
    dates = {"date": int((event.written or event.at).timestamp()), "edit_date": event.seconds}
    return _update(event, "edited_message", {**_message(account, event), **dates})


def _reaction(event: Event, old: list[Json], new: list[Json]) -> Json:
    content = {"chat": _chat(event), "message_id": int(event.id), "date": event.seconds, "user": _user(event.person)}
    return _update(event, "message_reaction", {**content, "old_reaction": old, "new_reaction": new})


def reaction(account: Account, event: Event) -> Json:
    return _reaction(event, [], [{"type": "emoji", "emoji": event.emoji}])


def unreact(account: Account, event: Event) -> Json:
    return _reaction(event, [{"type": "emoji", "emoji": event.emoji}], [])


def blocked(account: Account, event: Event) -> Json:
    member = {"user": _bot(account), "status": "member"}
    kicked = {"user": _bot(account), "status": "kicked", "until_date": 0}
    content = {"chat": _chat(event), "from": _user(event.person), "date": event.seconds}
    return _update(event, "my_chat_member", {**content, "old_chat_member": member, "new_chat_member": kicked})


def business_message(account: Account, event: Event) -> Json:
    content = {"business_connection_id": BUSINESS, **_message(account, event)}
    return _update(event, "business_message", content)


def business_echo(account: Account, event: Event) -> Json:
    """The owner of the business account answered from the phone."""
    owner = {"id": 5500110001, "is_bot": False, "first_name": "Tom"}
    content = {"business_connection_id": BUSINESS, **_message(account, event), "from": owner}
    return _update(event, "business_message", content)


def business_delete(account: Account, event: Event) -> Json:
    content = {"business_connection_id": BUSINESS, "chat": _chat(event), "message_ids": [int(event.id)]}
    return _update(event, "deleted_business_messages", content)


KINDS: Kinds = {
    "message": message,
    "comment": message,
    "edit": edit,
    "reaction": reaction,
    "unreact": unreact,
    "blocked": blocked,
    "business_message": business_message,
    "business_delete": business_delete,
    "echo_other": business_echo,
}
VOICE = Voice(KINDS, plain, sign)
