"""Names in chains and rotations that lead nowhere, hours in which nobody is on call, people who cannot be called."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from chalicelib.domain.chains import load_rotation
from chalicelib.domain.oncall import on_call
from infra.config import chains
from infra.config.compile_chains import rotation_data
from infra.config.entries import Policy
from infra.config.problem import Level, Path, Problem, suggestion, where
from infra.config.source import Tree

LOOKED_AHEAD = timedelta(days=366)

_SECTIONS = {"agent": "agents", "queue": "queues", "calendar": "calendars", "rotation": "on_call", "chain": "chains"}
_PLURALS = {"rotation": "rotations", "chain": "chains"}

_Name = tuple[Path, str, str | None]


def chain_problems(tree: Tree, policy: Policy, today: date) -> Iterator[Problem]:
    """Problems of chains and rotations between entries."""
    known = {noun: _keys(tree, section) for noun, section in _SECTIONS.items()}
    unknown = False
    for path, noun, name in _names(policy):
        if name is not None and name not in known[noun]:
            unknown = True
            what = f'unknown {noun} "{name}" in {where(path)}'
            yield tree.problem(path, what, suggestion(_PLURALS.get(noun, f"{noun}s"), name, list(known[noun])))
    for key, rotation in policy.on_call.items():
        zones = list(_zones(tree, ("on_call", key), rotation))
        yield from zones
        if not zones and not unknown and not rotation.gaps:
            yield from _gap(tree, key, rotation, today)
    yield from _unreachable(tree, policy)


def _keys(tree: Tree, section: str) -> Collection[str]:
    entries = tree.data.get(section) if isinstance(tree.data, dict) else None
    return entries if isinstance(entries, dict) else ()


def _names(policy: Policy) -> Iterator[_Name]:
    for key, queue in policy.queues.items():
        yield ("queues", key, "chain"), "chain", queue.chain
    for key, chain in policy.chains.items():
        for place, step in enumerate(chain.steps):
            path: Path = ("chains", key, "steps", place)
            yield (*path, "on_call"), "rotation", step.on_call
            yield (*path, "queue"), "queue", step.queue
            yield (*path, "only_within"), "calendar", step.only_within
    for key, rotation in policy.on_call.items():
        yield ("on_call", key, "queue"), "queue", rotation.queue
        for path, members in _members(key, rotation):
            yield from (((*path, place), "agent", name) for place, name in enumerate(members))
        for place, one in enumerate(rotation.overrides):
            yield ("on_call", key, "overrides", place, "who"), "agent", one.who


def _members(key: str, rotation: chains.Rotation) -> Iterator[tuple[Path, list[str]]]:
    if rotation.members:
        yield ("on_call", key, "members"), rotation.members
    for place, layer in enumerate(rotation.layers):
        yield ("on_call", key, "layers", place, "members"), layer.members


def _zones(tree: Tree, path: Path, rotation: chains.Rotation) -> Iterator[Problem]:
    given: list[tuple[Path, str | None]] = [((*path, "timezone"), rotation.timezone)]
    given += [((*path, "layers", place, "timezone"), one.timezone) for place, one in enumerate(rotation.layers)]
    for inner, name in given:
        try:
            ZoneInfo(name or "UTC")
        except (KeyError, ValueError, OSError):
            known = sorted(zone for zone in available_timezones() if "/" in zone)
            near, _, _ = suggestion("zones", str(name), known).rpartition("known zones")
            what = f'unknown timezone "{name}" in {where(path)}'
            yield tree.problem(inner, what, f"{near}write it as Europe/Berlin or America/New_York")


def _gap(tree: Tree, key: str, rotation: chains.Rotation, today: date) -> Iterator[Problem]:
    """The first hour of the next year in which nobody is on call. Clocks that change open gaps of their own."""
    loaded = load_rotation(key, rotation_data(rotation))
    at = datetime.combine(today, time(), UTC)
    end = at + LOOKED_AHEAD
    while at < end:
        duty = on_call(loaded, at)
        if duty.who is None:
            what = f"{where(('on_call', key))} has nobody on call from {at:%Y-%m-%d %H:%M} UTC"
            yield tree.problem(("on_call", key), what, "let the hours of its layers meet, or write gaps: yes")
            return
        if duty.until is None:
            return
        at = duty.until


def _unreachable(tree: Tree, policy: Policy) -> Iterator[Problem]:
    for key, rotation in policy.on_call.items():
        for path, members in _members(key, rotation):
            for place, name in enumerate(members):
                agent = policy.agents.get(name)
                if agent is not None and agent.slack is None:
                    what = f'agent "{name}" is on call in {where(("on_call", key))}, but has no Slack id'
                    right = "their team is told in its channel instead; give the agent a slack id"
                    yield tree.problem((*path, place), what, right, Level.WARNING)
