"""Answers go to Slack's own address and nowhere else."""

import pytest

from chalicelib.channels.base import Response
from chalicelib.net.answers import SlackAnswers
from chalicelib.net.http import Urllib3Http
from chalicelib.service.ports import NoAnswer, SlackBusy, SlackRefused
from infra.doubles.slack import SlackDouble
from tests.attacks.test_ssrf import ADDRESSES
from tests.fakes.ports import ScriptedHttp

API = "https://slack.com/api/"
URL = "https://hooks.slack.com/actions/T0/1/x"


def test_an_answer_is_json_at_the_address_that_came_along() -> None:
    http = ScriptedHttp()
    SlackAnswers(http, API).send(URL, {"text": "Grüße"})
    (request,) = http.asked
    assert (request.method, request.url, request.headers) == ("POST", URL, {"Content-Type": "application/json"})
    assert request.body == b'{"text": "Gr\\u00fc\\u00dfe"}'


@pytest.mark.parametrize(
    "url",
    [
        *("", "http://hooks.slack.com/x", "https://evil.example/", "https://hooks.slack.com.evil.example/"),
        *("https://hooks.slack.com@evil.example/", "https://evil.example/hooks.slack.com", "https://xslack.com/"),
        *ADDRESSES,
    ],
)
def test_no_other_address_is_ever_asked(url: str) -> None:
    http = ScriptedHttp()
    with pytest.raises(SlackRefused):
        SlackAnswers(http, API).send(url, {"text": "x"})
    assert http.asked == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [(Response(429), SlackBusy), (Response(404), SlackRefused), (Response(500), SlackRefused), (NoAnswer(), NoAnswer)],
)
def test_what_slack_answers_is_told(answer: Response | NoAnswer, error: type[Exception]) -> None:
    with pytest.raises(error):
        SlackAnswers(ScriptedHttp([answer]), API).send(URL, {})


def test_the_double_takes_five_and_no_more() -> None:
    with SlackDouble() as slack:
        url = slack._urls.new("U0ANA", "C0CARE")
        answers = SlackAnswers(Urllib3Http(), slack.api_url)
        for _ in range(5):
            answers.send(url, {"text": "only you", "response_type": "ephemeral"})
        with pytest.raises(SlackRefused):
            answers.send(url, {"text": "one too many"})
        shown = [one for one in slack.workspace.messages if one.seen_by == "U0ANA"]
        assert len(shown) == 5
