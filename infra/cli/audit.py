"""``heed audit``: whether the history of every case is as it was written; exports that prove it without Heed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import reach
from infra.cli.output import AsJson, emit, fail
from infra.cli.reach import Brand, Stage

if TYPE_CHECKING:
    from chalicelib.domain.audit import Finding, Verdict
    from chalicelib.storage import DynamoStore

app = typer.Typer(help="Check and export the audit trail.", no_args_is_help=True)
CaseId = Annotated[str | None, typer.Option("--case", help="One case only.")]
ContactId = Annotated[str | None, typer.Option("--contact", help="All cases of one contact.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write, one JSON object a line.")]


@app.command("verify")
def verify_command(
    brand: Annotated[str | None, typer.Option(help="The key of the brand in care.yaml.")] = None,
    case: CaseId = None,
    file: Annotated[Path | None, typer.Option("--file", help="An export, checked by itself.")] = None,
    anchor: Annotated[Path | None, typer.Option("--anchor", help="Anchors written earlier, to hold against.")] = None,
    stage: Stage = "dev",
    json: AsJson = False,
) -> None:
    """Find every event that was changed, dropped, moved or put in. The exit code is 1 when there is one.

    Without --case every case of the brand is read, which scans the table.
    """
    report = _Report()
    if file is not None:
        _check_file(report, file)
    elif brand is None:
        fail("which brand?", "heed audit verify --brand BRAND, or --file EXPORT")
    else:
        _check_store(report, reach.store(stage), brand, case)
        if anchor is not None:
            _check_anchors(report, reach.store(stage), brand, anchor)
    report.tell(json=json)


@app.command("export")
def export_command(
    brand: Brand, out: Out, case: CaseId = None, contact: ContactId = None, stage: Stage = "dev"
) -> None:
    """Write the history of a case, or of all cases of a contact, so that it can be checked without Heed."""
    from chalicelib.domain.ids import case_id
    from chalicelib.service.audit import exported

    store = reach.store(stage)
    if case is not None:
        wanted = [case]
    elif contact is not None and (person := store.contact(brand, contact)[0]) is not None:
        wanted = [case_id(contact, number) for number in range(1, person.cases + 1)]
    else:
        fail("no such case or contact", "heed audit export --brand BRAND --case ID --out FILE, or --contact ID")
    count = _write(out, exported(store, brand, (one for one in wanted if store.case(brand, one))))
    typer.echo(f"wrote {count} lines to {out}; check them with: heed audit verify --file {out}")


@app.command("anchor")
def anchor_command(brand: Brand, out: Out, stage: Stage = "dev") -> None:
    """Write where every case's history ends now. Keep the file where nobody who may write the table can change it."""
    from chalicelib.service.audit import anchors
    from chalicelib.storage import census

    count = _write(out, anchors(census.cases(reach.store(stage), brand)))
    typer.echo(f"wrote {count} anchors to {out}; hold the table against them: heed audit verify --anchor {out}")


class _Report:
    """What was looked at and what was found."""

    def __init__(self) -> None:
        self.cases = self.events = self.unchained = self.expired = 0
        self.findings: list[Finding] = []

    def add(self, verdict: "Verdict") -> None:
        self.cases += 1
        self.events += verdict.events
        self.unchained += verdict.unchained
        self.expired += verdict.expired
        self.findings += verdict.findings

    def tell(self, *, json: bool) -> None:
        if json:
            emit(self.as_data())
        else:
            for one in self.findings:
                typer.echo(f"{one.case_id}  event {one.seq} {one.what}")
            told = f"{self.cases} cases, {self.events} events: {len(self.findings)} findings"
            typer.echo(f"{told}, {self.unchained} not chained, {self.expired} expired")
        raise typer.Exit(1 if self.findings else 0)

    def as_data(self) -> dict[str, Any]:
        found = [{"case": one.case_id, "seq": one.seq, "what": one.what} for one in self.findings]
        counts = {"cases": self.cases, "events": self.events, "unchained": self.unchained, "expired": self.expired}
        return {"ok": not found, **counts, "findings": found}


def _check_file(report: _Report, file: Path) -> None:
    from chalicelib.service.audit import NoTrail, check

    try:
        with file.open(encoding="utf-8") as lines:
            for _, verdict in check(lines):
                report.add(verdict)
    except (OSError, NoTrail) as error:
        fail(f"{file} cannot be checked: {error}", "Give a file that heed audit export has written")


def _check_store(report: _Report, store: "DynamoStore", brand: str, case: str | None) -> None:
    from chalicelib.service.audit import judged
    from chalicelib.storage import census

    retention, at = reach.retention(store), reach.now()
    known = [case] if case else sorted({one.id for one in census.cases(store, brand)} | census.histories(store, brand))
    for one in known:
        report.add(judged(store, brand, one, retention, at))
    if case is None:
        report.findings += _dropped(store, brand, set(known))


def _dropped(store: "DynamoStore", brand: str, known: set[str]) -> "Iterator[Finding]":
    """Whole cases that are gone; those of a contact who is old enough may have ended by their age."""
    from chalicelib.service.audit import missing
    from chalicelib.storage import census

    limit = reach.now() - reach.retention(store).cases
    for contact in census.contacts(store, brand):
        if contact.first_seen_at > limit:
            yield from missing(contact, known)


def _check_anchors(report: _Report, store: "DynamoStore", brand: str, file: Path) -> None:
    from chalicelib.service.audit import NoTrail, unanchored

    try:
        with file.open(encoding="utf-8") as lines:
            report.findings += unanchored(store, brand, lines)
    except (OSError, NoTrail) as error:
        fail(f"{file} cannot be read: {error}", "Give a file that heed audit anchor has written")


def _write(out: Path, lines: "Iterator[str]") -> int:
    count = 0
    with out.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(f"{line}\n")
            count += 1
    return count
