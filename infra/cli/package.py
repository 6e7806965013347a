"""``heed package``: everything CloudFormation needs."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.cli.output import AsJson, emit


def package(
    stage: Annotated[str, typer.Option(help="The stage to build, one of those in .chalice/config.json.")] = "dev",
    out: Annotated[Path, typer.Option(help="Where the template and the zip go.")] = Path("build/package"),
    json: AsJson = False,
) -> None:
    """Build the CloudFormation template and the Lambda zip."""
    built: dict[str, Any] = import_module("infra.package").build(stage, out)
    if json:
        emit(built)
    else:
        for name, value in built.items():
            typer.echo(f"{name}: {value}")
