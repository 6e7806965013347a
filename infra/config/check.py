"""One call that says everything that is wrong with a policy file."""

from collections.abc import Collection
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

from chalicelib.channels import names
from infra.config.crosscheck import crosscheck
from infra.config.entries import Policy, read_entries
from infra.config.problem import Level, Problem
from infra.config.source import Unreadable, read_tree


@dataclass(frozen=True, slots=True)
class Checked:
    """``policy`` holds what could be used; it is whole only when ``ok``."""

    file: str
    policy: Policy
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; warnings may stand."""
        return not self.errors

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level is Level.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level is Level.WARNING)

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "ok": self.ok, "problems": [problem.as_json() for problem in self.problems]}


def check(path: str | PathLike[str], channels: Collection[str] | None = None) -> Checked:
    """All problems of the file, in the order of its lines. ``channels`` are those Heed has, unless others are given."""
    file = fspath(path)
    try:
        tree = read_tree(file)
    except Unreadable as error:
        return Checked(file, Policy(), (error.problem,))
    policy, problems = read_entries(tree)
    problems += tree.problems
    problems += crosscheck(tree, policy, names() if channels is None else channels)
    return Checked(file, policy, tuple(sorted(problems, key=lambda problem: problem.line or 0)))
