"""``heed demo``: all of Heed on this machine, with a storm of customers and a team that answers some of them."""

from typing import TYPE_CHECKING

from infra.local.demo.interrupts import interruptible

if TYPE_CHECKING:
    from infra.cli.demo import DemoOptions

__all__ = ["run"]


def run(options: "DemoOptions") -> None:
    """Raises typer.Exit: 1 when something was lost or doubled, 130 when a storm was broken off."""
    import typer

    with interruptible() as stop:
        from infra.local.demo.play import play

        code = play(options, stop)
    if code:
        raise typer.Exit(code)
