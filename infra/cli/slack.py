"""``heed slack``: the app's manifest, and whether everything in Slack is as it must be."""

import json as jsonlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.doctor import show
from infra.cli.output import AsJson, emit, fail

if TYPE_CHECKING:
    from chalicelib.domain.config import Config, Slack
    from infra.slack.check import Setup

app = typer.Typer(help="Set Heed up in Slack, and check that it works there.", no_args_is_help=True)
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
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the secrets as JSON from standard input.")] = False,
    api: Annotated[str, typer.Option(envvar="HEED_SLACK_API", hidden=True)] = "https://slack.com/api/",
    json: AsJson = False,
) -> None:
    """Ask Slack and your own endpoint: token, permissions, every queue's channel, a request signed and taken.

    The exit code is 1 when something has to be done. No secret is shown.
    """
    from infra.cli.health import Health
    from infra.slack.check import examine

    config = _config(file)
    where = _workspace(config, workspace)
    setup = _setup(config, where, _secrets(stage, where.secrets, stdin))
    endpoint = None if url is None else url.rstrip("/").removesuffix("/slack") + "/slack"
    findings = list(examine(setup, api, endpoint, int(time.time())))
    healthy = all(one.health is not Health.FAIL for one in findings)
    if json:
        emit({"ok": healthy, "findings": [one.as_json() for one in findings]})
    else:
        for one in findings:
            show(one)
    raise typer.Exit(0 if healthy else 1)


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
    return Setup(where.team, channels, secrets.get("token", ""), tuple(secrets.get("signing_secrets", ())))
