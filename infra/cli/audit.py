"""``heed audit``: whether the history of every case is as it was written; exports that prove it without Heed."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import officer, reach
from infra.cli.officer import By, Reason
from infra.cli.output import AsJson, emit, fail
from infra.cli.reach import Brand, Stage

if TYPE_CHECKING:
    from chalicelib.domain.audit import Record
    from chalicelib.domain.verdict import Finding, Verdict
    from chalicelib.service.audit import Anchored
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
        _check_file(report, file, anchor)
    elif brand is None:
        fail("which brand?", "heed audit verify --brand BRAND, or --file EXPORT")
    else:
        store = reach.store(stage)
        _check_store(report, store, brand, case)
        if anchor is not None:
            _check_anchors(report, store, brand, anchor)
        if not report.cases:
            reach.must_know(store, brand)
    report.tell(json=json)


@app.command("export")
def export_command(
    brand: Brand,
    by: By,
    reason: Reason,
    out: Out,
    case: CaseId = None,
    contact: ContactId = None,
    operators: Annotated[bool, typer.Option("--operators", help="The logbook of the brand.")] = False,
    stage: Stage = "dev",
) -> None:
    """Write the history of a case, of all cases of a contact, or of operators, to be checked without Heed."""
    from chalicelib.domain.timeline import Fact
    from chalicelib.service.audit import exported

    store = reach.store(stage)
    wanted = _wanted(store, brand, case, contact, operators=operators)
    officer.enter(store, brand, Fact.TRAIL_EXPORTED, by, reason, cases=len(wanted))
    count = _write(out, exported(store, brand, wanted, reach.now()))
    typer.echo(f"wrote {count} lines to {out}; check them with: heed audit verify --file {out}")


def _wanted(store: "DynamoStore", brand: str, case: str | None, contact: str | None, *, operators: bool) -> list[str]:
    from chalicelib.domain.logbook import ID
    from chalicelib.service.person import cases

    person = store.contact(brand, contact)[0] if contact is not None else None
    found = [one.id for one in cases(store, person)] if person else []
    found += [case] if case is not None and store.case(brand, case) else []
    found += [ID] if operators and store.logbook(brand) else []
    if not found:
        fail("no such case or contact", "heed audit export --brand BRAND --case ID --out FILE, or --contact ID")
    return found


@app.command("anchor")
def anchor_command(brand: Brand, out: Out, stage: Stage = "dev") -> None:
    """Write where every case's history ends now. Keep the file where nobody who may write the table can change it."""
    from chalicelib.service.audit import anchors
    from chalicelib.storage import census

    store = reach.store(stage)
    book = store.logbook(brand)
    count = _write(out, anchors(store, chain(census.cases(store, brand), [book] if book else [])))
    if not count:
        reach.must_know(store, brand)
    check = f"heed audit verify --brand {brand} --anchor {out}"
    typer.echo(f"wrote {count} anchors to {out}; hold the table against them: {check}")


class _Report:
    """What was looked at and what was found."""

    def __init__(self) -> None:
        self.cases = self.events = self.unchained = self.expired = self.anchors = 0
        self.findings: list[Finding] = []

    def add(self, verdict: "Verdict") -> None:
        self.cases += 1
        self.events += verdict.events
        self.unchained += verdict.unchained
        self.expired += verdict.expired
        self.findings += verdict.findings

    def anchored(self, found: "Anchored") -> None:
        """Anchors that say nothing of what was looked at prove nothing."""
        self.anchors += found.hold
        self.expired += found.expired
        self.findings += found.findings
        if not (found.hold or found.expired or found.findings):
            fail("no anchor is about what was looked at", "Give anchors of this brand, written before the export")

    def tell(self, *, json: bool) -> None:
        if json:
            emit(self.as_data())
        else:
            for one in self.findings:
                typer.echo(f"{one.case_id}  event {one.seq} {one.what}")
            told = f"{self.cases} cases, {self.events} events: {len(self.findings)} findings"
            held = f", {self.anchors} anchors hold" if self.anchors else ""
            typer.echo(f"{told}, {self.unchained} not chained, {self.expired} expired{held}")
        raise typer.Exit(1 if self.findings else 0)

    def as_data(self) -> dict[str, Any]:
        found = [{"case": one.case_id, "seq": one.seq, "what": one.what} for one in self.findings]
        counts = {"cases": self.cases, "events": self.events, "unchained": self.unchained, "expired": self.expired}
        return {"ok": not found, **counts, "anchors": self.anchors, "findings": found}


def _check_file(report: _Report, file: Path, anchor: Path | None) -> None:
    from chalicelib.service.audit import NoTrail, check, in_file

    trails: dict[str, list[Record]] = {}
    try:
        with file.open(encoding="utf-8") as lines:
            for verdict, records in check(lines):
                report.add(verdict)
                trails |= {str(one.get("case_id")): records for one in records[:1]}
    except (OSError, NoTrail) as error:
        fail(f"{file} cannot be checked: {error}", "Give a file that heed audit export has written")
    if anchor is not None:
        _anchors(report, anchor, lambda lines: in_file(trails, lines))


def _check_store(report: _Report, store: "DynamoStore", brand: str, case: str | None) -> None:
    from chalicelib.service.audit import judged
    from chalicelib.storage import census

    retention, at = reach.retention(store), reach.now()
    if case is not None and store.event(brand, case, 1) is None and store.case(brand, case) is None:
        reach.must_know(store, brand)
        fail(f"{brand} has no case {case}", "A case's number stands at the foot of its card")
    known = [case] if case else sorted({one.id for one in census.cases(store, brand)} | census.histories(store, brand))
    for one in known:
        report.add(judged(store, brand, one, retention, at))
    if case is None:
        report.findings += _dropped(store, brand, set(known))
        report.findings += _policy(store, brand)


def _policy(store: "DynamoStore", brand: str) -> "Iterable[Finding]":
    """Whether the policy in force is the one that somebody was seen to push."""
    from chalicelib.service.audit import judged_policy
    from chalicelib.storage.config import ConfigStore
    from infra.config.changes import mark

    running = ConfigStore(store.table).current()
    return judged_policy(store, brand, mark(running)).findings if running and store.logbook(brand) else ()


def _dropped(store: "DynamoStore", brand: str, known: set[str]) -> "Iterator[Finding]":
    """Whole cases that are gone; those of a contact who is old enough may have ended by their age."""
    from chalicelib.service.audit import missing
    from chalicelib.storage import census

    limit = reach.now() - reach.retention(store).cases
    for contact in census.contacts(store, brand):
        if contact.first_seen_at > limit:
            yield from missing(store, contact, known)


def _check_anchors(report: _Report, store: "DynamoStore", brand: str, file: Path) -> None:
    from chalicelib.service.audit import in_store

    retention, at = reach.retention(store), reach.now()
    _anchors(report, file, lambda lines: in_store(store, brand, lines, retention, at))


def _anchors(report: _Report, file: Path, hold: "Callable[[Iterable[str]], Anchored]") -> None:
    from chalicelib.service.audit import NoTrail

    try:
        with file.open(encoding="utf-8") as lines:
            report.anchored(hold(lines))
    except (OSError, NoTrail) as error:
        fail(f"{file} cannot be used: {error}", "Give a file that heed audit anchor has written for this brand")


def _write(out: Path, lines: "Iterator[str]") -> int:
    count = 0
    with out.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(f"{line}\n")
            count += 1
    return count
