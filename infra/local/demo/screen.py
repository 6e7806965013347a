"""What a person sees meanwhile, on standard error. Standard output belongs to the JSON."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.local.demo.assembly import Demo


@dataclass
class Bars:
    """The rows of the progress display."""

    progress: Progress
    rows: dict[str, TaskID]

    def expect(self, name: str, total: int) -> None:
        self.progress.update(self.rows[name], total=total)

    def show(self, name: str, completed: int) -> None:
        self.progress.update(self.rows[name], completed=completed)


class Screen:
    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        self.console.print(text)

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        with self.console.status(text):
            yield

    @contextmanager
    def bars(self, names: Sequence[str]) -> Iterator[Bars]:
        """One row each, counting without an end until one is expected. Without a terminal nothing moves."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as progress:
            yield Bars(progress, {name: progress.add_task(name, total=None) for name in names})

    def started(self, demo: Demo) -> None:
        for port in demo.moved:
            self.say(f"[yellow]Port {port} is taken, so another one is used.[/]")
        names = ", ".join(f"{account.network}" for account in demo.accounts)
        self.say(f"[bold green]Heed is up.[/] Accounts on {names}. Slack: {demo.slack.url}")

    def next_steps(self, urls: dict[str, str]) -> None:
        table = Table.grid(padding=(0, 2))
        for name, url in urls.items():
            table.add_row(f"[bold]{name.replace('_', ' ')}[/]", url)
        self.console.print(table)
        self.say(
            "Open Slack, press [bold]Take[/] or [bold]Reply[/] on a card, and look at networks state for your answer."
        )
        self.say("A new customer writes every now and then. Press [bold]Ctrl-C[/] to stop; nothing is left behind.")

    def result(self, told: dict[str, Any]) -> None:
        table = Table.grid(padding=(0, 2))
        for name, value in told.items():
            if isinstance(value, int | float | dict):
                table.add_row(f"[bold]{name}[/]", str(value))
        self.console.print(table)
        for problem in told["problems"]:
            self.say(f"[red]{problem}[/]")


def urls(demo: Demo) -> dict[str, str]:
    return {
        "slack": demo.slack.url,
        "slack_state": f"{demo.slack.url}/_double/state",
        "webhooks": f"{demo.heed.url}/hooks/facebook/{demo.accounts[0].key}",
        "networks_state": f"{demo.networks.url}/_double/state",
    }
