"""Promises that could only be broken, or never made: warnings before the start, public answers where there are none."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from chalicelib.domain.event import INBOUND, Kind
from chalicelib.domain.target import Metric
from infra.config.crosscheck import wider
from infra.config.entries import Policy
from infra.config.problem import Level, Path, Problem, suggestion, where
from infra.config.promises import Promise
from infra.config.source import Tree

_ASKED = ("channels", "kinds", "markets", "languages", "queues", "priorities", "tags")

PublicKinds = Mapping[str, frozenset[Kind]]
"""By channel what is said there for all to see."""


def promise_problems(tree: Tree, policy: Policy, public: PublicKinds) -> Iterator[Problem]:
    for place, promise in policy.sla.items():
        yield from _warnings_too_early(tree, ("sla", place), promise)
        if not _has_public_side(promise, policy, public):
            yield from _never_public(tree, ("sla", place), promise)
    yield from _unknown_markets(tree, policy)
    yield from _dead_promises(tree, list(policy.sla.items()))


def _warnings_too_early(tree: Tree, path: Path, promise: Promise) -> Iterator[Problem]:
    for metric, aim in promise.aims.items():
        of: Path = path if aim.warn is None else (*path, metric.value)
        shortest = min(span for one in promise.asked if (span := aim.within.of(one)))
        warns = promise.warned(metric)
        for place, warn in enumerate(warns):
            if warn.before(shortest) >= shortest > timedelta():
                at: Path = (*of, "warn", place) if len(warns) > 1 else (*of, "warn")
                what = f'warn "{tree.mark(at).text}" in {where(path)} is not shorter than its {metric.value}'
                yield tree.problem(at, what, "warn later, or at a share of the time such as 75%")


def _has_public_side(promise: Promise, policy: Policy, public: PublicKinds) -> bool:
    """Whether anything it asks for is said for all to see, by the channels it names or those its brands have."""
    accounts = [one for one in policy.accounts.values() if promise.brand in (None, one.brand)]
    channels = promise.channels or [one.channel for one in accounts]
    kinds = set(promise.kinds or INBOUND)
    unknown = any(one not in public for one in channels) or not channels
    return unknown or any(kinds & public[one] for one in channels)


def _never_public(tree: Tree, path: Path, promise: Promise) -> Iterator[Problem]:
    """Private messages get no public answers, so such a promise could only be broken, or never be made."""
    asking = [(*path, "public")] if promise.public else []
    asking += [(*path, metric.value, "public") for metric, aim in promise.aims.items() if aim.public]
    right = 'leave out "public", or give it channels and kinds such as comment and post'
    for at in asking:
        yield tree.problem(at, f"{where(path)} counts only public answers, but is for private messages", right)
    if Metric.LOOP_CLOSE in promise.aims:
        what = f"{where(path)} promises a public word, but is for private messages"
        yield tree.problem((*path, "loop_close"), what, 'leave out "loop_close", or give it kinds such as comment')


def _unknown_markets(tree: Tree, policy: Policy) -> Iterator[Problem]:
    known = sorted({one.market for one in policy.accounts.values() if one.market})
    for place, promise in policy.sla.items():
        for at, name in enumerate(promise.markets):
            if name not in known:
                what = f'no account serves the market "{name}" of sla entry {place + 1}'
                yield tree.problem(("sla", place, "markets", at), what, suggestion("markets", name, known))


def _dead_promises(tree: Tree, promises: list[tuple[int, Promise]]) -> Iterator[Problem]:
    for count, (place, promise) in enumerate(promises):
        for at, one in promises[:count]:
            same_brand = one.brand in (None, promise.brand)
            if same_brand and all(wider(name, getattr(one, name), getattr(promise, name)) for name in _ASKED):
                what = f"sla entry {place + 1} is never used: sla entry {at + 1} always matches first"
                yield tree.problem(("sla", place), what, "move it up, or remove it", Level.WARNING)
                break
