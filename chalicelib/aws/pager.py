"""Notices for those outside Slack: one topic, to which the operator subscribes mail, phones and webhooks."""

import json
import unicodedata

from chalicelib.aws.clients import client
from chalicelib.domain.notices import Page


class SnsPager:
    def __init__(self, topic: str) -> None:
        self._topic = topic

    def page(self, page: Page) -> None:
        """``way`` and ``target`` are there for filter policies, ``name`` for those who want each notice once."""
        facts = {"way": page.way, "target": page.target, "brand": page.brand, "queue": page.queue, "name": page.name}
        client("sns").publish(
            TopicArn=self._topic,
            Subject=_subject(page.subject),
            Message=_message(page),
            MessageAttributes={key: {"DataType": "String", "StringValue": one} for key, one in facts.items() if one},
        )


def _subject(text: str) -> str:
    """As SNS takes one: plain letters, and fewer than a hundred of them."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()[:99]


def _message(page: Page) -> str:
    """Text for people; for a webhook JSON."""
    if page.way != "webhook":
        return page.text
    facts = {"name": page.name, "brand": page.brand, "queue": page.queue, "text": page.text}
    return json.dumps({**facts, "cases": list(page.cases), "count": page.count})
