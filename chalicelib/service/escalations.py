"""Chains start and go on here: when a promise was about to break or broke, when a person asks, and with time."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain import escalating
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Acknowledge, Escalate
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Refusal
from chalicelib.domain.escalation import Chain, StepKind
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.ports import Store

Turn = escalating.Turn

CHAIN = "chain"
"""Under which name a warning says which chain it starts."""


def ticked(case: Case, happened: Iterable[Happening], now: datetime, config: Config, store: Store) -> Turn:
    """What a case's chain does after its clocks were looked at: it starts, or takes every step that is due."""
    news: list[Happening] = []
    for one in happened:
        chain = _started_by(case, one, config)
        if chain is not None:
            case, more = escalating.started(case, chain, one.at, _clock(one))
            news += more
    case, more = escalating.stepped(case, now, store_tally(case, store))
    return case, [*news, *more]


def _started_by(case: Case, one: Happening, config: Config) -> Chain | None:
    """The chain of a broken promise, which its policy names or else its queue. A warning starts one if it says so."""
    if one.fact is Fact.CLOCK_WARNED:
        return config.chains.get(one.data.get(CHAIN, ""))
    return _of_case(case, config) if one.fact is Fact.CLOCK_BREACHED else None


def _of_case(case: Case, config: Config) -> Chain | None:
    queue = config.queues.get(case.queue)
    named = case.terms.chain if case.terms else ""
    return config.chains.get(named or (queue.chain if queue and queue.chain else ""))


def _clock(one: Happening) -> str:
    moment = "due" if one.fact is Fact.CLOCK_BREACHED else "warn"
    return f"{one.data['metric']}/{one.data['instance']}/{moment}"


def store_tally(case: Case, store: Store) -> escalating.Tally:
    return lambda queue, at, within: store.broken(case.brand, queue, at, within)


def count_breaches(case: Case, happened: Iterable[Happening], config: Config, store: Store) -> None:
    """One addition for each breach, and only where a chain asks for floods. Comes after the breach is recorded."""
    if not any(step.kind is StepKind.FLOOD for chain in config.chains.values() for step in chain.steps):
        return
    for one in happened:
        if one.fact is Fact.CLOCK_BREACHED:
            store.broke(case.brand, case.queue, one.at)


def chain_for(case: Case, config: Config) -> Chain:
    """How this case escalates when a person says so. Raises Refusal when nobody has written that down."""
    only = next(iter(config.chains.values())) if len(config.chains) == 1 else None
    chain = _of_case(case, config) or only
    if chain is None:
        raise Refusal("This team has no escalation chain. Ask an admin to give its queue one in care.yaml.")
    return chain


def escalate(case: Case, command: Escalate, config: Config, store: Store, now: datetime) -> Turn:
    """Start the chain now and take its first steps. Refused while it runs already."""
    if not case.live:
        raise Refusal("This case is solved; there is nothing to escalate.")
    after, happened = escalating.started(case, chain_for(case, config), now, command.agent, command.reason)
    if not happened:
        raise Refusal("This case is being escalated already.")
    after, more = escalating.stepped(after, now, store_tally(case, store))
    return after, [*happened, *more]


def acknowledge(case: Case, command: Acknowledge, now: datetime) -> Turn:
    return escalating.acknowledged(case, command.agent, now)
