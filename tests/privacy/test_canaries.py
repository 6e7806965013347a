"""200 canaries, one in every place where a person's data can stand, sent through every flow: logs know none of them."""

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from chalice.test import Client

import app
from chalicelib.channels.base import Credentials
from chalicelib.handlers.worker import logger
from chalicelib.service.edge import Edge
from chalicelib.wiring import wired
from tests.attacks.kit import stand
from tests.aws.conftest import aws
from tests.handlers.conftest import Parts, parts
from tests.privacy import flows, flows_in_slack
from tests.privacy.aviary import Aviary, lambda_prints

__all__ = ["aws", "parts"]

AT_LEAST = 200


@pytest.fixture
def canary(parts: Parts) -> Iterator[Aviary]:
    """Everything that is logged from INFO on, with tracebacks; everything printed; every metric; every secret."""
    aviary = Aviary()
    stand(parts, Client(app.app))
    parts.vault.hooks["telegram", "harbor-telegram"] = Credentials(secrets=("tg-secret",), token="1:t-secret")
    for known in parts.vault.hooks.values():
        aviary.hides(*known.secrets, known.token or "", known.verify_token or "")
    aviary.hides("slack-secret", "xoxb-test")
    wired.meter = aviary
    wired.edge = Edge(parts.vault, parts.fragments, parts.archive, aviary)
    with aviary.listening():
        yield aviary


FLOWS = (
    *(flows.webhooks, flows.networks, flows.intakes, flows.commands, flows.deliveries, flows.moderations),
    *(flows_in_slack.desks, flows_in_slack.heralds, flows_in_slack.slacks, flows_in_slack.presses),
    *(flows_in_slack.files, flows.effects, flows.outages, flows.erasures),
)


@pytest.mark.usefixtures("aws")
def test_no_canary_sings(parts: Parts, canary: Aviary, capfd: pytest.CaptureFixture[str]) -> None:
    sung = {flow.__name__: sorted(canary.heard(flow(parts, canary), *capfd.readouterr())) for flow in FLOWS}
    assert sung == {flow.__name__: [] for flow in FLOWS}
    assert canary.made >= AT_LEAST
    assert all(f'"message":"{said}"' in canary.log.getvalue() for said in ("buried", "will try again", "kept raw"))


def fail(mark: str) -> None:
    raise ValueError(mark)


def failing(mark: str) -> None:
    """What went wrong is an innocent consequence of something else."""
    try:
        fail(mark)
    except ValueError as error:
        raise KeyError("innocent") from error


def caught(log: logging.Logger, act: Callable[[str], None], mark: str) -> None:
    try:
        act(mark)
    except (ValueError, KeyError):
        log.exception("went wrong")


LIBRARY = logging.getLogger("elsewhere")
VOICES: dict[str, Callable[[str], object]] = {
    "words": lambda mark: logger().info(mark),
    "arguments": lambda mark: logger().info("%s", mark),
    "beside the words": lambda mark: logger().warning("will try again", extra={"error": mark}),
    "deep beside the words": lambda mark: logger().warning("seen", extra={"event": {"text": [mark]}}),
    "in capitals": lambda mark: logger().info("seen", extra={"handle": mark.upper()}),
    "an error": lambda mark: caught(LIBRARY, fail, mark),
    "what an error came from": lambda mark: caught(LIBRARY, failing, mark),
    "a library": lambda mark: LIBRARY.info("connecting", extra={"url": f"https://x.example/?q={mark}"}),
    "Chalice": lambda mark: app.app.log.error("Caught exception for %s", mark),
}


@pytest.mark.parametrize("voice", VOICES)
def test_the_ears_are_good(canary: Aviary, voice: str) -> None:
    """However something is said with a canary in it, it is heard."""
    mark = canary()
    VOICES[voice](mark)
    assert canary.heard() == {mark.casefold()}


def test_the_ears_hear_the_very_line_that_is_printed(canary: Aviary) -> None:
    mark = canary()
    logger().error("buried", extra={"reason": mark})
    printed = [json.loads(line) for line in canary.log.getvalue().split("\n") if line.startswith('{"level"')]
    assert [one["reason"] for one in printed] == [mark]


def test_metrics_secrets_and_what_escapes_from_a_function_are_heard(parts: Parts, canary: Aviary) -> None:
    mark, escaped = canary(), canary()
    canary.count("events", kind=mark)
    token = parts.vault.hooks["facebook", "harbor-facebook"].token
    assert token
    logger().info("asked", extra={"url": f"https://graph.example/me?access_token={token}"})
    told = lambda_prints(partial(fail, escaped))
    assert canary.heard(told) == {mark.casefold(), token.casefold(), escaped.casefold()}
    assert canary.heard(lambda_prints(partial(failing, canary()))) == {mark.casefold(), token.casefold()}
