"""Files of a workspace over real HTTP: the token goes to Slack alone, and a login page is no file."""

from collections.abc import Iterator

import pytest

from chalicelib.net.slack import SlackWebApi
from chalicelib.net.slack_files import _of_slack
from chalicelib.service.ports import NoAnswer, NotSent, SlackRefused
from infra.doubles.slack.double import SlackDouble
from infra.doubles.slack.http import HttpServer, Reply, Request

BILL = b"%PDF-1.7 the bill"
USER = "U0ANA"


@pytest.fixture(scope="module")
def double() -> Iterator[SlackDouble]:
    with SlackDouble(users={USER: {"name": "ana", "real_name": "Ana"}}) as running:
        yield running


ASKED: list[str] = []


def stumbles(request: Request) -> Reply:
    """A Slack that sends elsewhere, is ill, or breaks off."""
    ASKED.append(request.path)
    if request.path == "/away":
        return Reply(302, b"", headers={"Location": "/elsewhere"})
    return Reply(503, b"") if request.path == "/ill" else Reply(200, b"", headers={"Content-Length": "100"})


@pytest.fixture(scope="module")
def bad() -> Iterator[str]:
    server = HttpServer(0, stumbles)
    server.begin()
    yield server.url
    server.end()


def uploaded(double: SlackDouble, api: SlackWebApi) -> str:
    about = api.call("files.info", file=double.upload("bill.pdf", BILL, USER))["file"]
    assert (about["name"], about["mimetype"], about["size"]) == ("bill.pdf", "application/pdf", len(BILL))
    return str(about["url_private_download"])


def test_a_file_is_read_with_the_token(double: SlackDouble) -> None:
    api = SlackWebApi("xoxb-double", double.api_url)
    assert api.read(uploaded(double, api), len(BILL)) == BILL


def test_the_login_page_is_no_file(double: SlackDouble) -> None:
    link = uploaded(double, SlackWebApi("xoxb-double", double.api_url))
    with pytest.raises(SlackRefused, match="file_not_readable"):
        SlackWebApi("xoxb-wrong", double.api_url).read(link, len(BILL))


@pytest.mark.parametrize("most", [len(BILL) - 1, len(BILL) + 1])
def test_more_or_less_than_was_told_is_refused(double: SlackDouble, most: int) -> None:
    api = SlackWebApi("xoxb-double", double.api_url)
    with pytest.raises(SlackRefused, match="another_size"):
        api.read(uploaded(double, api), most)


def test_no_redirect_is_followed(bad: str) -> None:
    ASKED.clear()
    with pytest.raises(SlackRefused, match="file_not_readable"):
        SlackWebApi("xoxb-double", f"{bad}/api/").read(f"{bad}/away", 10)
    assert ASKED == ["/away"]


@pytest.mark.parametrize("path", ["/ill", "/short"])
def test_what_breaks_off_may_be_asked_for_again(bad: str, path: str) -> None:
    with pytest.raises(NoAnswer):
        SlackWebApi("xoxb-double", f"{bad}/api/").read(f"{bad}{path}", 100)


def test_a_closed_door_was_never_asked() -> None:
    with pytest.raises(NotSent):
        SlackWebApi("xoxb-double", "http://127.0.0.1:1/api/").read("http://127.0.0.1:1/x", 10)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/bill.pdf", True),
        ("http://files.slack.com/files-pri/T1-F1/bill.pdf", False),
        ("https://files.slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://files.slack.com@evil.example/x", False),
        ("https://user:word@files.slack.com/x", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slack_alone(url: str, ours: bool) -> None:
    assert _of_slack(url, "https://slack.com/api/") is ours
    if not ours:
        with pytest.raises(SlackRefused, match="not_slacks_address"):
            SlackWebApi("xoxb-double").read(url, 10)
