"""The people of the workspace: what they click, submit and say is sent to Heed, signed as Slack signs it."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from infra.doubles.slack import elements, events
from infra.doubles.slack.api import Api
from infra.doubles.slack.api_files import described, keep
from infra.doubles.slack.courier import Courier
from infra.doubles.slack.limits import view_problems
from infra.doubles.slack.payloads import Payloads
from infra.doubles.slack.response_urls import ResponseUrls
from infra.doubles.slack.shapes import CannotDoError, Delivery, File, Json, SlackError
from infra.doubles.slack.typed import typed
from infra.doubles.slack.workspace import Message


@dataclass
class People:
    api: Api
    courier: Courier
    urls: ResponseUrls
    payloads: Payloads
    pack: Callable[[Json], Json]

    def click(self, channel: str, ts: str, action_id: str, user: str, value: Any, block_id: str) -> Delivery:
        self._known(user)
        message = self.api.workspace.existing(channel, ts)
        if message.seen_by not in ("", user):
            raise CannotDoError(f"only {message.seen_by} can see message {ts}")
        action = self._action(message.body.get("blocks", []), action_id, value, block_id)
        url = self.urls.new(user, channel, ts)
        trigger_id = self.api.views.trigger(user)
        return self.courier.interaction(self.payloads.message_action(user, message, action, trigger_id, url))

    def click_view(self, view_id: str, action_id: str, user: str, value: Any, values: Json) -> Delivery:
        """A button or menu inside a modal or the Home tab. `values` is what the form holds meanwhile."""
        self._known(user)
        view = self.api.views.of_user(view_id, user)
        action = self._action(view["blocks"], action_id, value, "")
        view["state"] = {"values": self._filled(view["blocks"], values)}
        return self.courier.interaction(self.payloads.view_action(user, view, action, self.api.views.trigger(user)))

    def submit(self, view_id: str, values: Json, user: str) -> Delivery:
        self._known(user)
        view = self.api.views.of_user(view_id, user)
        filled = self._filled(view["blocks"], values)
        problems = elements.unmet(view["blocks"], filled)
        if problems:
            raise CannotDoError("; ".join(f"{block_id}: {words}" for block_id, words in problems.items()), problems)
        view["state"] = {"values": filled}
        delivery = self.courier.interaction(self.payloads.submission(user, view, self.api.views.trigger(user)))
        return self._follow(delivery, view, user)

    def upload(self, name: str, body: bytes, user: str) -> Json:
        """A file chosen in a form; until that is sent only its owner knows of it."""
        self._known(user)
        return self._file((name, body), user)

    def _filled(self, blocks: list[Json], values: Json) -> Json:
        """What a form holds; of files it has all that Slack tells of them, chosen by their ids."""
        filled = elements.state_values(blocks, values)
        for entry in (entry for inside in filled.values() for entry in inside.values()):
            if "files" in entry:
                entry["files"] = [described(self.api, self.api.files[one]) for one in entry["files"]]
        return filled

    def close_view(self, view_id: str, user: str) -> Delivery | None:
        """Cancel. Heed hears of it only when the view asked for `notify_on_close`."""
        view = self.api.views.of_user(view_id, user)
        clears = bool(view["clear_on_close"])
        if clears:
            self.api.views.clear(user)
        else:
            self.api.views.close(view_id, user)
        if not view["notify_on_close"]:
            return None
        return self.courier.interaction(self.payloads.closed(user, view, clears))

    def say(self, channel: str, thread_ts: str | None, text: str, user: str, files: Sequence[File] = ()) -> Delivery:
        """Posts what the user typed, with files by name; a mention of the bot sends `app_mention` too."""
        self._known(user)
        workspace = self.api.workspace
        content = typed(text) | {"client_msg_id": workspace.counters.mint("client-")}
        if files:
            content |= {"subtype": "file_share", "upload": False, "files": [self._file(one, user) for one in files]}
        if thread_ts:
            root = workspace.existing(channel, thread_ts)
            content |= {"thread_ts": root.root, "parent_user_id": root.body.get("user")}
        message = workspace.post(workspace.channel(channel).id, {"user": user}, content)
        delivery = self.courier.event(self.pack(events.posted(message)))
        if f"<@{workspace.identity.bot_user_id}>" in message.body["text"]:
            self.courier.event(self.pack(events.mentioned(message)))
        return delivery

    def _file(self, file: File, user: str) -> Json:
        name, body = (file, b"") if isinstance(file, str) else file
        return described(self.api, keep(self.api, name, len(body), user, body))

    def edit(self, channel: str, ts: str, text: str, user: str) -> Delivery:
        message = self._own(channel, ts, user)
        previous = self.api.workspace.edit(message, typed(text), user)
        return self._tell(events.changed, message, previous)

    def delete(self, channel: str, ts: str, user: str) -> Delivery:
        message = self._own(channel, ts, user)
        previous = deepcopy(message.body)
        tombstone = self.api.workspace.delete(message)
        return self._tell(events.changed if tombstone else events.deleted, message, previous)

    def command(self, command: str, text: str, channel: str, user: str) -> Delivery:
        """A slash command. What Heed answers in the body is shown to the user, or to all with `in_channel`."""
        self._known(user)
        trigger_id, url = self.api.views.trigger(user), self.urls.new(user, channel)
        delivery = self.courier.command(self.payloads.command(user, channel, (command, text), trigger_id, url))
        if delivery.ok and delivery.text:
            self.urls.say(user, channel, delivery.answer or {"text": delivery.text})
        return delivery

    def shortcut(self, callback_id: str, channel: str, ts: str, user: str) -> Delivery:
        self._known(user)
        message = self.api.workspace.existing(channel, ts)
        trigger_id, url = self.api.views.trigger(user), self.urls.new(user, channel, ts)
        return self.courier.interaction(self.payloads.shortcut(user, message, callback_id, trigger_id, url))

    def open_home(self, user: str) -> Delivery:
        self._known(user)
        direct = self.api.workspace.channel(user).id
        view = self.api.views.homes.get(user)
        return self.courier.event(self.pack(events.home_opened(user, direct, self.api.workspace.counters.ts(), view)))

    def _action(self, blocks: list[Json], action_id: str, value: Any, block_id: str) -> Json:
        block, element = elements.find(blocks, action_id, block_id)
        return elements.action(block, element, value, self.api.workspace.counters.ts())

    def _follow(self, delivery: Delivery, view: Json, user: str) -> Delivery:
        """Does to the modal what Heed's answer to the submission says."""
        answer = delivery.answer or {}
        kind = str(answer.get("response_action", ""))
        if delivery.status != 200:
            return replace(delivery, outcome="failed")
        if kind == "errors":
            return self._show_errors(delivery, view, answer)
        if kind in ("update", "push"):
            return self._show_view(delivery, view, user, kind)
        if kind == "clear":
            self.api.views.clear(user)
            return replace(delivery, outcome="clear")
        self.api.views.close(view["id"], user)
        return replace(delivery, outcome="close")

    def _show_errors(self, delivery: Delivery, view: Json, answer: Json) -> Delivery:
        inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        errors = {str(key): str(words) for key, words in (answer.get("errors") or {}).items()}
        if not errors or not set(errors) <= inputs:
            return replace(delivery, outcome="failed", problem="errors must name input blocks of the view")
        return replace(delivery, outcome="errors", errors=errors)

    def _show_view(self, delivery: Delivery, view: Json, user: str, kind: str) -> Delivery:
        fresh = (delivery.answer or {}).get("view") or {}
        problems = view_problems(fresh)
        if problems:
            return replace(delivery, outcome="failed", problem="; ".join(problems))
        try:
            if kind == "push":
                self.api.views.add(user, fresh)
            else:
                self.api.views.update(view["id"], "", fresh)
        except SlackError as refused:
            return replace(delivery, outcome="failed", problem=refused.code)
        return replace(delivery, outcome=kind)

    def _own(self, channel: str, ts: str, user: str) -> Message:
        message = self.api.workspace.existing(channel, ts)
        if message.body.get("user") != user:
            raise CannotDoError(f"message {ts} is not by {user}")
        return message

    def _tell(self, kind: Callable[[Message, Json, str], Json], message: Message, previous: Json) -> Delivery:
        event = kind(message, previous, self.api.workspace.counters.ts())
        return self.courier.event(self.pack(event))

    def _known(self, user: str) -> None:
        if user not in self.api.workspace.users:
            raise CannotDoError(f"no user {user}")
