"""``heed verify``: whether a webhook would be let in, and why not."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import AsJson, ChannelName, emit, fail, load_channel, read_bytes, unreadable

if TYPE_CHECKING:
    from chalicelib.channels.base import Channel, Inbound


def verify(
    channel: ChannelName,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The webhook's body, byte for byte; - is stdin.")],
    secret: Annotated[list[str], typer.Option("--secret", help="A secret that may have signed it; repeatable.")],
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", help="A header, as 'Name: value'; repeatable.")
    ] = None,
    now: Annotated[str | None, typer.Option(help="Judge as of this time: Unix seconds or ISO 8601.")] = None,
    json: AsJson = False,
) -> None:
    """Say whether a webhook's signature is accepted. The exit code is 0 when it is, 1 when not."""
    from chalicelib.channels.base import Inbound

    network = load_channel(channel)
    request = Inbound("POST", dict(_header(one) for one in header or ()), body=_body(file))
    refusal = _refusal(network, request, secret, _instant(now))
    if json:
        emit({"channel": channel, "accepted": refusal is None, "reason": refusal})
    elif refusal is None:
        typer.echo("accepted: the signature matches")
    else:
        typer.echo(f"refused: {refusal}")
    raise typer.Exit(0 if refusal is None else 1)


def _refusal(channel: "Channel", request: "Inbound", secrets: list[str], now: datetime) -> str | None:
    from chalicelib.channels.base import Refused

    try:
        channel.verify(request, secrets, now)
    except Refused as error:
        return str(error)
    return None


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        fail(f"{text!r} is not a header", "Write it as --header 'Name: value'.")
    return name.strip().lower(), value.strip()


def _body(file: str) -> bytes:
    try:
        return read_bytes(file)
    except OSError as error:
        fail(f"{file} {unreadable(error)}", "Give the file that holds the webhook's body, or - for standard input.")


def _instant(text: str | None) -> datetime:
    from chalicelib.domain.instants import from_seconds, instant

    if text is None:
        return datetime.now(UTC)
    try:
        return from_seconds(text) if text.isdecimal() else instant(text)
    except (ValueError, OverflowError, OSError) as error:
        fail(f"--now {text} is no time: {error}", "Write Unix seconds, or ISO 8601 such as 2026-06-01T09:14:02Z.")
