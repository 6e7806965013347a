"""Modals and the Home tab: triggers, the stack of at most three views per person, hashes."""

from copy import deepcopy
from dataclasses import dataclass, field

from infra.doubles.slack.counters import Counters
from infra.doubles.slack.shapes import CannotDoError, Identity, Json, SlackError
from infra.doubles.slack.workspace import named_blocks

TRIGGER_SECONDS = 3.0
STACK_LIMIT = 3
GIVEN = ("type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id")
FLAGS = ("clear_on_close", "notify_on_close")


@dataclass
class Trigger:
    user: str
    born: float
    used: bool = False


@dataclass
class Views:
    identity: Identity
    counters: Counters
    stacks: dict[str, list[Json]] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)

    def trigger(self, user: str) -> str:
        key = self.counters.mint("1395872398.")
        self.triggers[key] = Trigger(user, self.counters.now())
        return key

    def spend(self, trigger_id: str) -> str:
        """The user behind a trigger_id, which works once and for three seconds."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.counters.now() - trigger.born > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def open(self, trigger_id: str, view: Json) -> Json:
        with self.counters.lock:
            user = self.spend(trigger_id)
            self.stacks[user] = []
            return self.add(user, view)

    def push(self, trigger_id: str, view: Json) -> Json:
        with self.counters.lock:
            user = self.spend(trigger_id)
            if not self.stacks.get(user):
                raise SlackError("invalid_trigger_id")
            return self.add(user, view)

    def add(self, user: str, view: Json) -> Json:
        """Puts a view on top of what the user has open."""
        with self.counters.lock:
            stack = self.stacks.setdefault(user, [])
            if len(stack) >= STACK_LIMIT:
                raise SlackError("push_limit_reached")
            self._unique_external_id(view)
            made = self._dressed(self.counters.mint("V0"), view)
            made["root_view_id"] = stack[0]["id"] if stack else made["id"]
            made["previous_view_id"] = stack[-1]["id"] if stack else None
            stack.append(made)
            return deepcopy(made)

    def update(self, view_id: str, external_id: str, view: Json, known_hash: str = "") -> Json:
        with self.counters.lock:
            for stack in self.stacks.values():
                for place, old in enumerate(stack):
                    if old["id"] == view_id or (external_id and old["external_id"] == external_id):
                        _same_hash(old, known_hash)
                        links = {key: old[key] for key in ("root_view_id", "previous_view_id")}
                        stack[place] = self._dressed(old["id"], view) | links
                        return deepcopy(stack[place])
            raise SlackError("not_found")

    def publish(self, user: str, view: Json, known_hash: str = "") -> Json:
        with self.counters.lock:
            old = self.homes.get(user)
            if old is not None:
                _same_hash(old, known_hash)
            made = self._dressed(old["id"] if old else self.counters.mint("V0"), view)
            self.homes[user] = made | {"root_view_id": made["id"], "previous_view_id": None}
            return deepcopy(self.homes[user])

    def of_user(self, view_id: str, user: str) -> Json:
        """The view as this person sees it. Only what lies on top can be used, as in Slack's client."""
        home = self.homes.get(user)
        if home and home["id"] == view_id:
            return deepcopy(home)
        stack = self.stacks.get(user) or []
        if not stack or stack[-1]["id"] != view_id:
            raise CannotDoError(f"view {view_id} is not the one {user} is looking at")
        return deepcopy(stack[-1])

    def close(self, view_id: str, user: str) -> None:
        with self.counters.lock:
            stack = self.stacks.get(user, [])
            self.stacks[user] = [view for view in stack if view["id"] != view_id]
            self.counters.touch()

    def clear(self, user: str) -> None:
        with self.counters.lock:
            self.stacks[user] = []
            self.counters.touch()

    def _unique_external_id(self, view: Json) -> None:
        wanted = view.get("external_id")
        if wanted and any(old["external_id"] == wanted for stack in self.stacks.values() for old in stack):
            raise SlackError("duplicate_external_id")

    def _dressed(self, view_id: str, view: Json) -> Json:
        """The view as Slack gives it back: ids, a new hash, and a block_id on every block."""
        self.counters.touch()
        made: Json = {key: view.get(key, "") for key in GIVEN} | {key: bool(view.get(key)) for key in FLAGS}
        made["blocks"] = named_blocks(view["blocks"], self.counters)
        who = self.identity
        made |= {"id": view_id, "team_id": who.team_id, "app_id": who.app_id, "bot_id": who.bot_id}
        made |= {"hash": f"{int(self.counters.now())}.{self.counters.mint('h')}", "state": {"values": {}}}
        return made | {"app_installed_team_id": who.team_id}


def _same_hash(view: Json, known_hash: str) -> None:
    if known_hash and known_hash != view["hash"]:
        raise SlackError("hash_conflict")
