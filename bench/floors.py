"""The least that Chalice functions with one botocore client do; handlers of a directory that holds nothing else."""

import os

from botocore.config import Config
from botocore.session import get_session
from chalice.app import Chalice

Event = dict[str, object]

app = Chalice(app_name="floor")


def webhook(event: Event, context: object) -> None:
    """One batch sent."""
    sqs = get_session().create_client("sqs", config=Config(parameter_validation=False))
    entries = [{"Id": "0", "MessageBody": event["body"], "MessageGroupId": "g", "MessageDeduplicationId": "d"}]
    sqs.send_message_batch(QueueUrl=os.environ["HEED_INBOUND_URL"], Entries=entries)


def webhook_with_a_secret(event: Event, context: object) -> None:
    """The same with a secret read first."""
    session, config = get_session(), Config(parameter_validation=False)
    session.create_client("ssm", config=config).get_parameter(Name="/heed/bench/hooks/facebook/harbor-facebook")
    entries = [{"Id": "0", "MessageBody": event["body"], "MessageGroupId": "g", "MessageDeduplicationId": "d"}]
    sqs = session.create_client("sqs", config=config)
    sqs.send_message_batch(QueueUrl=os.environ["HEED_INBOUND_URL"], Entries=entries)


def worker(event: Event, context: object) -> None:
    """One item read."""
    dynamodb = get_session().create_client("dynamodb", config=Config(parameter_validation=False))
    key = {"pk": {"S": "harbor#contact#a"}, "sk": {"S": "CONTACT"}}
    dynamodb.get_item(TableName=os.environ["HEED_TABLE"], Key=key)


def nothing(event: Event, context: object) -> None:
    """Chalice and botocore imported."""
