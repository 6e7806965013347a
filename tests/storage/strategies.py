"""Random rows, built from the types their dataclasses declare: a new field takes part in every test by itself."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from chalicelib.domain.calendar import Calendar, Day
from chalicelib.domain.case import Case, Priority
from chalicelib.domain.ids import case_id
from chalicelib.service.ports import Row

BRAND = "acme"

ROW_TYPES: tuple[type, ...] = get_args(Row)

CONTACT_IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=20, max_size=20)
INTEGERS = st.integers(0, 10**9)
NUMBERS = st.one_of(INTEGERS, st.floats(-1e9, 1e9, allow_nan=False).filter(lambda number: abs(number) > 1e-9))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 4 * 10**12).map(lambda millis: EPOCH + timedelta(milliseconds=millis))
SPANS = st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds))


HOURS = st.lists(
    st.integers(0, 1439).flatmap(lambda opens: st.tuples(st.just(opens), st.integers(opens + 1, opens + 1440))),
    max_size=2,
).map(tuple)


def calendars(*, empty: bool) -> st.SearchStrategy[Calendar]:
    """Any week that opens at least once, with dates of its own."""
    week = st.tuples(*[HOURS] * 7).filter(any)
    days = st.builds(Day, HOURS, words(empty=empty))
    dates = st.dictionaries(st.dates(date(2020, 1, 1), date(2060, 1, 1)), days, max_size=3)
    return st.builds(Calendar, words(empty=empty), st.sampled_from(["Europe/Berlin", "UTC"]), week, dates)


def words(*, empty: bool) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=0 if empty else 1, max_size=12)


def rows(kind: type[Row], *, empty: bool = True) -> st.SearchStrategy[Row]:
    """Rows of one type that nobody has written yet. ``empty`` allows empty text."""
    given: dict[str, st.SearchStrategy[Any]] = {"brand": st.just(BRAND)}
    names = {field.name for field in fields(kind)}
    given |= {"version": st.just(0)} if "version" in names else {}
    given |= {"id": words(empty=False)} if "id" in names else {}
    if kind is Case:
        cases: st.SearchStrategy[Case] = _builds(Case, given | {"contact_id": CONTACT_IDS}, empty=empty)
        return st.builds(_numbered, cases, st.integers(1, 99_999_999))
    return _builds(kind, given, empty=empty)


def _numbered(case: Case, number: int) -> Case:
    return replace(case, id=case_id(case.contact_id, number))


LEAN = {"Priority": Priority}
"""What a record names for readers alone, so that the webhooks' function need not import it."""


def _builds(record: type, given: Mapping[str, st.SearchStrategy[Any]], *, empty: bool) -> st.SearchStrategy[Any]:
    hints = get_type_hints(record, localns=LEAN)
    parts = {field.name: _of(hints[field.name], empty=empty) for field in fields(record)}
    return st.builds(record, **{**parts, **given})


def _of(hint: Any, *, empty: bool) -> st.SearchStrategy[Any]:
    origin, inner = get_origin(hint), [one for one in get_args(hint) if one is not Ellipsis]
    if origin in (Union, types.UnionType):
        return st.one_of(*(_of(one, empty=empty) for one in inner))
    if origin is tuple and Ellipsis in get_args(hint):
        return st.lists(_of(inner[0], empty=empty), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(_of(one, empty=empty) for one in inner))
    if origin is Mapping:
        return st.dictionaries(words(empty=False), _of(inner[1], empty=empty), max_size=2)
    return _plain(hint, empty=empty)


def _plain(hint: Any, *, empty: bool) -> st.SearchStrategy[Any]:
    known: dict[Any, st.SearchStrategy[Any]] = {
        str: words(empty=empty),
        int: INTEGERS,
        bool: st.booleans(),
        datetime: INSTANTS,
        timedelta: SPANS,
        type(None): st.none(),
        Calendar: calendars(empty=empty),
        Any: _json(empty=empty),
    }
    if hint in known:
        return known[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        return _builds(hint, {}, empty=empty)
    assert issubclass(hint, StrEnum), f"no strategy for {hint}"
    return st.sampled_from(hint)


def _json(*, empty: bool) -> st.SearchStrategy[Any]:
    leaves = st.one_of(st.none(), st.booleans(), NUMBERS, words(empty=empty))
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words(empty=False), inner, max_size=2),
        max_leaves=4,
    )
