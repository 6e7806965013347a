"""Whoever does something to a brand's data: named in ``care.yaml``, known to AWS, written into the logbook."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import reach
from infra.cli.output import fail

if TYPE_CHECKING:
    from chalicelib.domain.timeline import Fact
    from chalicelib.storage import DynamoStore

By = Annotated[
    str, typer.Option("--by", help="Your key in care.yaml, as an auditor or admin; it stands in the logbook.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the audit trail. Name nobody.")]


def enter(
    store: "DynamoStore", brand: str, fact: "Fact", by: str, reason: str, *, contacts: Sequence[str] = (), **more: Any
) -> None:
    """Write it into the brand's logbook before it is done. Only auditors and admins of the brand may."""
    from chalicelib.domain.logbook import Entry
    from chalicelib.service import logbook

    permitted(store, brand, by)
    told: Mapping[str, Any] = {"reason": reason, "caller": reach.caller(), **more}
    about = {"contacts": list(contacts)} if contacts else {}
    logbook.enter(store, brand, Entry(fact, by, {**told, **about}), reach.now())


def looked(store: "DynamoStore", brand: str, fact: "Fact", contacts: Sequence[str]) -> None:
    """Who looks needs no role, but stands in the brand's logbook by whom AWS takes us for, and at whom."""
    from chalicelib.domain.logbook import Entry
    from chalicelib.service import logbook

    logbook.enter(store, brand, Entry(fact, reach.caller(), {"contacts": list(contacts)}), reach.now())


def everywhere(store: "DynamoStore", fact: "Fact", told: Mapping[str, Any]) -> None:
    """Into the logbook of every brand, by whom AWS takes us for: what is no one brand's."""
    from chalicelib.domain.logbook import Entry
    from chalicelib.service import logbook

    policy = reach.running(store)
    for brand in policy.brands if policy else ():
        logbook.enter(store, brand, Entry(fact, reach.caller(), told), reach.now())


def permitted(store: "DynamoStore", brand: str, by: str) -> None:
    from chalicelib.domain.people import OFFICERS

    reach.must_know(store, brand)
    policy = reach.running(store)
    agents = policy.agents if policy else {}
    officers = [key for key, one in agents.items() if one.role in OFFICERS and brand in one.brands]
    if by not in officers:
        fail(f"{by!r} is no auditor or admin of {brand}", f"There are: {', '.join(officers) or 'none in care.yaml'}")
