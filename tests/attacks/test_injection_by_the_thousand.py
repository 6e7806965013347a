"""Some sixteen hundred strings at every place where words come out: what a reader, a parser or a spreadsheet then has
is the string as it was written, and nothing it asks for happens."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib import channels
from chalicelib.domain.case import Case
from chalicelib.domain.message import Message
from chalicelib.domain.timeline import Fact
from chalicelib.slack import answers, cards, digest, forms, home, lines, modals, notices, replying, telling
from chalicelib.slack.answers import Load
from chalicelib.slack.blocks import Posting
from infra.gallery import samples
from tests.attacks.hostile import HOSTILE, first, marked, visible
from tests.infra.gallery.mentions import fired, fired_in

PLAIN = "Ana Ruiz"
CASE, MESSAGE, REPLY = samples.case(), samples.message(language="de"), samples.reply()
ABLE = samples.case(replace(samples.thread(ago=samples.MINUTE * 3), capabilities=("hide", "delete")))
SHOWN = 25
"""So many letters of a name stand everywhere, however short the place."""
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")
ADDRESSED = ("url", "image_url", "value", "action_id", "block_id", "callback_id", "private_metadata")
MANY = 10
"""So many are called like that in one list; a hand-over names ten."""


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 1500 and all(map(marked, HOSTILE))


# -- Slack ------------------------------------------------------------------------------------------------------------


def _of(text: str, **more: Any) -> Case:
    return replace(CASE, contact_name=text, contact_handle=text, **more)


def _said(text: str) -> Message:
    return replace(MESSAGE, text=text)


def _card(text: str) -> Any:
    known = _of(text, reasons=(text,), tags=(text,))
    draw = partial(cards.card, network="Facebook", now=samples.NOW, translate="https://t.example/?q=")
    return draw(known, _said(text), queue=text, assignee=text)


def _line(fact: Fact, text: str) -> Posting:
    scene = telling.Scene(text, text, text, samples.NOW, _said(text), replace(REPLY, text=text), other=text)
    data: dict[str, Any] = dict.fromkeys(("reason", "note", "why", "said", "chain"), text)
    made = lines.line(samples.happened(fact, metric="first_response", due_at="2026-06-01T12:00:00Z", **data), scene)
    assert made is not None
    return made


def _answer(text: str) -> Any:
    words, latest = replying.Words(text), _said(text)
    aids = replying.Aids(words=words, macros=[("m", text)], writing=(text,), latest=latest)
    return replying.reply(_of(text), channels.load, samples.NOW, aids)


def _moderate(text: str) -> Any:
    return forms.moderate(replace(ABLE, contact_name=text), [_said(text)], samples.NOW)


SLACK: dict[str, Callable[[str], Any]] = {
    "a card": _card,
    "a line about a message": lambda text: _line(Fact.MESSAGE_RECEIVED, text),
    "a line about an answer": lambda text: _line(Fact.REPLY_QUEUED, text),
    "a line about a note": lambda text: _line(Fact.NOTE_ADDED, text),
    "a line about another team": lambda text: _line(Fact.CASE_MOVED, text),
    "who is on call": lambda text: answers.calls([answers.Call(text, text, None)], samples.NOW),
    "the window of an answer": _answer,
    "the window of a note": lambda text: modals.note("harbor", CASE.id, text),
    "the window for moderation": _moderate,
    "the window of more": lambda text: forms.menu(_of(text)),
    "the window for another case": lambda text: forms.add_to_case(text, [("c-1", text)]),
}
"""What draws somebody's words in Slack."""


def _found(texts: Sequence[str]) -> answers.Found:
    [(key, thread)] = CASE.threads.items()
    threads = [{key: replace(thread, last_message_id=str(at))} for at in range(len(texts))]
    called = [_of(one, threads=threads[at]) for at, one in enumerate(texts)]
    return answers.Found(called, {str(at): _said(one) for at, one in enumerate(texts)})


def _digest(texts: Sequence[str]) -> Any:
    told = [
        (samples.happened(Fact.MESSAGE_RECEIVED, seq=at), _line(Fact.MESSAGE_RECEIVED, one[:500]))
        for at, one in enumerate(texts, 1)
    ]
    return digest.digest(told, digest.name(1), samples.NOW)


def _shift(texts: Sequence[str]) -> Any:
    load = notices.Load(texts[0], [_of(one) for one in texts], True)
    shift, place = notices.Shift(texts[0], None, texts[1]), notices.Place(texts[2], "")
    return notices.hand_over(shift, [load, load], place, samples.NOW)


LISTS: dict[str, Callable[[Sequence[str]], Any]] = {
    "/heed mine and find": lambda texts: answers.cases("Found", _found(texts), {"social": texts[0]}, samples.NOW),
    "the Home tab": lambda texts: home.home(
        _found(texts), [Load(texts[0], 1, 1, 1)], {"social": texts[1]}, samples.NOW
    ),
    "what waits": lambda texts: answers.report([Load(one, 1, 1, 1) for one in texts]),
    "a digest": _digest,
    "a hand-over": _shift,
}
"""What draws the words of many."""


def _fires(drawn: Any) -> list[str]:
    """Whom it calls and where it leads; to a translator the words come as an argument."""
    shown, notified = _parts(drawn)
    return sorted(re.sub(r"q=[A-Za-z0-9%._~-]*", "q=", one) for one in [*fired(shown), *fired_in(notified)])


def _parts(drawn: Any) -> tuple[Any, str]:
    return (drawn.blocks, drawn.text) if isinstance(drawn, Posting) else (drawn, drawn.get("text", ""))


def _strings(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text by the name of its place; markup is unescaped, as Slack does."""
    if isinstance(node, str):
        yield name, node
        return
    if isinstance(node, dict) and node.get("type") == "mrkdwn":
        node = {"text": node["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")}
    for key, one in node.items() if isinstance(node, dict) else [(name, one) for one in node]:
        if isinstance(one, str | dict | list | tuple):
            yield from _strings(one, key)


def _judge(drawn: Any, texts: Sequence[str]) -> None:
    read = []
    for name, one in _strings(_parts(drawn)[0]):
        assert name == "initial_value" or not CONTROLS.search(one), (name, one)
        assert name not in ADDRESSED or not marked(one), (name, one)
        read.append(one)
    whole = visible("".join(read))
    for text in texts:
        assert first(text)[:SHOWN] in whole, text


@pytest.mark.parametrize("where", SLACK)
def test_in_slack(where: str, figure: Any) -> None:
    draw = SLACK[where]
    harmless = _fires(draw(PLAIN))
    for text in HOSTILE:
        drawn = draw(text)
        assert _fires(drawn) == harmless, text
        _judge(drawn, [text])
    figure("injected", f"{where}: {len(HOSTILE):,} strings, 0 mentions or links")


@pytest.mark.parametrize("where", LISTS)
def test_in_lists(where: str, figure: Any) -> None:
    draw = LISTS[where]
    harmless = _fires(draw([PLAIN] * MANY))
    for at in range(0, len(HOSTILE) - MANY + 1, MANY):
        texts = HOSTILE[at : at + MANY]
        drawn = draw(texts)
        assert _fires(drawn) == harmless, texts
        _judge(drawn, texts)
    figure("injected", f"{where}: {len(HOSTILE):,} strings, 0 mentions or links")
