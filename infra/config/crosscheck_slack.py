"""Slack workspaces between entries: of several, each queue must say which is its own."""

from collections.abc import Iterator

from infra.config.entries import Policy
from infra.config.problem import Problem, suggestion, where
from infra.config.source import Tree


def workspace_problems(tree: Tree, policy: Policy) -> Iterator[Problem]:
    yield from _unknown(tree, policy)
    yield from _twice(tree, policy)
    yield from _shared(tree, policy)


def _unknown(tree: Tree, policy: Policy) -> Iterator[Problem]:
    """Names count as known even where their own entry is wrong."""
    written = tree.data.get("slack") if isinstance(tree.data, dict) else None
    known = list(written) if isinstance(written, dict) and policy.slack is None else []
    for key, queue in policy.queues.items():
        path = ("queues", key)
        if queue.workspace is not None and queue.workspace not in known:
            what = f'unknown workspace "{queue.workspace}" in {where(path)}'
            yield tree.problem((*path, "workspace"), what, suggestion("workspaces", queue.workspace, known))
        elif queue.workspace is None and policy.workspaces:
            what = f'"workspace" is missing in {where(path)}'
            yield tree.problem(path, what, f"there are several, name one: {', '.join(known)}")


def _twice(tree: Tree, policy: Policy) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, one in policy.workspaces.items():
        first = seen.setdefault(one.team, key)
        if first != key:
            what = f"team {one.team} of {where(('slack', key))} is that of {where(('slack', first))} too"
            yield tree.problem(("slack", key, "team"), what, "write each workspace once")


def _shared(tree: Tree, policy: Policy) -> Iterator[Problem]:
    """A channel tells in which workspace a card stands, so it cannot be in two."""
    seen: dict[str, str] = {}
    for key, queue in policy.queues.items():
        first = seen.setdefault(queue.slack, key)
        if policy.queues[first].workspace != queue.workspace:
            what = f"{where(('queues', key))} and {where(('queues', first))} have one channel in two workspaces"
            yield tree.problem(("queues", key, "slack"), what, "a channel is in one workspace; check its id")
