"""The same sixteen hundred strings where no person reads: log, metrics, timers, news, addresses, tables, saved replies,
the policy file. A parser finds the string that was written, in its place, and nothing beside it."""

import csv
import json
import re
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from chalicelib import channels
from chalicelib.aws.effects import attributes, news
from chalicelib.aws.meter import EmfMeter
from chalicelib.channels.base import NEEDED, Credentials
from chalicelib.domain.config import load_config
from chalicelib.domain.effects import Arm, Publish, effects
from chalicelib.domain.macros import Macro, filled
from chalicelib.handlers import intake
from chalicelib.handlers.worker import logger
from chalicelib.slack import cards
from chalicelib.storage.layout import key_of
from infra.config.check import check
from infra.config.compile import compile_config
from infra.doubles.networks.people import Person
from infra.gallery import samples
from infra.sla import history
from tests.attacks.hostile import HOSTILE, MARK, marked
from tests.attacks.kit import ANA, HARBOR, Stand, message, orders
from tests.attacks.log import parsed, printing_to, structured
from tests.build import NOON, case
from tests.infra.gallery.mentions import fired

CASE, MESSAGE = samples.case(), samples.message(language="de")
SOME = HOSTILE[::5]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def test_in_the_log(figure: Any) -> None:
    """One line for each, however it is logged beside the code's own words; and no terminal is moved by it."""
    with structured() as lines:
        for text in HOSTILE:
            logger().error("buried", extra={"message_id": text, "reason": text, "of": {"text": [text]}})
    told = parsed(lines)
    assert [(one["message_id"], one["reason"], one["of"]) for one in told] == [
        (text, text, {"text": [text]}) for text in HOSTILE
    ]
    assert len({tuple(one) for one in told}) == 1, "nobody adds a field"
    figure("injected", f"log: {len(told):,} lines of {len(HOSTILE):,} strings")


def test_no_terminal_is_moved_by_the_log() -> None:
    with structured() as lines:
        for text in HOSTILE:
            logger().error("buried", extra={"reason": text})
    assert {hex(ord(one)) for one in lines.getvalue() if category(one) in ("Cc", "Cf", "Zl", "Zp")} == {"0xa"}


def test_what_happens_once_is_one_line_of_the_log(heed: Stand) -> None:
    """Whoever counts lines counts what happened, and can parse each of them."""
    with printing_to(StringIO()) as lines:
        logger().error("buried", extra={"reason": MARK})
        heed.parts.fragments.refusing = True
        assert heed.tell(message("facebook")).status_code == 500
    assert [one["level"] for one in parsed(lines)] == ["ERROR"] * 3


def _set_off(heed: Stand) -> None:
    """Somebody is called that and says that; and something comes of which nobody knows what it is, but its name."""
    for number, text in enumerate(HOSTILE):
        person = Person(f"98{number}", text[:200], text[:200], f"49170{number:07d}")
        assert heed.tell(message("standard_webhooks", text, person, id=f"95{number}")).status_code == 200
    assert heed.take_in() == len(HOSTILE)
    about = {"channel": "telegram", "hook": "harbor-telegram", "received_at": "2026-06-01T12:00:00.000Z"}
    for text in SOME:
        intake.take({**about, "body": {"update_id": 9, text: {"text": text}}})


def test_in_all_that_a_message_sets_off(heed: Stand, figure: Any) -> None:
    """Keys, news for subscribers, timers, queues and the log."""
    with printing_to(StringIO()) as lines:
        _set_off(heed)
    assert lines.getvalue().count('"message":"kept raw"') == len(SOME) and not marked(lines.getvalue())
    rows = heed.parts.store._rows.values()
    assert not any(marked(key.pk + key.sk) for key in map(key_of, rows))
    told = [event for one in heed.cases() for event in heed.parts.store.timeline(HARBOR, one.id)]
    assert not any(marked(json.dumps([news(event), attributes(event)], ensure_ascii=False)) for event in told)
    owed = [one for event in told for one in effects(event) if not isinstance(one, Publish)]
    armed = [one for one in owed if isinstance(one, Arm)]
    assert len(armed) >= len(HOSTILE) and all(re.fullmatch("[A-Za-z0-9_-]{1,80}", one.name) for one in armed)
    assert not any(marked(repr(one)) for one in owed)
    assert sum(map(marked, map(repr, rows))) >= 2 * len(HOSTILE), "what was said is kept"
    figure("injected", f"log, keys, news and timers: {len(HOSTILE):,} strings, 0 found there")


def test_in_what_the_edge_logs_of_paths_and_headers(heed: Stand) -> None:
    """And of what it cannot take just now."""
    with printing_to(StringIO()) as lines:
        for text in SOME:
            safe = "".join(one for one in text if one.isalnum() or one in "-_.{}=+@$:") + MARK
            given = {"X-Telegram-Bot-Api-Secret-Token": text}
            assert heed.post(f"/hooks/telegram/{safe[:200]}", given, b"{}").status_code in (401, 404)
            assert heed.post("/hooks/telegram/harbor-telegram", given, b"{}").status_code == 401
        heed.parts.fragments.refusing = True
        for number, text in enumerate(SOME):
            assert heed.tell(message("facebook", text, id=f"95{number}")).status_code == 500
    assert lines.getvalue().count("ConnectionError at ") >= len(SOME)
    assert not marked(lines.getvalue())


def test_in_metrics(figure: Any) -> None:
    """A dimension is one value of one line, whatever it says."""
    with redirect_stdout(StringIO()) as lines:
        for text in HOSTILE:
            EmfMeter(lambda: NOON).count("seen", 1, channel=text)
    told = [json.loads(line) for line in lines.getvalue().split("\n") if line]
    assert [one["channel"] for one in told] == list(HOSTILE)
    assert all(set(one) == {"_aws", "channel", "service", "seen"} for one in told)
    figure("injected", f"metrics: {len(told):,} lines of {len(HOSTILE):,} strings")


def test_in_what_heed_find_answers(heed: Stand, figure: Any) -> None:
    """What somebody looks for is said back to them."""
    for text in HOSTILE:
        assert orders(heed, ANA, f"find {text}").status_code == 200
    told = heed.slack.ephemeral
    assert len(told) == len(HOSTILE) and sum(marked(one["text"]) for one in told) > len(HOSTILE) / 2
    assert [one for one in told if fired(one) or "<" in one["text"]] == []
    figure("injected", f"/heed find: {len(HOSTILE):,} strings, 0 mentions or links")


@pytest.mark.parametrize("network", channels.names())
def test_in_addresses_of_requests(network: str, figure: Any) -> None:
    channel, base, count = channels.load(network), f"https://api.example.test/{network}", 0
    known = Credentials(("whsec_YQ==",), None, "1:t", None, "77", base, {"reply_url": f"{base}/r"})
    for text in HOSTILE:
        for request in filter(None, (channel.act(act, text, known) for act in NEEDED)):
            count += 1
            assert request.url.startswith(f"{base}/") and request.url.isascii()
            assert not set(request.url) & set(" \r\n\x00\x1b<>\"'`{}|\\^#"), request.url
            assert not any(set("\r\n\x00") & set(one) for one in request.headers.values())
    figure("injected", f"{network}: {count:,} requests with hostile ids, 0 left their place")


def test_in_the_address_of_the_translator() -> None:
    base = "https://t.example/?q="
    for text in HOSTILE:
        said = replace(MESSAGE, text=text)
        drawn = cards.card(CASE, said, network="x", queue="x", assignee=None, now=samples.NOW, translate=base)
        [link] = [one for one in fired(drawn.blocks) if base in one]
        url = urlsplit(link.partition("|")[0])
        assert (url.netloc, url.path, list(parse_qs(url.query)), url.fragment) == ("t.example", "/", ["q"], "")


def test_in_a_table_for_spreadsheets(tmp_path: Path, figure: Any) -> None:
    """A network tells which language somebody speaks; a spreadsheet must not reckon with it."""
    rows = [history.Arrival(NOON, case=f"c-{at}", language=text) for at, text in enumerate(HOSTILE)]
    file = tmp_path / "history.csv"
    assert history.write(file, rows) == len(HOSTILE)
    with file.open(encoding="utf-8", newline="") as lines:
        table = list(csv.DictReader(lines))
    assert [one["case"] for one in table] == [one.case for one in rows]
    assert [cell for one in table for cell in one.values() if cell.startswith(FORMULA)] == []
    assert [one["language"].removeprefix("'") for one in table] == [one.language.removeprefix("'") for one in rows]
    figure("injected", f"tables: {len(table):,} rows, 0 formulas")


def test_in_saved_replies() -> None:
    saved = Macro("m", "M", "Dear {contact.name}, {agent.name} of {brand.name} here.")
    for text in HOSTILE:
        words = filled(saved, case(contact_name=text), "Ana", "Harbor")
        assert words == f"Dear {' '.join(text.split())[:200]}, Ana of Harbor here."


def test_in_the_policy_file(tmp_path: Path) -> None:
    """What YAML can hold arrives as it was written, or is refused on its own line."""
    held = [text for text in HOSTILE if max(text) <= "\uffff"]  # JSON spells others in halves, which YAML does not know
    saved = {f"m{at}": {"title": text[:200].strip(), "text": "Hello"} for at, text in enumerate(held)}
    file = tmp_path / "care.yaml"
    known = {**yaml.safe_load(Path("care.yaml").read_text()), "macros": {}}
    written = json.dumps(saved).replace("\x7f", "\\u007f")
    file.write_text(yaml.safe_dump(known).replace("macros: {}", f"macros: {written}"))
    checked = check(file)
    assert [str(one) for one in checked.errors] == []
    compiled = load_config(json.loads(json.dumps(compile_config(checked, 1))))
    assert {key: one.title for key, one in compiled.macros.items()} == {k: v["title"] for k, v in saved.items()}
