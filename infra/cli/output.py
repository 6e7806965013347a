"""What every command shares: JSON that any terminal can take, and errors that say what, why and what next."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from chalicelib.channels.base import Channel

STDIN = "-"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
ChannelName = Annotated[str, typer.Argument(metavar="CHANNEL", help="The network, such as facebook or telegram.")]


def emit(data: Any, indent: int | None = None) -> None:
    """One JSON document. Text the terminal cannot show is escaped, lone surrogates included."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=indent)
    typer.echo(text)


def fail(what: str, next_step: str) -> NoReturn:
    """A mistake in how the command was called."""
    typer.echo(f"heed: {what}\n  {next_step}", err=True)
    raise typer.Exit(2)


def load_channel(name: str) -> "Channel":
    from chalicelib.channels import load

    try:
        return load(name)
    except LookupError as error:
        fail(str(error.args[0]), "Name one of them: heed parse CHANNEL FILE")


def read_bytes(file: str) -> bytes:
    """The file's bytes, or those of standard input for ``-``. Raises OSError."""
    return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()


def unreadable(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or str(error)).lower()}"
