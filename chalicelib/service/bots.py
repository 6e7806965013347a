"""Machines that talk to a brand's customers beside people: ``care.yaml`` names them, all others are people."""

from datetime import datetime

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.answers import BOT
from chalicelib.domain.config import Account
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.repeats import has_heard, heard
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.merged import followed
from chalicelib.service.ports import Store

_SAID_BY = ("app_id", "app", "by")
"""Under which names networks tell the app or the person of ours that said something."""


def speaker(event: Event, account: Account) -> str:
    """Who of our side said it, as timelines name them."""
    return _bot(account, *(event.extra.get(name) for name in _SAID_BY)) or lifecycle.SYSTEM


def hands_over(event: Event, account: Account) -> bool:
    """Whether a bot of this account gave the talk to people here."""
    to_us = event.kind is Kind.HANDOVER and event.extra.get("to_us") is True
    return to_us and _bot(account, event.extra.get("previous_owner_app_id")) is not None


def take_handover(store: Store, event: Event, account: Account, received_at: datetime) -> bool:
    """People owe the answer from now on. Returns False when that was known, or nothing is open. Raises Conflict."""
    contact_id = ids.contact_id(account.brand, event.channel, event.author or "")
    case = followed(store, store.contact(account.brand, contact_id)[1])
    mark = event.id or ""
    if case is None or not case.live or has_heard(case, mark):
        return False
    by = _bot(account, event.extra.get("previous_owner_app_id")) or lifecycle.SYSTEM
    told = Happening(Fact.CASE_HANDED, min(event.at or received_at, received_at), by)
    after, happened = lifecycle.handed(case, told)
    after, timeline = lifecycle.recorded(case, heard(after, mark), happened, received_at)
    store.commit(after, *timeline)
    return True


def _bot(account: Account, *names: object) -> str | None:
    return next((f"{BOT}{name}" for name in names if name in account.bots), None)
