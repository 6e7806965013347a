"""An upgrade in the middle of work: what earlier releases left in the table and in queues is read and worked off."""

import json
from pathlib import Path

import pytest

from chalicelib.storage.codec import image_of, row_of
from tests.simulation.release import KINDS, PLACE, worked_off

RELEASES = sorted(PLACE.glob("*.json"))


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_every_row_of_a_release_is_read_and_keeps_what_it_says(release: Path) -> None:
    rows = [row for kept in json.loads(release.read_text()) for row in kept["rows"]]
    assert len({row["kind"] for row in rows}) >= 8
    for one in rows:
        image = image_of(row_of(KINDS[one["kind"]], one["image"]))
        lost = {name: value for name, value in one["image"].items() if image.get(name) != value and name != "version"}
        assert lost == {}, f"a {one['kind']}"


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_what_a_release_left_in_its_queues_is_worked_off_by_this_one(release: Path) -> None:
    for kept in json.loads(release.read_text()):
        world = worked_off(kept)
        assert world.sqs.letters == []
        assert world.tally.own_errors == []
        assert world.truth.owing == []


def test_an_attribute_of_the_release_to_come_costs_no_row() -> None:
    """It is passed over, and gone when the row is written: so it is first read everywhere, then written (ADR 17)."""
    [kept, *_] = json.loads(RELEASES[-1].read_text())
    for one in kept["rows"]:
        image = {**one["image"], "of_tomorrow": {"S": "new"}}
        assert row_of(KINDS[one["kind"]], image) == row_of(KINDS[one["kind"]], one["image"])
