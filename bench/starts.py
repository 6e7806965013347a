"""One function's start in a fresh process: ``python -m bench.starts NAME`` with its first event on stdin.

Prints how many modules it has loaded once the event is handled. Nothing is imported here that a start does not need.
"""

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

Event = dict[str, Any]


def nothing(event: Event) -> None:
    """The bare interpreter."""


def client(service: str) -> Any:
    """As a lean function makes one."""
    from botocore.config import Config
    from botocore.session import get_session

    return get_session().create_client(service, config=Config(parameter_validation=False))


def chalice() -> Any:
    from chalice.app import Chalice

    return Chalice(app_name="floor")


def floor_webhook(event: Event) -> None:
    """Chalice, one SQS client, one batch sent."""
    chalice()
    entries = [{"Id": "0", "MessageBody": event["body"], "MessageGroupId": "g", "MessageDeduplicationId": "d"}]
    client("sqs").send_message_batch(QueueUrl=os.environ["HEED_INBOUND_URL"], Entries=entries)


def floor_webhook_secret(event: Event) -> None:
    """The same with a secret read first."""
    from botocore.config import Config
    from botocore.session import get_session

    session, config = get_session(), Config(parameter_validation=False)
    chalice()
    session.create_client("ssm", config=config).get_parameter(Name="/heed/bench/hooks/facebook/harbor-facebook")
    entries = [{"Id": "0", "MessageBody": event["body"], "MessageGroupId": "g", "MessageDeduplicationId": "d"}]
    session.create_client("sqs", config=config).send_message_batch(
        QueueUrl=os.environ["HEED_INBOUND_URL"], Entries=entries
    )


def floor_worker(event: Event) -> None:
    """Chalice, one DynamoDB client, one item read."""
    chalice()
    key = {"pk": {"S": "harbor#contact#a"}, "sk": {"S": "CONTACT"}}
    client("dynamodb").get_item(TableName=os.environ["HEED_TABLE"], Key=key)


def webhook(event: Event) -> None:
    """The whole application, and a first signed webhook."""
    answer = import_module("app").app(event, None)
    if answer["statusCode"] != 200:
        raise SystemExit(answer["body"])


def worker(name: str, door: str = "") -> Callable[[Event], None]:
    def start(event: Event) -> None:
        answer = getattr(import_module(f"chalicelib.handlers.{name}"), door or name)(event, None)
        if answer and answer["batchItemFailures"]:
            raise SystemExit(f"{name} failed")

    return start


STARTS: dict[str, Callable[[Event], None]] = {
    "bare interpreter": nothing,
    "floor: chalice + sqs": floor_webhook,
    "floor: chalice + ssm + sqs": floor_webhook_secret,
    "floor: chalice + dynamodb": floor_worker,
    "webhook": webhook,
    **{name: worker(name) for name in ("intake", "publisher", "clock", "delivery", "desk")},
    "sweeper": worker("sweeps", "sweeper"),
}


def main() -> None:
    out, sys.stdout = sys.stdout, sys.stderr  # metrics are not the answer
    STARTS[sys.argv[1]](json.load(sys.stdin))
    print(len(sys.modules), file=out)


if __name__ == "__main__":
    main()
