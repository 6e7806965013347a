"""Two brands in one table with a customer, messages and cases alike: what operators take out, check or erase of the one
never holds or touches a byte of the other."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.service.intake import Intake
from chalicelib.storage import DynamoStore
from chalicelib.storage.config import ConfigStore
from tests.attacks.kit import HARBOR, RIVAL
from tests.build import config, config_data, event
from tests.fakes.channel import PlainChannel
from tests.infra.care import ANA, ANA_ID, CASE, WHO, aws, heed, store

__all__ = ["aws", "store"]

THEIRS, OURS = "canary of Ana", "words for the rival"
RIVAL_ID = ids.contact_id(RIVAL, "facebook", ANA)
RIVAL_CASE = ids.case_id(RIVAL_ID, 1)


@pytest.fixture
def both(store: DynamoStore) -> DynamoStore:
    """The same person writes the same network's rival account a message of the same number."""
    data = config_data()
    data["brands"][RIVAL] = {**data["brands"][HARBOR], "name": "Rival"}
    data["accounts"]["rival-facebook"] = {**data["accounts"]["harbor-facebook"], "brand": RIVAL, "native_id": "55"}
    data["agents"]["odo"]["brands"] = [RIVAL]
    del data["slack"]
    ConfigStore(store.table).push(data)
    now = datetime.now(UTC) - timedelta(hours=1)
    told = event(at=now, handle="anab", phone="+49 151 12345", text=OURS, account="55")
    intake = Intake(store, config(**{**data, "slack": None}), PlainChannel())
    intake.take(replace(told, conversation=f"55:{ANA}"), "rival-facebook", now)
    assert store.case(RIVAL, RIVAL_CASE) is not None and store.case(HARBOR, CASE) is not None
    return store


def of_harbor(store: DynamoStore) -> list[Any]:
    items = [one for one in store.table.scan()["Items"] if one.get("brand", {}).get("S") == HARBOR]
    return sorted(items, key=lambda one: (one["pk"]["S"], one["sk"]["S"]))


def reaching(out: Path) -> Iterator[tuple[object, ...]]:
    """Every command about people and histories, of the rival's brand, about harbor's people and cases and its own."""
    for person, case in ((ANA_ID, CASE), (RIVAL_ID, RIVAL_CASE)):
        for named in (("--contact", person), ("--channel", "facebook", "--handle", "@anab")):
            yield ("privacy", "find", "--brand", RIVAL, *named, "--json")
            yield ("privacy", "export", "--brand", RIVAL, *named, *WHO, "--out", out)
        yield ("privacy", "hold", "--brand", RIVAL, "--contact", person, *WHO)
        yield ("privacy", "release", "--brand", RIVAL, "--contact", person, *WHO)
        yield ("audit", "export", "--brand", RIVAL, "--case", case, *WHO, "--out", out)
        yield ("audit", "export", "--brand", RIVAL, "--contact", person, *WHO, "--out", out)
        yield ("audit", "export", "--brand", RIVAL, "--case", case, "--operators", *WHO, "--out", out)
        yield ("audit", "verify", "--brand", RIVAL, "--case", case)
        yield ("sla", "explain", case, "--brand", RIVAL)
    yield ("audit", "verify", "--brand", RIVAL)
    yield ("audit", "anchor", "--brand", RIVAL, "--out", out)
    yield ("sla", "history", "--brand", RIVAL, "--out", out)
    yield ("privacy", "erase", "--brand", RIVAL, "--contact", ANA_ID, *WHO)
    yield ("privacy", "erase", "--brand", RIVAL, "--channel", "facebook", "--handle", ANA, *WHO)


def test_no_command_about_one_brand_tells_or_touches_the_other(both: DynamoStore, tmp_path: Path, figure: Any) -> None:
    before, out, looked, done = of_harbor(both), tmp_path / "out", 0, 0
    assert THEIRS in json.dumps(before)
    for words in reaching(out):
        out.unlink(missing_ok=True)
        result = heed(*words)
        told = result.output + (out.read_text() if out.exists() else "")
        asked = " ".join(map(str, words))
        for secret in {THEIRS, ANA_ID, "harbor"} - {one for one in (ANA_ID,) if one in asked}:
            assert secret not in told, asked
        looked, done = looked + len(told), done + (result.exit_code == 0)
    assert of_harbor(both) == before
    assert done >= 14 and OURS not in json.dumps(both.table.scan()["Items"]), "what is theirs was done"
    figure("foreign", f"{len(list(reaching(out)))} commands of operators: 0 of {looked:,} bytes were theirs")


@pytest.fixture
def figure(record_property: Any) -> Any:
    return record_property
