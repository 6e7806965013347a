"""``heed cost``: what a month on AWS costs, from counted calls and a dated price table."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.cli.output import AsJson, emit, fail

PROJECT = Path(__file__).parents[2]


def cost(
    messages: Annotated[float, typer.Option(min=1, help="Inbound messages a month.")] = 1e6,
    case_share: Annotated[float, typer.Option(min=0, max=1, help="How many of them open a case.")] = 0.1,
    replies: Annotated[float, typer.Option(min=0, help="Replies a case.")] = 1.0,
    webhook: Annotated[float, typer.Option(min=1, help="Messages in one webhook call.")] = 1.0,
    letters: Annotated[float, typer.Option(min=0, help="How often Slack tells of an answer being typed.")] = 30.0,
    json: AsJson = False,
) -> None:
    """Print what a month on AWS costs: by part, then line by line with the share of each."""
    model = _model()
    lines, idle = model.bill(model.Month(messages, case_share, replies, webhook, letters)), model.idle()
    table = model.prices()
    told = {"as_of": table["as_of"], "region": table["region"], "standing": sum(one.dollars for one in idle)}
    spent = {**told, "total": sum(one.dollars for one in lines), "parts": model.by_part(lines)}
    if json:
        every = {"lines": lines, "idle": idle}
        emit({**spent, **{name: [_line(one) for one in listed] for name, listed in every.items()}})
        return
    typer.echo(f"List prices as of {table['as_of']}, {table['region']}.\n")
    _print(spent, lines)
    if (case_share, replies) == model.COMPARABLE:
        lean = sum(table["design_c1"].values()) * messages / 1e6
        typer.echo(f"\nThe leanest design that keeps Step Functions: {lean:,.2f} ({spent['total'] / lean:.1f} times).")


def _print(spent: dict[str, Any], lines: list[Any]) -> None:
    for part, dollars in {**spent["parts"], "total": spent["total"]}.items():
        typer.echo(f"  {part:<10} {dollars:>10,.2f} $ a month")
    typer.echo(f"  and {spent['standing']:.2f} though nothing happens: alarms, metrics, empty queues, schedules\n")
    for one in lines:
        typer.echo(f"  {one.dollars:>10,.2f} {one.dollars / spent['total']:>6.1%}  {one.part}: {one.what}")


def _line(one: Any) -> dict[str, Any]:
    return {"part": one.part, "what": one.what, "number": one.number, "dollars": one.dollars}


def _model() -> Any:
    """The model stands beside the packages, with the counts it is tested against; it is no part of an installation."""
    if str(PROJECT) not in sys.path:
        sys.path.append(str(PROJECT))
    try:
        return import_module("bench.cost")
    except ModuleNotFoundError as error:
        fail(f"the cost model is not here ({error.name} is missing)", "Run it in a checkout of Heed, after: make setup")
