"""``heed config``: the policy file, checked and compiled."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import reach
from infra.cli.doctor import show
from infra.cli.listeners import after_push
from infra.cli.output import AsJson, emit, fail
from infra.cli.slack import SLACK, Api, doubts

if TYPE_CHECKING:
    from chalicelib.storage import DynamoStore
    from infra.config import Checked, Problem

app = typer.Typer(help="Check the policy file, or show what it compiles to.", no_args_is_help=True)
PolicyFile = Annotated[str, typer.Argument(metavar="[FILE]", help="The policy file.", show_default=True)]
_COLOURS = {"error": "red", "warning": "yellow"}


@app.command("check")
def check_command(file: PolicyFile = "care.yaml", json: AsJson = False) -> None:
    """Say everything that is wrong with the policy file: the line, what is wrong, and what would be right."""
    from infra.config import check

    checked = check(file)
    if json:
        emit(checked.as_json())
    else:
        _report(checked.problems, err=False)
        typer.echo(_summary(checked))
    raise typer.Exit(0 if checked.ok else 1)


@app.command("show")
def show_command(file: PolicyFile = "care.yaml", json: AsJson = False) -> None:
    """Print what the running system reads: the policy as JSON, indented unless --json is given."""
    from infra.config import check, compile_config

    checked = check(file)
    if not checked.ok:
        _report(checked.errors, err=True)
        raise typer.Exit(1)
    emit(compile_config(checked, version=0), indent=None if json else 2)


@app.command("push")
def push_command(
    file: PolicyFile = "care.yaml",
    stage: Annotated[str, typer.Option(help="The stage that is to run it.")] = "dev",
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Push although Slack does not confirm an agent: they can do nothing.")
    ] = False,
    api: Api = SLACK,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the audit trail.")] = "",
    json: AsJson = False,
) -> None:
    """Put the policy file in force. A file with mistakes changes nothing; every version is kept.

    Slack is asked who each agent is. One whom it does not confirm is a mistake, too.
    Who pushed it and what changed stands in the logbook of every brand: heed audit export --operators.
    """
    from chalicelib.domain.instants import iso
    from chalicelib.storage.config import ConfigStore
    from infra.config import Mistaken, compiled
    from infra.config.holidays import holidays_until

    try:
        policy = compiled(Path(file))
    except Mistaken as mistakes:
        typer.secho(str(mistakes), fg="red", err=True)
        fail("nothing was pushed; the running policy stays", "Mend the lines above and push again.")
    _confirm(policy, stage, api, unverified)
    store = reach.store(stage)
    policies = ConfigStore(store.table)
    before = policies.current()
    pushed = policies.push({**policy, "pushed_at": iso(reach.now())})
    _enter(store, before, {**policy, "version": pushed}, reason)
    until = holidays_until(policy)
    known = f"; its calendars know the holidays until {until}, push it again before" if until else ""
    if json:
        emit({"stage": stage, "version": pushed, "holidays_until": until})
    else:
        typer.echo(f"{file} is version {pushed} on {stage}{known}")
    for line in after_push(policy, stage):
        typer.secho(line, fg="yellow", err=True)


def _confirm(policy: "dict[str, Any]", stage: str, api: str, unverified: bool) -> None:
    from chalicelib.domain.config import load_config
    from infra.cli.health import Health

    found = list(doubts(load_config(policy), stage, api))
    for one in found:
        show(one, err=True)
    if not unverified and any(one.health is Health.FAIL for one in found):
        fail("nothing was pushed; the running policy stays", "Mend what is named above, or push with --unverified.")


def _enter(store: "DynamoStore", before: "Mapping[str, Any] | None", after: "Mapping[str, Any]", reason: str) -> None:
    from chalicelib.domain.logbook import Entry
    from chalicelib.domain.timeline import Fact
    from chalicelib.service import logbook
    from infra.config.changes import changes, mark

    changed = {
        "version": [before and before["version"], after["version"]],
        "policy": [before and mark(before), mark(after)],
    }
    told = {"what": changes(before or {}, after), **({"reason": reason} if reason else {})}
    for brand in after["brands"]:
        entry = Entry(Fact.POLICY_PUSHED, reach.caller(), told, changed)
        logbook.enter(store, brand, entry, reach.now())


def _report(problems: Sequence["Problem"], *, err: bool) -> None:
    for problem in problems:
        typer.secho(str(problem), fg=_COLOURS[problem.level], err=err)


def _summary(checked: "Checked") -> str:
    warnings = _count(len(checked.warnings), "warning")
    if not checked.ok:
        return f"{checked.file}: {_count(len(checked.errors), 'error')}, {warnings}"
    policy = checked.policy
    sizes = {
        "brand": len(policy.brands),
        "account": len(policy.accounts),
        "queue": len(policy.queues),
        "rule": len(policy.rules),
        "agent": len(policy.agents),
    }
    counts = ", ".join(_count(size, noun) for noun, size in sizes.items())
    return f"{checked.file} is valid: {counts}; {warnings}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
