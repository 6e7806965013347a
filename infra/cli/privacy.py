"""``heed privacy``: everything about one person, taken out, kept, or erased for good."""

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import officer, persons, reach
from infra.cli.officer import By, Reason
from infra.cli.output import AsJson, emit, fail
from infra.cli.persons import Channel, ContactIds, Handle
from infra.cli.reach import Brand, Stage

if TYPE_CHECKING:
    from chalicelib.service.privacy import Eraser, Outcome
    from chalicelib.storage import DynamoStore

app = typer.Typer(help="Find, export, hold or erase one person's data.", no_args_is_help=True)


@app.command("find")
def find_command(
    brand: Brand,
    contact: ContactIds = None,
    channel: Channel = None,
    handle: Handle = None,
    stage: Stage = "dev",
    json: AsJson = False,
) -> None:
    """Say who somebody is, and who may be the same person on another network. Scans the table.

    Changes nothing; who looked stands in the logbook.
    """
    from chalicelib.domain.timeline import Fact

    store = reach.store(stage)
    people = persons.named(store, brand, contact, channel, handle)
    found = [(one, "") for one in people]
    found += [pair for one in people for pair in persons.alike(store, brand, one)]
    officer.looked(store, brand, Fact.PERSON_FOUND, list(dict.fromkeys(one.id for one, _ in found)))
    told = [
        {"contact": one.id, "channels": [each.channel for each in one.identities], "cases": one.cases, "shares": why}
        for one, why in found
    ]
    if json:
        emit(told)
        return
    for one, why in found:
        networks = ", ".join(each.channel for each in one.identities)
        typer.echo(
            f"{one.id}  {networks}, {one.cases} cases" + (f"; perhaps the same person: shares {why}" if why else "")
        )


@app.command("export")
def export_command(
    brand: Brand,
    by: By,
    reason: Reason,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    contact: ContactIds = None,
    channel: Channel = None,
    handle: Handle = None,
    notes: Annotated[bool, typer.Option(help="With what colleagues wrote among themselves.")] = True,
    stage: Stage = "dev",
) -> None:
    """Write all that is stored of one person as one JSON document; of several contacts, a list of them."""
    from chalicelib.domain.timeline import Fact
    from chalicelib.service.dossier import dossier

    store = reach.store(stage)
    people = [one.id for one in persons.named(store, brand, contact, channel, handle)]
    officer.enter(store, brand, Fact.PERSON_EXPORTED, by, reason, contacts=people, notes=notes)
    found = [dossier(store, brand, one, notes=notes) for one in people]
    told = found if len(found) > 1 else found[0]
    out.write_text(jsonlib.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    typer.echo(f"wrote {sum(len(one['cases']) for one in found)} cases to {out}")


@app.command("erase")
def erase_command(
    brand: Brand,
    by: By,
    reason: Reason,
    contact: ContactIds = None,
    channel: Channel = None,
    handle: Handle = None,
    stage: Stage = "dev",
) -> None:
    """Erase one person in every store, for good. Name every contact they are; a crash is mended by asking again."""
    from chalicelib.domain.ids import digest
    from chalicelib.domain.instants import iso
    from chalicelib.domain.privacy import Erasure
    from chalicelib.service.privacy import NOT_YET, Held

    store, at = reach.store(stage), reach.now()
    people = tuple(one.id for one in persons.named(store, brand, contact, channel, handle))
    officer.permitted(store, brand, by)
    code = digest("erasure", brand, *people, iso(at))
    erasure = Erasure(code, brand, people, at, by, reason, reach.caller())
    try:
        erased = _eraser(store, stage).carry_out(erasure)
    except Held as held:
        fail(str(held), "heed privacy release --contact ID")
    except NOT_YET as why:
        typer.echo(f"not done yet ({why}); the eraser goes on by itself, code {erasure.code}: heed privacy requests")
        raise typer.Exit(1) from why
    counts = f"{erased.cases} cases, {erased.rows['Message']} messages, {erased.objects} raw objects"
    typer.echo(f"erased {counts}; code {erasure.code}")
    if erased.left:
        typer.echo(f"{erased.left} lines in Slack can only be deleted by people; look into the threads of the cases")


@app.command("hold")
def hold_command(brand: Brand, by: By, reason: Reason, contact: ContactIds = None, stage: Stage = "dev") -> None:
    """Keep everything of one person, however old it gets, and refuse to erase it."""
    from chalicelib.domain.timeline import Fact
    from chalicelib.service.holding import hold

    store = reach.store(stage)
    people = [one.id for one in persons.named(store, brand, contact, None, None)]
    officer.enter(store, brand, Fact.PERSON_HELD, by, reason, contacts=people)
    for one in people:
        count = hold(store, brand, one, by, reason, reach.now())
        typer.echo(f"{one} is under legal hold with {count} cases")


@app.command("release")
def release_command(brand: Brand, by: By, reason: Reason, contact: ContactIds = None, stage: Stage = "dev") -> None:
    """End a legal hold: from now on its data ages like all others."""
    from chalicelib.domain.timeline import Fact
    from chalicelib.service.holding import release

    store = reach.store(stage)
    people = [one.id for one in persons.named(store, brand, contact, None, None)]
    officer.enter(store, brand, Fact.PERSON_RELEASED, by, reason, contacts=people)
    for one in people:
        count = release(store, brand, one, by, reason, reach.now())
        typer.echo(f"{one} is released with {count} cases")


@app.command("requests")
def requests_command(stage: Stage = "dev", json: AsJson = False) -> None:
    """List the requests to erase somebody that are still open. The exit code is 1 when there are any."""
    from chalicelib.domain.instants import iso
    from chalicelib.service.privacy import OPEN, held, requests

    store = reach.store(stage)
    found = [(one, held(store, one)) for one in requests(reach.archive(stage), OPEN)]
    if json:
        emit([{"code": one.code, "brand": one.brand, "asked_at": iso(one.at), "held": why} for one, why in found])
    for one, why in found if not json else ():
        state = "kept by a legal hold" if why else "goes on by itself"
        typer.echo(f"{one.code}  {one.brand}  asked {iso(one.at)} by {one.by}: {state}")
    raise typer.Exit(1 if found else 0)


@app.command("reapply")
def reapply_command(stage: Stage = "dev") -> None:
    """After a restore of the table: erase again what had been erased. Do this before anything else reads it."""
    from chalicelib.domain.timeline import Fact

    store = reach.store(stage)
    eraser = _eraser(store, stage)
    again, opened = eraser.again(), eraser.work()
    officer.everywhere(store, Fact.ERASURES_REAPPLIED, {"count": len(again.done)})
    _tell(again, opened)


def _tell(again: "Outcome", opened: "Outcome") -> None:
    held = [*again.held, *opened.held]
    typer.echo(f"{len(again.done)} erasures carried out again, {len(held)} wait for a legal hold")
    for code in held:
        typer.echo(f"{code}  held")
    undone = [*again.waiting, *opened.waiting]
    failures = [type(one).__name__ for one in (*again.failures, *opened.failures)]
    if undone or failures:
        fail(f"{len(undone)} are not done yet, {len(failures)} failed: {', '.join(failures)}", "heed privacy reapply")


def _eraser(store: "DynamoStore", stage: str) -> "Eraser":
    from chalicelib.service.privacy import Eraser

    return Eraser(store, reach.archive(stage), lambda: reach.slack(store, stage), _Unmetered(), reach.now)


class _Unmetered:
    """Whoever runs the command reads what it prints."""

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        """Nothing to count for."""
