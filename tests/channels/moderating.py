"""Conformance of moderating: what is offered can be asked for, and only proof makes it done."""

import json
from collections.abc import Iterator
from pathlib import Path

from chalicelib.channels.base import NEEDED, Channel, Response
from chalicelib.domain.commands import Act
from chalicelib.domain.moderation import Done, Outcome
from chalicelib.domain.reply import Failed, Later, Unclear
from tests.channels import kit
from tests.channels.speaking import ANSWERS, credentials, judge_body, odd_answers

HOSTILE_ID = "../../me?access_token=1#\r\nX: y"


def offered(channel: Channel, folder: Path) -> Iterator[tuple[Act, str]]:
    """Every act upon every fixture that can be moderated."""
    for body in kit.bodies(channel, folder).values():
        for event in channel.read(body):
            for act, capability in NEEDED.items():
                if capability in channel.capabilities(event):
                    assert event.id
                    yield act, event.id


def can_do_what_it_offers(channel: Channel, folder: Path) -> None:
    """A request to the account's own host, for this message and no other, without the token in its URL."""
    known = credentials(folder)
    for act, native_id in offered(channel, folder):
        for one in (native_id, HOSTILE_ID):
            request = channel.act(act, one, known)
            assert request is not None, f"{act} is offered and cannot be done"
            assert request.method in ("POST", "PUT", "DELETE")
            assert known.api and request.url.startswith(f"{known.api}/") and request.url.isascii()
            assert known.token and known.token not in request.url and not set(request.url) & set(" \r\n\t\\#")
            assert all(value.isascii() and "\n" not in value for value in request.headers.values())
            if request.body is not None:
                judge_body(request.body)
        asked = channel.act(act, native_id, known)
        assert asked and native_id in asked.url + (asked.body or b"").decode()


def does_nothing_that_no_event_offers(channel: Channel, folder: Path) -> None:
    acts = {act for act, _ in offered(channel, folder)}
    for act in set(Act) - acts:
        assert channel.act(act, "77", credentials(folder)) is None, f"{act} is possible and never offered"


def hides_and_shows_in_different_words(channel: Channel, folder: Path) -> None:
    if any(act is Act.HIDE for act, _ in offered(channel, folder)):
        assert channel.act(Act.HIDE, "77", credentials(folder)) != channel.act(Act.UNHIDE, "77", credentials(folder))


def calls_done_only_what_is_proven(channel: Channel, folder: Path) -> None:
    for act in {act for act, _ in offered(channel, folder)}:
        for name, (response, _) in ANSWERS.items():
            outcome = channel.act_outcome(act, response)
            judge_outcome(outcome)
            assert not isinstance(outcome, Done), name
            assert isinstance(outcome, Later) == (name == "rate limited"), name


def survives_odd_answers_to_acts(channel: Channel, folder: Path) -> None:
    for act in Act:
        for status in (200, 201, 204, 301, 400, 401, 403, 404, 409, 429, 500, 503):
            for answer in (*odd_answers(), {"success": False}, {"data": {"hidden": None}}, False):
                outcome = channel.act_outcome(act, Response(status, {}, json.dumps(answer).encode()))
                judge_outcome(outcome)
                assert not isinstance(outcome, Done)


def judge_outcome(outcome: Outcome) -> None:
    if isinstance(outcome, Later):
        assert 1 <= outcome.after.total_seconds() <= 86_400
    elif isinstance(outcome, Failed):
        assert outcome.reason
    else:
        assert isinstance(outcome, Done | Unclear)


CHECKS = (
    can_do_what_it_offers,
    does_nothing_that_no_event_offers,
    hides_and_shows_in_different_words,
    calls_done_only_what_is_proven,
    survives_odd_answers_to_acts,
)
