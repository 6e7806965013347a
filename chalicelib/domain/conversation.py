"""One thread with one contact on one account; public or private. Its identity never changes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conversation:
    """``native_id`` is the network's thread: a DM pair, a post's comment thread, a chat with its topic."""

    id: str
    brand: str
    channel: str
    account: str
    native_id: str
    contact_id: str
    public: bool
    case_id: str
