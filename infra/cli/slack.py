"""``heed slack``: the app's manifest, and whether everything in Slack is as it must be."""

import json as jsonlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.doctor import show
from infra.cli.output import AsJson, emit, fail

if TYPE_CHECKING:
    from chalicelib.aws.vault import SsmVault
    from chalicelib.domain.config import Config, Slack
    from chalicelib.domain.people import Agent
    from infra.cli.health import Finding
    from infra.slack.check import Setup

app = typer.Typer(help="Set Heed up in Slack, and check that it works there.", no_args_is_help=True)
SLACK = "https://slack.com/api/"
Api = Annotated[str, typer.Option(envvar="HEED_SLACK_API", hidden=True)]
Url = Annotated[str, typer.Option("--url", help="The address of Heed's API, such as https://abc.example/api.")]


@app.command("manifest")
def manifest_command(
    url: Url,
    name: Annotated[str, typer.Option(help="What the app is called in Slack.")] = "Heed",
    json: AsJson = False,
) -> None:
    """Print the manifest to paste at api.slack.com (Create New App, From a manifest): YAML, or JSON with --json."""
    import yaml

    from infra.slack.manifest import NoAddress, manifest

    try:
        made = manifest(url, name)
    except NoAddress as error:
        fail(str(error), "Give the https address that heed's deployment printed: --url https://abc.example/api")
    if json:
        emit(made, indent=2)
    else:
        typer.echo(yaml.safe_dump(made, sort_keys=False, allow_unicode=True), nl=False)


@app.command("check")
def check_command(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="The policy file.")] = Path("care.yaml"),
    url: Annotated[str | None, typer.Option("--url", help="Heed's API, to try the signature there.")] = None,
    workspace: Annotated[
        str, typer.Option(help="The key of one workspace in care.yaml, where there are several.")
    ] = "",
    stage: Annotated[str, typer.Option(help="The stage whose vault holds the secrets.")] = "dev",
    greet: Annotated[str, typer.Option(help="An agent who is written a short message, to try that.")] = "",
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the secrets as JSON from standard input.")] = False,
    api: Api = SLACK,
    json: AsJson = False,
) -> None:
    """Ask Slack and your own endpoint: token, permissions, channels, who the agents are, a request signed and taken.

    The exit code is 1 when something has to be done. What was not tried is named at the end. No secret is shown.
    """
    from infra.cli.health import Health
    from infra.slack.check import NOT_TRIED, examine

    config = _config(file)
    where = _workspace(config, workspace)
    setup = _setup(config, where, _secrets(stage, where.secrets, stdin))
    endpoint = None if url is None else url.rstrip("/").removesuffix("/slack") + "/slack"
    findings = list(examine(setup, api, endpoint, int(time.time()), _member(config, greet)))
    healthy = all(one.health is not Health.FAIL for one in findings)
    untried = [one.name for one in findings if one.says == NOT_TRIED]
    if json:
        emit({"ok": healthy, "not_tried": untried, "findings": [one.as_json() for one in findings]})
    else:
        for one in findings:
            show(one)
        typer.echo(_summary(healthy, untried))
    raise typer.Exit(0 if healthy else 1)


def _summary(healthy: bool, untried: list[str]) -> str:
    says = "All that was tried is well." if healthy else "Something has to be done."
    return f"{says} NOT TRIED: {', '.join(untried)}." if untried else says


def _member(config: "Config", agent: str) -> str | None:
    """The member id of an agent. No agent is nobody."""
    if not agent:
        return None
    known = config.agents.get(agent)
    return (known.slack if known else None) or fail(f"no agent {agent} with a member ID", "Name one of care.yaml")


def doubts(config: "Config", stage: str, api: str) -> "Iterator[Finding]":
    """The agents whom Slack does not confirm; and, as a warning, that a workspace could not be asked."""
    from chalicelib.aws.vault import SsmVault
    from infra.cli.health import Finding, Health
    from infra.slack.check import people
    from infra.slack.reach import WebApi

    vault = SsmVault(f"/heed/{stage}", time.monotonic)
    for where in config.workspaces.values() or [one for one in (config.slack,) if one]:
        if token := _token(vault, where):
            found = people(WebApi(token, api), where.team, _agents(config, where))
            yield from (one for one in found if one.health is not Health.OK)
        else:
            says = f"not verified: there is no token of workspace {where.team} on {stage}"
            yield Finding("agents", Health.WARN, says, "heed connect slack; then heed slack check")


def _token(vault: "SsmVault", where: "Slack") -> str:
    """Nothing for somebody who may push the policy and not read secrets."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(vault.slack(where.secrets).get("token") or "")
    except (ValueError, BotoCoreError, ClientError):
        return ""


def _agents(config: "Config", where: "Slack") -> "tuple[Agent, ...]":
    return tuple(one for one in config.agents.values() if one.slack and config.workplace(one) == where)


def _config(file: Path) -> "Config":
    from chalicelib.domain.config import load_config
    from infra.config import Mistaken, compiled

    try:
        return load_config(compiled(file))
    except (Mistaken, OSError) as error:
        fail(f"{file} cannot be used: {error}", f"See heed config check {file}")


def _workspace(config: "Config", key: str) -> "Slack":
    if config.workspaces:
        known = ", ".join(config.workspaces)
        return config.workspaces.get(key) or fail(f"which workspace? There are {known}", "Name one: --workspace KEY")
    return config.slack or fail(
        "the policy file names no workspace", "Add it: slack: {team: T0123ABCD, app: A0123ABCD}"
    )


def _secrets(stage: str, name: str, stdin: bool) -> dict[str, Any]:
    if not stdin:
        from chalicelib.aws.vault import SsmVault

        return SsmVault(f"/heed/{stage}", time.monotonic).slack(name)
    try:
        secrets = jsonlib.loads(sys.stdin.read())
    except ValueError:
        secrets = None
    if not isinstance(secrets, dict):
        fail("standard input is no JSON object", 'Send {"signing_secrets": ["..."], "token": "..."}')
    return secrets


def _setup(config: "Config", where: "Slack", secrets: dict[str, Any]) -> "Setup":
    from infra.slack.check import Setup

    queues = config.queues.items()
    channels = {key: queue.slack for key, queue in queues if queue.slack and config.workspace(queue) == where}
    signing = tuple(secrets.get("signing_secrets", ()))
    return Setup(where.team, channels, secrets.get("token", ""), signing, _agents(config, where))
