"""What each function always needs is made while Lambda starts it: then it has a whole core, later its memory's share.

Elsewhere nothing is made before it is needed, so that tests and a laptop pay for nothing.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

from chalicelib.wiring import wired


class Needs(NamedTuple):
    """AWS services it calls with every event, and modules it only imports once it works."""

    services: tuple[str, ...]
    modules: tuple[str, ...]


_HERE = "chalicelib.handlers"
_BATCH = "aws_lambda_powertools.utilities.batch"
_SERVICE, _CONFIG = "chalicelib.service", "chalicelib.domain.config"
_INBOX = f"{_SERVICE}.slack_inbox"

NEEDS: Mapping[str, Needs] = {
    "app.app": Needs(("ssm", "sqs"), (f"{_SERVICE}.edge",)),
    f"{_HERE}.intake.intake": Needs(("dynamodb",), (_BATCH, _CONFIG, f"{_SERVICE}.intake")),
    f"{_HERE}.publisher.publisher": Needs(("dynamodb", "sns"), (_BATCH, f"{_SERVICE}.outbox")),
    f"{_HERE}.clock.clock": Needs(("dynamodb",), (_BATCH, _CONFIG, f"{_SERVICE}.clocks")),
    f"{_HERE}.delivery.delivery": Needs(("dynamodb", "ssm"), (_BATCH, f"{_SERVICE}.delivery", "chalicelib.net.http")),
    f"{_HERE}.desk.desk": Needs(("dynamodb", "ssm"), (_BATCH, _CONFIG, f"{_SERVICE}.desk", "slack_sdk")),
    f"{_HERE}.inbox.inbox": Needs(("dynamodb", "ssm"), (_BATCH, _CONFIG, f"{_INBOX}.worker", "slack_sdk")),
    f"{_HERE}.sweeps.sweeper": Needs(("dynamodb",), (f"{_SERVICE}.outbox",)),
    f"{_HERE}.sweeps.herald": Needs(("dynamodb", "ssm"), (_CONFIG, f"{_SERVICE}.heralds")),
    f"{_HERE}.sweeps.auditor": Needs(("dynamodb",), (_CONFIG, f"{_SERVICE}.clocks")),
    f"{_HERE}.privacy.eraser": Needs(("dynamodb", "s3"), (f"{_SERVICE}.privacy",)),
}


def ready(function: str) -> None:
    """Make what this function needs; nothing for any other name."""
    needs = NEEDS.get(function)
    if needs is None:
        return
    for name in needs.modules:
        import_module(name)
    for service in needs.services:
        wired.client(service)
