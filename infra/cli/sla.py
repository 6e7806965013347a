"""``heed sla``: what is promised and why, when it is due, and what another policy file would have made of it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import reach
from infra.cli.output import AsJson, emit, fail
from infra.cli.reach import Brand, Stage

if TYPE_CHECKING:
    from chalicelib.domain.case import Case
    from chalicelib.domain.config import Config
    from chalicelib.domain.policy import Traits
    from chalicelib.domain.timeline import TimelineEvent
    from chalicelib.storage import DynamoStore
    from infra.sla.history import Arrival

app = typer.Typer(help="Explain, preview and replay what is promised.", no_args_is_help=True)
PolicyFile = Annotated[str, typer.Argument(metavar="[FILE]", help="The policy file.", show_default=True)]
Out = Annotated[Path, typer.Option("--out", help="The file to write: CSV if it ends so, else JSON lines.")]
Live = Annotated[bool, typer.Option("--live", help="Only cases that live, from their index.")]
BrandName = Annotated[str | None, typer.Option(help="The key of the brand in care.yaml.")]


@app.command("explain")
def explain_command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")],
    brand: BrandName = None,
    stage: Stage = "dev",
    json: AsJson = False,
) -> None:
    """Say of each clock of a case what it promises, what paused it and why, and print its log.

    The log is reckoned anew and held against the case; the exit code is 1 where they differ.
    """
    from chalicelib.domain.explaining import explained
    from infra.sla.explain import as_json, in_words

    store = reach.store(stage)
    found = _case(store, brand, case)
    told = explained(found, _timeline(store, found), reach.now())
    emit(as_json(told)) if json else typer.echo("\n".join(in_words(told)))
    raise typer.Exit(1 if told.differences else 0)


@app.command("preview")
def preview_command(
    file: PolicyFile = "care.yaml",
    at: Annotated[
        str | None, typer.Option(help="When it arrives, such as 2026-06-01T09:14:02Z; now if not given.")
    ] = None,
    brand: BrandName = None,
    queue: Annotated[str | None, typer.Option(help="The team; the brand's own if not given.")] = None,
    priority: Annotated[str, typer.Option(help="low, normal, high or urgent.")] = "normal",
    channel: Annotated[str, typer.Option(help="The network it comes from.")] = "",
    kind: Annotated[str, typer.Option(help="message, comment, post, mention or review.")] = "message",
    language: Annotated[str, typer.Option(help="Such as de.")] = "",
    market: Annotated[str, typer.Option(help="The market of the account.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag of the contact; repeatable.")] = None,
    json: AsJson = False,
) -> None:
    """Say when a message arriving now, or at another time, would be due."""
    from chalicelib.domain.case import Origin
    from infra.sla.explain import previewed, previewed_words

    moment = reach.now() if at is None else _moment(at)
    config = _config(file, moment)
    origin = Origin(channel, kind, language, market, tuple(tag or ()))
    told = previewed(config, _traits(config, file, brand, queue, priority, origin), moment)
    emit(told) if json else typer.echo("\n".join(previewed_words(told)))


@app.command("simulate")
def simulate_command(
    arrivals: Annotated[Path, typer.Option(help="The history: CSV or JSON lines, see heed sla history.")],
    file: PolicyFile = "care.yaml",
    days: Annotated[int, typer.Option(min=1, help="So many last days of the history.")] = 14,
    against: Annotated[str | None, typer.Option(help="Another policy file, set beside the first.")] = None,
    json: AsJson = False,
) -> None:
    """Replay a history under a policy file: what would have been kept, what broken and by how much, and the load."""
    from infra.sla.replay import last_days
    from infra.sla.what_if import beside, simulated, simulated_words

    rows = _arrivals(arrivals)
    since = last_days(rows, days)
    config, outcomes = _played(rows, file, since)
    told = simulated(rows, config, outcomes, since)
    if against is not None:
        told["against"] = {"file": against, "lines": beside(outcomes, _played(rows, against, since)[1])}
    emit(told) if json else typer.echo("\n".join(simulated_words(told, file)))


@app.command("history")
def history_command(
    brand: Brand,
    out: Out,
    days: Annotated[int, typer.Option(min=1, help="So many days back.")] = 7,
    live: Live = False,
    stage: Stage = "dev",
) -> None:
    """Write when messages came and were answered, for heed sla simulate. No name and no word of anybody is in it.

    Solved cases stand in no index, so the whole table is read once, unless only those that live are asked for.
    """
    from infra.sla.history import arrivals, write

    store, since = reach.store(stage), reach.now() - timedelta(days=days)
    cases, read = _cases(store, brand, since, live=live)
    rows = [row for case in cases for row in arrivals(case, _timeline(store, case), since)]
    count = write(out, sorted(rows, key=lambda row: row.at))
    typer.echo(f"wrote {count} messages of {len({row.case for row in rows})} cases to {out}; {read}")


@app.command("pauses")
def pauses_command(
    brand: Brand,
    days: Annotated[int, typer.Option(min=1, help="So many days back.")] = 7,
    allow: Annotated[list[str] | None, typer.Option(help="A reason that is nobody's fault; repeatable.")] = None,
    live: Live = False,
    stage: Stage = "dev",
    json: AsJson = False,
) -> None:
    """Say who made clocks rest, why, and for how long. Reads the whole table once, as heed sla history does.

    That a case waits for its customer is as it should be, unless other reasons are allowed; all else is for care leads
    to look at.
    """
    from infra.sla.pauses import as_json, in_words, summed

    store, since = reach.store(stage), reach.now() - timedelta(days=days)
    cases, read = _cases(store, brand, since, live=live)
    found = summed((_timeline(store, case) for case in cases), since, reach.now())
    allowed = allow or ["pending"]
    emit(as_json(found, allowed)) if json else typer.echo("\n".join([*in_words(found, allowed), read]))


def _cases(store: "DynamoStore", brand: str, since: datetime, *, live: bool) -> "tuple[list[Case], str]":
    """The cases to which something was promised since then, and what it cost to find them."""
    from chalicelib.storage import census
    from infra.sla.history import touched

    if live:
        return _living(store, brand), "only cases that live were read"
    pages: list[int] = []
    found = [case for case in census.cases(store, brand, pages.append) if touched(case, since)]
    return found, f"{sum(pages):,} rows of the table were read for {len(found):,} cases"


def _case(store: "DynamoStore", brand: str | None, case_id: str) -> "Case":
    brands = [brand] if brand else list(_running(store).brands)
    found = next((case for one in brands if (case := store.case(one, case_id))), None)
    if found is None:
        fail(f"no case {case_id} in {', '.join(brands)}", "Check the id, --brand and --stage")
    return found


def _timeline(store: "DynamoStore", case: "Case") -> "list[TimelineEvent]":
    """The whole history of a case."""
    return store.timeline(case.brand, case.id, limit=max(case.seq, 1))


def _running(store: "DynamoStore") -> "Config":
    from chalicelib.domain.config import load_config
    from chalicelib.storage.config import ConfigStore

    policy = ConfigStore(store.table).current()
    if policy is None:
        fail("no policy file was pushed to this stage", "heed config push care.yaml --stage STAGE")
    return load_config(policy)


def _living(store: "DynamoStore", brand: str) -> "list[Case]":
    found: list[Case] = []
    for queue in _running(store).queues:
        after, more = "", True
        while more:
            cases, after = store.live(brand, queue, after, 100)
            found, more = found + cases, bool(after)
    return found


def _config(file: str, at: datetime) -> "Config":
    """A policy file with the holidays of that time."""
    from chalicelib.domain.config import load_config
    from infra.config import check, compile_config

    checked = check(file, today=at.date())
    if not checked.ok:
        fail("\n".join(map(str, checked.errors)), f"heed config check {file}")
    return load_config(compile_config(checked, version=0))


def _traits(config: "Config", file: str, brand: str | None, queue: str | None, priority: str, origin: Any) -> "Traits":
    from chalicelib.domain.case import Priority
    from chalicelib.domain.policy import Traits

    key = brand or next(iter(config.brands))
    if key not in config.brands:
        fail(f"{file} has no brand {key}", f"There are: {', '.join(config.brands)}")
    team = queue or config.brands[key].queue
    if team not in config.queues:
        fail(f"{file} has no queue {team}", f"There are: {', '.join(config.queues)}")
    if priority not in set(Priority):
        fail(f"no such priority: {priority}", f"There are: {', '.join(Priority)}")
    return Traits(key, team, Priority(priority), origin)


def _moment(text: str) -> datetime:
    from chalicelib.domain.instants import instant

    try:
        return instant(text)
    except ValueError:
        fail(f"no time with an offset: {text}", "Write it as 2026-06-01T09:14:02Z or 2026-06-01T09:14+02:00")


def _arrivals(file: Path) -> "list[Arrival]":
    from infra.sla.history import BadHistory, read

    try:
        return read(file)
    except BadHistory as mistakes:
        fail(f"{file} cannot be replayed\n  {str(mistakes).replace(chr(10), chr(10) + '  ')}", "See docs/sla.md")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}", "heed sla simulate care.yaml --arrivals FILE")


def _played(rows: "list[Arrival]", file: str, since: datetime) -> "tuple[Config, list[Any]]":
    from chalicelib.domain.errors import Refusal
    from infra.sla.replay import play

    config = _config(file, rows[0].at)
    try:
        return config, play(rows, config, since)
    except Refusal as refusal:
        fail(str(refusal), "Give the history and the file the same brands")
