"""Words that want to be more than words, at the nine places where they come out. They stay words everywhere."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from chalicelib import channels
from chalicelib.aws.effects import attributes, news
from chalicelib.channels.base import NEEDED, Credentials
from chalicelib.domain.commands import Answer, Take
from chalicelib.domain.effects import Arm, Publish, effects
from chalicelib.domain.ids import reply_id
from chalicelib.domain.reply import Mode
from chalicelib.handlers.worker import logger
from chalicelib.slack import buttons
from chalicelib.storage.layout import checked, key_of
from chalicelib.wiring import wired
from infra.cli import app
from infra.cli.letters import masked
from infra.doubles.networks.people import Person
from tests.attacks.kit import ANA, HARBOR, Stand, message, signed
from tests.attacks.log import parsed, printing_to, structured
from tests.attacks.test_cross_brand import click, told_by_slack
from tests.build import NOON

MARK = "zz9"
STRINGS = (
    f"<!channel|{MARK}>",
    f"<!here|{MARK}>",
    f"<!subteam^S1|{MARK}>",
    f"<@U0ANA|{MARK}>",
    f"<#C0MESSAGES|{MARK}>",
    f"<https://evil.example/{MARK}|your bank>",
    f"<mailto:{MARK}@x|x>",
    f"</{MARK}>",
    f"<{MARK}",
    f"{MARK}>",
    f"&lt;{MARK}",
    f"*{MARK}*",
    f"`{MARK}`",
    f"```{MARK}",
    f"> {MARK}",
    f":{MARK}:",
    f"~{MARK}~",
    f"_{MARK}_",
    f"{MARK}\n• fake line",
    f"<script>alert('{MARK}')</script>",
    f'"><img src=x onerror={MARK}>',
    f"{{{{{MARK}}}}}",
    f"${{{MARK}}}",
    f"%({MARK})s",
    f"{{{MARK}}}",
    f"{{0.__class__.{MARK}}}",
    f"'; DROP TABLE {MARK}; --",
    f"$({MARK})",
    f"`{MARK}`; rm -rf /",
    f'=HYPERLINK("http://x","{MARK}")',
    f"+{MARK}",
    f"@SUM({MARK})",
    f"-2+{MARK}",
    f"\t={MARK}",
    f"|cmd {MARK}",
    f"{MARK}\r\nX-Injected: y",
    f"{MARK}\r\n\r\nGET / HTTP/1.1",
    f"{MARK}\x00null",
    f"{MARK}\x1b[2J\x1b]0;x\x07",
    f"{MARK}\x08\x08",
    f"{MARK}\u202e txt.exe",
    f"\u2066{MARK}",
    f"{MARK}\u2028next",
    f"{MARK}#contact#x",
    f"../{MARK}",
    f"{MARK}/x/y",
    f'{{"level":"INFO","{MARK}":1}}',
    f'"}},"brand":"rival","{MARK}":"',
    f"ignore all instructions, {MARK}",
    f"\\u003c{MARK}",
)


def customers() -> Iterator[tuple[int, Person, str]]:
    """Somebody who is called that, calls themselves that, and says that."""
    for number, text in enumerate(STRINGS):
        yield number, Person(f"98{number}", text, text, f"49170{number:07d}"), text


def said(heed: Stand) -> None:
    """All of them write; intake takes it, the desk shows it."""
    for number, person, text in customers():
        sent = message("standard_webhooks", text, person, id=f"95{number}")
        assert heed.tell(sent).status_code == 200, text
    assert heed.take_in() == len(STRINGS)
    heed.show()


def nodes(payload: Any) -> Iterator[dict[str, Any]]:
    if isinstance(payload, dict):
        yield payload
    for one in payload.values() if isinstance(payload, dict) else payload if isinstance(payload, list | tuple) else ():
        yield from nodes(one)


def judge_slack(calls: Any) -> int:
    """No token of Slack's, no link and no hidden character was made of what a customer wrote."""
    count = 0
    for node in nodes(calls):
        count += 1
        parsed = node.get("type") == "mrkdwn" or "channel" in node
        text = node.get("text")
        if parsed and isinstance(text, str):
            assert not re.search(rf"<[^>]*{MARK}", text), text
        for name, one in node.items():
            if isinstance(one, str):
                assert not (name in ("url", "image_url", "value", "action_id", "block_id") and MARK in one), (name, one)
                assert not set(one) & set("\x00\x08\x1b\u202e\u2066\u2028\ud800"), (name, one)
    return count


def test_in_cards_and_threads(heed: Stand, figure: Any) -> None:
    said(heed)
    seen = judge_slack([arguments for _, arguments in heed.slack.calls])
    assert json.dumps(heed.slack.calls, default=str).count(MARK) >= len(STRINGS)
    figure("injected", f"cards and threads: {len(STRINGS)} strings, {seen:,} parts, 0 took effect")


def test_in_windows_and_the_home_tab(heed: Stand, figure: Any) -> None:
    said(heed)
    heed.slack.calls.clear()
    for number, case in enumerate(heed.cases()):
        for action in (buttons.REPLY, buttons.NOTE, buttons.MORE, buttons.MODERATE, buttons.TAGS):
            payload = click(ANA, action, f"{HARBOR}/{case.id}", "1.1", number)
            assert heed.presses(payload).status_code == 200
    for number, case in enumerate(heed.cases()[:15]):
        wired.bus(Take(f"t{number}", HARBOR, case.id, "ana"), NOON)
    home = told_by_slack(ANA, {"type": "app_home_opened", "tab": "home", "channel": "D1"})
    assert heed.slacks(signed(home), home).status_code == 200
    [shown] = heed.slack.called("views.publish")
    assert MARK in json.dumps(shown)
    seen = judge_slack([arguments for _, arguments in heed.slack.calls])
    assert seen > 1000
    figure("injected", f"windows: {len(STRINGS)} strings, {seen:,} parts, 0 took effect")


def test_in_requests_to_the_networks(figure: Any) -> None:
    """An agent's words and a customer's ids: neither leaves its place in a request."""
    count = 0
    for network in channels.names():
        channel = channels.load(network)
        base = f"https://api.example.test/{network}"
        known = Credentials(("whsec_YQ==",), None, "1:t", None, "77", base, {"reply_url": f"{base}/r"})
        for text in STRINGS:
            for act in NEEDED:
                request = channel.act(act, text, known)
                if request is None:
                    continue
                count += 1
                assert request.url.startswith(f"{base}/") and request.url.isascii()
                assert not set(request.url) & set(" \r\n\x00\x1b<>\"'`{}|\\^#"), request.url
                assert not any(set("\r\n\x00") & set(one) for one in request.headers.values())
    assert count >= 3 * len(STRINGS)
    figure("injected", f"requests: {count:,} with hostile ids, 0 left their place")


def test_in_replies(heed: Stand) -> None:
    said(heed)
    for number, (case, text) in enumerate(zip(heed.cases(), STRINGS, strict=False)):
        thread = case.thread()
        assert thread is not None
        mode = Mode.PUBLIC if thread.public else Mode.PRIVATE
        wired.bus(Answer(f"w{number}", HARBOR, case.id, "ana", text, mode, thread.conversation_id), NOON)
        reply = heed.parts.store.reply(HARBOR, reply_id(HARBOR, f"w{number}"))
        assert reply is not None
        known = heed.parts.vault.hooks[thread.channel, thread.account]
        base = {"reply_url": "https://forum.example/r"}
        made = channels.load(thread.channel).render(
            replace(reply.outgoing, attempted_at=NOON),
            Credentials(known.secrets, None, "t", None, "77", "https://forum.example", base),
        )
        assert made.url.startswith("https://forum.example") and MARK not in made.url
        assert not any(MARK in one or set("\r\n") & set(one) for one in made.headers.values())
        assert json.loads(made.body or b"null") is not None


def test_in_the_keys_of_the_table(heed: Stand) -> None:
    said(heed)
    for row in heed.parts.store._rows.values():
        key = key_of(row)
        assert MARK not in key.pk + key.sk
    for text in (one for one in STRINGS if not re.fullmatch("[a-z0-9_-]+", one)):
        with pytest.raises(ValueError, match="not a brand"):
            checked(text)


def test_in_the_news_for_subscribers(heed: Stand) -> None:
    for number, person, text in customers():
        heed.tell(message("standard_webhooks", text, person, id=f"95{number}"))
    heed.take_in()
    for case in heed.cases():
        for event in heed.parts.store.timeline(HARBOR, case.id):
            assert MARK not in json.dumps([news(event), attributes(event)], ensure_ascii=False)


def test_in_the_log() -> None:
    """As Heed logs, beside its own words: one line for each, which says what was said and nothing else."""
    with structured() as lines:
        for text in STRINGS:
            logger().warning("will try again", extra={"message_id": text, "error": text})
    told = parsed(lines)
    assert [(one["message"], one["message_id"], one["error"]) for one in told] == [
        ("will try again", text, text) for text in STRINGS
    ]
    assert len({tuple(one) for one in told}) == 1, "nobody adds a field"
    assert not set(lines.getvalue()) & set("\x00\x07\x08\x1b\r\t")


def test_nothing_of_it_is_logged(heed: Stand) -> None:
    """Taken, refused at the door, or not taken because the queue is away."""
    with printing_to(StringIO()) as lines:
        said(heed)
        heed.post(f"/hooks/telegram/{MARK}%0d%0aX", {"X-Telegram-Bot-Api-Secret-Token": MARK}, MARK.encode())
        heed.parts.fragments.refusing = True
        for number, person, text in customers():
            assert heed.tell(message("standard_webhooks", text, person, id=f"94{number}")).status_code == 500
    assert lines.getvalue().count("ConnectionError at ") >= len(STRINGS)
    assert MARK not in lines.getvalue()


def test_in_what_the_edge_answers(heed: Stand) -> None:
    for text in STRINGS:
        for path in (f"/hooks/{MARK}/x", "/hooks/telegram/harbor-telegram", f"/hooks/facebook/{MARK}"):
            answer = heed.post(path, {"X-Hub-Signature-256": "x"}, text.encode("utf-8", "replace"))
            assert answer.status_code in (401, 404)
            assert json.loads(answer.body)["error"] and answer.headers["Content-Type"] == "application/json"


def test_in_what_timers_are_started_with(heed: Stand) -> None:
    """Their names and input stand in the console of Step Functions, and are read by the clock."""
    said(heed)
    events = [event for case in heed.cases() for event in heed.parts.store.timeline(HARBOR, case.id)]
    owed = [one for event in events for one in effects(event) if not isinstance(one, Publish)]
    armed = [one for one in owed if isinstance(one, Arm)]
    assert len(armed) >= len(STRINGS)
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,80}", one.name) for one in armed)
    assert not any(MARK in repr(one) for one in owed)


def test_in_the_page_that_tells_of_an_erasure(heed: Stand) -> None:
    for text in STRINGS:
        answer = heed.client.http.get(f"/privacy/status/{quote(text, safe='')}")
        assert answer.status_code in (400, 404) and MARK not in answer.body.decode()


def test_in_the_terminal(tmp_path: Any) -> None:
    """What commands print of a customer's words is JSON, in which nothing moves a cursor."""
    for number, person, text in customers():
        file = tmp_path / f"{number}.json"
        file.write_bytes(message("standard_webhooks", text, person, id=f"95{number}").body)
        shown = CliRunner().invoke(app, ["parse", "standard_webhooks", str(file)]).stdout
        assert json.loads(shown)["events"] and not set(shown) & set("\x1b\x08\x00\x07")
        assert MARK not in masked(json.dumps({"body": {"text": text, text: 1}}))
