"""``heed audit`` on a table as it is deployed: what somebody did to it is found, and nothing else is."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain import ids, lifecycle
from chalicelib.domain.audit import hash_of
from chalicelib.domain.case import Status
from chalicelib.domain.logbook import Entry
from chalicelib.domain.retention import Keeping, Retention
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service import logbook
from chalicelib.service.audit import in_store, judged, missing
from chalicelib.service.ports import Belonging
from chalicelib.storage import DynamoStore, census
from chalicelib.storage.config import ConfigStore
from chalicelib.storage.layout import case_key, event_key
from tests.build import BRAND
from tests.fakes.ports import HandClock
from tests.infra.care import ANA_ID, CASE, TOM_ID, WHO, aws, drop, heed, store

__all__ = ["aws", "store"]

VERIFY = ("audit", "verify", "--brand", BRAND)


def put(store: DynamoStore, seq: int, **values: Any) -> None:
    """What somebody with the rights to write the table may do."""
    key = event_key(BRAND, CASE, seq)
    item = store.table.get_item(key.pk, key.sk)["Item"]
    store.table.connection.client.put_item(TableName="heed-dev", Item={**item, **values})


def put_case(store: DynamoStore, **values: Any) -> None:
    key = case_key(BRAND, CASE)
    item = store.table.get_item(key.pk, key.sk)["Item"]
    store.table.connection.client.put_item(TableName="heed-dev", Item={**item, **values})


def test_an_untouched_brand_is_clean(store: DynamoStore) -> None:
    done = heed(*VERIFY, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert (report["ok"], report["cases"], report["unchained"]) == (True, 2, 0)


def test_a_changed_event_is_found(store: DynamoStore) -> None:
    put(store, 2, actor={"S": "eve"})
    done = heed(*VERIFY)
    assert done.exit_code == 1
    assert f"{CASE}  event 2 was changed" in done.output


@pytest.mark.parametrize(
    ("forged", "what"),
    [
        ({"clocks": {"L": []}}, "promises"),
        ({"erased_at": {"S": "2026-06-01T12:00:00.000Z"}}, "erased_at"),
        ({"held_at": {"S": "2026-06-01T12:00:00.000Z"}}, "held_at"),
        ({"status": {"S": "closed"}}, "status"),
    ],
)
def test_a_changed_case_is_found(store: DynamoStore, forged: dict[str, Any], what: str) -> None:
    put_case(store, **forged)
    done = heed(*VERIFY)
    assert (done.exit_code, f"leads to another {what} than the case has" in done.output) == (1, True)


def test_a_dropped_event_is_found(store: DynamoStore) -> None:
    key = event_key(BRAND, CASE, 3)
    drop(store, key.pk, key.sk)
    assert heed(*VERIFY, "--case", CASE).exit_code == 1


@pytest.mark.parametrize("whole", [False, True])
def test_a_dropped_case_is_found(store: DynamoStore, whole: bool) -> None:
    drop(store, f"{BRAND}#contact#{ANA_ID}", "CASE#00000001")
    for seq in range(1, 4) if whole else ():
        drop(store, *event_key(BRAND, CASE, seq))
    done = heed(*VERIFY)
    assert done.exit_code == 1
    assert ("counted by its contact" if whole else "has a history but no case") in done.output


# -- nothing is made up ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("verify",), ("verify", "--case", CASE), ("anchor", "--out", "x")])
def test_a_misspelt_brand_is_not_a_clean_one(store: DynamoStore, command: tuple[str, ...], tmp_path: Path) -> None:
    words = [str(tmp_path / one) if one == "x" else one for one in command]
    done = heed("audit", words[0], "--brand", "habror", *words[1:])
    assert (done.exit_code, "There are: harbor" in done.output) == (2, True)


def test_a_case_nobody_knows_is_not_a_clean_one(store: DynamoStore) -> None:
    done = heed(*VERIFY, "--case", ids.case_id(ANA_ID, 9))
    assert (done.exit_code, "harbor has no case" in done.output) == (2, True)


def test_a_brand_without_cases_is_clean_when_the_policy_knows_it(store: DynamoStore) -> None:
    policies = ConfigStore(store.table)
    running = policies.current() or {}
    policies.push({**running, "brands": {**running["brands"], "new": running["brands"][BRAND]}})
    assert heed("audit", "verify", "--brand", "new").exit_code == 0


def test_what_is_over_but_not_deleted_yet_is_no_finding(store: DynamoStore) -> None:
    """DynamoDB takes days to delete what has expired."""
    case = store.case(BRAND, CASE)
    assert case
    now = datetime.now(UTC)
    solved = replace(case, status=Status.SOLVED, solved_at=now)
    after, timeline = lifecycle.recorded(case, solved, [Happening(Fact.CASE_SOLVED, now, "ana")], now)
    store.keeping = Keeping(lambda: now - timedelta(days=1200), Retention)
    store.commit(after, *timeline)
    assert [one.id for one in census.cases(store, BRAND) if one.id == CASE] == [CASE]
    store.keeping = Keeping(lambda: now, Retention)
    assert [one.id for one in census.cases(store, BRAND) if one.id == CASE] == []
    assert store.case(BRAND, CASE) is None
    later = now + timedelta(days=1100)
    assert judged(store, BRAND, CASE, Retention(), later).findings == ()


class Busy(DynamoStore):
    """Somebody works on the case while it is looked at."""

    times = 2

    def belongings(self, brand: str, case_id: str) -> list[Belonging]:
        found = super().belongings(brand, case_id)
        if self.times and case_id == CASE:
            self.times -= 1
            self.work(case_id)
        return found

    def work(self, case_id: str) -> None:
        case, now = self.case(BRAND, case_id), datetime.now(UTC)
        assert case
        after, timeline = lifecycle.recorded(case, case, [Happening(Fact.NOTE_ADDED, now, "ana")], now)
        self.commit(after, *timeline)


def test_what_happens_while_it_is_looked_at_is_no_finding(store: DynamoStore) -> None:
    busy = Busy("heed-dev")
    assert judged(busy, BRAND, CASE, Retention(), datetime.now(UTC)).findings == ()
    assert busy.times == 0


def test_a_case_that_came_after_the_list_was_made_is_not_missing(store: DynamoStore) -> None:
    person, _ = store.contact(BRAND, ANA_ID)
    assert person
    assert list(missing(store, person, [])) == []
    drop(store, f"{BRAND}#contact#{ANA_ID}", "CASE#00000001")
    assert [one.what for one in missing(store, person, [])] == ["is counted by its contact but not there"]


# -- exports and anchors -----------------------------------------------------------------------------------------------


@pytest.fixture
def trail(store: DynamoStore, tmp_path: Path) -> Path:
    out = tmp_path / "trail.jsonl"
    done = heed("audit", "export", "--brand", BRAND, "--contact", ANA_ID, *WHO, "--out", out)
    assert done.exit_code == 0, done.output
    return out


def test_an_export_is_checked_by_itself(trail: Path, tmp_path: Path) -> None:
    assert "canary" not in trail.read_text()
    assert heed("audit", "verify", "--file", trail).exit_code == 0
    lines = trail.read_text().splitlines()
    swapped, edited = [lines[0], lines[2], lines[1], *lines[3:]], [lines[0], lines[1].replace("new", "old"), *lines[2:]]
    for forged in (lines[:-1], swapped, edited, [lines[0], *lines[2:]]):
        (tmp_path / "forged.jsonl").write_text("\n".join(forged) + "\n")
        assert heed("audit", "verify", "--file", tmp_path / "forged.jsonl").exit_code == 1
    for broken in ("nonsense\n", json.dumps({**json.loads(lines[0]), "format": "heed.audit/1"}), "{}"):
        (tmp_path / "broken.jsonl").write_text(broken)
        assert heed("audit", "verify", "--file", tmp_path / "broken.jsonl").exit_code == 2


@pytest.mark.parametrize("name", ["seq", "head", "state", "known", "first", "exported_at", "case_id", "brand"])
def test_the_first_line_of_an_export_cannot_be_changed(trail: Path, name: str) -> None:
    first, *rest = trail.read_text().splitlines()
    told = json.loads(first)
    others = {"seq": 2, "state": {}, "known": False, "first": 2}
    trail.write_text("\n".join([json.dumps({**told, name: others.get(name, "x")}), *rest]) + "\n")
    done = heed("audit", "verify", "--file", trail)
    assert (done.exit_code, "has a first line that was changed" in done.output) == (1, True)


def test_an_export_whose_first_events_expired_is_clean_and_a_shortened_one_is_not(
    store: DynamoStore, trail: Path
) -> None:
    first, second, *rest = trail.read_text().splitlines()
    told = {name: value for name, value in json.loads(first).items() if name != "hash"} | {"first": 2}
    trail.write_text("\n".join([json.dumps({**told, "hash": hash_of(told)}), *rest]) + "\n")
    done = heed("audit", "verify", "--file", trail, "--json")
    assert (done.exit_code, json.loads(done.output)["expired"]) == (0, 1)
    trail.write_text("\n".join([json.dumps({**told, "hash": hash_of(told)}), *rest[1:]]) + "\n")
    assert heed("audit", "verify", "--file", trail).exit_code == 1
    assert second


def test_the_recipe_of_the_docs_checks_an_export_without_heed(store: DynamoStore, trail: Path, tmp_path: Path) -> None:
    recipe = Path("docs/audit.md").read_text().partition("```python\n")[2].partition("```")[0]
    (tmp_path / "recipe.py").write_text(recipe)
    text = trail.read_text()
    out = tmp_path / "copy.jsonl"

    def accepts(text: str) -> bool:
        out.write_text(text)
        command = [sys.executable, "-I", str(tmp_path / "recipe.py"), str(out)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    lines = text.splitlines(keepends=True)
    assert accepts(text)
    assert not accepts("".join(lines[:-1]))
    assert not accepts("".join([lines[0], *lines[2:]]))
    assert not accepts(text.replace("customer", "eve"))
    assert not accepts(text.replace('"known": true', '"known": false'))


def test_the_recipe_knows_of_sealed_words_and_tags(store: DynamoStore, tmp_path: Path) -> None:
    case, now = store.case(BRAND, CASE), datetime.now(UTC)
    assert case
    data = {"added": ["vip"], "reason": "she asked"}
    told = Happening(Fact.CASE_TAGGED, now, "ana", data)
    after, timeline = lifecycle.recorded(case, replace(case, tags=("vip",)), [told], now)
    store.commit(after, *timeline)
    assert heed("privacy", "erase", "--brand", BRAND, "--contact", ANA_ID, *WHO).exit_code == 0
    out = tmp_path / "trail.jsonl"
    assert heed("audit", "export", "--brand", BRAND, "--case", CASE, *WHO, "--out", out).exit_code == 0
    assert "vip" not in out.read_text() and "she asked" not in out.read_text()
    recipe = Path("docs/audit.md").read_text().partition("```python\n")[2].partition("```")[0]
    (tmp_path / "recipe.py").write_text(recipe)
    command = [sys.executable, "-I", str(tmp_path / "recipe.py"), str(out)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert heed("audit", "verify", "--file", out).exit_code == 0


@pytest.fixture
def anchors(store: DynamoStore, tmp_path: Path) -> Path:
    out = tmp_path / "anchors.jsonl"
    assert heed("audit", "anchor", "--brand", BRAND, "--out", out).exit_code == 0
    return out


def test_anchors_find_what_was_written_anew(store: DynamoStore, anchors: Path) -> None:
    done = heed(*VERIFY, "--anchor", anchors)
    assert (done.exit_code, "2 anchors hold" in done.output) == (0, True)
    put(store, 3, hash={"S": "0" * 64})
    done = heed("audit", "verify", "--brand", BRAND, "--case", ids.case_id(TOM_ID, 1), "--anchor", anchors)
    assert (done.exit_code, "is not what was anchored" in done.output) == (1, True)


def test_anchors_are_held_against_an_export_too(store: DynamoStore, trail: Path, anchors: Path, tmp_path: Path) -> None:
    done = heed("audit", "verify", "--file", trail, "--anchor", anchors)
    assert (done.exit_code, "1 anchors hold" in done.output) == (0, True)
    other = [{**json.loads(one), "head": "0" * 64} for one in anchors.read_text().splitlines()]
    anchors.write_text("\n".join(map(json.dumps, other)) + "\n")
    done = heed("audit", "verify", "--file", trail, "--anchor", anchors)
    assert (done.exit_code, "is not what was anchored" in done.output) == (1, True)
    anchors.write_text("\n".join(json.dumps({**one, "case_id": "x"}) for one in other) + "\n")
    done = heed("audit", "verify", "--file", trail, "--anchor", anchors)
    assert (done.exit_code, "no anchor is about" in done.output) == (2, True)


@pytest.mark.parametrize("change", [{"brand": "rival"}, {"recorded_at": None}])
def test_anchors_that_cannot_be_meant_are_refused(store: DynamoStore, anchors: Path, change: dict[str, Any]) -> None:
    told = [{**json.loads(one), **change} for one in anchors.read_text().splitlines()]
    anchors.write_text("\n".join(json.dumps({k: v for k, v in one.items() if v is not None}) for one in told) + "\n")
    assert heed(*VERIFY, "--anchor", anchors).exit_code == 2


def test_an_old_anchor_of_an_event_that_expired_is_no_finding_and_a_young_one_is(store: DynamoStore) -> None:
    now = datetime.now(UTC)
    for age, findings in ((timedelta(days=1100), 0), (timedelta(days=1099), 1)):
        told = {"brand": BRAND, "case_id": CASE, "seq": 99, "head": "x"}
        line = json.dumps({**told, "recorded_at": (now - age).isoformat(timespec="milliseconds")[:23] + "Z"})
        found = in_store(store, BRAND, [line], Retention(), now)
        assert (len(found.findings), found.expired) == (findings, 1 - findings)


# -- operators ---------------------------------------------------------------------------------------------------------


def entries(store: DynamoStore) -> list[TimelineEvent]:
    return store.timeline(BRAND, "operators", 100)


def test_what_operators_do_is_written_down_and_chained(store: DynamoStore, tmp_path: Path) -> None:
    out = tmp_path / "x"
    heed("privacy", "export", "--brand", BRAND, "--contact", ANA_ID, *WHO, "--out", out)
    heed("privacy", "hold", "--brand", BRAND, "--contact", ANA_ID, *WHO)
    heed("privacy", "release", "--brand", BRAND, "--contact", ANA_ID, *WHO)
    heed("audit", "export", "--brand", BRAND, "--operators", *WHO, "--out", out)
    heed("privacy", "erase", "--brand", BRAND, "--contact", ANA_ID, *WHO)
    facts = [one.fact for one in entries(store)]
    expected = ["person.exported", "person.held", "person.released", "trail.exported", "person.erased"]
    assert facts == expected
    assert {one.actor for one in entries(store)} == {"odo"}
    assert all(one.data["caller"].startswith("arn:aws:") for one in entries(store))
    sealed = [one.data["reason"].startswith("sha256:") for one in entries(store)]
    assert sealed == [True, True, True, False, False]
    done = heed(*VERIFY)
    assert done.exit_code == 0, done.output
    assert heed("audit", "verify", "--file", out).exit_code == 0


@pytest.mark.parametrize("forge", ["changed", "dropped", "the end dropped", "the book dropped"])
def test_a_forged_logbook_is_found(store: DynamoStore, forge: str) -> None:
    for number in range(3):
        entry = Entry(Fact.PERSON_EXPORTED, "odo", {"reason": "x", "number": number})
        logbook.enter(store, BRAND, entry, datetime.now(UTC))
    assert heed(*VERIFY).exit_code == 0
    key = event_key(BRAND, "operators", 3 if forge == "the end dropped" else 2)
    if forge == "changed":
        item = store.table.get_item(key.pk, key.sk)["Item"]
        store.table.connection.client.put_item(TableName="heed-dev", Item={**item, "actor": {"S": "eve"}})
    elif forge == "the book dropped":
        drop(store, f"{BRAND}#logbook", "LOGBOOK")
    else:
        drop(store, key.pk, key.sk)
    assert heed(*VERIFY).exit_code == 1


def test_a_push_says_who_and_what_and_a_policy_nobody_pushed_is_found(store: DynamoStore, tmp_path: Path) -> None:
    care = Path("care.yaml").read_text()
    file = tmp_path / "care.yaml"
    file.write_text(care)
    done = heed("config", "push", file, "--reason", "a first one")
    assert done.exit_code == 0, done.output
    brand = next(iter((ConfigStore(store.table).current() or {})["brands"]))
    file.write_text(care.replace("messages: 400d", "messages: 300d"))
    assert heed("config", "push", file).exit_code == 0
    first, second = store.timeline(brand, "operators", 10)[-2:]
    assert (first.fact, first.data["reason"]) == ("policy.pushed", "a first one")
    assert second.actor.startswith("arn:aws:")
    assert second.data["what"] == ["retention.messages changed"]
    assert second.changed["version"] == [2, 3]
    assert heed("audit", "verify", "--brand", brand).exit_code == 0
    policies = ConfigStore(store.table)
    running = policies.current() or {}
    policies.push({**running, "approvers": "anyone"})
    done = heed("audit", "verify", "--brand", brand)
    assert (done.exit_code, "leads to another policy than the case has" in done.output) == (1, True)


def test_the_logbook_outlives_every_span(store: DynamoStore) -> None:
    clock = HandClock()
    store.keeping = Keeping(clock, Retention)
    logbook.enter(store, BRAND, Entry(Fact.PERSON_EXPORTED, "odo", {"reason": "x"}), clock())
    clock.pass_by(timedelta(days=5000))
    assert [one.fact for one in entries(store)] == ["person.exported"]
