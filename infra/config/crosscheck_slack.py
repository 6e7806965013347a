"""Slack workspaces between entries: of several, each queue and each member of one must say which is theirs."""

from collections.abc import Iterator

from infra.config.entries import Policy
from infra.config.problem import Path, Problem, suggestion, where
from infra.config.source import Tree


def workspace_problems(tree: Tree, policy: Policy) -> Iterator[Problem]:
    yield from _unknown(tree, policy)
    yield from _twice(tree, policy)
    yield from _shared(tree, policy)


def _unknown(tree: Tree, policy: Policy) -> Iterator[Problem]:
    """Names count as known even where their own entry is wrong."""
    written = tree.data.get("slack") if isinstance(tree.data, dict) else None
    known = list(written) if isinstance(written, dict) and policy.slack is None else []
    for path, workspace, needed in _named(policy):
        if workspace is not None and workspace not in known:
            what = f'unknown workspace "{workspace}" in {where(path)}'
            yield tree.problem((*path, "workspace"), what, suggestion("workspaces", workspace, known))
        elif workspace is None and needed and policy.workspaces:
            what = f'"workspace" is missing in {where(path)}'
            yield tree.problem(path, what, f"there are several, name one: {', '.join(known)}")


def _named(policy: Policy) -> Iterator[tuple[Path, str | None, bool]]:
    """Who names a workspace, which, and whether they have to. Who has no member id needs none."""
    yield from ((("queues", key), one.workspace, True) for key, one in policy.queues.items())
    yield from ((("agents", key), one.workspace, one.slack is not None) for key, one in policy.agents.items())


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
