"""What a worker that is killed over and over need not make anew each time: modules, clients, the policy file."""

import importlib

from chalicelib.aws.clients import client
from chalicelib.wiring import wired

_MODULES = ("intake", "outbox", "clocks", "delivery", "desk", "slack_inbox.worker")


def up() -> None:
    """Leaves no connection open: children of a fork would share it."""
    for name in _MODULES:
        importlib.import_module(f"chalicelib.service.{name}")
    assert wired.config.brands
    wired.store.table.connection.client.close()
    for service in ("sqs", "sns", "stepfunctions", "ssm"):
        client(service).close()
