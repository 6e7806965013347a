"""Who may give which order at the command line: each by each role, and whose name stands in the logbook for it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from chalicelib.aws.archive import S3Archive
from chalicelib.domain.people import OFFICERS, Role
from chalicelib.domain.timeline import OF_OPERATORS, TimelineEvent
from chalicelib.storage import DynamoStore
from chalicelib.storage.config import ConfigStore
from infra.cli import app, letters
from tests.build import BRAND, config_data
from tests.infra.care import ANA_ID, BUCKET, TOM_ID, aws, heed, store
from tests.infra.test_dlq import buried, dead, pair

__all__ = ["aws", "store"]

MAY: Mapping[str, bool] = {
    "ana, an agent": False,
    "mia, a supervisor": False,
    "odo, an auditor": True,
    "ada, an admin": True,
    "zoe, an auditor of another brand": False,
    "eve, unknown": False,
}
SIGNED = {
    "privacy export": ("person.exported", ("--out", "FILE")),
    "privacy hold": ("person.held", ()),
    "privacy release": ("person.released", ()),
    "privacy erase": ("person.erased", ()),
    "audit export": ("trail.exported", ("--out", "FILE")),
}
"""Orders that somebody puts their name under: what stands in the logbook then."""
UNSIGNED = {
    "privacy find": "person.found",
    "privacy reapply": "erasures.reapplied",
    "dlq redrive": "letters.redriven",
    "dlq show": "letter.shown",
    "config push": "policy.pushed",
}
"""Orders that ask for no role: AWS says who may, and who it was."""
UNTOLD = {
    **dict.fromkeys(("cost", "demo", "doctor", "listeners", "package", "version"), "nobody's data"),
    **dict.fromkeys(("parse", "verify", "config check", "config show"), "a file of whoever asks"),
    **dict.fromkeys(("sla preview", "sla simulate"), "a file of whoever asks"),
    **dict.fromkeys(("slack manifest", "slack check"), "the app in Slack, of which Slack keeps an account"),
    **dict.fromkeys(("sla explain", "sla history", "sla pauses"), "times and ids, no name and no word"),
    **dict.fromkeys(
        ("audit verify", "audit anchor", "dlq list", "privacy requests"), "ids, hashes and reasons of ours"
    ),
    "connect": "a secret, into the vault of AWS, which keeps an account of that",
}
"""Orders that leave no entry, and why."""


def orders(group: Any, name: str = "") -> Iterator[str]:
    if not hasattr(group, "commands"):
        yield name
    for word, inner in getattr(group, "commands", {}).items():
        yield from orders(inner, f"{name} {word}".strip())


def test_every_order_there_is_stands_in_one_of_the_tables() -> None:
    assert sorted([*SIGNED, *UNSIGNED, *UNTOLD]) == sorted(orders(typer.main.get_command(app)))
    assert {fact for fact, _ in SIGNED.values()} | set(UNSIGNED.values()) == OF_OPERATORS
    assert {who.split()[-1] for who, allowed in MAY.items() if allowed} == OFFICERS
    assert {who.split()[-1] for who in MAY} >= set(Role)


@pytest.fixture
def staffed(store: DynamoStore) -> DynamoStore:
    """All roles, and an auditor of another brand."""
    data = config_data()
    del data["slack"]
    data["brands"]["rival"] = {**data["brands"][BRAND], "name": "Rival"}
    odo = data["agents"]["odo"]
    data["agents"]["ada"] = {**odo, "role": "admin", "slack": "U0ADA"}
    data["agents"]["zoe"] = {**odo, "brands": ["rival"], "slack": "U0ZOE"}
    ConfigStore(store.table).push(data)
    return store


def everything(store: DynamoStore) -> tuple[str, list[str]]:
    return json.dumps(store.table.scan()["Items"]), list(S3Archive(BUCKET).names("erasures"))


def entries(store: DynamoStore) -> list[TimelineEvent]:
    return store.timeline(BRAND, "operators", 100)


@pytest.mark.parametrize("order", SIGNED)
def test_every_cell(staffed: DynamoStore, tmp_path: Path, order: str) -> None:
    """Whoever may not is told who may, and nothing is written. The officers ask about one person each."""
    fact, more = SIGNED[order]
    people = {True: iter((ANA_ID, TOM_ID)), False: iter([ANA_ID] * len(MAY))}
    for who, may in sorted(MAY.items(), key=lambda cell: cell[1]):
        before, key, out = everything(staffed), who.split(",")[0], tmp_path / who
        words = [str(out) if one == "FILE" else one for one in more]
        asked = ("--brand", BRAND, "--contact", next(people[may]), "--by", key, "--reason", "asked")
        done = heed(*order.split(), *asked, *words)
        assert done.exit_code == (0 if may else 2), (who, done.output)
        if may:
            assert (entries(staffed)[-1].fact, entries(staffed)[-1].actor) == (fact, key)
        else:
            assert f"'{key}' is no auditor or admin of {BRAND}" in done.output
            assert "There are: ada, odo" in done.output
            assert (everything(staffed), out.exists()) == (before, False), who
    assert len(entries(staffed)) == sum(MAY.values())


def words_of(order: str, tmp_path: Path) -> tuple[object, ...]:
    """What makes the order whole; a dead letter lies there for those about letters."""
    pair("inbound")
    buried("inbound", ["{}"])
    care = tmp_path / "care.yaml"
    care.write_text(Path("care.yaml").read_text())
    return {
        "privacy find": ("--brand", BRAND, "--contact", ANA_ID),
        "privacy reapply": (),
        "dlq redrive": ("inbound",),
        "dlq show": ("inbound", dead("inbound").letters()[0].id, "--raw"),
        "config push": (care,),
    }[order]


@pytest.mark.parametrize("order", UNSIGNED)
def test_who_gives_an_order_that_asks_for_no_role_cannot_give_it_in_another_name(
    staffed: DynamoStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(letters, "WAIT", 0)
    words = words_of(order, tmp_path)
    before = everything(staffed)
    for who in MAY:
        named = heed(*order.split(), *words, "--by", who.split(",")[0])
        assert (named.exit_code, everything(staffed)) == (2, before), named.output
    done = heed(*order.split(), *words)
    assert done.exit_code == 0, done.output
    (entry,) = entries(staffed)
    assert entry.fact == UNSIGNED[order]
    assert entry.actor.startswith("arn:aws:")
