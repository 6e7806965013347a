"""The command line as people and programs use it."""

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import chalicelib.channels
from chalicelib.channels import names
from chalicelib.domain.event import Attachment, Event, Kind
from chalicelib.domain.instants import instant
from infra.cli import app
from infra.cli.demo import DemoOptions
from infra.cli.events import event_json
from infra.cli.health import Health, Machine, credentials, examine, packages, policy, port, program, python

FIXTURES = Path(__file__).parents[1] / "fixtures" / "channels"

STANDIN = '''
"""A network small enough for tests: one message per body, signed by repeating the secret."""

from chalicelib.channels.base import Channel, Refused
from chalicelib.domain.event import Event, Kind


class Standin(Channel):
    name = "standin"
    title = "Standin"
    api = "https://standin.example"

    def signed(self, request, secrets, now):
        if "x-secret" not in request.headers:
            raise Refused("the header x-secret is missing")
        if int(request.headers.get("x-until", "9" * 10)) < now.timestamp():
            raise Refused("the request is too old")
        return request.headers["x-secret"] in secrets

    def split(self, body):
        return [body]

    def parse(self, body):
        yield Event(Kind.MESSAGE, self.name, id=body["id"], text=body.get("text"))

    address = capabilities = limit = render = outcome = None


CHANNEL = Standin()
'''


@pytest.fixture(autouse=True)
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Channels are found by their file, so a file is all a test needs to add one."""
    folder = tmp_path / "channels"
    folder.mkdir()
    (folder / "standin.py").write_text(STANDIN)
    monkeypatch.setattr(chalicelib.channels, "__path__", [*chalicelib.channels.__path__, str(folder)])
    yield
    sys.modules.pop("chalicelib.channels.standin", None)


def heed(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)


def body(folder: Path, name: str, data: Any) -> Path:
    file = folder / name
    file.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return file


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# -- parse ------------------------------------------------------------------------------------------------------------


def test_parse_prints_one_line_per_file(tmp_path: Path) -> None:
    first, second = body(tmp_path, "1.json", {"id": "a", "text": "olá 😡"}), body(tmp_path, "2.json", {"id": "b"})
    result = heed("parse", "standin", first, second)
    assert result.exit_code == 0
    assert [(one["file"], one["events"][0]["id"], one["events"][0]["text"]) for one in lines(result)] == [
        (str(first), "a", "olá 😡"),
        (str(second), "b", None),
    ]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"{", "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b"{}", "not a body Standin writes (KeyError: 'id')"),
        (None, "cannot be read: no such file or directory"),
    ],
)
def test_a_file_that_cannot_be_parsed_costs_its_neighbours_nothing(
    tmp_path: Path, data: bytes | None, error: str
) -> None:
    bad = tmp_path / "none.json" if data is None else body(tmp_path, "bad.json", data)
    result = heed("parse", "standin", bad, body(tmp_path, "good.json", {"id": "a"}))
    assert result.exit_code == 1
    assert lines(result)[0] == {"file": str(bad), "error": error}
    assert lines(result)[1]["events"][0]["id"] == "a"


def test_parse_reads_standard_input() -> None:
    (line,) = lines(heed("parse", "standin", "-", stdin=b'{"id": "a"}'))
    assert (line["file"], line["events"][0]["id"]) == ("-", "a")


def test_half_an_emoji_is_printed_escaped(tmp_path: Path) -> None:
    result = heed("parse", "standin", body(tmp_path, "1.json", b'{"id": "a", "text": "\\ud83d"}'))
    assert result.exit_code == 0
    assert "\\ud83d" in result.stdout


@pytest.mark.parametrize("command", ["parse", "verify"])
def test_an_unknown_channel_names_those_there_are(tmp_path: Path, command: str) -> None:
    secret = ["--secret", "s"] if command == "verify" else []
    result = heed(command, "../etc", body(tmp_path, "1.json", {}), *secret)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "no channel '../etc'; there are " in result.stderr
    assert "standin" in result.stderr


FACTS = ["kind", "id", "account", "author", "name", "handle", "text", "attachments", "at"]
FACTS += ["conversation", "parent", "post", "root", "of", "own", "public"]


def test_an_event_always_has_the_facts_of_the_vocabulary() -> None:
    assert list(event_json(Event(Kind.UNKNOWN, "x"))) == FACTS


def test_an_event_tells_rare_facts_only_when_it_has_them() -> None:
    at = instant("2026-06-01T09:14:02.417Z")
    event = Event(
        Kind.READ,
        "x",
        at=instant("2026-06-01T09:14:02Z"),
        up_to=at,
        emoji="👍",
        followers=0,
        attachments=(Attachment("image"), Attachment("image")),
        extra={"payload": {"until": at, "ids": (1, 2)}, "kind": "a network's own word"},
    )
    told = event_json(event)
    assert {name: told[name] for name in told if name not in FACTS} == {
        "followers": 0,
        "emoji": "👍",
        "up_to": "2026-06-01T09:14:02.417Z",
        "payload": {"until": "2026-06-01T09:14:02.417Z", "ids": [1, 2]},
    }
    assert (told["kind"], told["at"], told["attachments"]) == ("read", "2026-06-01T09:14:02Z", ["image", "image"])


@pytest.mark.parametrize("channel", names() or [pytest.param("", marks=pytest.mark.skip("no channel yet"))])
def test_every_recorded_body_of_a_channel_is_parsed(channel: str) -> None:
    bodies = [file for file in sorted((FIXTURES / channel).rglob("*.json")) if "expect" not in str(file)][:5]
    if not bodies:
        pytest.skip("no recorded bodies")
    result = heed("parse", channel, *bodies)
    assert result.exit_code == 0, result.stdout
    assert all(set(FACTS) <= set(event) for line in lines(result) for event in line["events"])


# -- verify -----------------------------------------------------------------------------------------------------------


def test_verify_accepts_any_of_the_secrets(tmp_path: Path) -> None:
    file = body(tmp_path, "1.json", {})
    result = heed("verify", "standin", file, "--header", "X-Secret: new", "--secret", "old", "--secret", "new")
    assert (result.exit_code, result.stdout) == (0, "accepted: the signature matches\n")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (["X-Secret: other"], "the signature does not match"),
        ([], "the header x-secret is missing"),
        (["X-Secret: s", "X-Until: soon"], "the signature cannot be read (ValueError)"),
    ],
)
def test_verify_says_why_it_refuses(tmp_path: Path, headers: list[str], reason: str) -> None:
    given = [part for header in headers for part in ("--header", header)]
    result = heed("verify", "standin", body(tmp_path, "1.json", {}), "--secret", "s", *given, "--json")
    assert result.exit_code == 1
    assert lines(result) == [{"channel": "standin", "accepted": False, "reason": reason}]
    plain = heed("verify", "standin", body(tmp_path, "1.json", {}), "--secret", "s", *given)
    assert plain.stdout == f"refused: {reason}\n"


@pytest.mark.parametrize(
    ("now", "code"), [("1000", 0), ("1970-01-01T00:16:40Z", 0), ("1001", 1), ("1970-01-01T02:16:41+02:00", 1)]
)
def test_verify_judges_as_of_the_time_given(tmp_path: Path, now: str, code: int) -> None:
    headers = ["--header", "X-Secret: s", "--header", "X-Until: 1000"]
    result = heed("verify", "standin", body(tmp_path, "1.json", {}), "--secret", "s", *headers, "--now", now)
    assert result.exit_code == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--header", "no colon"], "'no colon' is not a header\n  Write it as --header 'Name: value'."),
        (["--now", "noon"], "--now noon is no time: "),
        (["--now", "2026-06-01T09:00:00"], "no offset in the time"),
        (["--now", "9" * 40], "is no time"),
    ],
)
def test_verify_explains_a_wrong_call(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = heed("verify", "standin", body(tmp_path, "1.json", {}), "--secret", "s", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_verify_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = heed("verify", "standin", tmp_path / "none", "--secret", "s")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be read: no such file or directory" in result.stderr


# -- config -----------------------------------------------------------------------------------------------------------

POLICY = """\
brands: {harbor: {name: Harbor, queue: messages}}
accounts: {one: {channel: standin, id: "1", brand: harbor, name: One}}
queues: {messages: {name: Messages, slack: C0MESSAGES}}
rules: [{because: all, queue: messages}, {because: never, queue: messages}]
"""


@pytest.fixture
def care(tmp_path: Path) -> Path:
    return body(tmp_path, "care.yaml", POLICY.encode())


def test_config_check_counts_what_is_valid(care: Path) -> None:
    result = heed("config", "check", care)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{care}:4: warning: rule 2 can never decide anything, because of rule 1 above it; move it up, or remove it",
        f"{care} is valid: 1 brand, 1 account, 1 queue, 2 rules, 0 agents; 1 warning",
    ]


def test_config_check_names_mistakes_for_people_and_programs(care: Path) -> None:
    care.write_text(POLICY.replace("queue: messages}}", "queue: mesages}}"))
    result, report = heed("config", "check", care), heed("config", "check", care, "--json")
    assert (result.exit_code, report.exit_code) == (1, 1)
    assert result.stdout.splitlines()[-1] == f"{care}: 1 error, 1 warning"
    assert lines(report)[0]["problems"][0] == {
        "file": str(care),
        "line": 1,
        "what": 'unknown queue "mesages" in brand "harbor"',
        "right": 'did you mean "messages"? known queues: messages',
        "level": "error",
    }


def test_config_show_prints_what_the_system_reads(care: Path) -> None:
    result, line = heed("config", "show", care), heed("config", "show", care, "--json")
    assert json.loads(result.stdout) == json.loads(line.stdout)
    assert len(line.stdout.splitlines()) == 1
    assert json.loads(result.stdout)["accounts"]["one"]["native_id"] == "1"


def test_config_show_of_a_wrong_file_prints_only_errors(care: Path) -> None:
    care.write_text("brands: [")
    result = heed("config", "show", care)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{care}:2: error: " in result.stderr


# -- doctor -----------------------------------------------------------------------------------------------------------


def test_doctor_finds_nothing_to_do_on_a_good_machine(care: Path, tmp_path: Path) -> None:
    machine = Machine({"PATH": "/nowhere"}, tmp_path, care, ("typer==0; extra == 'dev'", "typer"), ports=())
    findings = {finding.name: finding for finding in examine(machine)}
    assert [name for name, finding in findings.items() if finding.health is Health.FAIL] == []
    assert findings["java"].next_step == "install it only for the tests against DynamoDB Local (pytest -m jvm)"


@pytest.mark.parametrize("version", [(3, 10), (3, 15)])
def test_doctor_refuses_pythons_that_were_not_tested(version: tuple[int, int]) -> None:
    finding = python(version)
    assert (finding.health, finding.next_step) == (Health.FAIL, "use Python 3.11, 3.12, 3.13 or 3.14")


def test_doctor_names_missing_packages_and_other_versions() -> None:
    missing = packages(['no-such-package>=1; extra == "demo"', "typer", 'nor-this; extra == "dev"'])
    assert (missing.health, missing.says) == (Health.FAIL, "missing: no-such-package")
    other = packages(["typer==0.0.1"])
    assert other.health is Health.WARN
    assert other.says.endswith("(tested: 0.0.1)")
    assert packages(['typer[all]>=0.1; extra == "demo"']).health is Health.OK


def test_doctor_sees_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        assert port(number).health is Health.WARN
    assert port(number).health is Health.OK


def test_doctor_finds_programs_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "google-chrome").touch(mode=0o755)
    found = program("chromium", ("chromium", "google-chrome"), str(tmp_path), "tests")
    assert (found.health, found.says) == (Health.OK, str(tmp_path / "google-chrome"))


PROFILES = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = hush\n[profile care]\n"


@pytest.mark.parametrize(
    ("environ", "files", "health", "says"),
    [
        ({}, "", Health.WARN, "no credentials"),
        ({}, PROFILES, Health.OK, "profiles: care, default, region of the profile"),
        ({"AWS_PROFILE": "care"}, PROFILES, Health.OK, "profile care, region of the profile"),
        ({"AWS_PROFILE": "none"}, PROFILES, Health.WARN, "profile none, which does not exist"),
        ({"AWS_PROFILE": "none"}, "no ini file", Health.WARN, "profile none, which does not exist"),
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, "", Health.WARN, "AWS_ACCESS_KEY_ID ending in MPLE, no region"),
        ({"AWS_ACCESS_KEY_ID": "test", "AWS_REGION": "eu-central-1"}, "", Health.OK, "(short), region eu-central-1"),
    ],
)
def test_doctor_names_credentials_and_never_shows_them(
    tmp_path: Path, environ: dict[str, str], files: str, health: Health, says: str
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(files)
    finding = credentials(environ, tmp_path)
    assert finding.health is health
    assert says in finding.says
    assert "hush" not in str(finding)
    assert "AKIA" not in str(finding)


def test_doctor_points_at_the_first_mistake_in_the_policy(care: Path, tmp_path: Path) -> None:
    assert policy(Path(__file__).parents[2] / "care.yaml").health is Health.OK
    assert (policy(care).health, policy(care).says[:26]) == (Health.WARN, "valid, 1 warnings, first: ")
    assert policy(tmp_path / "none.yaml").health is Health.WARN
    care.write_text("brands: 3")
    assert policy(care).health is Health.FAIL
    assert policy(care).next_step == f"run: heed config check {care}"


# -- the command itself -----------------------------------------------------------------------------------------------


def real(*arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONIOENCODING": "ascii"}
    command = [str(Path(sys.executable).with_name("heed")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environ, cwd=home, timeout=60, check=False)


def test_the_installed_command_works_in_a_pipe(tmp_path: Path) -> None:
    version = real("version", "--json", home=tmp_path)
    assert (version.returncode, json.loads(version.stdout)["version"][0]) == (0, "0")
    body(tmp_path, "care.yaml", "brands: {ä: 3}".encode())
    check = real("config", "check", "--json", home=tmp_path)
    assert check.returncode == 1
    assert json.loads(check.stdout)["problems"][0]["line"] == 1


def test_the_installed_doctor_answers_in_json(tmp_path: Path) -> None:
    result = real("doctor", "--json", home=tmp_path)
    report = json.loads(result.stdout)
    assert result.returncode == (0 if report["ok"] else 1)
    assert {"python", "packages", "port 8700", "aws", "care.yaml"} <= {one["name"] for one in report["findings"]}


def test_doctor_tells_people_what_to_do_next(tmp_path: Path) -> None:
    result = heed("doctor", tmp_path / "none.yaml")
    assert "run heed beside your policy file, or name it: heed doctor FILE" in result.stdout


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, infra.cli; print([n for n in ('pydantic', 'yaml', 'boto3', 'infra.config') if n in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "[]\n"
    assert "doctor" in real("--help", home=tmp_path).stdout


def test_version_for_people() -> None:
    assert heed("version").stdout.startswith("heed 0.")


@pytest.mark.parametrize("command", ["package", "demo"])
def test_commands_say_what_they_take(command: str) -> None:
    result = heed(command, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout


def test_package_builds_the_stage_and_tells_what_it_built(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = SimpleNamespace(build=lambda stage, out: {"stage": stage, "out": str(out)})
    monkeypatch.setitem(sys.modules, "infra.package", builder)
    assert lines(heed("package", "--stage", "prod", "--json")) == [{"stage": "prod", "out": "build/package"}]
    assert heed("package").stdout == "stage: dev\nout: build/package\n"


def test_demo_passes_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[DemoOptions] = []
    monkeypatch.setitem(sys.modules, "infra.local.demo", SimpleNamespace(run=seen.append))
    assert heed("demo", "--storm", "5", "--exit", "--data", "here").exit_code == 0
    assert seen == [
        DemoOptions(endpoint=None, storm=5, seed=1, exit=True, json=False, port=8700, data=Path("here")),
    ]


def test_standard_input_is_read_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.cli.output import read_bytes

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8"))
    assert read_bytes("-") == b"\xff"
