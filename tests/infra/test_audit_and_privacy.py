"""``heed audit`` and ``heed privacy`` on a table and an archive as they are deployed."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chalicelib.aws.archive import S3Archive
from chalicelib.aws.clients import client
from chalicelib.domain import ids
from chalicelib.service.intake import Intake
from chalicelib.storage import DynamoStore
from chalicelib.storage.layout import event_key
from infra.cli import app
from infra.template.table import table_definition
from tests.aws.conftest import aws
from tests.build import BRAND, config, event
from tests.fakes.channel import PlainChannel

__all__ = ["aws"]

ANA = "7245118832190456"
ANA_ID = ids.contact_id(BRAND, "facebook", ANA)
CASE = ids.case_id(ANA_ID, 1)
BUCKET = "heed-dev-archive-123456789012"


@pytest.fixture
def store(aws: None) -> DynamoStore:
    client("s3").create_bucket(Bucket=BUCKET)
    store = DynamoStore("heed-dev")
    store.table.connection.client.create_table(**table_definition("heed-dev"))
    intake = Intake(store, config(), PlainChannel())
    now = datetime.now(UTC) - timedelta(hours=1)
    told = event(at=now, handle="anab", text="canary of Ana")
    intake.take(told, "harbor-facebook", now)
    intake.take(replace(told, id="mid-2", text="another canary"), "harbor-facebook", now)
    tom = replace(
        told, id="mid-3", author="99", name="Tom", handle="tom", text="Tom asks", conversation="104552811223344:99"
    )
    intake.take(tom, "harbor-facebook", now)
    return store


def heed(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def _put(store: DynamoStore, seq: int, **values: Any) -> None:
    """What somebody with the rights to write the table may do."""
    key = event_key(BRAND, CASE, seq)
    item = store.table.get_item(key.pk, key.sk)["Item"]
    store.table.connection.client.put_item(TableName="heed-dev", Item={**item, **values})


def _drop(store: DynamoStore, pk: str, sk: str) -> None:
    store.table.connection.client.delete_item(TableName="heed-dev", Key={"pk": {"S": pk}, "sk": {"S": sk}})


def test_an_untouched_brand_is_clean(store: DynamoStore) -> None:
    done = heed("audit", "verify", "--brand", BRAND, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert (report["ok"], report["cases"], report["unchained"]) == (True, 2, 0)


def test_a_changed_event_is_found(store: DynamoStore) -> None:
    _put(store, 2, actor={"S": "eve"})
    done = heed("audit", "verify", "--brand", BRAND)
    assert done.exit_code == 1
    assert f"{CASE}  event 2 was changed" in done.output


def test_a_dropped_event_is_found(store: DynamoStore) -> None:
    key = event_key(BRAND, CASE, 3)
    _drop(store, key.pk, key.sk)
    assert heed("audit", "verify", "--brand", BRAND, "--case", CASE).exit_code == 1


@pytest.mark.parametrize("whole", [False, True])
def test_a_dropped_case_is_found(store: DynamoStore, whole: bool) -> None:
    _drop(store, f"{BRAND}#contact#{ANA_ID}", "CASE#00000001")
    for seq in range(1, 4) if whole else ():
        _drop(store, *event_key(BRAND, CASE, seq))
    done = heed("audit", "verify", "--brand", BRAND)
    assert done.exit_code == 1
    assert ("counted by its contact" if whole else "has a history but no case") in done.output


def test_an_export_is_checked_by_itself(store: DynamoStore, tmp_path: Path) -> None:
    out = tmp_path / "trail.jsonl"
    assert heed("audit", "export", "--brand", BRAND, "--contact", ANA_ID, "--out", out).exit_code == 0
    assert "canary" not in out.read_text()
    assert heed("audit", "verify", "--file", out).exit_code == 0
    lines = out.read_text().splitlines()
    swapped, edited = [lines[0], lines[2], lines[1], *lines[3:]], [lines[0], lines[1].replace("new", "old"), *lines[2:]]
    for forged in (lines[:-1], swapped, edited):
        (tmp_path / "forged.jsonl").write_text("\n".join(forged) + "\n")
        assert heed("audit", "verify", "--file", tmp_path / "forged.jsonl").exit_code == 1
    (tmp_path / "broken.jsonl").write_text("nonsense\n")
    assert heed("audit", "verify", "--file", tmp_path / "broken.jsonl").exit_code == 2


def test_the_recipe_of_the_docs_checks_an_export_without_heed(store: DynamoStore, tmp_path: Path) -> None:
    recipe = Path("docs/audit.md").read_text().partition("```python\n")[2].partition("```")[0]
    (tmp_path / "recipe.py").write_text(recipe)
    out = tmp_path / "trail.jsonl"
    assert heed("audit", "export", "--brand", BRAND, "--contact", ANA_ID, "--out", out).exit_code == 0

    def accepts(text: str) -> bool:
        out.write_text(text)
        command = [sys.executable, "-I", str(tmp_path / "recipe.py"), str(out)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    text = out.read_text()
    lines = text.splitlines(keepends=True)
    assert accepts(text)
    assert not accepts("".join(lines[:-1]))
    assert not accepts("".join([lines[0], *lines[2:]]))
    assert not accepts(text.replace("customer", "eve"))


def test_anchors_find_what_was_written_anew(store: DynamoStore, tmp_path: Path) -> None:
    out = tmp_path / "anchors.jsonl"
    assert heed("audit", "anchor", "--brand", BRAND, "--out", out).exit_code == 0
    assert heed("audit", "verify", "--brand", BRAND, "--anchor", out).exit_code == 0
    _put(store, 3, hash={"S": "0" * 64})
    done = heed("audit", "verify", "--brand", BRAND, "--case", ids.case_id(ANA_ID, 9), "--anchor", out)
    assert "is not what was anchored" in done.output


def test_a_person_is_exported_held_and_erased(store: DynamoStore, tmp_path: Path) -> None:
    out = tmp_path / "person.json"
    assert heed("privacy", "export", "--brand", BRAND, "--channel", "facebook", "--handle", "@AnaB", "--out", out)
    text = out.read_text()
    assert "canary of Ana" in text
    assert "Tom" not in text
    words = ["--by", "odo", "--reason", "asked by mail"]
    erase = ["privacy", "erase", "--brand", BRAND, "--channel", "facebook", "--handle", ANA, *words]
    assert heed("privacy", "hold", "--help").exit_code == 0
    assert heed("privacy", "hold", BRAND, ANA_ID, *words).exit_code == 2
    assert heed("privacy", "hold", ANA_ID, "--brand", BRAND, *words).exit_code == 0
    assert heed(*erase).exit_code == 2
    assert heed("privacy", "release", ANA_ID, "--brand", BRAND, *words).exit_code == 0
    done = heed(*erase)
    assert done.exit_code == 0, done.output
    assert "erased 1 cases, 2 messages" in done.output
    everything = json.dumps(store.table.scan()["Items"])
    assert "canary of Ana" not in everything
    assert ANA not in everything
    assert "Tom" in everything
    assert heed("audit", "verify", "--brand", BRAND).exit_code == 0
    assert "1 erasures carried out again, 0 wait" in heed("privacy", "reapply").output


def test_raw_bytes_in_the_archive_go_too(store: DynamoStore) -> None:
    archive = S3Archive(BUCKET)
    archive.keep("unknown/facebook", "odd", json.dumps({"sender": {"id": ANA}}).encode())
    archive.keep("unknown/facebook", "other", b'{"sender": {"id": "99"}}')
    assert archive.find("unknown/facebook/none.json") is None
    words = ["--by", "odo", "--reason", "asked"]
    assert heed("privacy", "erase", "--brand", BRAND, "--contact", ANA_ID, *words).exit_code == 0
    assert list(archive.names("unknown")) == ["unknown/facebook/other.json"]


def test_nobody_is_guessed(store: DynamoStore) -> None:
    done = heed("privacy", "export", "--brand", BRAND, "--channel", "facebook", "--handle", "nobody", "--out", "x")
    assert (done.exit_code, "0 contacts go by that name" in done.output) == (2, True)
