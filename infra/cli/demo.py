"""``heed demo``: the whole of Heed on this machine."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.output import AsJson


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """``endpoint`` is an AWS that runs already; without one an embedded AWS is started."""

    endpoint: str | None
    storm: int
    seed: int
    exit: bool
    json: bool
    port: int
    data: Path | None


def demo(
    endpoint: Annotated[str | None, typer.Option(help="Use this AWS endpoint instead of the embedded one.")] = None,
    storm: Annotated[int, typer.Option(min=0, help="How many customers write, one to three messages each.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed sends the same storm.")] = 1,
    leave: Annotated[bool, typer.Option("--exit", help="Stop when the storm has been worked off.")] = False,
    json: AsJson = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The first of the local ports to use.")] = 8700,
    data: Annotated[
        Path | None, typer.Option(help="Keep the embedded AWS's data here; without it nothing is left behind.")
    ] = None,
) -> None:
    """Run all of Heed on this machine, with a storm of webhooks and no AWS account."""
    options = DemoOptions(endpoint=endpoint, storm=storm, seed=seed, exit=leave, json=json, port=port, data=data)
    import_module("infra.local.demo").run(options)
