"""Events as JSON, in the words of the fact sheets."""

from datetime import datetime
from typing import Any

from chalicelib.domain.event import Event
from chalicelib.domain.instants import iso

_ALWAYS = (
    *("kind", "id", "account", "author", "name", "handle", "text", "attachments", "at"),
    *("conversation", "parent", "post", "root", "of", "own", "public"),
)
_WHEN_KNOWN = (
    *("phone", "followers", "recipient", "emoji", "version", "up_to"),
    *("language", "subtype", "code", "reason"),
)


def event_json(event: Event) -> dict[str, Any]:
    """The facts every event has, null where unknown; then those it happens to have, and what only its network says."""
    always = {name: _plain(getattr(event, name)) for name in _ALWAYS}
    known = {name: _plain(value) for name in _WHEN_KNOWN if (value := getattr(event, name)) is not None}
    extra = {str(name): _plain(value) for name, value in event.extra.items() if name not in always | known}
    return {**always, "attachments": [one.kind for one in event.attachments], **known, **extra}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value).replace(".000Z", "Z")
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
