"""One Slack workspace as before, or several under keys; each queue then says which is its own."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.domain.config import Slack, load_config
from infra.config import check, compile_config, compiled

TWO = {"hill": {"team": "T0HILL", "app": "A0HILL"}, "mill": {"team": "T0MILL", "app": "A0MILL"}}
BOTH = {"social": "hill", "messages": "hill", "escalations": "mill"}


def written(folder: Path, slack: Any, workspaces: dict[str, str], people: str | None = "hill") -> Path:
    data = yaml.safe_load(Path("care.yaml").read_text())
    data["slack"] = slack
    for key, workspace in workspaces.items():
        data["queues"][key]["workspace"] = workspace
    for agent in data["agents"].values() if "hill" in slack else ():
        agent |= {"workspace": people} if people else {}
    file = folder / "care.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def test_one_workspace_stands_as_it_always_did(tmp_path: Path) -> None:
    config = load_config(compiled(written(tmp_path, {"team": "T0HEED", "app": "A0HEED"}, {})))
    assert config.slack == Slack("T0HEED", "A0HEED") and config.workspaces == {}
    assert config.slack.secrets == "slack"
    assert {config.workspace(queue) for queue in config.queues.values()} == {config.slack}
    assert config.workspace_of("T0HEED") == config.slack and config.workspace_of("T0OTHER") is None


def test_several_workspaces_have_their_secrets_apart(tmp_path: Path) -> None:
    config = load_config(compiled(written(tmp_path, TWO, BOTH)))
    hill, mill = config.workspaces["hill"], config.workspaces["mill"]
    assert (hill.secrets, mill.secrets) == ("slack/T0HILL", "slack/T0MILL")
    assert config.workspace(config.queues["social"]) == hill
    assert config.workspace(config.queues["escalations"]) == mill
    assert config.workspace_of("T0MILL") == mill and config.workspace_of("T0OTHER") is None


@pytest.mark.parametrize(
    ("slack", "workspaces", "what"),
    [
        (TWO, BOTH | {"social": "hil"}, 'unknown workspace "hil" in queue "social"'),
        (TWO, {"social": "hill", "messages": "hill"}, '"workspace" is missing in queue "escalations"'),
        ({"team": "T0HEED", "app": "A0HEED"}, {"social": "hill"}, 'unknown workspace "hill" in queue "social"'),
        (TWO | {"mill": TWO["hill"]}, BOTH, 'team T0HILL of workspace "mill" is that of workspace "hill" too'),
        (TWO | {"mill": {"team": "T0MILL"}}, BOTH, '"app" is missing in workspace "mill"'),
    ],
)
def test_mistakes_are_named(tmp_path: Path, slack: Any, workspaces: dict[str, str], what: str) -> None:
    checked = check(written(tmp_path, slack, workspaces))
    assert [problem.what for problem in checked.errors] == [what]
    assert all(problem.line for problem in checked.errors)


@pytest.mark.parametrize(
    ("people", "what"),
    [(None, '"workspace" is missing in agent "ana"'), ("hil", 'unknown workspace "hil" in agent "ana"')],
)
def test_an_agent_says_of_which_workspace_their_member_id_is(tmp_path: Path, people: str | None, what: str) -> None:
    assert what in [problem.what for problem in check(written(tmp_path, TWO, BOTH, people)).errors]


def test_somebody_may_work_in_two_workspaces_by_an_entry_for_each(tmp_path: Path) -> None:
    file = written(tmp_path, TWO, BOTH)
    data = yaml.safe_load(file.read_text())
    data["agents"]["ana-mill"] = {**data["agents"]["ana"], "workspace": "mill"}
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    config = load_config(compiled(file))
    slack = data["agents"]["ana"]["slack"]
    assert [one.id for team in ("T0HILL", "T0MILL") if (one := config.agent_in_slack(team, slack))] == [
        "ana",
        "ana-mill",
    ]


def test_a_channel_is_in_one_workspace_only(tmp_path: Path) -> None:
    file = written(tmp_path, TWO, BOTH)
    file.write_text(file.read_text().replace("C0ESCALATE", "C0SOCIAL"))
    (problem,) = check(file).errors
    assert "one channel in two workspaces" in problem.what


def test_a_file_with_several_workspaces_compiles_to_what_the_system_reads(tmp_path: Path) -> None:
    data = compile_config(check(written(tmp_path, TWO, BOTH)), 1)
    assert data["slack"] is None and list(data["workspaces"]) == ["hill", "mill"]
