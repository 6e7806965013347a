"""``heed parse``: what Heed understands of a webhook body."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import ChannelName, emit, load_channel, read_bytes, unreadable

if TYPE_CHECKING:
    from chalicelib.channels.base import Channel

_POISON = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, OSError)
"""What a channel's parser raises over a body its network would never send."""


def parse(
    channel: ChannelName,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Webhook bodies as they came; - is stdin.")],
    json: Annotated[bool, typer.Option("--json", help="Taken, as by every command; it is always JSON.")] = False,
) -> None:
    """Print the events in each webhook body, one line of JSON per file."""
    network = load_channel(channel)
    answers = (_answer(network, file) for file in files)
    failed = 0
    for answer in answers:
        emit(answer)
        failed += "error" in answer
    if failed:
        raise typer.Exit(1)


def _answer(channel: "Channel", file: str) -> dict[str, Any]:
    from chalicelib.channels.base import Malformed
    from infra.cli.events import event_json

    try:
        body = channel.decode(read_bytes(file))
    except OSError as error:
        return {"file": file, "error": unreadable(error)}
    except Malformed as error:
        return {"file": file, "error": str(error)}
    try:
        return {"file": file, "events": [event_json(event) for event in channel.read(body)]}
    except _POISON as error:
        return {"file": file, "error": f"not a body {channel.title} writes ({type(error).__name__}: {error})"}
