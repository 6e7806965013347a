"""``heed dlq``: what could not be processed, why, and how it is sent back once that is mended."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import officer, reach
from infra.cli.output import AsJson, emit, fail
from infra.cli.reach import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from infra.cli.letters import Letter, Queue

app = typer.Typer(help="Look at dead letters and send them back.", no_args_is_help=True)
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="Such as inbound, outbound or team-social.")]
STREAM = "publisher"
COLUMNS = ("queue", "count", "reason", "code_version", "first_seen")


@app.command("list")
def list_command(
    queue: Annotated[str | None, typer.Argument(metavar="[QUEUE]", help="One queue, letter by letter.")] = None,
    stage: Stage = "dev",
    json: AsJson = False,
) -> None:
    """Count the dead letters of every queue by reason, or name those of one. The exit code is 1 when there are any."""
    if queue is not None:
        source = _queue(stage, queue)
        found = source.letters()
        told = [one.as_json() for one in found]
        lines = [*(_line(one) for one in found), *_unseen(source, len(found))]
    else:
        lying = [(one, one.letters()) for one in _queues(stage) if one.count()]
        groups = [group for one, letters in lying for group in _groups(one.name, letters)]
        told = [dict(zip(COLUMNS, one, strict=True)) for one in groups]
        lines = ["  ".join(str(part) for part in one) for one in groups]
        lines += [line for one, letters in lying for line in _unseen(one, len(letters))]
    if json:
        emit(told)
    else:
        typer.echo("\n".join(lines) or "nothing lies in any dead-letter queue")
    raise typer.Exit(1 if told else 0)


def _unseen(queue: "Queue", seen: int) -> list[str]:
    """The queue's own count, where it knows of more than could be looked at."""
    there = queue.count()
    return [f"{queue.name}  {there} lie there, {seen} could be looked at; redrive goes on to the others"] * (
        there > seen
    )


def _groups(name: str, letters: list["Letter"]) -> list[tuple[str, int, str, str, str]]:
    """One row for each reason and version of the code, the most frequent first."""
    counts = Counter((one.reason, one.code_version or "?") for one in letters)
    first = {(one.reason, one.code_version or "?"): one.first_seen for one in reversed(letters)}
    return [(name, count, *why, f"{first[why]:%Y-%m-%dT%H:%MZ}") for why, count in counts.most_common()]


@app.command("show")
def show_command(
    queue: QueueName,
    letter: Annotated[str, typer.Argument(metavar="ID", help="As heed dlq list QUEUE names it.")],
    raw: Annotated[bool, typer.Option("--raw", help="With what people wrote. Do not paste it anywhere.")] = False,
    stage: Stage = "dev",
) -> None:
    """Show one letter: why it lies there, since when, by which code, and its body with all words masked.

    Who asked for the words stands in the logbook.
    """
    from chalicelib.domain.timeline import Fact
    from infra.cli.letters import masked

    found = next((one for one in _queue(stage, queue).letters() if one.id == letter), None)
    if found is None:
        fail(f"no letter {letter} lies in {queue}", f"See what does: heed dlq list {queue} --stage {stage}")
    if raw:
        officer.everywhere(reach.store(stage), Fact.LETTER_SHOWN, {"queue": queue, "letter": found.id})
    emit(found.as_json(found.body if raw else masked(found.body)), indent=2)


@app.command("redrive")
def redrive_command(
    queue: QueueName,
    letter: Annotated[list[str] | None, typer.Option("--id", help="Only this one; repeatable.")] = None,
    reason: Annotated[str, typer.Option(help="Only those whose reason holds this text.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    stage: Stage = "dev",
    json: AsJson = False,
) -> None:
    """Send dead letters back to their queue. Safe to break off and to repeat: what is done twice has effect once.

    One that fails again comes back here and counts how often it was sent. Who sent what stands in the logbook before
    the first one goes.
    """
    source, now = _queue(stage, queue), reach.now()
    wanted = frozenset(one.id for one in source.letters() if _meant(one, letter, reason)) if letter or reason else None
    if dry_run:
        going = [one for one in source.letters() if wanted is None or one.id in wanted]
    else:
        going = _sent(stage, source, now, wanted)
    if json:
        emit({"queue": source.name, "redriven": [one.as_json() for one in going], "left": source.count()})
    else:
        done = (
            "would go" if dry_run else "removed, as their rows are delivered" if source.name == STREAM else "sent back"
        )
        typer.echo("\n".join([*(_line(one) for one in going), f"{len(going)} {done}; {source.count()} lie there now"]))


def _sent(stage: str, source: "Queue", now: "datetime", wanted: frozenset[str] | None) -> "list[Letter]":
    """Enter it, then do it: a process that dies on the way has left its word."""
    from chalicelib.domain.timeline import Fact
    from infra.cli.letters import redrive, remove

    if source.name == STREAM:
        _must_be_delivered(stage)
    if count := source.count() if wanted is None else len(wanted):
        officer.everywhere(reach.store(stage), Fact.LETTERS_REDRIVEN, {"queue": source.name, "count": count})
    return list((remove if source.name == STREAM else redrive)(source, now, wanted))


def _must_be_delivered(stage: str) -> None:
    """A stream's letters only name records. Their rows still say what they owe, and the sweep does it every minute."""
    from chalicelib.service.outbox import GRACE

    if any(reach.store(stage).pending(reach.now() - GRACE)):
        fail("rows still owe effects", "The sweep tries them every minute: see docs/runbooks/publisher.md")


def _queues(stage: str) -> list["Queue"]:
    from infra.cli.letters import queues

    found = queues(stage)
    if not found:
        fail(f"stage {stage} has no queues here", "Check --stage, AWS_PROFILE and AWS_REGION (or AWS_ENDPOINT_URL).")
    return found


def _queue(stage: str, name: str) -> "Queue":
    known = _queues(stage)
    found = next((one for one in known if one.name == name), None)
    if found is None:
        fail(f"no queue is called {name}", f"There are: {', '.join(one.name for one in known)}")
    return found


def _meant(letter: "Letter", ids: list[str] | None, reason: str) -> bool:
    return (not ids or letter.id in ids) and reason in letter.reason


def _line(one: "Letter") -> str:
    tried = f", sent back {one.redriven} times" if one.redriven else ""
    return f"{one.id}  {one.first_seen:%Y-%m-%dT%H:%MZ}  {one.code_version or '?'}  {one.reason}{tried}"
