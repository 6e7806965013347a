"""A message its author takes back leaves just what the policy says, whatever came first and wherever one looks."""

import pytest

from chalicelib.domain.event import Attachment, Kind
from chalicelib.domain.ids import digest
from chalicelib.service.intake import Taken
from tests.build import BRAND, config, config_data
from tests.service.world import World

WORDS = "You ruined my wedding"
EDITED = "You ruined everything"
KEPT = {"none": None, "hash": digest(WORDS), "text": WORDS}


def world(evidence: str) -> World:
    brand = {**config_data()["brands"][BRAND], "evidence": evidence}
    return World(config=config(brands={BRAND: brand}))


def written(world: World) -> None:
    assert world.take(text=WORDS, attachments=(Attachment("image", url="https://cdn.example/w.jpg"),)) is Taken.RECORDED


def edited(world: World) -> None:
    world.take(Kind.EDIT, id=None, of="mid-1", text=EDITED, version="1")


def unsent(world: World) -> None:
    assert world.take(Kind.DELETE, id=None, of="mid-1", text=None) is Taken.RECORDED


ORDERS = {
    "written, unsent": (written, unsent),
    "unsent, written": (unsent, written),
    "written, edited, unsent": (written, edited, unsent),
    "edited, unsent, written": (edited, unsent, written),
    "unsent, edited, written": (unsent, edited, written),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("evidence", KEPT)
def test_what_stays_is_what_the_policy_keeps(evidence: str, order: str) -> None:
    told = world(evidence)
    for happens in ORDERS[order]:
        happens(told)
    message = told.message()
    assert message
    assert (message.words, message.attachments, message.edit) == (None, (), None)
    assert message.evidence == KEPT[evidence]
    everything = "".join(repr(row) for row in told.store._rows.values())
    assert EDITED not in everything
    assert "cdn.example" not in everything
    assert (WORDS in everything) is (evidence == "text")
