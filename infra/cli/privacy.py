"""``heed privacy``: everything about one person, taken out, kept, or erased for good."""

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import reach
from infra.cli.output import fail
from infra.cli.reach import Brand, Stage

if TYPE_CHECKING:
    from chalicelib.domain.contact import Contact
    from chalicelib.service.privacy import Eraser
    from chalicelib.storage import DynamoStore

app = typer.Typer(help="Export, hold or erase one person's data.", no_args_is_help=True)
ContactId = Annotated[str | None, typer.Option("--contact", help="The contact's id in Heed.")]
Channel = Annotated[str | None, typer.Option("--channel", help="The network they are known on.")]
Handle = Annotated[str | None, typer.Option("--handle", help="Their id, @name or phone number there.")]
By = Annotated[str, typer.Option("--by", help="Your key in care.yaml; it stands in the audit trail.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the audit trail. Name nobody.")]


@app.command("export")
def export_command(
    brand: Brand,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    contact: ContactId = None,
    channel: Channel = None,
    handle: Handle = None,
    notes: Annotated[bool, typer.Option(help="With what colleagues wrote among themselves.")] = True,
    stage: Stage = "dev",
) -> None:
    """Write all that is stored of one person as one JSON document."""
    from chalicelib.service.dossier import dossier

    store = reach.store(stage)
    found = dossier(store, brand, _person(store, brand, contact, channel, handle), notes=notes)
    out.write_text(jsonlib.dumps(found, ensure_ascii=False, indent=2), encoding="utf-8")
    typer.echo(f"wrote {len(found['cases'])} cases to {out}")


@app.command("erase")
def erase_command(
    brand: Brand,
    by: By,
    reason: Reason,
    contact: ContactId = None,
    channel: Channel = None,
    handle: Handle = None,
    stage: Stage = "dev",
) -> None:
    """Erase one person in every store, for good. A crash is mended by asking again."""
    from chalicelib.domain.ids import digest
    from chalicelib.domain.instants import iso
    from chalicelib.domain.privacy import Erasure
    from chalicelib.service.privacy import Held

    store, at = reach.store(stage), reach.now()
    person = _person(store, brand, contact, channel, handle)
    erasure = Erasure(digest("erasure", brand, person, iso(at)), brand, (person,), at, by, reason)
    try:
        erased = _eraser(store, stage).carry_out(erasure)
    except Held as held:
        fail(str(held), "heed privacy release --contact ID")
    counts = f"{erased.cases} cases, {erased.rows['Message']} messages, {erased.objects} raw objects"
    typer.echo(f"erased {counts}; code {erasure.code}")
    if erased.left:
        typer.echo(f"{erased.left} lines in Slack could not be deleted; delete them in the case's thread")


@app.command("hold")
def hold_command(brand: Brand, contact: str, by: By, reason: Reason, stage: Stage = "dev") -> None:
    """Keep everything of one person, however old it gets, and refuse to erase it."""
    from chalicelib.service.holding import hold

    count = hold(reach.store(stage), brand, contact, by, reason, reach.now())
    typer.echo(f"{contact} is under legal hold with {count} cases")


@app.command("release")
def release_command(brand: Brand, contact: str, by: By, reason: Reason, stage: Stage = "dev") -> None:
    """End a legal hold: from now on its data ages like all others."""
    from chalicelib.service.holding import release

    count = release(reach.store(stage), brand, contact, by, reason, reach.now())
    typer.echo(f"{contact} is released with {count} cases")


@app.command("reapply")
def reapply_command(stage: Stage = "dev") -> None:
    """After a restore of the table: erase again what had been erased. Do this before anything else reads it."""
    eraser = _eraser(reach.store(stage), stage)
    again, opened = eraser.again(), eraser.work()
    count, held = len(again.done), len(again.held) + len(opened.held)
    typer.echo(f"{count} erasures carried out again, {held} wait for a legal hold")


def _eraser(store: "DynamoStore", stage: str) -> "Eraser":
    from chalicelib.aws.vault import SsmVault
    from chalicelib.net.slack import SlackWebApi
    from chalicelib.service.privacy import Eraser

    token = SsmVault(f"/heed/{stage}", lambda: 0.0).slack().get("token", "")
    slack = SlackWebApi(token, "https://slack.com/api/") if token else None
    return Eraser(store, reach.archive(stage), lambda: slack, _Unmetered(), reach.now)


class _Unmetered:
    """Whoever runs the command reads what it prints."""

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        """Nothing to count for."""


def _person(store: "DynamoStore", brand: str, contact: str | None, channel: str | None, handle: str | None) -> str:
    """The contact's id. A network's own id leads to it; any other name is looked for in the whole table."""
    from chalicelib.domain.ids import contact_id
    from chalicelib.storage import census

    if contact is not None:
        return contact
    if channel is None or handle is None:
        fail("who?", "Give --contact ID, or --channel NETWORK and --handle NAME")
    direct = contact_id(brand, channel, handle)
    if store.contact(brand, direct)[0] is not None:
        return direct
    found = [one.id for one in census.contacts(store, brand) if _goes_by(one, channel, handle)]
    if len(found) != 1:
        fail(f"{len(found)} contacts go by that name", "Give --contact ID")
    return found[0]


def _goes_by(contact: "Contact", channel: str, handle: str) -> bool:
    wanted = handle.removeprefix("@").casefold()
    names = {
        name.removeprefix("@").casefold()
        for identity in contact.identities
        if identity.channel == channel
        for name in (identity.handle, identity.phone)
        if name
    }
    return wanted in names
