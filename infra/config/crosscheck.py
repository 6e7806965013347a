"""What no entry can know alone: names that lead nowhere, facts that stand twice, rules that nothing ever reaches."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain.event import Kind
from infra.config.entries import Policy
from infra.config.problem import Level, Path, Problem, suggestion, where
from infra.config.schema import Promise, Rule
from infra.config.source import Tree

_CONDITIONS = ("channels", "kinds", "languages", "keywords", "tags")
_ASKED = ("channels", "kinds", "markets", "languages", "queues", "priorities", "tags")


@dataclass(frozen=True, slots=True)
class _Reference:
    path: Path
    noun: str
    name: str | None


def crosscheck(tree: Tree, policy: Policy, channels: Collection[str]) -> Iterator[Problem]:
    """Problems between entries. Names count as known even where their own entry is wrong."""
    yield from _unknown_names(tree, policy, channels)
    yield from _twice(tree, "accounts", {key: f"{one.channel} id {one.id}" for key, one in policy.accounts.items()})
    yield from _twice(tree, "agents", {key: f"Slack id {one.slack}" for key, one in policy.agents.items() if one.slack})
    yield from _twice(tree, "agents", {key: f"e-mail {one.email.lower()}" for key, one in policy.agents.items()})
    for place, promise in policy.sla.items():
        yield from _warnings_too_early(tree, ("sla", place), promise)
        yield from _never_public(tree, ("sla", place), promise)
    yield from _unknown_markets(tree, policy)
    yield from _dead_rules(tree, list(policy.rules.items()))
    yield from _dead_promises(tree, list(policy.sla.items()))


def _unknown_names(tree: Tree, policy: Policy, channels: Collection[str]) -> Iterator[Problem]:
    known = {noun: list(_keys(tree, f"{noun}s")) for noun in ("brand", "queue", "calendar", "chain")} | {
        "channel": list(channels)
    }
    for one in _references(policy):
        if one.name is not None and one.name not in known[one.noun]:
            what = f'unknown {one.noun} "{one.name}" in {where(one.path)}'
            yield tree.problem(one.path, what, suggestion(f"{one.noun}s", one.name, known[one.noun]))


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
        yield _Reference(("sla", place, "calendar"), "calendar", promise.calendar)
        yield _Reference(("sla", place, "escalate"), "chain", promise.escalate)
        yield _Reference(("sla", place, "brand"), "brand", promise.brand)
        yield from _each(("sla", place, "channels"), "channel", promise.channels)
    for place, rule in policy.rules.items():
        yield _Reference(("rules", place, "queue"), "queue", rule.queue)
        yield _Reference(("rules", place, "when", "brand"), "brand", rule.when.brand)
        yield from _each(("rules", place, "when", "channels"), "channel", rule.when.channels)


def _each(path: Path, noun: str, names: Collection[str]) -> Iterator[_Reference]:
    yield from (_Reference((*path, place), noun, name) for place, name in enumerate(names))


def _twice(tree: Tree, section: str, facts: Mapping[str, str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, fact in facts.items():
        if (other := first.setdefault(fact, key)) != key:
            line = tree.mark((section, other)).line
            what = f"{fact} stands twice: in {where((section, other))} (line {line}) and {where((section, key))}"
            yield tree.problem((section, key), what, "correct one of them or remove it")


def _warnings_too_early(tree: Tree, path: Path, promise: Promise) -> Iterator[Problem]:
    for metric, within in promise.spans.items():
        for place, warn in enumerate(promise.warn):
            if warn.before(within) >= within > timedelta():
                at: Path = (*path, "warn", place) if len(promise.warn) > 1 else (*path, "warn")
                what = f'warn "{tree.mark(at).text}" in {where(path)} is not shorter than its {metric.value}'
                yield tree.problem(at, what, "warn later, or at a share of the time such as 75%")


def _never_public(tree: Tree, path: Path, promise: Promise) -> Iterator[Problem]:
    """Private messages get no public answers, so such a promise could only be broken."""
    if promise.public and promise.kinds and set(promise.kinds) == {Kind.MESSAGE}:
        what = f"{where(path)} counts only public answers, but is for private messages"
        yield tree.problem((*path, "public"), what, 'leave out "public", or give it kinds such as comment and post')


def _unknown_markets(tree: Tree, policy: Policy) -> Iterator[Problem]:
    known = sorted({one.market for one in policy.accounts.values() if one.market})
    for place, promise in policy.sla.items():
        for at, name in enumerate(promise.markets):
            if name not in known:
                what = f'no account serves the market "{name}" of sla entry {place + 1}'
                yield tree.problem(("sla", place, "markets", at), what, suggestion("markets", name, known))


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
    return all(_wider(getattr(earlier.when, name), getattr(later.when, name)) for name in _CONDITIONS)


def _dead_promises(tree: Tree, promises: list[tuple[int, Promise]]) -> Iterator[Problem]:
    for count, (place, promise) in enumerate(promises):
        for at, one in promises[:count]:
            same_brand = one.brand in (None, promise.brand)
            if same_brand and all(_wider(getattr(one, name), getattr(promise, name)) for name in _ASKED):
                what = f"sla entry {place + 1} is never used: sla entry {at + 1} always matches first"
                yield tree.problem(("sla", place), what, "move it up, or remove it", Level.WARNING)
                break


def _wider(earlier: Collection[Any], later: Collection[Any]) -> bool:
    """Whether a condition lets through all that the other lets through; an empty one lets everything through."""
    folded = {str(one).casefold() for one in earlier}
    return not folded or (bool(later) and {str(one).casefold() for one in later} <= folded)
