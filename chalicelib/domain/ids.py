"""Deterministic identities: the same fact always gets the same key, so a repeat hits a condition."""

from hashlib import sha256

_LENGTH = 20
_BITS = 5 * _LENGTH
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]


def digest(*parts: str) -> str:
    """20 lower-case base32 characters (100 bits) that name these parts; safe in keys, URLs and execution names."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    number = int.from_bytes(sha256(joined).digest()) >> 256 - _BITS
    return "".join([_PAIRS[number >> place & 1023] for place in range(_BITS - 10, -1, -10)])


def contact_id(brand: str, channel: str, author: str) -> str:
    """A person as one network knows them."""
    return digest("contact", brand, channel, author)


def conversation_id(brand: str, channel: str, account: str, thread: str, contact: str) -> str:
    """One thread with one contact on one account."""
    return digest("conversation", brand, channel, account, thread, contact)


def message_id(brand: str, account: str, native: str) -> str:
    """A message by the network's own id, which edits, deletes, receipts and echoes name as well.

    The account (its key) takes part, because some networks number messages anew for each.
    """
    return digest("message", brand, account, native)


def note_id(brand: str, command: str) -> str:
    """The note a command writes; asked twice, it is the same note."""
    return digest("note", brand, command)


def reply_id(brand: str, command: str) -> str:
    """The reply a command queues; asked twice, it is the same reply."""
    return digest("reply", brand, command)


def command_mark(command: str) -> str:
    """A command by 40 bits, short enough for the case to keep; two of one case's latest differ in all but 1e-10."""
    return digest("command", command)[:8]


def action_id(brand: str, command: str) -> str:
    """The act a command asks for; asked twice, it is the same act."""
    return digest("action", brand, command)


def case_id(contact: str, number: int) -> str:
    """A case is the contact's n-th; the id leads to its row without a look-up."""
    return f"{contact}-{number}"


def split_case_id(case: str) -> tuple[str, int]:
    """The inverse of :func:`case_id`. Raises ValueError for anything that is not a case id."""
    contact, dash, number = case.rpartition("-")
    if not dash or len(contact) != _LENGTH or not number.isdigit():
        raise ValueError(f"{case!r} is not a case id")
    return contact, int(number)
