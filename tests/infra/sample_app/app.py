"""A small app with every kind of event source: POST -> queue -> table -> stream -> queue -> table, and a schedule."""

import hashlib
import json
import os
from functools import lru_cache
from typing import Any

import boto3
from chalice.app import Chalice, CloudWatchEvent, DynamoDBEvent, Rate, Response, SQSEvent

app = Chalice(app_name="sample")
app.api.binary_types = ["application/octet-stream"]


@lru_cache
def client(service: str, endpoint: str) -> Any:
    return boto3.session.Session().client(service)


def aws(service: str) -> Any:
    return client(service, os.environ["AWS_ENDPOINT_URL"])


@app.route("/notes", methods=["POST"], content_types=["application/json", "application/octet-stream"])
def post_note() -> Response:
    request = app.current_request
    assert request
    raw = request.raw_body
    assert isinstance(raw, bytes)
    if request.headers["content-type"] == "application/json":
        aws("sqs").send_message(QueueUrl=os.environ["INBOUND_URL"], MessageBody=raw.decode())
    return Response({"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}, status_code=202)


@app.on_sqs_message(queue="placeholder", batch_size=5)
def store(event: SQSEvent) -> dict[str, Any]:
    failures = []
    for record in event.to_dict()["Records"]:
        note = json.loads(record["body"])
        if note["text"] == "poison":
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        put(note["id"], note["text"], pending=True)
    return {"batchItemFailures": failures}


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:us-east-1:123456789012:table/placeholder/stream/now")
def publish(event: DynamoDBEvent) -> None:
    for record in event.to_dict()["Records"]:
        image = record["dynamodb"]["NewImage"]
        if image["text"]["S"] == "unpublishable":
            raise ValueError("this record always fails")
        body = json.dumps({"id": image["id"]["S"]})
        aws("sqs").send_message(QueueUrl=os.environ["OUTBOUND_URL"], MessageBody=body)


@app.on_sqs_message(queue="placeholder")
def tell(event: SQSEvent) -> None:
    for record in event:
        aws("dynamodb").update_item(
            TableName=os.environ["TABLE"],
            Key={"id": {"S": json.loads(record.body)["id"]}},
            UpdateExpression="SET told = :yes REMOVE pending",
            ExpressionAttributeValues={":yes": {"BOOL": True}},
        )


@app.schedule(Rate(1, unit=Rate.HOURS))
def tick(event: CloudWatchEvent) -> str:
    put(f"tick-{event.to_dict()['time']}", "tick", pending=False)
    return "ticked"


def put(key: str, text: str, *, pending: bool) -> None:
    item = {"id": {"S": key}, "text": {"S": text}}
    if pending:
        item["pending"] = {"S": "1"}
    aws("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
