"""``heed privacy`` on a table and an archive as they are deployed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws.archive import S3Archive
from chalicelib.domain import ids
from chalicelib.domain.privacy import Erasure
from chalicelib.service.intake import Intake
from chalicelib.service.privacy import request
from chalicelib.storage import DynamoStore
from tests.build import BRAND, config, event
from tests.fakes.channel import PlainChannel
from tests.infra.care import ANA, ANA_ID, BUCKET, TOM_ID, WHO, aws, heed, store

__all__ = ["aws", "store"]

FIND = ("privacy", "find", "--brand", BRAND)
ERASE = ("privacy", "erase", "--brand", BRAND, *WHO)


def everything(store: DynamoStore) -> str:
    return json.dumps(store.table.scan()["Items"])


def test_a_person_is_exported_held_and_erased(store: DynamoStore, tmp_path: Path) -> None:
    out = tmp_path / "person.json"
    who = ("--channel", "facebook", "--handle", "@AnaB")
    assert heed("privacy", "export", "--brand", BRAND, *who, *WHO, "--out", out).exit_code == 0
    text = out.read_text()
    assert "canary of Ana" in text
    assert "Tom" not in text
    assert heed("privacy", "hold", "--contact", ANA_ID, "--brand", BRAND, *WHO).exit_code == 0
    done = heed(*ERASE, "--channel", "facebook", "--handle", ANA)
    assert (done.exit_code, "legal hold" in done.output) == (2, True)
    assert heed("privacy", "release", "--contact", ANA_ID, "--brand", BRAND, *WHO).exit_code == 0
    done = heed(*ERASE, "--channel", "facebook", "--handle", ANA)
    assert done.exit_code == 0, done.output
    assert "erased 1 cases, 2 messages" in done.output
    assert "canary of Ana" not in everything(store)
    assert ANA not in everything(store)
    assert "Tom" in everything(store)
    assert heed("audit", "verify", "--brand", BRAND).exit_code == 0
    assert "1 erasures carried out again, 0 wait" in heed("privacy", "reapply").output


def test_raw_bytes_in_the_archive_go_too(store: DynamoStore) -> None:
    archive = S3Archive(BUCKET)
    archive.keep("unknown/facebook", "odd", json.dumps({"sender": {"id": ANA}}).encode())
    archive.keep("unknown/facebook", "other", b'{"sender": {"id": "99"}}')
    assert archive.find("unknown/facebook/none.json") is None
    assert list(archive.names("unknown", "unknown/facebook/odd.json")) == ["unknown/facebook/other.json"]
    done = heed(*ERASE, "--contact", ANA_ID)
    assert (done.exit_code, "1 raw objects" in done.output) == (0, True)
    assert list(archive.names("unknown")) == ["unknown/facebook/other.json"]


NOBODY = ids.contact_id(BRAND, "facebook", "4711")


SLIPS = [
    (BRAND, NOBODY, "odo", "has no contact"),
    ("habror", ANA_ID, "odo", "there is no brand 'habror'"),
    (BRAND, ANA_ID, "eve", "'eve' is no auditor or admin"),
    (BRAND, ANA_ID, "ana", "'ana' is no auditor or admin"),
]
COMMANDS = [(command, *slip) for command in ("export", "erase", "hold", "release") for slip in SLIPS]
"""Looking changes nothing, so it needs no role: its entry has whom AWS takes the caller for."""


@pytest.mark.parametrize(
    ("command", "brand", "contact", "by", "told"), [*COMMANDS, *(("find", *slip) for slip in SLIPS[:2])]
)
def test_a_slip_of_the_pen_is_said_and_nothing_is_written(
    store: DynamoStore, tmp_path: Path, command: str, brand: str, contact: str, by: str, told: str
) -> None:
    before = everything(store)
    words: list[Any] = ["privacy", command, "--brand", brand, "--contact", contact]
    words += ["--by", by, "--reason", "asked"] if command != "find" else []
    words += ["--out", tmp_path / "x"] if command == "export" else []
    done = heed(*words)
    assert (done.exit_code, told in done.output) == (2, True), done.output
    assert everything(store) == before
    assert not (tmp_path / "x").exists()
    assert S3Archive(BUCKET).find("erasures/open/x.json") is None
    assert list(S3Archive(BUCKET).names("erasures")) == []


def test_nobody_is_guessed(store: DynamoStore) -> None:
    done = heed(
        "privacy", "export", "--brand", BRAND, "--channel", "facebook", "--handle", "nobody", *WHO, "--out", "x"
    )
    assert (done.exit_code, "0 contacts go by that name" in done.output) == (2, True)
    assert heed(*FIND).exit_code == 2


def more(store: DynamoStore) -> tuple[str, str]:
    """Ana writes on two more networks, known there by her number and by her @name."""
    now = datetime.now(UTC) - timedelta(minutes=50)
    plain = event(at=now, text="canary on another network")
    phone = replace(plain, channel="whatsapp", account="106540352242922", id="w-1", author="4915112345")
    phone = replace(phone, phone="4915112345", handle=None, conversation=None)
    name = replace(plain, channel="instagram", account="17841405822300001", id="i-1", author="88", handle="AnaB")
    for one, hook in ((phone, "harbor-whatsapp"), (name, "harbor-instagram")):
        channel = PlainChannel()
        channel.name = one.channel  # type: ignore[misc]
        Intake(store, config(), channel).take(one, hook, now)
    return ids.contact_id(BRAND, "whatsapp", "4915112345"), ids.contact_id(BRAND, "instagram", "88")


def test_one_person_on_three_networks_is_found_and_erased_as_a_whole(store: DynamoStore, tmp_path: Path) -> None:
    on_whatsapp, on_instagram = more(store)
    found = json.loads(heed(*FIND, "--contact", ANA_ID, "--json").output)
    assert {one["contact"]: one["shares"] for one in found} == {
        ANA_ID: "",
        on_whatsapp: "4915112345",
        on_instagram: "anab",
    }
    assert "perhaps the same person: shares anab" in heed(*FIND, "--contact", ANA_ID).output
    assert TOM_ID not in heed(*FIND, "--contact", ANA_ID).output
    all_of_her = ("--contact", ANA_ID, "--contact", on_whatsapp, "--contact", on_instagram)
    out = tmp_path / "ana.json"
    assert heed("privacy", "export", "--brand", BRAND, *all_of_her, *WHO, "--out", out).exit_code == 0
    assert [len(one["cases"]) for one in json.loads(out.read_text())] == [1, 1, 1]
    done = heed(*ERASE, *all_of_her)
    assert "erased 3 cases, 4 messages" in done.output, done.output
    assert "canary" not in everything(store)
    assert "Tom" in everything(store)
    assert heed("audit", "verify", "--brand", BRAND).exit_code == 0


@pytest.mark.parametrize("json_wanted", [(), ("--json",)])
def test_who_looked_for_somebody_stands_in_the_logbook_by_ids_alone(
    store: DynamoStore, json_wanted: tuple[str, ...]
) -> None:
    on_whatsapp, on_instagram = more(store)
    told = heed(*FIND, "--channel", "facebook", "--handle", "@AnaB", *json_wanted)
    assert "anab" in told.output
    (entry,) = store.timeline(BRAND, "operators")
    assert (entry.fact, set(entry.data)) == ("person.found", {"contacts"})
    assert sorted(entry.data["contacts"]) == sorted((ANA_ID, on_whatsapp, on_instagram))
    assert entry.actor.startswith("arn:aws:")
    assert heed("audit", "verify", "--brand", BRAND).exit_code == 0


def test_what_is_open_is_listed_with_why(store: DynamoStore) -> None:
    assert heed("privacy", "requests").exit_code == 0
    heed("privacy", "hold", "--brand", BRAND, "--contact", ANA_ID, *WHO)
    request(S3Archive(BUCKET), Erasure("aaa", BRAND, (ANA_ID,), datetime.now(UTC), "meta", "x"))
    request(S3Archive(BUCKET), Erasure("bbb", BRAND, (TOM_ID,), datetime.now(UTC), "meta", "x"))
    done = heed("privacy", "requests")
    assert done.exit_code == 1
    assert ["kept by a legal hold" in line for line in done.output.splitlines()] == [True, False]
    assert [one["held"] for one in json.loads(heed("privacy", "requests", "--json").output)] == [True, False]


def test_after_a_restore_a_held_person_keeps_nobody_waiting(store: DynamoStore) -> None:
    for one in (ANA_ID, TOM_ID):
        assert heed(*ERASE, "--contact", one).exit_code == 0
    heed("privacy", "hold", "--brand", BRAND, "--contact", ANA_ID, *WHO)
    done = heed("privacy", "reapply")
    assert (done.exit_code, "1 erasures carried out again, 1 wait for a legal hold" in done.output) == (0, True)
