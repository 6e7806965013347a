"""All we have of one person, in one document, for that person. Nobody else's words are in it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chalicelib.domain import audit
from chalicelib.domain.audit import plain
from chalicelib.domain.case import Case
from chalicelib.domain.message import Direction
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.person import Contents, Share, cases, contact, contents
from chalicelib.service.ports import Store

SCHEMA = "heed.person/1"


def dossier(store: Store, brand: str, contact_id: str, *, notes: bool = True) -> dict[str, Any]:
    """The person's data. ``notes``: also what colleagues wrote among themselves about their cases, and why they acted.

    In a case that others have a part in, nobody can tell whom colleagues meant: such words are left out and counted.
    """
    person = contact(store, brand, contact_id)
    return {
        "schema": SCHEMA,
        "contact": plain(person),
        "cases": [_case(contents(store, case), contact_id, notes) for case in cases(store, person)],
    }


def _case(found: Contents, person: str, notes: bool) -> dict[str, Any]:
    share = found.share(person)
    messages = [one for one in share.messages if notes or one.direction is not Direction.NOTE]
    actions = share.actions if notes else [replace(one, reason="") for one in share.actions]
    return {
        "case": plain(_theirs(found.case, share)),
        "messages": [plain(one) for one in sorted(messages, key=lambda one: (str(one.at or one.received_at), one.id))],
        "replies": [plain(one) for one in sorted(share.replies, key=lambda one: (one.created_at, one.id))],
        "acts": [plain(one) for one in actions],
        "conversations": [plain(one) for one in share.conversations],
        "timeline": [plain(one) for one in _timeline(found, share, notes)],
        "left_out": {"notes_that_may_mean_others": len(share.joint)},
    }


def _theirs(case: Case, share: Share) -> Case:
    """The case without what it says of others in it."""
    if share.alone:
        return case
    talks = {one.id for one in share.conversations}
    threads = {name: thread for name, thread in case.threads.items() if name in talks}
    seen = replace(case, threads=threads, last_message_id=None, tags=(), links=())
    return seen if share.own else replace(seen, contact_id="", contact_name="", contact_handle=None, origin=None)


def _timeline(found: Contents, share: Share, notes: bool) -> Iterator[TimelineEvent]:
    for event in found.events if share.own and not share.alone else share.events:
        if event.seq in share.seqs or not _of_a_row(event):
            shown = notes and (share.alone or event.seq < share.since)
            yield event if shown else audit.sealed(event)


def _of_a_row(event: TimelineEvent) -> bool:
    """Whether it is about one message, reply or conversation, which is somebody else's then."""
    return any(name.endswith("_id") for name in event.data)
