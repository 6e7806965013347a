"""A policy file goes into force only when Slack confirms that each agent is who the file says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from chalicelib.storage import DynamoStore
from chalicelib.storage.config import ConfigStore
from infra.cli import app
from infra.doubles.slack import SlackDouble
from infra.template.table import table_definition
from tests.aws.conftest import aws

__all__ = ["aws"]

AGENTS = yaml.safe_load(Path("care.yaml").read_text())["agents"]


@pytest.fixture
def configs(aws: None) -> ConfigStore:
    store = DynamoStore("heed-dev")
    store.table.connection.client.create_table(**table_definition("heed-dev"))
    return ConfigStore(store.table)


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    members = {one["slack"]: {"name": key, "email": one["email"]} for key, one in AGENTS.items()}
    with SlackDouble(users=members) as double:
        yield double


def run(slack: SlackDouble, *more: str) -> Result:
    return CliRunner().invoke(app, [*more, "--api", slack.api_url])


def push(slack: SlackDouble, *more: str) -> Result:
    return run(slack, "config", "push", "care.yaml", "--json", *more)


def connected(secret: Any) -> None:
    told = CliRunner().invoke(app, ["connect", "slack", "--stage", "dev"], input=json.dumps(secret))
    assert told.exit_code == 0, told.output


TOKEN = {"token": "xoxb-double", "signing_secrets": ["s"]}


def test_a_file_whose_agents_are_who_it_says_is_in_force(configs: ConfigStore, slack: SlackDouble) -> None:
    connected(TOKEN)
    told = push(slack)
    assert (told.exit_code, json.loads(told.stdout)["version"], told.stderr) == (0, 1, "")


def test_an_agent_who_is_somebody_else_there_keeps_the_running_policy(configs: ConfigStore, slack: SlackDouble) -> None:
    connected(TOKEN)
    slack.workspace.users["U0ANA"] = {"name": "ana", "email": "someone.else@example.com"}
    told = push(slack)
    assert told.exit_code == 2 and configs.current() is None
    assert "agent ana" in told.stderr and "is another one than in care.yaml" in told.stderr
    assert "agent tom" not in told.stderr and "--unverified" in told.stderr
    assert push(slack, "--unverified").exit_code == 0 and configs.current() is not None


def test_before_slack_is_connected_it_says_that_nobody_was_verified(configs: ConfigStore, slack: SlackDouble) -> None:
    told = push(slack)
    assert told.exit_code == 0 and configs.current() is not None
    assert "there is no token of workspace T0HEED on dev" in told.stderr and not slack.web.calls


def test_slack_in_trouble_keeps_nobody_from_changing_the_policy(configs: ConfigStore, slack: SlackDouble) -> None:
    connected(TOKEN)
    slack.fail("users.info", "error", error="internal_error")
    told = push(slack)
    assert told.exit_code == 0 and "not verified: Slack says internal_error" in told.stderr
