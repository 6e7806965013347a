"""What Messenger sends: signed webhooks of one or many messages, and the events Lambda makes of them."""

import json
from base64 import b64encode
from typing import Any

from chalicelib.channels.parts.signatures import hex_sha256
from tests.build import ACCOUNTS, BRAND, NOON

SECRET = "bench-app-secret"
ACCOUNT = "harbor-facebook"
NATIVE = ACCOUNTS["facebook"]
PATH = f"/hooks/facebook/{ACCOUNT}"
MILLIS = int(NOON.timestamp() * 1000)
HOOK = {"secrets": [SECRET], "token": "token", "account": NATIVE, "api": "http://127.0.0.1:9"}

__all__ = ["BRAND", "HOOK", "NATIVE", "PATH"]


def item(mid: str, author: str = "7245118832190456", text: str = "Where is my order 4711? It is a week late.") -> Any:
    message = {"mid": mid, "text": text}
    return {"sender": {"id": author}, "recipient": {"id": NATIVE}, "timestamp": MILLIS, "message": message}


def body_of(*items: Any) -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": NATIVE, "time": MILLIS, "messaging": list(items)}]}


def messages(count: int, start: int = 0) -> dict[str, Any]:
    """That many messages of as many people."""
    return body_of(*(item(f"m_bench{start + n:012d}", str(7_000_000_000_000_000 + start + n)) for n in range(count)))


def signed(body: Any) -> tuple[bytes, dict[str, str]]:
    raw = json.dumps(body, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={hex_sha256(SECRET, raw)}"}
    return raw, {**headers, "user-agent": "facebookexternalua"}


def api_event(raw: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """What API Gateway hands to the function."""
    return {
        "requestContext": {"httpMethod": "POST", "resourcePath": "/hooks/{channel}/{account}", "path": PATH},
        "multiValueQueryStringParameters": None,
        "headers": headers,
        "pathParameters": {"channel": "facebook", "account": ACCOUNT},
        "stageVariables": None,
        "body": b64encode(raw).decode(),
        "isBase64Encoded": True,
    }


def queue_event(queue: str, *bodies: str) -> dict[str, Any]:
    """What SQS hands to a worker."""
    records = [
        {
            "messageId": f"id-{number}",
            "receiptHandle": f"handle-{number}",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": str(MILLIS),
                "MessageGroupId": f"g{number}",
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{queue}",
            "awsRegion": "us-east-1",
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}
