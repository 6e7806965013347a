"""One call that says everything that is wrong with a policy file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from os import PathLike, fspath
from typing import Any

from chalicelib.channels import load, names
from chalicelib.domain.calendar import Calendar
from infra.config.calendars import read_calendars
from infra.config.crosscheck import crosscheck
from infra.config.crosscheck_chains import chain_problems
from infra.config.crosscheck_promises import promise_problems
from infra.config.crosscheck_slack import workspace_problems
from infra.config.entries import Policy, read_entries
from infra.config.fetching import Fetch, fetched
from infra.config.problem import Level, Problem
from infra.config.source import Unreadable, read_tree
from infra.config.work import work_problems


@dataclass(frozen=True, slots=True)
class Checked:
    """``policy`` and ``calendars`` hold what could be used; they are whole only when ``ok``."""

    file: str
    policy: Policy
    problems: tuple[Problem, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

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


def check(
    path: str | PathLike[str],
    channels: Collection[str] | None = None,
    today: date | None = None,
    fetch: Fetch = fetched,
) -> Checked:
    """All problems of the file, in the order of its lines. ``channels`` are those Heed has, unless others are given.

    Public holidays are looked up for the year of ``today``, the one before and the next two. ``fetch`` gets the
    calendars that the file names by address.
    """
    file = fspath(path)
    try:
        tree = read_tree(file)
    except Unreadable as error:
        return Checked(file, Policy(), (error.problem,))
    policy, problems = read_entries(tree)
    problems += tree.problems
    calendars, wrong = read_calendars(tree, policy.calendars, today or datetime.now(UTC).date(), fetch)
    problems += wrong
    known = names() if channels is None else channels
    problems += crosscheck(tree, policy, known)
    problems += promise_problems(tree, policy, {name: load(name).public_kinds for name in known})
    skills = {skill for agent in policy.agents.values() for skill in agent.skills}
    problems += work_problems(tree, policy.settings, policy.macros, policy.queues, skills)
    problems += chain_problems(tree, policy, today or datetime.now(UTC).date())
    problems += workspace_problems(tree, policy)
    return Checked(file, policy, tuple(sorted(problems, key=lambda problem: problem.line or 0)), calendars)
