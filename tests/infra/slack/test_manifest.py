"""The manifest asks for what the code needs, and for nothing else."""

import ast
import json
import re

import pytest
import yaml
from typer.testing import CliRunner

from infra.cli import app
from infra.slack.manifest import NoAddress, endpoint, manifest
from infra.slack.scopes import EVENTS, METHODS, needed
from tests.house.source import shipped

FAMILIES = "auth|bookmarks|bots|chat|conversations|dnd|emoji|files|pins|reactions|search|team|usergroups|users|views"
METHOD = re.compile(rf"({FAMILIES})(\.[a-z][A-Za-z]+)+")
OF_THE_CHECK = {"auth.test", "conversations.info"}


def called() -> set[str]:
    """Every name of a method of Slack's that stands in the shipped code; some networks' events look alike."""
    texts = (
        node.value
        for file, tree in shipped().items()
        if "channels" not in file.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in texts if METHOD.fullmatch(text)}


def test_every_method_the_code_calls_is_in_the_table_and_no_other_asks_for_a_scope() -> None:
    assert called() >= {"chat.postMessage", "views.open"}, "the search finds what is surely there"
    assert called() | OF_THE_CHECK <= set(METHODS)
    assert {one for one in set(METHODS) - called() - OF_THE_CHECK if METHODS[one]} == set()


def test_the_scopes_are_those_of_methods_events_and_commands() -> None:
    assert needed({"chat.postMessage"}, {"app_mention"}) == ["app_mentions:read", "chat:write", "commands"]
    with pytest.raises(KeyError):
        needed({"files.upload"}, ())


def test_the_manifest_names_one_address_everywhere() -> None:
    made = json.dumps(manifest("https://abc.example/api/"))
    assert set(re.findall(r"https://[^\"]+", made)) == {"https://abc.example/api/slack"}
    assert manifest("https://abc.example/api/slack") == manifest("https://abc.example/api")


def test_the_manifest_asks_for_the_scopes_and_events_of_the_tables() -> None:
    made = manifest("https://abc.example/api")
    assert made["oauth_config"]["scopes"]["bot"] == needed()
    assert made["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS)


def test_people_can_be_written_to_and_cannot_write_back() -> None:
    """Slack refuses direct messages of an app with messages_tab_disabled, and Heed reads none."""
    tabs = manifest("https://abc.example/api")["features"]["app_home"]
    assert tabs["messages_tab_enabled"] is True and tabs["messages_tab_read_only_enabled"] is True
    assert "message.im" not in EVENTS and "im:history" not in needed()


def test_what_slack_limits_is_within_its_limits() -> None:
    """docs.slack.dev, "App manifest reference"."""
    made = manifest("https://abc.example/api")
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    assert len(made["features"]["shortcuts"]) <= 10
    for one in made["features"]["shortcuts"]:
        assert len(one["name"]) <= 24 and len(one["description"]) <= 150 and len(one["callback_id"]) <= 255


@pytest.mark.parametrize("url", ["http://abc.example", "abc.example/api", "", "https://", "https://a.example/?x=1"])
def test_an_address_slack_cannot_use_is_refused(url: str) -> None:
    with pytest.raises(NoAddress):
        endpoint(url)


def test_the_command_prints_yaml_or_json() -> None:
    arguments = ["slack", "manifest", "--url", "https://abc.example/api", "--name", "Heed test"]
    as_yaml, as_json = CliRunner().invoke(app, arguments), CliRunner().invoke(app, [*arguments, "--json"])
    wanted = manifest("https://abc.example/api", "Heed test")
    assert yaml.safe_load(as_yaml.stdout) == json.loads(as_json.stdout) == wanted


def test_the_command_says_what_address_it_wants() -> None:
    result = CliRunner().invoke(app, ["slack", "manifest", "--url", "http://abc.example"])
    assert result.exit_code == 2 and "no https address" in result.stderr
