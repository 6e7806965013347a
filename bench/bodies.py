"""What Messenger sends: signed webhooks of one or many messages, and the events Lambda makes of them."""

import json
from base64 import b64encode
from datetime import datetime
from typing import Any

from chalicelib.channels.parts.signatures import hex_sha256
from chalicelib.domain.instants import iso
from chalicelib.wiring import now
from infra.doubles.slack.signing import signed_headers
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


def just_now(body: dict[str, Any]) -> dict[str, Any]:
    """Said at this moment, so that no promise is broken yet."""
    for one in body["entry"][0]["messaging"]:
        one["timestamp"] = int(now().timestamp() * 1000)
    return body


def comments(count: int) -> dict[str, Any]:
    """That many people below one post."""
    post = f"{NATIVE}_889900112233"
    told = {"item": "comment", "verb": "add", "post_id": post, "parent_id": post, "created_time": MILLIS // 1000}
    values = [
        {
            **told,
            "from": {"id": str(7_000_000_000_000_000 + number), "name": "Ana B"},
            "comment_id": f"889900112233_{number}",
            "message": "Where is my order 4711? It is a week late.",
        }
        for number in range(count)
    ]
    changes = [{"field": "feed", "value": value} for value in values]
    return {"object": "page", "entry": [{"id": NATIVE, "time": MILLIS // 1000, "changes": changes}]}


def pictures(count: int) -> dict[str, Any]:
    """Messages that are no plain texts."""
    files = [{"type": "image", "payload": {"url": "https://scontent.fbcdn.net/v/1.jpg"}}]
    body = messages(count)
    for one in body["entry"][0]["messaging"]:
        one["message"] = {"mid": one["message"]["mid"], "attachments": files}
    return body


def texts(count: int) -> dict[str, Any]:
    """Of as many people on WhatsApp."""
    people = [str(491_700_000_000 + number) for number in range(count)]
    said = {"timestamp": str(MILLIS // 1000), "type": "text", "text": {"body": "Where is my order 4711?"}}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "4930555011", "phone_number_id": ACCOUNTS["whatsapp"]},
        "contacts": [{"profile": {"name": "Ana B"}, "wa_id": one} for one in people],
        "messages": [{"from": one, "id": f"wamid.{number}", **said} for number, one in enumerate(people)],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}


def signed(body: Any) -> tuple[bytes, dict[str, str]]:
    raw = json.dumps(body, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={hex_sha256(SECRET, raw)}"}
    return raw, {**headers, "user-agent": "facebookexternalua"}


def api_event(raw: bytes, headers: dict[str, str], network: str = "facebook") -> dict[str, Any]:
    """What API Gateway hands to the function."""
    account = f"harbor-{network}"
    path = f"/hooks/{network}/{account}"
    return {
        "requestContext": {"httpMethod": "POST", "resourcePath": "/hooks/{channel}/{account}", "path": path},
        "multiValueQueryStringParameters": None,
        "headers": headers,
        "pathParameters": {"channel": network, "account": account},
        "stageVariables": None,
        "body": b64encode(raw).decode(),
        "isBase64Encoded": True,
    }


def slack_event(raw: bytes, content_type: str, secret: str, now: datetime) -> dict[str, Any]:
    """What Slack posts, signed at that moment."""
    signs = signed_headers(secret, int(now.timestamp()), raw)
    headers = {"content-type": content_type, **{name.lower(): value for name, value in signs.items()}}
    where = {"httpMethod": "POST", "resourcePath": "/slack", "path": "/slack"}
    return {**api_event(raw, headers), "requestContext": where, "pathParameters": None}


def stream_event(*images: Any) -> dict[str, Any]:
    """What the table's stream hands to the publisher."""
    stream = {"eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1"}
    change = {"StreamViewType": "NEW_IMAGE", "Keys": {}}
    return {
        "Records": [
            {**stream, "eventID": str(number), "dynamodb": {**change, "NewImage": image, "SequenceNumber": str(number)}}
            for number, image in enumerate(images, start=1)
        ]
    }


def schedule_event(at: datetime) -> dict[str, Any]:
    about = {"version": "0", "account": "1", "region": "us-east-1", "detail": {}, "detail-type": "Scheduled Event"}
    return {**about, "source": "aws.events", "time": iso(at), "id": "1", "resources": []}


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
