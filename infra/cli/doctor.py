"""``heed doctor``: what this machine has, and what to do about what it has not."""

import os
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import reach
from infra.cli.output import AsJson, emit

if TYPE_CHECKING:
    from infra.cli.health import Finding

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="The policy file.")] = Path("care.yaml"),
    stage: Annotated[str | None, typer.Option(help="Look at the policy file in force on this stage, too.")] = None,
    json: AsJson = False,
) -> None:
    """Look at this machine: Python, packages, ports, optional programs, AWS credentials, the policy file.

    Nothing is sent anywhere and no secret is shown; only calendars that the policy file names by address are read, and
    with --stage the stage's table. The exit code is 1 when something has to be done first.
    """
    from infra.cli.health import Health, Machine, examine, in_force

    requirements = tuple(metadata.requires("heed") or ())
    findings = list(examine(Machine(os.environ, Path.home(), file, requirements)))
    if stage is not None:
        findings.append(in_force(reach.policy(stage), stage, reach.now().date()))
    healthy = all(finding.health is not Health.FAIL for finding in findings)
    if json:
        emit({"ok": healthy, "findings": [finding.as_json() for finding in findings]})
    else:
        for finding in findings:
            show(finding)
    raise typer.Exit(0 if healthy else 1)


def show(finding: "Finding", *, err: bool = False) -> None:
    """One line of a report, and below it what to do."""
    mark = typer.style(f"{finding.health:<4}", fg=_COLOURS[finding.health])
    typer.echo(f"{mark}  {finding.name:<10}  {finding.says}", err=err)
    if finding.next_step:
        typer.echo(f"      {'':<10}  {finding.next_step}", err=err)
