"""How people work: saved replies, the time to think again, who approves."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from chalicelib.domain import macros
from chalicelib.domain.errors import Refusal
from chalicelib.domain.people import Approvers
from chalicelib.domain.tags import tag
from infra.config.problem import Level, Path, Problem, suggestion, where
from infra.config.schema import Duration, Entry, OnePriority, Queue, Text, Texts
from infra.config.source import Tree
from infra.config.words import word

LONGEST_UNDO = timedelta(minutes=10)

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=macros.LONGEST)]
OneApprovers = Annotated[Approvers, BeforeValidator(word(Approvers, "kind of approver"))]


class Settings(Entry):
    """What stands at the top of the file and is no section."""

    undo: Duration | None = Field(default=None, description="how long a reply waits before it leaves, such as 10s")
    approval: OneApprovers = Field(
        default=Approvers.SUPERVISOR, description="supervisor or anyone: which colleague lets a held reply go"
    )


SETTINGS = tuple(Settings.model_fields)


class Macro(Entry):
    title: Text = Field(description="the name agents read in the list, such as Where is my order")
    text: Words = Field(description="the words, in which {contact.name} and the like are filled in")
    tags: Texts = Field(default=[], description="a tag or a list of tags")
    priority: OnePriority | None = Field(default=None, description="low, normal, high or urgent")
    resolve: bool = Field(default=False, description="yes or no: whether the case is solved with it")
    brands: Texts = Field(default=[], description="a list of brand keys; without one it is offered for every brand")


def work_problems(
    tree: Tree, settings: Settings, saved: dict[str, Macro], queues: dict[str, Queue], skills: set[str]
) -> Iterator[Problem]:
    """Placeholders that mean nothing, tags that cannot be, skills that nobody has."""
    if settings.undo is not None and settings.undo > LONGEST_UNDO:
        what = f'undo "{tree.mark(("undo",)).text}" keeps customers waiting'
        yield tree.problem(("undo",), what, f"give at most {LONGEST_UNDO.seconds // 60}m, such as 10s")
    for key, macro in saved.items():
        yield from _of_macro(tree, ("macros", key), macro)
    for key, queue in queues.items():
        for place, skill in enumerate(queue.skills):
            if skill not in skills:
                what = f'nobody has the skill "{skill}" of {where(("queues", key))}'
                right = suggestion("skills", skill, sorted(skills))
                yield tree.problem(("queues", key, "skills", place), what, right, Level.WARNING)


def _of_macro(tree: Tree, path: Path, macro: Macro) -> Iterator[Problem]:
    for name in dict.fromkeys(macros.unknown(macro.text)):
        what = f'unknown placeholder "{{{name}}}" in {where(path)}'
        yield tree.problem((*path, "text"), what, suggestion("placeholders", name, macros.PLACEHOLDERS))
    if macros.count(macro.text) > macros.MOST_PLACEHOLDERS:
        what = f"{where(path)} has more than {macros.MOST_PLACEHOLDERS} placeholders"
        yield tree.problem((*path, "text"), what, "write the words themselves where they need no name")
    for place, name in enumerate(macro.tags):
        try:
            tag(name)
        except Refusal as refusal:
            yield tree.problem((*path, "tags", place), f"{where(path)} has a tag that is none", str(refusal))


def settings_data(settings: Settings) -> dict[str, Any]:
    undo = int(settings.undo.total_seconds()) if settings.undo else 0
    return {"undo": undo, "approval": settings.approval.value}


def macro_data(macro: Macro) -> dict[str, Any]:
    return macro.model_dump(mode="json") | {"tags": [tag(one) for one in macro.tags]}


def queue_data(queue: Queue) -> dict[str, Any]:
    alerts = [{"way": way, "target": target} for one in queue.alerts for way, target in one.given.items()]
    claim = int(queue.claim.total_seconds()) if queue.claim else None
    return queue.model_dump(mode="json") | {"claim": claim, "alerts": alerts}
