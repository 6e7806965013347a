"""Reading of bodies written by others: each leaf is checked where it is read, and what is wrong has a name."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.channels.base import Response, Unreadable
from chalicelib.channels.parts.text import clean
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.ids import digest
from chalicelib.domain.instants import from_millis, from_seconds, instant


@dataclass(slots=True)
class Fields:
    """One JSON object and where it stood. Absent and null are None; a wrong type raises Unreadable.

    Not frozen, because a frozen one takes three times as long to make, and an event is read through dozens.
    """

    data: Mapping[str, Any]
    path: str = ""

    @classmethod
    def of(cls, value: Any, path: str = "") -> "Fields":
        if not isinstance(value, dict):
            raise Unreadable(f"{path or 'the body'} is not an object")
        return cls(value, path)

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    def where(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _wrong(self, key: str, wanted: str) -> Unreadable:
        return Unreadable(f"{self.where(key)} is not {wanted}")

    def text(self, key: str) -> str | None:
        """A text fit to be stored; an empty one says nothing."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        return clean(value) or None

    def id(self, key: str) -> str | None:
        """An id, which is text at our boundary although some networks write numbers."""
        value = self.data.get(key)
        if value is None:
            return None
        return str(value) if _whole(value) else self.text(key)

    def need(self, key: str) -> str:
        """An id without which the happening cannot be told."""
        value = self.id(key)
        if value is None:
            raise Unreadable(f"{self.where(key)} is missing")
        return value

    def number(self, key: str) -> int | None:
        value = self.data.get(key)
        if value is not None and not _whole(value):
            raise self._wrong(key, "a whole number")
        return value

    def flag(self, key: str) -> bool:
        return self.data.get(key) is True

    def sub(self, key: str) -> "Fields":
        """The object under that key; an absent one is empty."""
        value = self.data.get(key)
        return Fields({}, self.where(key)) if value is None else Fields.of(value, self.where(key))

    def each(self, key: str) -> list["Fields"]:
        """The objects of a list; an absent one is empty."""
        items = self.items(key)
        return [Fields.of(one, f"{self.where(key)}[{index}]") for index, one in enumerate(items)] if items else []

    def items(self, key: str) -> list[Any]:
        value = self.data.get(key)
        if value is not None and not isinstance(value, list):
            raise self._wrong(key, "a list")
        return value or []

    def ids(self, key: str) -> list[str]:
        """The ids of a list of ids."""
        listed = Fields({str(index): one for index, one in enumerate(self.items(key))}, self.where(key))
        return [listed.need(index) for index in listed.data]

    def seconds(self, key: str) -> datetime | None:
        return self.time(key, from_seconds)

    def millis(self, key: str) -> datetime | None:
        return self.time(key, from_millis)

    def time(self, key: str, reader: Callable[[str], datetime] = instant) -> datetime | None:
        value = self.id(key)
        try:
            return None if value is None else reader(value)
        except (ValueError, OverflowError, OSError) as error:
            raise self._wrong(key, "a time") from error


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def unknown(channel: str, body: Any, account: str | None = None, id: str | None = None) -> Event:
    """A happening this version cannot tell. Without an id of its own, its bytes are its identity."""
    return Event(
        kind=Kind.UNKNOWN,
        channel=channel,
        account=account,
        id=id or digest("raw", json.dumps(body, sort_keys=True)),
    )


def echoed(said: Event, recipient: str | None = None, own: bool | None = None) -> Event:
    """What our side said: whoever of us it was, it is no customer."""
    nobody: dict[str, Any] = dict.fromkeys(("author", "name", "handle", "phone", "followers", "language"))
    return replace(said, kind=Kind.ECHO, recipient=recipient, own=own, **nobody)


def answered(response: Response) -> Fields:
    """What an API answered; nothing when that is not a JSON object."""
    answer = response.json()
    return Fields(answer if isinstance(answer, Mapping) else {}, "the answer")


def pause(seconds: int | None, otherwise: timedelta) -> timedelta:
    """How long a network asks us to wait, within reason: a second at least, a day at most."""
    return otherwise if seconds is None else timedelta(seconds=min(max(seconds, 1), 86_400))


def seconds(header: str | None) -> int | None:
    """A header that says a number of seconds; anything else says nothing."""
    return int(header) if header and re.fullmatch("[0-9]{1,12}", header) else None
