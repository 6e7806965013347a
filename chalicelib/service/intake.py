"""What the networks tell becomes true here, once, in whatever order they tell it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.channels.base import Channel
from chalicelib.domain import ids, lifecycle
from chalicelib.domain.case import Case, Origin, Thread
from chalicelib.domain.closing import closes
from chalicelib.domain.config import Account, Brand, Config
from chalicelib.domain.contact import Contact, new_contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.errors import Conflict
from chalicelib.domain.event import INBOUND, Event, Kind
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.policy import Traits, applied
from chalicelib.domain.renewal import coming_back
from chalicelib.domain.reply import Mode
from chalicelib.domain.routing import route
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.bots import hands_over, take_handover
from chalicelib.service.echoes import take_echo
from chalicelib.service.merged import followed
from chalicelib.service.ports import Row, Store
from chalicelib.service.receipts import take_receipt
from chalicelib.service.writing import deciding


class Taken(StrEnum):
    """What became of an event."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    SIGNAL = "signal"
    UNKNOWN = "unknown"
    STRANGER = "stranger"
    ERASED = "erased"


class Erased(Exception):
    """It was said by, or to, a person whose data was erased since."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Applies events of one channel. Redelivery and disorder are harmless."""

    store: Store
    config: Config
    channel: Channel

    def take(self, event: Event, hook: str, received_at: datetime) -> Taken:
        """Make one event true. ``hook`` is the account key of the webhook it came to."""
        account = self.config.account(self.channel.name, event.account, hook)
        if event.kind is Kind.UNKNOWN:
            return Taken.UNKNOWN
        if account is None:
            return Taken.STRANGER
        handler = Intake.handover if hands_over(event, account) else _HANDLERS.get(event.kind)
        if handler is None or (event.id or event.of) is None:
            return Taken.SIGNAL
        try:
            return Taken.RECORDED if handler(self, event, account, received_at) else Taken.DUPLICATE
        except Erased:
            return Taken.ERASED

    def _brand(self, account: Account) -> Brand:
        return self.config.brands[account.brand]

    def inbound(self, event: Event, account: Account, received_at: datetime) -> bool:
        """A customer asks for attention: message, case, clocks and timeline in one write."""
        return deciding(lambda: self._inbound(event, account, received_at))

    def _inbound(self, event: Event, account: Account, received_at: datetime) -> bool:
        brand = self._brand(account)
        at = min(event.at or received_at, received_at)
        contact, case = self._contact(brand, event)
        if contact is not None and contact.gone(at):
            raise Erased
        person = (contact or self._newcomer(brand, event, case, at)).seen(event).wrote(at)
        goes_on = followed(self.store, case)
        before = goes_on if goes_on and _continues(goes_on, contact, brand, at) else None
        thread = self._thread(event, account, person, at)
        rows: list[Row] = []
        if before is None:
            person = replace(person, cases=person.cases + 1)
            after, happened = self._opened(brand, event, account, person, at)
        else:
            before = coming_back(before, self.config.policies, self.config.version, at)
            after, happened, thread = before, [], _spoken_by(person, thread, before)
        if person is not contact:
            rows.append(person)
        after, news = lifecycle.received(after, thread, at, closing=before is not None and _closes(event, before))
        if before is None or thread.conversation_id not in before.threads:
            rows.append(_conversation(event, thread, after, person.id))
        after, timeline = lifecycle.recorded(before, after, [*happened, *news], received_at)
        message = self._message(event, thread, after, received_at, person.id)
        return self._written(message, brand, [after, *rows, *timeline])

    def _written(self, message: Message, brand: Brand, rows: list[Row]) -> bool:
        try:
            self.store.commit(message, *rows)
        except Conflict as conflict:
            if message.id not in conflict.keys:
                raise
            stub = self.store.message(brand.key, message.id)
            if stub is None or stub.direction is not None:
                return False
            self.store.commit(stub.told(message, brand.evidence), *rows)
        return True

    def _contact(self, brand: Brand, event: Event) -> tuple[Contact | None, Case | None]:
        return self.store.contact(brand.key, self._contact_id(brand, event))

    def _contact_id(self, brand: Brand, event: Event) -> str:
        """An author the network does not name is a person of their own for every message."""
        return ids.contact_id(brand.key, event.channel, event.author or f"unnamed:{event.id}")

    def _newcomer(self, brand: Brand, event: Event, case: Case | None, at: datetime) -> Contact:
        """Somebody we do not know, or no more: a case may have been kept longer than its contact."""
        contact = new_contact(self._contact_id(brand, event), brand.key, event, at)
        return replace(contact, cases=ids.split_case_id(case.id)[1]) if case else contact

    def _opened(self, brand: Brand, event: Event, account: Account, contact: Contact, at: datetime) -> lifecycle.Turn:
        where = route(self.config, brand.key, event, contact)
        origin = Origin(event.channel, event.kind.value, event.language or "", account.market, contact.tags)
        policy = self.config.policy(Traits(brand.key, where.queue, where.priority, origin))
        case = lifecycle.new_case(ids.case_id(contact.id, contact.cases), contact, where, (), at, origin=origin)
        return lifecycle.opened(applied(case, policy, self.config.version, at) if policy else case, at)

    def _thread(self, event: Event, account: Account, contact: Contact, at: datetime) -> Thread:
        native = event.conversation or event.root or event.post or event.id or ""
        return Thread(
            conversation_id=ids.conversation_id(account.brand, event.channel, account.key, native, contact.id),
            channel=event.channel,
            account=account.key,
            public=event.public,
            address=self.channel.address(event),
            last_inbound_at=at,
            last_message_id=ids.message_id(account.brand, account.key, event.id or ""),
            capabilities=tuple(sorted(self.channel.capabilities(event))),
            window=self.channel.window(Mode.PUBLIC if event.public else Mode.PRIVATE, account.options),
        )

    def _message(self, event: Event, thread: Thread, case: Case, received_at: datetime, contact_id: str) -> Message:
        return Message(
            id=thread.last_message_id,
            brand=case.brand,
            channel=event.channel,
            native_id=event.id,
            direction=Direction.INBOUND,
            kind=event.kind.value,
            account=thread.account,
            conversation_id=thread.conversation_id,
            contact_id=contact_id,
            case_id=case.id,
            author=event.author,
            name=event.name or event.handle,
            text=event.text,
            attachments=event.attachments,
            at=event.at,
            received_at=received_at,
            parent=event.parent,
            public=event.public,
            language=event.language,
            held_at=case.held_at,
        )

    def about(self, event: Event, account: Account, received_at: datetime) -> bool:
        """An edit, delete, reaction or the like: folded into its message, which may not have arrived yet."""
        return deciding(lambda: self._about(event, account, received_at))

    def _about(self, event: Event, account: Account, received_at: datetime) -> bool:
        brand = self._brand(account)
        message_id = ids.message_id(brand.key, account.key, event.of or "")
        known = self.store.message(brand.key, message_id) or Message(message_id, brand.key, event.channel, event.of)
        after = known.heard(event, received_at, brand.evidence)
        if after is known:
            return False
        waits = known.direction is None and event.author is not None and known.erased_at is None
        author = self._author(brand, event, known, received_at) if waits else []
        self.store.commit(after, *author, *self._retold(event, known, received_at))
        return True

    def _author(self, brand: Brand, event: Event, stub: Message, received_at: datetime) -> list[Row]:
        """Of a message that was not told yet: whoever wrote it, so that it is found if it never is.

        Raises Erased when it never will be, because its author was erased since.
        """
        contact = self._contact(brand, event)[0]
        if contact is not None and contact.gone(min(event.at or received_at, received_at)):
            raise Erased
        noted = contact.edited(stub.id) if contact and event.kind is Kind.EDIT else contact
        return [noted] if noted is not None and noted is not contact else []

    def _retold(self, event: Event, message: Message, received_at: datetime) -> list[Row]:
        """The case's part: its timeline says that the message changed."""
        case = followed(self.store, self.store.case(message.brand, message.case_id) if message.case_id else None)
        if case is None:
            return []
        happening = Happening(
            _RETOLD[event.kind], event.at or received_at, lifecycle.CUSTOMER, {"message_id": message.id}
        )
        after, timeline = lifecycle.recorded(case, case, [happening], received_at)
        return [after, *timeline]

    def echo(self, event: Event, account: Account, received_at: datetime) -> bool:
        """Something our side said: by us, or by a colleague elsewhere."""
        return deciding(lambda: take_echo(self.store, self.config, event, account, received_at))

    def handover(self, event: Event, account: Account, received_at: datetime) -> bool:
        """A bot gave the talk to people."""
        return deciding(lambda: take_handover(self.store, event, account, received_at))

    def receipt(self, event: Event, account: Account, received_at: datetime) -> bool:
        """How far one of our messages got."""
        return deciding(lambda: take_receipt(self.store, self.config, event, account, received_at))

    def unreachable(self, event: Event, account: Account, received_at: datetime) -> bool:
        """The person blocked us: remembered, so that nobody promises an answer that cannot arrive."""
        return deciding(lambda: self._unreachable(event, account, received_at))

    def _unreachable(self, event: Event, account: Account, received_at: datetime) -> bool:
        contact, case = self._contact(self._brand(account), event)
        if event.subtype != "blocked" or contact is None or contact.unreachable:
            return False
        at = min(event.at or received_at, received_at)
        if contact.gone(at):
            raise Erased
        told = Happening(Fact.CONTACT_UNREACHABLE, at, lifecycle.CUSTOMER, {"why": "blocked"})
        goes_on = followed(self.store, case)
        after, timeline = lifecycle.recorded(goes_on, goes_on, [told], received_at) if goes_on else (None, [])
        self.store.commit(replace(contact, unreachable=True), *([after] if after else ()), *timeline)
        return True


def _continues(case: Case, contact: Contact | None, brand: Brand, at: datetime) -> bool:
    """Whether a new message belongs to this case: it is live, or was solved a short while ago.

    One that began before the person was erased is being forgotten.
    """
    if case.merged_into is not None or (contact is not None and contact.gone(case.opened_at)):
        return False
    return case.live or (case.solved_at is not None and at - case.solved_at <= brand.reopen_within)


def _closes(event: Event, case: Case) -> bool:
    """Thanks in a talk. A post or a mention wants to be looked at whatever it says, and after a question any word."""
    talk = event.kind in (Kind.MESSAGE, Kind.COMMENT) and case.asked_at is None
    return talk and closes(event.text, event.attachments)


def _spoken_by(person: Contact, thread: Thread, case: Case) -> Thread:
    """Who speaks, where the case is somebody else's: one that was merged has several people."""
    if person.id == case.contact_id:
        return thread
    return replace(thread, contact_id=person.id, name=person.name, handle=person.handle)


def _conversation(event: Event, thread: Thread, case: Case, contact_id: str) -> Conversation:
    return Conversation(
        id=thread.conversation_id,
        brand=case.brand,
        channel=event.channel,
        account=thread.account,
        native_id=event.conversation or event.root or event.post or event.id or "",
        contact_id=contact_id,
        public=event.public,
        case_id=case.id,
    )


_RETOLD: Mapping[Kind, Fact] = {
    Kind.EDIT: Fact.MESSAGE_EDITED,
    Kind.DELETE: Fact.MESSAGE_DELETED,
    Kind.HIDDEN: Fact.MESSAGE_HIDDEN,
    Kind.REACTION: Fact.MESSAGE_REACTED,
    Kind.REACTION_REMOVED: Fact.MESSAGE_REACTED,
    Kind.LIKE: Fact.MESSAGE_REACTED,
}

_HANDLERS: Mapping[Kind, Callable[[Intake, Event, Account, datetime], bool]] = {
    **dict.fromkeys(INBOUND, Intake.inbound),
    **dict.fromkeys(_RETOLD, Intake.about),
    **dict.fromkeys((Kind.SENT, Kind.DELIVERED, Kind.READ, Kind.PLAYED, Kind.FAILED), Intake.receipt),
    Kind.ECHO: Intake.echo,
    Kind.CONTACT_UPDATE: Intake.unreachable,
}
