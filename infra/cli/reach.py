"""How commands reach a stage: its table, its archive and its policy, by the names the template gives them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import fail

if TYPE_CHECKING:
    from chalicelib.aws.archive import S3Archive
    from chalicelib.domain.config import Config
    from chalicelib.domain.retention import Retention
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
    from chalicelib.aws.clients import client

    account = client("sts").get_caller_identity()["Account"]
    return S3Archive(f"heed-{stage}-archive-{account}")
