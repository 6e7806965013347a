"""A step of a trace: a call of the store's port, and what it brought about, so that engines can be compared."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from chalicelib.domain.case import Case
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import case_id
from chalicelib.service.ports import Store
from tests.storage import samples
from tests.storage.samples import ANN, BOB, NOON

MILLISECOND = timedelta(milliseconds=1)


class Step(NamedTuple):
    """``probe`` names what engines are known to differ in; whatever it leaves behind, no other step looks at it."""

    call: str
    arguments: tuple[Any, ...]
    probe: str = ""


class Outcome(NamedTuple):
    error: str
    value: Any


def play(store: Store, step: Step) -> Outcome:
    try:
        return Outcome("", _PLAIN.get(step.call, _called)(store, step))
    except Conflict as conflict:
        return Outcome("Conflict", frozenset(conflict.keys))
    except Exception as error:
        return Outcome(type(error).__name__, None)


def _called(store: Store, step: Step) -> Any:
    return getattr(store, step.call)(*step.arguments)


def _listed(store: Store, step: Step) -> list[Any]:
    return list(_called(store, step))


def _pages(store: Store, step: Step) -> list[Case]:
    """All pages, in the one order that can be compared: where a page ends is an engine's own affair."""
    brand, queue, limit = step.arguments
    found, after = store.live(brand, queue, "", limit)
    while after:
        more, after = store.live(brand, queue, after, limit)
        found = [*found, *more]
    return sorted(found, key=lambda case: case.id)


def _sure(store: Store, step: Step) -> Any:
    """Which of several that are due at once come within a limit is open: of the last moment only the number counts."""
    cases = _called(store, step)
    if len(cases) < step.arguments[-1]:
        return cases
    last = cases[-1].due_at if cases else None
    return [case for case in cases if case.due_at != last], last, len(cases)


_PLAIN: Mapping[str, Callable[[Store, Step], Any]] = {
    **dict.fromkeys(("pending", "checkpoints", "waiting"), _listed),
    **dict.fromkeys(("queue", "assigned"), _sure),
    "live": _pages,
}


_NO_JSON = samples.event(1, case_id(BOB, 9), data={"at": NOON}, pending=False)
PROBES = (
    Step("commit", (samples.post("far", claimed_at=NOON + timedelta(microseconds=1999)),), "finer than a millisecond"),
    Step("post", (samples.BRAND, case_id(ANN, 1), "far"), "finer than a millisecond"),
    Step("commit", (_NO_JSON,), "what JSON cannot say"),
    Step("commit", tuple(samples.message(f"m{n}", version=99) for n in range(11)), "more than ten rows"),
    Step("commit", tuple(samples.event(n, case_id(BOB, 8)) for n in range(1, 10)), "many of one moment"),
    Step("pending", (NOON + MILLISECOND,), "many of one moment"),
    Step("commit", (samples.message("empty", version=99), samples.case(BOB, 9, contact_name="")), "an empty name"),
)
"""None of them leaves anything behind that another one looks at."""
