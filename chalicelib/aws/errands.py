"""The FIFO queue between Slack's door and the worker that does what people there ask for."""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.clients import client
from chalicelib.service.ports import QueueRefused


class SqsErrands:
    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, group: str, dedupe: str, body: str) -> None:
        try:
            client("sqs").send_message(
                QueueUrl=self._url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=dedupe
            )
        except (ClientError, BotoCoreError) as error:
            raise QueueRefused(type(error).__name__) from error
