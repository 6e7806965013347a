"""What of a policy file is not what it was, by section and name; and a whole policy in one word."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.logbook import policy_mark

MOST = 100
_OF_THE_PUSH = frozenset({"version", "pushed_at"})


def mark(policy: Mapping[str, Any]) -> str:
    """Two compiled policies have the same mark if and only if they say the same."""
    return policy_mark(json.dumps(_said(policy), sort_keys=True))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Such as ``queues.social changed``, ``agents.tom gone``; of very many the first hundred."""
    found = list(_changes(_said(before), _said(after)))
    return found if len(found) <= MOST else [*found[:MOST], f"and {len(found) - MOST} more"]


def _said(policy: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in policy.items() if name not in _OF_THE_PUSH}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for section in sorted({*before, *after}):
        was, now = before.get(section), after.get(section)
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from (f"{section}.{name} {_how(was, now, name)}" for name in _differing(was, now))
        else:
            yield f"{section} {_how(before, after, section)}"


def _differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*was, *now} if was.get(name) != now.get(name))


def _how(was: Mapping[str, Any], now: Mapping[str, Any], name: str) -> str:
    if name not in was:
        return "new"
    return "changed" if name in now else "gone"
