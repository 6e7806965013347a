"""What the networks hold: every accepted post and every action, under one lock."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.files import fetched


@dataclass(frozen=True)
class Post:
    """One accepted post. `parent` is the comment or post answered, `recipient` the person or conversation written to.

    `reference` is what the caller attached for itself: Messenger metadata, WhatsApp's biz_opaque_callback_data, the
    webhook-id. `file` is what was fetched from a link instead of words: its media type and its SHA-256.
    """

    network: str
    account: str
    kind: str
    id: str
    text: str
    at: datetime
    parent: str = ""
    recipient: str = ""
    reference: str = ""
    file: str = ""
    deleted: bool = False

    def described(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


@dataclass(frozen=True)
class Upload:
    """A file that nobody sees before a post shows it. `file` is as in `Post`, `use` what it is meant for."""

    account: str
    use: str
    file: str
    at: datetime


@dataclass(frozen=True)
class Action:
    """Something done that is no post: hide, unhide, like, unlike, delete, edit, typing, read ..."""

    network: str
    account: str
    verb: str
    target: str
    at: datetime
    detail: str = ""

    def described(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


class Ledger:
    """The whole state of the double. Native ids stay unique over a reset, as Heed may remember the old ones.

    `fetch` is what the networks do with a link to a file.
    """

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], str] = fetched) -> None:
        self.now = now
        self.fetch = fetch
        self.lock = threading.RLock()
        self.posts: list[Post] = []
        self.actions: list[Action] = []
        self.uploads: dict[str, Upload] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        self._number = 0

    def number(self) -> int:
        """A number above all earlier ones, in microseconds of the clock: the stuff native ids are made of."""
        with self.lock:
            self._number = max(self._number + 1, int(self.now().timestamp() * 1_000_000))
            return self._number

    def count(self, network: str, what: str) -> None:
        with self.lock:
            self.counts[network, what] += 1

    def counted(self, network: str) -> dict[str, int]:
        """Requests, refusals and faults so far, and posts by kind."""
        with self.lock:
            kinds = Counter(f"posts.{post.kind}" for post in self.posts if post.network == network)
            requests = {what: count for (name, what), count in self.counts.items() if name == network}
            return {"posts": kinds.total(), "requests": 0, "refused": 0, "faults": 0, **requests, **kinds}

    def add(self, post: Post) -> Post:
        with self.lock:
            self.posts.append(post)
        return post

    def change(self, post: Post, **changes: Any) -> None:
        with self.lock:
            self.posts = [replace(kept, **changes) if kept is post else kept for kept in self.posts]

    def reset(self) -> None:
        with self.lock:
            self.posts.clear()
            self.actions.clear()
            self.uploads.clear()
            self.counts.clear()


@dataclass(frozen=True)
class Desk:
    """The ledger as one account sees it while its request is being answered."""

    ledger: Ledger
    account: Account

    def post(
        self,
        kind: str,
        native_id: str,
        text: str,
        *,
        parent: str = "",
        recipient: str = "",
        reference: str = "",
        file: str = "",
    ) -> Post:
        who = self.account
        post = Post(who.network, who.native_id, kind, native_id, text, self.now(), parent, recipient, reference, file)
        return self.ledger.add(post)

    def keep(self, use: str, file: str) -> str:
        """The id of an upload."""
        with self.ledger.lock:
            native_id = str(self.number())
            self.ledger.uploads[native_id] = Upload(self.account.native_id, use, file, self.now())
        return native_id

    def kept(self, native_id: str) -> Upload | None:
        """An upload of this account."""
        with self.ledger.lock:
            found = self.ledger.uploads.get(native_id)
        return found if found and found.account == self.account.native_id else None

    def act(self, verb: str, target: str, detail: str = "") -> None:
        action = Action(self.account.network, self.account.native_id, verb, target, self.now(), detail)
        with self.ledger.lock:
            self.ledger.actions.append(action)

    def posts(self) -> list[Post]:
        """What this account has posted and not deleted, oldest first."""
        with self.ledger.lock:
            mine = (self.account.network, self.account.native_id)
            return [post for post in self.ledger.posts if (post.network, post.account) == mine and not post.deleted]

    def find(self, native_id: str) -> Post | None:
        return next((post for post in self.posts() if post.id == native_id), None)

    def edit(self, native_id: str, text: str) -> bool:
        """Changes the text of an own post; False when there is no such post."""
        post = self.find(native_id)
        if post is not None:
            self.ledger.change(post, text=text)
            self.act("edit", native_id)
        return post is not None

    def delete(self, native_id: str) -> None:
        """Deletes an own post, or takes note that a customer's item was deleted."""
        post = self.find(native_id)
        if post is not None:
            self.ledger.change(post, deleted=True)
        self.act("delete", native_id)

    def acted(self, verb: str, target: str) -> bool:
        with self.ledger.lock:
            return any((action.verb, action.target) == (verb, target) for action in self.ledger.actions)

    def number(self) -> int:
        return self.ledger.number()

    def fetch(self, url: str) -> str:
        """What was found there, as a post keeps it. Raises UnreachableError."""
        return self.ledger.fetch(url)

    def now(self) -> datetime:
        return self.ledger.now()
