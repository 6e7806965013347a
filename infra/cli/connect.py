"""``heed connect``: an account's secrets into the vault of a stage, without touching a command line or a file."""

import json as jsonlib
import sys
from typing import Annotated, Any

import typer

from chalicelib.domain.config import POLICY_OPTIONS
from infra.cli.output import fail

SLACK = "slack"
FIELDS = {
    SLACK: {"signing_secrets", "token"},
    "hook": {"secrets", "verify_token", "token", "app_id", "account", "api", "options"},
}


def connect(
    channel: Annotated[str, typer.Argument(help="The network, such as telegram, or slack.")],
    account: Annotated[
        str, typer.Argument(help="The account's key in care.yaml; for slack the team's id, if there are several.")
    ] = "",
    stage: Annotated[str, typer.Option(help="The stage whose vault it goes to.")] = "dev",
) -> None:
    """Read the secrets as JSON from standard input and store them encrypted.

    A network: {"secrets": ["..."], "token": "...", "verify_token": "..."}.
    Slack: {"signing_secrets": ["..."], "token": "..."}.
    """
    name = f"{SLACK}/{account}".rstrip("/") if channel == SLACK else f"hooks/{channel}/{account}"
    if channel != SLACK and not account:
        fail("which account?", f"heed connect {channel} ACCOUNT --stage {stage} < secrets.json")
    secret = _secret(sys.stdin.read(), FIELDS[SLACK if channel == SLACK else "hook"])
    import boto3

    path = f"/heed/{stage}/{name}"
    boto3.client("ssm").put_parameter(Name=path, Value=jsonlib.dumps(secret), Type="SecureString", Overwrite=True)
    typer.echo(f"stored {path}; running functions use it within five minutes")


def _secret(text: str, fields: set[str]) -> dict[str, Any]:
    try:
        secret = jsonlib.loads(text)
    except ValueError:
        fail("standard input is not JSON", 'Send an object such as {"secrets": ["..."], "token": "..."}')
    if not isinstance(secret, dict) or set(secret) - fields:
        odd = sorted(set(secret) - fields) if isinstance(secret, dict) else "no object"
        fail(f"unexpected in the secrets: {odd}", f"Known fields: {', '.join(sorted(fields))}")
    if moved := sorted(POLICY_OPTIONS & set(secret.get("options") or ())):
        fail(
            f"{', '.join(moved)} is no secret and does not count here",
            "Write it at the account in care.yaml and push it",
        )
    return secret
