"""Roles are played as IAM plays them: by action, by resource, and by what a request really needs."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from infra.local.iam.gate import Gate
from infra.local.iam.roles import Allowed, allowed, of_the_platform, unused
from infra.local.iam.wire import Needed, UnknownCallError, needed, needed_when_missing
from infra.local.stack import EventSource, Function, Stack

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/care"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:work"


def _json(target: str, **data: Any) -> list[Needed]:
    return needed("POST", "/", {"x-amz-target": target}, json.dumps(data).encode())


def test_a_transaction_needs_what_its_parts_need() -> None:
    parts = [{"Put": {"TableName": "care"}}, {"ConditionCheck": {"TableName": "care"}}, {"Put": {"TableName": "care"}}]
    calls = _json("DynamoDB_20120810.TransactWriteItems", TransactItems=parts)
    assert calls == [Needed("dynamodb:ConditionCheckItem", TABLE), Needed("dynamodb:PutItem", TABLE)]


def test_a_query_of_an_index_needs_it_on_the_index() -> None:
    calls = _json("DynamoDB_20120810.Query", TableName="care", IndexName="by_queue")
    assert calls == [Needed("dynamodb:Query", f"{TABLE}/index/by_queue")]
    assert _json("DynamoDB_20120810.BatchGetItem", RequestItems={"care": {}}) == [
        Needed("dynamodb:BatchGetItem", TABLE)
    ]


def test_the_other_services_name_their_resources_in_their_own_ways() -> None:
    url = "http://127.0.0.1:1/123456789012/work"
    assert _json("AmazonSQS.SendMessageBatch", QueueUrl=url) == [Needed("sqs:SendMessage", QUEUE)]
    assert _json("AmazonSQS.GetQueueUrl", QueueName="work") == [Needed("sqs:GetQueueUrl", QUEUE)]
    (secret,) = _json("AmazonSSM.GetParameter", Name="/heed/dev/slack")
    assert secret == Needed("ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/heed/dev/slack")
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:sla"
    assert _json("AWSStepFunctions.StartExecution", stateMachineArn=machine) == [
        Needed("states:StartExecution", machine)
    ]
    form = urlencode({"Action": "Publish", "TopicArn": "arn:aws:sns:r:1:news"}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert needed("POST", "/", headers, form) == [Needed("sns:Publish", "arn:aws:sns:r:1:news")]
    assert needed("PUT", "/bucket/in/a%20b", {}, b"x") == [Needed("s3:PutObject", "arn:aws:s3:::bucket/in/a b")]


def test_whoever_may_not_list_a_bucket_is_not_told_that_an_object_is_missing() -> None:
    bucket = [Needed("s3:ListBucket", "arn:aws:s3:::bucket")]
    assert needed("GET", "/bucket?list-type=2&prefix=in%2F", {}, b"") == bucket
    assert needed_when_missing("GET", "/bucket/in/a", {}) == bucket
    assert needed_when_missing("DELETE", "/bucket/in/a", {}) == []
    assert needed_when_missing("POST", "/", {"x-amz-target": "AmazonSQS.SendMessage"}) == []


def test_what_nobody_can_read_is_not_waved_through() -> None:
    with pytest.raises(UnknownCallError):
        _json("Kinesis_20131202.PutRecord")
    with pytest.raises(UnknownCallError):
        needed("PATCH", "/bucket/key", {}, b"")
    with pytest.raises(UnknownCallError):
        needed("GET", "/bucket", {}, b"")


def _stack(*statements: dict[str, Any], **more: Any) -> Stack:
    queue = EventSource("Work", "SQS", {"Queue": QUEUE})
    function = Function("Intake", "intake", "arn:fn", "a.b", 30, 128, role="arn:role", events=(queue,), **more)
    policies = {"arn:role": [{"PolicyDocument": {"Statement": list(statements)}}]}
    return Stack("s", {"Intake": function}, {}, {}, policies)


def _allow(action: str | list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def test_what_no_call_needed_and_lambda_does_not_use_is_unused() -> None:
    polling = _allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"], QUEUE)
    stack = _stack(polling, _allow("dynamodb:GetItem", TABLE), _allow("logs:PutLogEvents", "*"))
    used = {"Intake": [Needed("dynamodb:GetItem", TABLE)]}
    assert unused(stack, used) == [("Intake", Allowed("sqs:SendMessage", QUEUE))]
    assert of_the_platform(stack.functions["Intake"], Allowed("sqs:ReceiveMessage", QUEUE))


def test_a_statement_that_cannot_be_judged_is_said_so() -> None:
    stack = _stack({"Effect": "Deny", "Action": "*", "Resource": "*"})
    with pytest.raises(ValueError, match="arn:role"):
        allowed(stack, stack.functions["Intake"])


class _Echo(BaseHTTPRequestHandler):
    """What stands behind the gate: says back what it was told."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("X-Kept", self.headers["X-Amz-Target"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def behind() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _ask(door: str, operation: str) -> tuple[int, Any, Any]:
    with closing(HTTPConnection(urlsplit(door).netloc, timeout=10)) as connection:
        target = {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        connection.request("POST", "/", json.dumps({"TableName": "care"}), target)
        answer = connection.getresponse()
        return answer.status, answer.headers, json.load(answer)


def test_the_gate_passes_on_what_is_allowed_and_refuses_the_rest(behind: str) -> None:
    stack = _stack(_allow("dynamodb:Get*", TABLE))
    with Gate(stack, behind) as gate:
        door = gate.endpoint(stack.functions["Intake"])
        assert door == gate.endpoint(stack.functions["Intake"])
        status, headers, body = _ask(door, "GetItem")
        assert (status, headers["X-Kept"], body) == (200, "DynamoDB_20120810.GetItem", {"TableName": "care"})
        status, _, body = _ask(door, "PutItem")
        assert (status, body["__type"]) == (403, "AccessDeniedException")
    assert gate.refused["Intake"] == {Needed("dynamodb:PutItem", TABLE)}
    assert gate.used["Intake"] == {Needed("dynamodb:GetItem", TABLE), Needed("dynamodb:PutItem", TABLE)}
    assert gate.calls == {"Intake": 2}


@pytest.mark.parametrize(("more", "expected"), [([], 403), ([_allow("s3:ListBucket", "arn:aws:s3:::bucket")], 404)])
def test_the_gate_hides_what_is_missing_from_those_who_may_not_list(
    behind: str, more: list[dict[str, Any]], expected: int
) -> None:
    stack = _stack(_allow("s3:GetObject", "arn:aws:s3:::bucket/in/*"), *more)
    with Gate(stack, behind) as gate:
        door = gate.endpoint(stack.functions["Intake"])
        with closing(HTTPConnection(urlsplit(door).netloc, timeout=10)) as connection:
            connection.request("GET", "/bucket/in/a")
            assert connection.getresponse().status == expected
