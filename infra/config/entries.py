"""Each entry of the file against its model, so that one bad entry hides nothing about the others."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chalicelib.domain.target import Metric
from infra.config.chains import Chain, Override, Rotation, Step, Turns
from infra.config.problem import Path, Problem, suggestion, where
from infra.config.promises import LEFT_OUT, Aim, Promise, Window, Within
from infra.config.retention import Retention
from infra.config.schema import Account, Agent, Brand, Calendar, Queue, Rule, Slack, When
from infra.config.source import Tree
from infra.config.work import SETTINGS, Macro, Settings

_MAPS: Mapping[str, type[BaseModel]] = {
    "brands": Brand,
    "accounts": Account,
    "queues": Queue,
    "calendars": Calendar,
    "agents": Agent,
    "chains": Chain,
    "on_call": Rotation,
    "macros": Macro,
}
_LISTS: Mapping[str, type[BaseModel]] = {"rules": Rule, "sla": Promise}
_INNER: Mapping[tuple[type[BaseModel], str], type[BaseModel]] = {
    (Rule, "when"): When,
    (Chain, "steps"): Step,
    (Rotation, "overrides"): Override,
    (Rotation, "layers"): Turns,
    **{(Promise, metric.value): Aim for metric in Metric},
    (Promise, "reply_window"): Window,
    (Aim, "within"): Within,
}
_SECTIONS = (
    "brands",
    "accounts",
    "queues",
    "rules",
    "calendars",
    "sla",
    "agents",
    "chains",
    "on_call",
    "slack",
    "retention",
    "macros",
    *SETTINGS,
)
_NEEDED = ("brands", "accounts", "queues")
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}")
_SHAPES = {str: "text", list: "a list", dict: "a map", type(None): "empty"}
_WANTED = {"string_type": "text", "list_type": "a list", "model_type": "a map", "dict_type": "a map"}


@dataclass(slots=True)
class Policy:
    """The entries that are right in themselves, under their keys or their place in the list."""

    brands: dict[str, Brand] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    rules: dict[int, Rule] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    sla: dict[int, Promise] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    on_call: dict[str, Rotation] = field(default_factory=dict)
    slack: Slack | None = None
    workspaces: dict[str, Slack] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    macros: dict[str, Macro] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


def read_entries(tree: Tree) -> tuple[Policy, list[Problem]]:
    """Every entry that can be used, and what is wrong with the others."""
    if not isinstance(tree.data, dict):
        what = "is empty" if tree.data is None else "is not a map of sections"
        return Policy(), [tree.problem((), what, f"start it with: {', '.join(_SECTIONS)}")]
    policy = Policy()
    problems = list(_sections(tree))
    for path, model, data in _entries(tree):
        try:
            _keep(policy, path, model.model_validate(data))
        except ValidationError as error:
            problems += (_problem(tree, path, model, detail) for detail in error.errors(include_url=False))
    return policy, problems


def _sections(tree: Tree) -> Iterator[Problem]:
    """What is wrong with the sections themselves and the keys in them."""
    for name in tree.data:
        if name not in _SECTIONS:
            yield tree.problem((name,), f'unknown section "{name}"', suggestion("sections", name, _SECTIONS))
    for name in _NEEDED:
        if not tree.data.get(name):
            yield tree.problem((name,), f'"{name}" has no entry', f"a policy needs at least one under {name}:")
    for name in _SECTIONS:
        if name not in SETTINGS:
            yield from _layout(tree, name, tree.data.get(name))


def _layout(tree: Tree, name: str, data: Any) -> Iterator[Problem]:
    wanted = list if name in _LISTS else dict
    if data is not None and not isinstance(data, wanted):
        right = "start each entry with a dash" if wanted is list else 'write each entry as "key:" with its facts below'
        yield tree.problem((name,), f'"{name}" is not {_SHAPES[wanted]}', right)
    elif name in _MAPS:
        yield from (_slug(tree, name, key) for key in data or () if not _SLUG.fullmatch(key))


def _slug(tree: Tree, name: str, key: str) -> Problem:
    better = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")
    such = f', such as "{better}"' if _SLUG.fullmatch(better) else ""
    right = f"use 2 to 31 lower-case letters, digits and dashes, a letter first{such}"
    return tree.problem((name, key), f'"{key}" cannot be a key in {name}', right)


def _entries(tree: Tree) -> Iterator[tuple[Path, type[BaseModel], Any]]:
    for name, model in _MAPS.items():
        entries = tree.data.get(name)
        yield from (((name, key), model, one) for key, one in entries.items()) if isinstance(entries, dict) else ()
    for name, model in _LISTS.items():
        items = tree.data.get(name)
        yield from (((name, at), model, one) for at, one in enumerate(items)) if isinstance(items, list) else ()
    yield (), Settings, {name: tree.data[name] for name in SETTINGS if name in tree.data}
    if isinstance(retention := tree.data.get("retention"), dict):
        yield ("retention",), Retention, retention
    if isinstance(slack := tree.data.get("slack"), dict):
        yield from (((*path, *key), Slack, one) for path, key, one in _workspaces(slack))


def _workspaces(slack: dict[str, Any]) -> Iterator[tuple[Path, Path, Any]]:
    """One workspace is written as it is, several under keys."""
    if slack and all(isinstance(one, dict) for one in slack.values()):
        yield from ((("slack",), (key,), one) for key, one in slack.items())
    else:
        yield ("slack",), (), slack


def _keep_workspace(policy: Policy, path: Path, entry: Slack) -> None:
    if len(path) == 1:
        policy.slack = entry
    else:
        policy.workspaces[str(path[1])] = entry


def _keep(policy: Policy, path: Path, entry: BaseModel) -> None:
    if isinstance(entry, Slack):
        _keep_workspace(policy, path, entry)
    elif isinstance(entry, Retention):
        policy.retention = entry
    elif isinstance(entry, Settings):
        policy.settings = entry
    else:
        getattr(policy, str(path[0]))[path[1]] = entry


def _problem(tree: Tree, entry: Path, model: type[BaseModel], detail: ErrorDetails) -> Problem:
    what, right = _wording(tree, entry, model, detail)
    return tree.problem(_written(tree, entry, detail["loc"]), what, right)


def _written(tree: Tree, entry: Path, loc: Path) -> Path:
    """Where it stands in the file, which may leave out some keys."""
    path = entry
    for part in loc:
        if part not in LEFT_OUT or (*path, part) in tree.marks:
            path = (*path, part)
    return path


def _meant(tree: Tree, entry: Path, detail: ErrorDetails) -> Path:
    """What a mistake is about: of a value in short form the key before it."""
    loc = detail["loc"]
    while detail["type"] != "missing" and loc and loc[-1] in LEFT_OUT and (*entry, *loc) not in tree.marks:
        loc = loc[:-1]
    return loc


def _wording(tree: Tree, entry: Path, model: type[BaseModel], detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what would be right, in the words of the field."""
    place, kind, context = where(entry), detail["type"], detail.get("ctx", {})
    owner, name = _field(model, _meant(tree, entry, detail))
    right = _give(owner, name)
    given = tree.mark(_written(tree, entry, detail["loc"])).text
    if kind == "extra_forbidden":
        return f'unknown key "{name}" in {place}', suggestion("keys", name, list(owner.model_fields))
    if kind == "missing":
        return f'"{name}" is missing in {place}', right
    if kind == "unknown":
        noun, known = context["noun"], context["known"]
        return f'unknown {noun} "{given}" in {place}', suggestion(_plural(noun), str(given), known)
    subject = f'{name} "{given}" in {place}' if given and name else f"{name} in {place}" if name else place
    if kind == "wrong":
        return f"{subject} {context['what']}", str(context["right"])
    if kind in _WANTED:
        return _shape(subject, given, detail, right)
    return f"{subject} does not fit", right


def _shape(subject: str, given: str | None, detail: ErrorDetails, right: str) -> tuple[str, str]:
    wanted, found = _WANTED[detail["type"]], _SHAPES.get(type(detail["input"]))
    if given and found is None and wanted == "text":
        return f"{subject} is read as {_read_as(detail['input'])}", f'put it in quotes: "{given}"'
    return (f"{subject} is empty" if found == "empty" else f"{subject} is not {wanted}"), right


def _read_as(value: Any) -> str:
    if isinstance(value, bool):
        return "yes or no"
    return "a number" if isinstance(value, int | float) else "a date"


def _field(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[type[BaseModel], str]:
    """The model and the field an error is about; list places are left out."""
    names = [str(part) for part in loc if not isinstance(part, int)]
    while len(names) > 1 and (inner := _INNER.get((model, names[0]))):
        model, names = inner, names[1:]
    return model, names[0] if names else ""


def _give(owner: type[BaseModel], name: str) -> str:
    fields = owner.model_fields
    known = fields.get(name) or next((one for one in fields.values() if name in _other_names(one)), None)
    return f"give {known.description}" if known else f"give a map of: {', '.join(fields)}"


def _other_names(one: Any) -> list[str]:
    return [str(choice) for choice in getattr(one.validation_alias, "choices", ())]


def _plural(noun: str) -> str:
    return {
        "priority": "priorities",
        "evidence": "kinds of evidence",
        "status": "statuses",
        "kind of reply": "kinds of reply",
    }.get(noun, f"{noun}s")
