"""A long history, and every row of it forged: found each time by what ``heed audit verify`` judges with."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import pytest

from chalicelib.domain.audit import Head, Record, head_of, record
from chalicelib.domain.case import Priority, Status
from chalicelib.domain.verdict import verify
from tests.domain.test_audit import story

Rows = list[Record]
NOBODY = "eve"
STATES = (Status.NEW, Status.OPEN, Status.PENDING)


@cache
def history(length: int) -> tuple[Head, Rows]:
    """Written as Heed writes it; each third row by somebody else."""
    states = [STATES[number % 3] for number in range(length)]
    case, events = story([([], status, Priority.NORMAL, ("ana", None)[status is Status.NEW]) for status in states])
    return head_of(case), [record(event) for event in events]


def other(value: Any) -> Any:
    """A value of the same type that differs from it."""
    if isinstance(value, dict):
        return {**value, "x": NOBODY}
    return [*value, NOBODY] if isinstance(value, list) else value + (NOBODY if isinstance(value, str) else 1)


def edited(rows: Rows, at: int) -> Iterator[Rows]:
    """One field, another one in each row."""
    name = sorted(rows[at])[at % len(rows[at])]
    yield [*rows[:at], {**rows[at], name: other(rows[at][name])}, *rows[at + 1 :]]


def dropped(rows: Rows, at: int) -> Iterator[Rows]:
    yield rows[:at] + rows[at + 1 :]


def swapped(rows: Rows, at: int) -> Iterator[Rows]:
    if at + 1 < len(rows):
        yield [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]


def renumbered(rows: Rows, at: int) -> Iterator[Rows]:
    """Swapped with its neighbour, each under the number of the other."""
    for one in swapped(rows, at):
        pair = ({**one[place], "seq": place + 1} for place in (at, at + 1))
        yield [*one[:at], *pair, *one[at + 2 :]]


FORGERIES: Sequence[Callable[[Rows, int], Iterator[Rows]]] = (edited, dropped, swapped, renumbered)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
@pytest.mark.parametrize(("length", "sampled"), [(500, 500), pytest.param(10_000, 1_000, marks=pytest.mark.slow)])
def test_a_forgery_of_any_row_of_a_long_history_is_found(
    length: int, sampled: int, forge: Callable[[Rows, int], Iterator[Rows]], record_property: Callable[[str, str], None]
) -> None:
    head, rows = history(length)
    assert verify(head, rows).findings == () and len(rows) == length
    places = sorted(random.Random(7).sample(range(length), sampled))
    tried = [(at, bool(verify(head, forged).findings)) for at in places for forged in forge(rows, at)]
    assert [at for at, found in tried if not found] == []
    assert len(tried) >= sampled - 1
    record_property(f"{forge.__name__} rows", f"{len(tried):,} of {length:,} tried, all found")
