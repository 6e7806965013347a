"""``/heed`` and mentions outside of threads: lists and answers for one person."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from chalicelib.domain.case import Case
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.oncall import on_call
from chalicelib.domain.people import Agent
from chalicelib.service.assigning import Assigning
from chalicelib.service.slack_inbox import lookup
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import BUSY, NOTHING_NEXT
from chalicelib.slack import answers, verbs
from chalicelib.slack.answers import Found, Load
from chalicelib.slack.blocks import Block
from chalicelib.slack.incoming import Asked
from chalicelib.slack.mrkdwn import escape, literal

WORDS = 80


def asked(inbox: Inbox, asked: Asked, agent: Agent) -> None:
    inbox.back.answer(answer(inbox, asked.text, asked.id, agent))


def answer(inbox: Inbox, text: str, asked: str, agent: Agent) -> Block:
    """``asked`` is a name that every use has of its own."""
    verb, rest = verbs.split(" ".join(text.split()))
    find = _LISTS.get(verb)
    try:
        if verb == "next":
            return _next(inbox, asked, agent)
        return find(inbox, rest, agent) if find else answers.tell(verbs.WAYS)
    except Refusal as refusal:
        return answers.tell(escape(str(refusal)))
    except Conflict:
        return answers.tell(BUSY)


def _next(inbox: Inbox, asked: str, agent: Agent) -> Block:
    """Every use of the command has a name of its own, so it takes one case."""
    case = take_next(inbox, f"next:{asked}", agent)
    return _shown(inbox, case, "Yours now") if case else answers.tell(NOTHING_NEXT)


def take_next(inbox: Inbox, command_id: str, agent: Agent) -> Case | None:
    """The case this person should take next, taken. Raises Refusal."""
    return Assigning(inbox.store, inbox.config).take_next(inbox.bus, command_id, agent, inbox.now, None)


def _mine(inbox: Inbox, rest: str, agent: Agent) -> Block:
    return answers.cases("Your cases", lookup.worded(inbox, lookup.mine(inbox, agent)), inbox.queues(), inbox.now)


def _find(inbox: Inbox, rest: str, agent: Agent) -> Block:
    if not rest:
        return answers.tell("Say whom: `/heed find` and a name, a handle, a case number or the link of a card.")
    with suppress(Refusal):
        return _shown(inbox, lookup.named(inbox, rest, agent))
    found = lookup.worded(inbox, lookup.like(inbox, rest, agent))
    if found.cases:
        return answers.cases(f"Open cases of {literal(rest, WORDS)}", found, inbox.queues(), inbox.now)
    return answers.tell(
        f"No open case is of anybody called {literal(rest, WORDS)}. "
        "Solved ones are found by their number (`/heed case`), which stands at the foot of a card, "
        "and their cards by Slack's own search."
    )


def _case(inbox: Inbox, rest: str, agent: Agent) -> Block:
    return _shown(inbox, lookup.named(inbox, rest, agent))


def _shown(inbox: Inbox, case: Case, title: str = "One case") -> Block:
    found = lookup.worded(inbox, Found([case]))
    return answers.one(title, case, found, inbox.queues(), inbox.now, lookup.permalink(inbox, case))


def _report(inbox: Inbox, rest: str, agent: Agent) -> Block:
    return answers.report(loads(inbox, agent))


def loads(inbox: Inbox, agent: Agent) -> list[Load]:
    """What waits in each team now."""
    names = inbox.queues()
    several = len(agent.brands) > 1
    return [
        _load(
            f"{names[queue]} ({inbox.config.brands[brand].name})" if several else names[queue],
            cases,
            lookup.free(inbox, brand, queue, cases),
            inbox,
        )
        for brand, queue, cases in lookup.waiting(inbox, agent)
    ]


def _load(name: str, cases: list[Case], free: list[Case], inbox: Inbox) -> Load:
    late = sum(1 for case in cases if case.due_at and case.due_at <= inbox.now)
    oldest = min((case.last_inbound_at for case in free if case.last_inbound_at), default=None)
    longest = inbox.now - oldest if oldest else None
    full = lookup.LISTED
    return Load(name, len(cases), len(free), late, len(cases) >= full, longest, len(free) >= full)


def _on_call(inbox: Inbox, rest: str, agent: Agent) -> Block:
    rotations = sorted(inbox.config.rotations.items())
    duties = [(key, on_call(one, inbox.now)) for key, one in rotations if _of_a_brand(inbox, one.people, agent)]
    named = [answers.Call(key, _person(inbox, duty.who), duty.until) for key, duty in duties]
    return answers.calls(named, inbox.now)


def _of_a_brand(inbox: Inbox, people: Collection[str], agent: Agent) -> bool:
    """Whether one of them works for a brand of this person's. What has nobody is nobody's secret."""
    known = (inbox.config.agents.get(one) for one in people)
    return not people or any(one is not None and set(one.brands) & set(agent.brands) for one in known)


def _person(inbox: Inbox, agent_id: str | None) -> str | None:
    agent = inbox.config.agents.get(agent_id or "")
    return agent.name if agent else agent_id


_LISTS: Mapping[str, Callable[[Inbox, str, Agent], Block]] = {
    "mine": _mine,
    "find": _find,
    "case": _case,
    "report": _report,
    "on-call": _on_call,
}
