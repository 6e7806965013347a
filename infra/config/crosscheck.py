"""What no entry can know alone: names that lead nowhere, facts that stand twice, rules that nothing ever reaches."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.languages import lineage
from infra.config.entries import Policy
from infra.config.problem import Level, Path, Problem, suggestion, where
from infra.config.promises import ALWAYS, Promise
from infra.config.schema import Agent, Rule
from infra.config.source import Tree

_CONDITIONS = ("channels", "kinds", "languages", "keywords", "tags")
_META = ("facebook", "instagram")


@dataclass(frozen=True, slots=True)
class _Reference:
    path: Path
    noun: str
    name: str | None


def crosscheck(tree: Tree, policy: Policy, channels: Collection[str]) -> Iterator[Problem]:
    """Problems between entries. Names count as known even where their own entry is wrong."""
    yield from _unknown_names(tree, policy, channels)
    yield from _twice(tree, "accounts", {key: f"{one.channel} id {one.id}" for key, one in policy.accounts.items()})
    members = {key: f"Slack id {one.slack}{_in(one)}" for key, one in policy.agents.items() if one.slack}
    yield from _twice(tree, "agents", members)
    mails = {key: f"e-mail {one.email.lower()}{_in(one)}" for key, one in policy.agents.items()}
    yield from _twice(tree, "agents", mails)
    yield from _no_human_agents(tree, policy)
    yield from _dead_rules(tree, list(policy.rules.items()))


def _unknown_names(tree: Tree, policy: Policy, channels: Collection[str]) -> Iterator[Problem]:
    known = {noun: list(_keys(tree, f"{noun}s")) for noun in ("brand", "queue", "calendar", "chain")} | {
        "channel": list(channels)
    }
    for one in _references(policy):
        if one.name is not None and one.name not in known[one.noun]:
            what = f'unknown {one.noun} "{one.name}" in {where(one.path)}'
            yield tree.problem(one.path, what, suggestion(f"{one.noun}s", one.name, known[one.noun]))


def _in(agent: Agent) -> str:
    """Who works in two workspaces has an entry for each."""
    return f" in {agent.workspace}" if agent.workspace else ""


def _keys(tree: Tree, section: str) -> Collection[str]:
    entries = tree.data.get(section) if isinstance(tree.data, dict) else None
    return entries if isinstance(entries, dict) else ()


def _references(policy: Policy) -> Iterator[_Reference]:
    for key, brand in policy.brands.items():
        yield _Reference(("brands", key, "queue"), "queue", brand.queue)
    for key, account in policy.accounts.items():
        yield _Reference(("accounts", key, "brand"), "brand", account.brand)
        yield _Reference(("accounts", key, "channel"), "channel", account.channel)
    for key, agent in policy.agents.items():
        yield from _each(("agents", key, "brands"), "brand", agent.brands)
        yield _Reference(("agents", key, "hours"), "calendar", agent.hours)
    for place, promise in policy.sla.items():
        yield from _each(("sla", place, "queues"), "queue", promise.queues)
        yield _Reference(("sla", place, "brand"), "brand", promise.brand)
        yield from _each(("sla", place, "channels"), "channel", promise.channels)
        yield from _counted(("sla", place), promise)
    for key, macro in policy.macros.items():
        yield from _each(("macros", key, "brands"), "brand", macro.brands)
    for place, rule in policy.rules.items():
        yield _Reference(("rules", place, "queue"), "queue", rule.queue)
        yield _Reference(("rules", place, "when", "brand"), "brand", rule.when.brand)
        yield from _each(("rules", place, "when", "channels"), "channel", rule.when.channels)


def _counted(path: Path, promise: Promise) -> Iterator[_Reference]:
    """The calendars and chains of an entry and of each promise in it."""
    own = [((*path, metric.value), aim.calendar, aim.escalate) for metric, aim in promise.aims.items()]
    for at, calendar, chain in [(path, promise.calendar, promise.escalate), *own]:
        yield _Reference((*at, "calendar"), "calendar", None if calendar == ALWAYS else calendar)
        yield _Reference((*at, "escalate"), "chain", chain)
    if promise.reply_window is not None:
        yield _Reference((*path, "reply_window", "escalate"), "chain", promise.reply_window.escalate)


def _each(path: Path, noun: str, names: Collection[str]) -> Iterator[_Reference]:
    yield from (_Reference((*path, place), noun, name) for place, name in enumerate(names))


def _no_human_agents(tree: Tree, policy: Policy) -> Iterator[Problem]:
    for key, account in policy.accounts.items():
        if account.human_agent and account.channel not in _META:
            what = f"{where(('accounts', key))} has human_agent, which only {' and '.join(_META)} know"
            yield tree.problem(("accounts", key, "human_agent"), what, "take it away")


def _twice(tree: Tree, section: str, facts: Mapping[str, str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, fact in facts.items():
        if (other := first.setdefault(fact, key)) != key:
            line = tree.mark((section, other)).line
            what = f"{fact} stands twice: in {where((section, other))} (line {line}) and {where((section, key))}"
            yield tree.problem((section, key), what, "correct one of them or remove it")


def _dead_rules(tree: Tree, rules: list[tuple[int, Rule]]) -> Iterator[Problem]:
    """Rules whose every decision an earlier rule with no narrower conditions has taken already."""
    for count, (place, rule) in enumerate(rules):
        covering = [(at, one) for at, one in rules[:count] if _covers(one, rule)]
        wanted = [name for name in ("queue", "priority") if getattr(rule, name)]
        taken = [next((at for at, one in covering if getattr(one, name)), None) for name in wanted]
        if None not in taken:
            earlier = " and ".join(where(("rules", at)) for at in sorted({at for at in taken if at is not None}))
            what = f"rule {place + 1} can never decide anything, because of {earlier} above it"
            yield tree.problem(("rules", place), what, "move it up, or remove it", Level.WARNING)


def _covers(earlier: Rule, later: Rule) -> bool:
    """Whether the earlier rule matches whatever the later one does."""
    if earlier.when.brand not in (None, later.when.brand):
        return False
    return all(wider(name, getattr(earlier.when, name), getattr(later.when, name)) for name in _CONDITIONS)


def wider(name: str, earlier: Collection[Any], later: Collection[Any]) -> bool:
    """Whether a condition lets through all that the other lets through; an empty one lets everything through."""
    folded = {str(one).casefold() for one in earlier}
    asked = [lineage(one) if name == "languages" else (str(one).casefold(),) for one in later]
    return not folded or (bool(asked) and all(folded & set(one) for one in asked))
