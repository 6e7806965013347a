"""How commands reach a stage: its table, its archive and its policy, by the names the template gives them."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import fail

if TYPE_CHECKING:
    from chalicelib.aws.archive import S3Archive
    from chalicelib.domain.config import Config
    from chalicelib.domain.retention import Retention
    from chalicelib.service.ports import SlackApi
    from chalicelib.storage import DynamoStore

Stage = Annotated[str, typer.Option(help="The stage to look at.")]
Brand = Annotated[str, typer.Option(help="The key of the brand in care.yaml.")]


def now() -> datetime:
    return datetime.now(UTC)


def store(stage: str) -> "DynamoStore":
    """The stage's table, with what is over left out, as everybody else reads it."""
    from chalicelib.domain.retention import Keeping
    from chalicelib.storage import DynamoStore

    found = DynamoStore(f"heed-{stage}")
    spans = retention(found)
    found.keeping = Keeping(now, lambda: spans)
    return found


def policy(stage: str) -> "dict[str, Any] | None":
    """The policy file in force on a stage."""
    from chalicelib.storage.config import ConfigStore
    from chalicelib.storage.connection import connect

    return ConfigStore(connect(f"heed-{stage}")).current()


def retention(table: "DynamoStore") -> "Retention":
    from chalicelib.domain.retention import Retention

    found = running(table)
    return found.retention if found else Retention()


def running(table: "DynamoStore") -> "Config | None":
    """What the stage runs by; None when nothing was pushed."""
    from chalicelib.domain.config import load_config
    from chalicelib.storage.config import ConfigStore

    found = ConfigStore(table.table).current()
    return load_config(found) if found else None


def must_know(table: "DynamoStore", brand: str) -> None:
    """A brand of which nothing is found has to be one of the policy's: else it is a slip of the pen."""
    known = running(table)
    if known is None or brand not in known.brands:
        there = ", ".join(known.brands) if known else "none, as no policy file was pushed"
        fail(f"there is no brand {brand!r} on this stage", f"There are: {there}")


def archive(stage: str) -> "S3Archive":
    from chalicelib.aws.archive import S3Archive

    return S3Archive(f"heed-{stage}-archive-{_identity()['Account']}")


def caller() -> str:
    """Whom AWS takes us for."""
    return str(_identity()["Arn"])


def _identity() -> "Mapping[str, Any]":
    from chalicelib.aws.clients import client

    found: Mapping[str, Any] = client("sts").get_caller_identity()
    return found


def slack(table: "DynamoStore", stage: str) -> "SlackApi | None":
    """All of the stage's workspaces; None where its policy has none. Fails where one is not connected."""
    from chalicelib.service.workspaces import ByChannel

    known = running(table)
    if known is None or known.slack is None:
        return None
    return ByChannel(known, lambda workspace: _workspace(stage, workspace.secrets))


def _workspace(stage: str, secrets: str) -> "SlackApi":
    from chalicelib.aws.vault import SsmVault
    from chalicelib.net.slack import SlackWebApi

    token = SsmVault(f"/heed/{stage}", lambda: 0.0).slack(secrets).get("token", "")
    if not token:
        fail(f"Slack is not connected: {secrets} has no token", f"heed connect slack --stage {stage}, then ask again")
    return SlackWebApi(token, os.environ.get("HEED_SLACK_API", "https://slack.com/api/"))
