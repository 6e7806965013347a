"""``heed listeners``: an address that nobody receives for is named, with what subscribes it."""

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chalicelib.aws.clients import client
from chalicelib.domain.escalation import Address, Way
from infra import listeners
from infra.cli import app
from infra.config import compiled
from infra.listeners import Listener, addresses
from infra.template.table import table_definition
from tests.aws.conftest import aws
from tests.infra.test_config import GOOD

__all__ = ["aws"]

pytestmark = pytest.mark.usefixtures("aws")

LEAD, PHONE, HOOK = "lead@example.com", "+4930123456", "https://hooks.example.com/heed"
CHAINS = f"""\
chains:
  urgent:
    steps:
      - notify: team
      - email: {LEAD}
      - sms: "{PHONE}"
      - wait: 10m
      - email: {LEAD}
"""
ALERTS = f"    slack: C0ESCALATE\n    chain: urgent\n    alerts:\n      - webhook: {HOOK}\n      - email: {LEAD}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "care.yaml"
    path.write_text(GOOD.replace("    slack: C0ESCALATE", ALERTS) + CHAINS)
    return path


@pytest.fixture
def topic() -> str:
    found: str = client("sns").create_topic(Name="heed-dev-escalations")["TopicArn"]
    return found


def heed(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_everybody_the_file_names_is_known_once(file: Path) -> None:
    assert addresses(compiled(file)) == [
        Address(Way.EMAIL, LEAD),
        Address(Way.SMS, PHONE),
        Address(Way.WEBHOOK, HOOK),
    ]


def test_without_a_subscription_each_is_named_with_the_command_that_mends_it(file: Path, topic: str) -> None:
    result = heed("listeners", file)
    assert result.exit_code == 1
    commands = [line.strip() for line in result.stdout.splitlines() if line.strip().startswith("aws ")]
    assert len(commands) == 3 and all(f"--topic-arn {topic}" in one for one in commands)
    *_, attributes = shlex.split(commands[1])
    assert json.loads(json.loads(attributes)["FilterPolicy"]) == {"way": ["sms"], "target": [PHONE]}


def test_subscribed_by_the_command_they_are_reached_and_what_is_meant_for_others_is_not_theirs(
    file: Path, topic: str
) -> None:
    result = heed("listeners", file, "--subscribe")
    assert result.exit_code == 0 and f"email {LEAD} has to confirm" in result.stdout
    assert "everybody named in the policy file is reached" in heed("listeners", file).stdout
    there = listeners.listeners(topic)
    assert {one.endpoint for one in there} == {LEAD, PHONE, HOOK}
    lead = next(one for one in there if one.endpoint == LEAD)
    assert lead.hears(Address(Way.EMAIL, LEAD)) and not lead.hears(Address(Way.SMS, PHONE))
    told = json.loads(heed("listeners", file, "--json").stdout)
    assert told["missing"] == [] and len(told["listeners"]) == 3


@pytest.mark.parametrize(
    ("only", "hears"),
    [
        (None, True),
        ({"way": ["email"]}, True),
        ({"way": ["email"], "target": ["other@example.com"]}, False),
        ({"target": [{"suffix": "@example.com"}], "brand": ["harbor"]}, True),
        ({"way": ["webhook"]}, False),
        ({"way": [{"a-rule": "of tomorrow"}]}, True),
    ],
)
def test_a_filter_policy_is_read_as_sns_reads_it(only: dict[str, object] | None, hears: bool) -> None:
    assert Listener("email", LEAD, True, only).hears(Address(Way.EMAIL, LEAD)) is hears


def test_who_has_not_confirmed_hears_nothing_and_needs_no_second_subscription() -> None:
    waits = Listener("email", LEAD, False, None)
    assert list(listeners.unheard([Address(Way.EMAIL, LEAD)], [waits])) == [(Address(Way.EMAIL, LEAD), True)]
    assert list(listeners.unheard([Address(Way.SMS, PHONE)], [waits])) == [(Address(Way.SMS, PHONE), False)]


def test_a_push_says_who_would_hear_nothing(file: Path, topic: str) -> None:
    client("dynamodb").create_table(**table_definition("heed-dev"))
    result = heed("config", "push", file)
    assert result.exit_code == 0 and "version 1 on dev" in result.stdout
    assert f"email {LEAD} hears nothing yet" in result.stderr and "aws sns subscribe" in result.stderr
    heed("listeners", file, "--subscribe")
    assert "hears nothing" not in heed("config", "push", file).stderr


def test_where_nothing_was_deployed_it_says_so(file: Path) -> None:
    result = heed("listeners", file)
    assert result.exit_code == 2 and "cannot be read: NotFound" in result.stderr
    client("dynamodb").create_table(**table_definition("heed-dev"))
    pushed = heed("config", "push", file)
    assert pushed.exit_code == 0 and "could not be seen" in pushed.stderr


def test_a_file_that_names_nobody_asks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "care.yaml"
    path.write_text(GOOD)
    client("dynamodb").create_table(**table_definition("heed-dev"))
    result = heed("config", "push", path)
    assert result.exit_code == 0 and not {"hears", "listeners", "sns"} & set(result.stderr.split())


@pytest.mark.parametrize("wrong", ["- {}", "- {email: a@b.de, sms: '+4930123456'}", "- email: nobody", "- sms: 030"])
def test_an_alert_is_one_address(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "care.yaml"
    path.write_text(GOOD.replace("    slack: C0ESCALATE", f"    slack: C0ESCALATE\n    alerts:\n      {wrong}"))
    assert heed("config", "check", path).exit_code == 1
