"""No secret stands in the repository, in the template with its environment and its state machine, or in the zip."""

import base64
import json
import random
import string
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.house.secrets import KNOWN, drawn, issued, secrets
from tests.house.source import PROJECT
from tests.house.test_template import of, template

BINARY = {".png", ".pyc", ".zip", ".gz", ".bin"}
LETTERS = string.ascii_letters + string.digits


def files() -> list[Path]:
    """What is in the repository, or would come into it."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, capture_output=True, text=True
    )
    known = [PROJECT / name for name in told.stdout.splitlines()]
    return [one for one in known if one.is_file() and one.suffix not in BINARY]


def judged(file: Path) -> list[str]:
    """Fixtures of networks are full of ids and signatures, which nobody tells from a key by their looks."""
    rules = issued if "tests" in file.relative_to(PROJECT).parts else secrets
    return list(rules(file.read_text(errors="replace")))


def test_no_file_of_the_repository_holds_one(record_property: Any) -> None:
    known = files()
    assert len(known) > 800 and PROJECT / "care.yaml" in known
    found = {str(one.relative_to(PROJECT)): judged(one) for one in known}
    assert {name: what for name, what in found.items() if what} == {}
    record_property("secrets", f"{len(known):,} files, 0 found")


def test_the_template_its_environment_and_its_state_machine_hold_none() -> None:
    environments = [one.get("Environment", {}).get("Variables", {}) for one in of("AWS::Serverless::Function").values()]
    machines = of("AWS::StepFunctions::StateMachine")
    assert environments and machines
    for shown in (template(), environments, machines):
        assert list(secrets(json.dumps(shown))) == []


def planted(kind: str, chance: random.Random) -> str:
    """A secret of that kind as its issuer would make it."""

    def letters(count: int, among: str = LETTERS) -> str:
        return "".join(chance.choice(among) for _ in range(count))

    capitals = string.ascii_uppercase + string.digits
    return {
        "a token of Slack's": f"xoxb-{letters(12, string.digits)}-{letters(24)}",
        "a webhook of Slack's": f"hooks.slack.com/services/T{letters(8, capitals)}/B0HEED000/{letters(24)}",
        "a key of AWS": f"AKIA{letters(16, capitals)}",
        "a token of GitHub's": f"ghp_{letters(36)}",
        "a token of Meta's": f"EAA{letters(120)}",
        "a bot's token of Telegram's": f"{letters(10, '123456789')}:AA{letters(33)}",
        "a key of Standard Webhooks": f"whsec_{base64.b64encode(chance.randbytes(24)).decode()}",
        "a bearer token of X": f"{'A' * 22}{letters(60)}",
        "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
        "a signed token": f"eyJ{letters(20)}.eyJ{letters(30)}.{letters(43)}",
        "a key of an API": f"sk_live_{letters(24)}",
    }[kind]


@pytest.mark.parametrize("kind", KNOWN)
def test_a_planted_one_is_found(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(100):
        line = f'TOKEN = "{planted(kind, chance)}"'
        assert any(one.startswith(kind) for one in issued(line)), line


def test_letters_that_chance_made_are_found_without_a_known_beginning() -> None:
    chance = random.Random(7)
    made = ["".join(chance.choice(LETTERS + "+_") for _ in range(40)) for _ in range(1000)]
    assert sum(map(drawn, made)) > 900
    assert not any(map(drawn, ("test_" * 8, "AwsLambdaExecutionRole20260601PolicyDocument", "a1b2c3d4" * 8)))
