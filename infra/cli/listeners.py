"""``heed listeners``: who hears what is meant for those outside Slack."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import AsJson, emit, fail
from infra.cli.reach import Stage

if TYPE_CHECKING:
    from chalicelib.domain.escalation import Address
    from infra.listeners import Listener


def listeners(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="The policy file.")] = Path("care.yaml"),
    stage: Stage = "dev",
    subscribe: Annotated[bool, typer.Option("--subscribe", help="Subscribe every address that is missing.")] = False,
    json: AsJson = False,
) -> None:
    """List who is subscribed to the stage's escalations, and each address of the policy file that nobody receives for.

    Mail, phones and webhooks hear nothing until they are subscribed and, but for phones, have confirmed that. The exit
    code is 1 while somebody is missing.
    """
    from infra import listeners as known
    from infra.config import Mistaken, compiled

    try:
        policy = compiled(file)
    except Mistaken as mistakes:
        fail(str(mistakes), f"Mend the file first: heed config check {file}")
    arn, there = _there(stage)
    missing = list(known.unheard(known.addresses(policy), there))
    if subscribe:
        for address in [one for one, waits in missing if not waits]:
            known.subscribe(address, arn)
    if json:
        lacking = [{"way": one.way, "target": one.target, "confirm": waits} for one, waits in missing]
        emit({"topic": arn, "listeners": [_as_json(one) for one in there], "missing": lacking})
    else:
        _tell(there, missing, arn, subscribe)
    raise typer.Exit(1 if missing and not subscribe else 0)


def _there(stage: str) -> tuple[str, "list[Listener]"]:
    from botocore.exceptions import ClientError

    from infra import listeners as known

    arn = known.topic(stage)
    try:
        return arn, known.listeners(arn)
    except ClientError as error:
        fail(f"{arn} cannot be read: {error.response['Error']['Code']}", "Check --stage, AWS_PROFILE and AWS_REGION.")


def _tell(there: "list[Listener]", missing: "list[tuple[Address, bool]]", arn: str, subscribed: bool) -> None:
    for one in there:
        only = "everything, also what is meant for others" if one.only is None else one.only
        typer.echo(f"{one.protocol:<6} {one.endpoint}  {only if one.confirmed else 'not confirmed yet'}")
    for line in lines(missing, arn, subscribed):
        typer.echo(line)
    if not missing:
        typer.echo("everybody named in the policy file is reached")


def lines(missing: "list[tuple[Address, bool]]", arn: str, subscribed: bool = False) -> list[str]:
    """Each address that hears nothing, and what to do about it."""
    from infra.listeners import command

    found = []
    for address, waits in missing:
        if waits or subscribed:
            what = "has to confirm: ask them to open SNS's message" if address.way != "sms" else "is subscribed now"
            found.append(f"{address.way} {address.target} {what}")
        else:
            found.append(f"{address.way} {address.target} hears nothing yet:\n  {command(address, arn)}")
    return found


def after_push(policy: Mapping[str, Any], stage: str) -> list[str]:
    """Of a file that was just pushed, the addresses nobody receives for; nothing where SNS cannot be asked."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infra import listeners as known

    wanted = known.addresses(policy)
    if not wanted:
        return []
    try:
        arn = known.topic(stage)
        return lines(list(known.unheard(wanted, known.listeners(arn))), arn)
    except (BotoCoreError, ClientError) as error:
        return [f"whether mail and phones hear anything could not be seen ({type(error).__name__}): heed listeners"]


def _as_json(one: "Listener") -> dict[str, Any]:
    return {"protocol": one.protocol, "endpoint": one.endpoint, "confirmed": one.confirmed, "only": one.only}
