"""Chains start and go on here: when a promise broke, when a person asks, and with time."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain import escalating
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Acknowledge, Escalate
from chalicelib.domain.config import Config
from chalicelib.domain.errors import Refusal
from chalicelib.domain.escalation import Chain
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.ports import Store

Turn = escalating.Turn

REOPENED = "the case was reopened"


def ticked(case: Case, happened: Iterable[Happening], now: datetime, config: Config, store: Store) -> Turn:
    """What a case's chain does after its clocks were looked at: it starts, or takes every step that is due."""
    news: list[Happening] = []
    for one in happened:
        chain = _of_breach(case, one, config)
        if chain is not None and not _answered(case, chain, one.at):
            case, more = escalating.started(case, chain, one.at, _clock(one))
            news += more
    case, more = escalating.stepped(case, now, store_tally(case, store))
    return case, [*news, *more]


def _of_breach(case: Case, one: Happening, config: Config) -> Chain | None:
    """The chain that the broken promise has for itself, or else that of its case."""
    if one.fact is not Fact.CLOCK_BREACHED:
        return None
    return config.chains.get(one.data.get("chain", "")) or _of_case(case, config)


def _of_case(case: Case, config: Config) -> Chain | None:
    """The chain of its promises, which its policy names or else its queue."""
    queue = config.queues.get(case.queue)
    named = case.terms.chain if case.terms else ""
    return config.chains.get(named or (queue.chain if queue and queue.chain else ""))


def _answered(case: Case, chain: Chain, at: datetime) -> bool:
    """Whether a chain begun then would be over: the customer has had words of ours since."""
    return chain.ends_on_answer and case.answered_at is not None and case.answered_at >= at


def _clock(one: Happening) -> str:
    return f"{one.data['metric']}/{one.data['instance']}/due"


def store_tally(case: Case, store: Store) -> escalating.Tally:
    return lambda queue, at, within, most: store.broken(case.brand, queue, at, within, most)


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


def resumed(before: Case, case: Case, agent: str, config: Config, store: Store, now: datetime) -> Turn:
    """What the chain does after its case was reopened: nobody was on it when the case ended, so it begins anew."""
    ended = before.escalation
    unheard = ended is not None and ended.ended_at == before.solved_at and ended.acknowledged_at is None
    chain = config.chains.get(ended.chain) if ended and unheard else None
    if ended is None or chain is None or _answered(case, chain, ended.started_at):
        return case, []
    case, happened = escalating.started(case, chain, now, agent, REOPENED)
    case, more = escalating.stepped(case, now, store_tally(case, store))
    return case, [*happened, *more]


def acknowledge(case: Case, command: Acknowledge, now: datetime) -> Turn:
    return escalating.acknowledged(case, command.agent, now)
