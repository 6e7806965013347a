"""A brand's rows lead with its name, in the table and in every index; what does not is named, with why."""

import ast
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import Case, Status
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Row
from chalicelib.storage import indexes, layout, tally
from chalicelib.storage.indexes import INDEXES, index_keys
from chalicelib.storage.layout import Key, key_of
from tests.house.source import shipped
from tests.storage import samples
from tests.storage.samples import ANN, NOON, minutes
from tests.storage.strategies import BRAND, ROW_TYPES, rows

OF_A_WORKSPACE = {
    "CardPlace": "a press in Slack names a place and no brand; the row leads to it",
    "Door": "Slack counts calls by channel and method, whoever makes them",
    "Mark": "what was done for Slack in a workspace, which several brands may share",
}
OF_ALL = {
    "by_pending": "the sweeper asks for whatever is owed; an entry holds keys alone",
    "by_checkpoint": "the auditor asks for whatever is due; an entry holds keys alone",
}
WRITERS = {
    "commit.py": "rows, by key_of",
    "store.py": "events that are delivered, by key_of",
    "tally.py": "broken promises, by broken_key",
    "config.py": "the policy file, under `config`: one for all brands, and no brand's data",
}
WRITES = {"put_item", "update_item", "delete_item", "transact_write_items", "batch_write_item"}
WRITES |= {name.upper() for name in WRITES}
ROWS = {kind: rows(kind) for kind in ROW_TYPES}


@pytest.mark.parametrize("kind", ROW_TYPES, ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(data=st.data())
def test_every_row_stands_under_its_brand(kind: type[Row], data: st.DataObject) -> None:
    leads = "slack#" if kind.__name__ in OF_A_WORKSPACE else f"{BRAND}#"
    assert key_of(data.draw(ROWS[kind])).pk.startswith(leads)


def test_only_rows_there_are_stand_elsewhere() -> None:
    assert {kind.__name__ for kind in ROW_TYPES} > OF_A_WORKSPACE.keys()
    assert {index.name for index in INDEXES} > OF_ALL.keys()


INDEXED: dict[str, Row] = {
    "by_queue": samples.case(),
    "by_agent": samples.case(assignee="ana"),
    "by_waiting": samples.case(status=Status.OPEN),
    "by_pending": samples.event(),
    "by_checkpoint": samples.case(clocks=(samples.clock(minutes(60)),)),
}


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_every_index_keeps_brands_apart_or_says_why_not(index: indexes.Index) -> None:
    partition = index_keys(INDEXED[index.name])[index.partition]
    assert partition.startswith(f"{BRAND}#") is (index.name not in OF_ALL)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(row=st.one_of(ROWS[Case], ROWS[TimelineEvent]))
def test_whatever_stands_in_a_row_its_entries_in_lists_of_a_brand_are_its_own(row: Row) -> None:
    ours = {index.partition for index in INDEXES if index.name not in OF_ALL}
    assert all(value.startswith(f"{BRAND}#") for name, value in index_keys(row).items() if name in ours)


def keys() -> Iterator[tuple[str, Callable[..., Any]]]:
    """What the layout makes of names: keys, and partitions."""
    for name, function in vars(layout).items():
        if inspect.isfunction(function) and name.endswith(("_key", "_pk")):
            yield name, function


KEYS = dict(keys())
BRANDLESS = {"card_place_key", "door_key", "mark_key", "marks_pk"}
GIVEN: dict[str, Any] = {"brand": BRAND, "case": samples.case().id, "contact_id": ANN, "seq": 1}


@pytest.mark.parametrize("name", KEYS)
def test_every_key_of_the_layout_leads_with_the_brand(name: str) -> None:
    wanted = inspect.signature(KEYS[name]).parameters
    made = KEYS[name](**{one: GIVEN.get(one, "x") for one in wanted})
    assert (made.pk if isinstance(made, Key) else made).startswith("slack#" if name in BRANDLESS else f"{BRAND}#")
    assert ("brand" in wanted) is (name not in BRANDLESS)


@pytest.mark.parametrize("brand", ["", "acme#contact", "slack#T1", "Acme", "a b", "acme\n"])
def test_no_brand_poses_as_another(brand: str) -> None:
    made: list[Callable[..., Any]] = [KEYS[name] for name in KEYS if name not in BRANDLESS]
    made += [indexes.queue_partition, indexes.agent_partition, tally.partition]
    for function in made:
        wanted = inspect.signature(function).parameters
        with pytest.raises(ValueError, match="is not a brand"):
            function(**{**{one: GIVEN.get(one, "x") for one in wanted}, "brand": brand})


def test_a_broken_promise_stands_under_its_brand() -> None:
    assert tally.key(BRAND, "care", NOON, "x").pk == tally.partition(BRAND, "care") == f"{BRAND}#broken#care"


def test_nothing_else_writes_the_table() -> None:
    """A module that begins to write is named here, with the keys it writes."""
    writing = {
        file.name
        for file, tree in shipped().items()
        if "storage" in file.parts
        for node in ast.walk(tree)
        if getattr(node, "attr", getattr(node, "id", "")) in WRITES
    }
    assert writing == WRITERS.keys()
