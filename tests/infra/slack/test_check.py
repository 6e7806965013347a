"""The check says what is wrong with a workspace and what to do about it, over real HTTP."""

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from chalicelib.channels.base import Refused
from chalicelib.domain.instants import from_seconds
from chalicelib.domain.people import Agent, Role
from chalicelib.slack.incoming import Challenge
from chalicelib.slack.payloads import parse
from chalicelib.slack.verify import verify
from infra.cli import app
from infra.cli.health import Finding, Health
from infra.doubles.slack import SlackDouble
from infra.slack.check import Setup, examine
from infra.slack.manifest import manifest
from infra.slack.reach import knock
from infra.slack.scopes import needed
from tests.aws.conftest import aws

__all__ = ["aws"]

NOW = 1_795_165_200
SECRET = "s1gning"
ANA = Agent("ana", "Ana", "ana@heed.example", Role.AGENT, ("harbor",), "U0ANA")
SETUP = Setup("T0HEED", {"social": "C0CARE", "billing": "C0BILLING"}, "xoxb-double", (SECRET,), (ANA,))
POLICY = yaml.safe_load(Path("care.yaml").read_text())
MEMBERS = {
    one["slack"]: {"name": key, "real_name": one["name"], "email": one["email"]}
    for key, one in POLICY["agents"].items()
}


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
        double.web.grants.install(manifest("https://heed.example/api"))
        yield double


@pytest.fixture
def company(slack: SlackDouble) -> SlackDouble:
    """A workspace in which everything of the policy file is there."""
    slack.workspace.users.update(MEMBERS)
    for channel in ("C0SOCIAL", "C0MESSAGES", "C0ESCALATE"):
        slack.workspace.set_channel(channel, channel.lower())
    return slack


@pytest.fixture
def door() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


def found(
    slack: SlackDouble, endpoint: str | None = None, setup: Setup = SETUP, greet: str | None = None
) -> dict[str, Finding]:
    return {one.name: one for one in examine(setup, slack.api_url, endpoint, NOW, greet)}


def test_all_is_well(slack: SlackDouble, door: Endpoint) -> None:
    findings = found(slack, door.url, greet="U0ANA")
    assert {one.health for one in findings.values()} == {Health.OK}
    asked = ["token", "scopes", "queue billing", "queue social", "agent ana", "messages"]
    assert list(findings) == [*asked, "signature", "forgery"]
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


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"email": "else@heed.example"}, "the e-mail address in Slack is another one than in care.yaml"),
        ({"is_restricted": True}, "this is a guest of the workspace, or of another company"),
        ({"deleted": True}, "this account was deactivated in Slack"),
        ({"is_bot": True}, "this is a bot"),
    ],
)
def test_an_agent_who_is_somebody_else_in_slack_is_named(slack: SlackDouble, about: Any, says: str) -> None:
    slack.workspace.users = {**slack.workspace.users, "U0ANA": slack.workspace.users["U0ANA"] | about}
    ana = found(slack)["agent ana"]
    assert (ana.health, ana.says) == (Health.FAIL, f"U0ANA: {says}") and "one account" in str(ana.next_step)


def test_an_agent_nobody_knows_is_a_wrong_id(slack: SlackDouble) -> None:
    ana = found(slack, setup=replace(SETUP, agents=(replace(ANA, slack="U0GONE"),)))["agent ana"]
    assert ana.says == "U0GONE: Slack says user_not_found" and "copy the member ID" in str(ana.next_step)


def test_an_app_that_may_not_look_members_up_says_so_once(slack: SlackDouble) -> None:
    slack.web.grants.scopes -= {"users:read"}
    findings = found(slack, setup=replace(SETUP, agents=(ANA, replace(ANA, id="tom", slack="U0TOM"))))
    assert findings["agent ana"].says == "not verified: Slack says missing_scope" and "agent tom" not in findings
    assert findings["scopes"].health is Health.FAIL


def test_a_check_of_many_people_waits_as_long_as_slack_asks(slack: SlackDouble) -> None:
    slack.fail("users.info", "ratelimited", retry_after=0)
    assert found(slack)["agent ana"].health is Health.OK


def test_an_app_that_may_not_write_to_people_is_found_out_by_writing_to_one(slack: SlackDouble) -> None:
    assert found(slack)["messages"].says == "not tried"
    slack.web.grants.messages_tab = False
    told = found(slack, greet="U0ANA")["messages"]
    assert told.says == "U0ANA: Slack says messages_tab_disabled" and "manifest" in str(told.next_step)


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


def test_the_command_looks_at_the_queues_and_the_agents_of_the_policy(company: SlackDouble) -> None:
    result = run(company, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0 and told["ok"] is True and told["not_tried"] == ["messages", "signature"]
    assert {one["name"] for one in told["findings"]} >= {"queue social", "queue messages", "queue escalations"}
    assert {one["name"] for one in told["findings"]} >= {f"agent {key}" for key in POLICY["agents"]}


def test_what_was_not_tried_is_the_last_thing_said(company: SlackDouble, door: Endpoint) -> None:
    assert run(company).stdout.endswith("All that was tried is well. NOT TRIED: messages, signature.\n")
    whole = run(company, "--url", door.url, "--greet", "ana")
    assert whole.stdout.endswith("All that was tried is well.\n") and "Heed can write to U0ANA" in whole.stdout
    nobody = run(company, "--greet", "nobody")
    assert nobody.exit_code == 2 and "no agent nobody" in nobody.stderr


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
