"""``heed version``."""

from importlib.metadata import version as installed

import typer

from infra.cli.output import AsJson, emit


def version(json: AsJson = False) -> None:
    """Print the version of Heed."""
    number = installed("heed")
    if json:
        emit({"version": number})
    else:
        typer.echo(f"heed {number}")
