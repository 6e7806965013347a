"""The check says what is wrong with a workspace and what to do about it, over real HTTP."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from chalicelib.channels.base import Refused
from chalicelib.domain.instants import from_seconds
from chalicelib.slack.incoming import Challenge
from chalicelib.slack.payloads import parse
from chalicelib.slack.verify import verify
from infra.cli import app
from infra.cli.health import Finding, Health
from infra.doubles.slack import SlackDouble
from infra.slack.check import Setup, examine
from infra.slack.reach import knock
from infra.slack.scopes import needed
from tests.aws.conftest import aws

__all__ = ["aws"]

NOW = 1_795_165_200
SECRET = "s1gning"
SETUP = Setup("T0HEED", {"social": "C0CARE", "billing": "C0BILLING"}, "xoxb-double", (SECRET,))


class Endpoint:
    """Heed's door with the real verifier behind it; ``answers`` replaces it by a fixed answer."""

    def __init__(self) -> None:
        self.answers: tuple[int, str] | None = None
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, text = door.answers or door.judged(headers, body)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/slack"

    @staticmethod
    def judged(headers: dict[str, str], body: bytes) -> tuple[int, str]:
        try:
            verify([SECRET], headers, body, from_seconds(headers["x-slack-request-timestamp"]))
        except Refused as error:
            return 401, str(error)
        question = parse(body)
        assert isinstance(question, Challenge)
        return 200, json.dumps({"challenge": question.challenge})

    def __enter__(self) -> "Endpoint":
        self._thread.start()
        return self

    def __exit__(self, *about: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackDouble]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with SlackDouble(now=lambda: float(NOW)) as double:
        double.web.grants.scopes = frozenset(needed())
        yield double


@pytest.fixture
def door() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


def found(slack: SlackDouble, endpoint: str | None = None, setup: Setup = SETUP) -> dict[str, Finding]:
    return {one.name: one for one in examine(setup, slack.api_url, endpoint, NOW)}


def test_all_is_well(slack: SlackDouble, door: Endpoint) -> None:
    findings = found(slack, door.url)
    assert {one.health for one in findings.values()} == {Health.OK}
    assert list(findings) == ["token", "scopes", "queue billing", "queue social", "signature", "forgery"]
    assert "401" in findings["forgery"].says and "xoxb" not in str(findings) and SECRET not in str(findings)


@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive", "token_revoked"])
def test_a_token_that_does_not_count_ends_the_questions(slack: SlackDouble, error: str) -> None:
    slack.fail("auth.test", "error", error=error)
    findings = found(slack)
    assert set(findings) == {"token", "signature"}
    assert findings["token"].health is Health.FAIL and error in findings["token"].says
    assert "install the app" in str(findings["token"].next_step)


def test_no_token_is_told_from_a_wrong_one(slack: SlackDouble) -> None:
    nothing = found(slack, setup=Setup("T0HEED", {}, "", ()))
    assert "not_authed" in nothing["token"].says and "there is no token" in str(nothing["token"].next_step)


def test_the_token_of_another_workspace_is_noticed(slack: SlackDouble) -> None:
    findings = found(slack, setup=Setup("T0OTHER", {}, "xoxb-double", ()))
    assert findings["token"].says == "belongs to workspace T0HEED, not to T0OTHER"


def test_missing_and_spare_scopes_are_named(slack: SlackDouble) -> None:
    slack.web.grants.scopes = frozenset(needed()) - {"groups:history"}
    assert found(slack)["scopes"].says == "missing: groups:history"
    slack.web.grants.scopes = frozenset(needed()) | {"files:write"}
    spare = found(slack)["scopes"]
    assert (spare.health, spare.says) == (Health.WARN, "all there, and more: files:write")


@pytest.mark.parametrize(
    ("archived", "member", "says", "do"),
    [(True, True, "#care is archived", "unarchive"), (False, False, "Heed is not in #care", "/invite @Heed")],
)
def test_a_channel_that_takes_no_cards(slack: SlackDouble, archived: bool, member: bool, says: str, do: str) -> None:
    slack.workspace.set_channel("C0CARE", "care", archived, member)
    findings = found(slack)
    assert (findings["queue social"].health, findings["queue social"].says) == (Health.FAIL, says)
    assert do in str(findings["queue social"].next_step)
    assert findings["queue billing"].health is Health.OK


def test_an_unknown_channel_is_a_wrong_id_or_a_private_one(slack: SlackDouble) -> None:
    findings = found(slack, setup=Setup("T0HEED", {"social": "C0NOWHERE"}, "xoxb-double", ()))
    assert "channel_not_found" in findings["queue social"].says and "/invite" in str(findings["queue social"].next_step)


def test_slack_out_of_reach_is_said_so() -> None:
    (token, _) = examine(SETUP, "http://127.0.0.1:1/api/", None, NOW)
    assert "unreachable" in token.says and "way to slack.com" in str(token.next_step)


def test_a_wrong_secret_is_refused_by_our_own_door(slack: SlackDouble, door: Endpoint) -> None:
    setup = Setup("T0HEED", {}, "xoxb-double", (SECRET, "yesterday's"))
    findings = found(slack, door.url, setup)
    assert findings["signature 1"].health is Health.OK
    assert findings["signature 2"].health is Health.FAIL and "401" in findings["signature 2"].says


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ((200, "<html>Welcome</html>"), "answers 200 but not the question"),
        ((302, ""), "answers 302 but not the question"),
        ((403, ""), "answers 403 but not the question"),
        ((200, "[]"), "answers 200 but not the question"),
    ],
)
def test_a_door_that_is_not_heeds(slack: SlackDouble, door: Endpoint, answers: tuple[int, str], says: str) -> None:
    door.answers = answers
    findings = found(slack, door.url)
    assert findings["signature"].health is Health.FAIL and says in findings["signature"].says


def test_a_door_that_takes_forgeries_is_a_failure(slack: SlackDouble, door: Endpoint) -> None:
    door.answers = (200, json.dumps({"challenge": f"heed-check-{NOW}"}))
    findings = found(slack, door.url)
    assert findings["signature"].health is Health.OK
    assert findings["forgery"].health is Health.FAIL


def test_nobody_at_the_door(slack: SlackDouble) -> None:
    findings = found(slack, "http://127.0.0.1:1/slack")
    assert "gives no answer" in findings["signature"].says


def test_only_http_is_knocked_at() -> None:
    assert knock("file:///etc/passwd", "s", {}, NOW).text == "no http address"


def run(slack: SlackDouble, *more: str, secrets: Any = None) -> Any:
    given = {"token": "xoxb-double", "signing_secrets": [SECRET]} if secrets is None else secrets
    text = given if isinstance(given, str) else json.dumps(given)
    arguments = ["slack", "check", "care.yaml", "--stdin", "--api", slack.api_url, *more]
    return CliRunner().invoke(app, arguments, input=text)


def test_the_command_looks_at_the_queues_of_the_policy(slack: SlackDouble) -> None:
    for channel in ("C0SOCIAL", "C0MESSAGES", "C0ESCALATE"):
        slack.workspace.set_channel(channel, channel.lower())
    result = run(slack, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0 and told["ok"] is True
    assert {one["name"] for one in told["findings"]} >= {"queue social", "queue messages", "queue escalations"}


def test_the_commands_exit_code_and_words_say_what_to_do(slack: SlackDouble, door: Endpoint) -> None:
    result = run(slack, "--url", door.url)
    assert result.exit_code == 1
    assert "C0SOCIAL: Slack says channel_not_found" in result.stdout and "/invite @Heed" in result.stdout


def test_secrets_that_are_no_json_are_a_mistake_in_the_call(slack: SlackDouble) -> None:
    result = run(slack, secrets="xoxb-oops")
    assert result.exit_code == 2 and "xoxb-oops" not in result.stderr


def test_a_policy_without_slack_is_a_mistake_in_the_call(slack: SlackDouble, tmp_path: Path) -> None:
    policy = Path("care.yaml").read_text().partition("# The workspace and the app")[0]
    (tmp_path / "care.yaml").write_text(policy)
    result = CliRunner().invoke(
        app, ["slack", "check", str(tmp_path / "care.yaml"), "--stdin", "--api", slack.api_url], input="{}"
    )
    assert result.exit_code == 2 and "names no workspace" in result.stderr


TWO = "slack:\n  hill: {team: T0HEED, app: A0HEED}\n  mill: {team: T0MILL, app: A0MILL}\n"


def two_workspaces(folder: Path) -> Path:
    """The policy with its social team in one workspace and the others in another."""
    data = yaml.safe_load(Path("care.yaml").read_text()) | yaml.safe_load(TWO)
    for key, queue in data["queues"].items():
        queue["workspace"] = "hill" if key == "social" else "mill"
    for agent in data["agents"].values():
        agent["workspace"] = "mill"
    file = folder / "care.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def test_of_several_workspaces_one_is_checked_with_its_own_queues(slack: SlackDouble, tmp_path: Path) -> None:
    slack.workspace.set_channel("C0SOCIAL", "social")
    arguments = ["slack", "check", str(two_workspaces(tmp_path)), "--stdin", "--json", "--api", slack.api_url]
    result = CliRunner().invoke(app, [*arguments, "--workspace", "hill"], input=json.dumps({"token": "xoxb-double"}))
    names = [one["name"] for one in json.loads(result.stdout)["findings"]]
    assert result.exit_code == 0 and [name for name in names if name.startswith("queue")] == ["queue social"]
    unsaid = CliRunner().invoke(app, arguments, input="{}")
    assert unsaid.exit_code == 2 and "There are hill, mill" in unsaid.stderr


@pytest.mark.usefixtures("aws")
def test_the_secrets_of_each_workspace_are_stored_and_read_under_its_team(slack: SlackDouble, tmp_path: Path) -> None:
    slack.workspace.set_channel("C0SOCIAL", "social")
    secret = json.dumps({"token": "xoxb-double", "signing_secrets": [SECRET]})
    stored = CliRunner().invoke(app, ["connect", "slack", "T0HEED", "--stage", "test"], input=secret)
    assert "stored /heed/test/slack/T0HEED" in stored.stdout
    arguments = ["slack", "check", str(two_workspaces(tmp_path)), "--stage", "test", "--api", slack.api_url]
    assert CliRunner().invoke(app, [*arguments, "--workspace", "hill"]).exit_code == 0
    other = CliRunner().invoke(app, [*arguments, "--workspace", "mill"])
    assert other.exit_code == 1 and "not_authed" in other.stdout
