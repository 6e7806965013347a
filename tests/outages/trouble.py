"""What can be wrong between Heed and AWS, as a door between the two does it."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from infra.local.proxy import Answer, PassOn, Request, Serve
from infra.package.models import OPERATIONS

THROTTLED = {
    "dynamodb": "ProvisionedThroughputExceededException",
    "sns": "Throttling",
    "sqs": "RequestThrottled",
    "states": "ThrottlingException",
    "ssm": "ThrottlingException",
    "s3": "SlowDown",
}
READS = frozenset({"BatchGetItem", "GetItem", "GetObject", "GetParameter", "ListObjectsV2", "Query"})
AS_ASKED = {"stepfunctions": "states", "PutObject": "PUT", "DeleteObject": "DELETE"}
"""Services and operations that go by another name on the line."""
WRITES = frozenset(
    f"{AS_ASKED.get(service, service)}.{AS_ASKED.get(operation, operation)}"
    for service, operations in OPERATIONS.items()
    for operation in operations
    if operation not in READS
)
"""Every kind of write there is in Heed: what the zip can ask for and is not known to read only."""


def healthy(request: Request, pass_on: PassOn) -> Answer | None:
    return pass_on()


def deaf(puts: float, seed: int) -> Serve:
    """Every write is done, and its first answer gets lost; the SDK tries again by itself. Of single puts a share."""
    chance, one = random.Random(seed), Lock()

    def serve(request: Request, pass_on: PassOn) -> Answer | None:
        answer = pass_on()
        if request.call not in WRITES or "attempt=1" not in request.headers.get("amz-sdk-request", ""):
            return answer
        with one:
            heard = request.call == "dynamodb.PutItem" and chance.random() >= puts
        return answer if heard else None

    return serve


def throttled(share: float, seed: int) -> Serve:
    chance, one = random.Random(seed), Lock()

    def serve(request: Request, pass_on: PassOn) -> Answer | None:
        with one:
            refused = chance.random() < share
        kind = THROTTLED[request.call.partition(".")[0]]
        return Answer.error(503 if kind == "SlowDown" else 400, kind, "Rate exceeded") if refused else pass_on()

    return serve


def without(service: str) -> Serve:
    """The service cannot be reached."""

    def serve(request: Request, pass_on: PassOn) -> Answer | None:
        return None if request.call.startswith(f"{service}.") else pass_on()

    return serve


class Line:
    """The line to AWS, with whatever trouble it has now. ``calls`` counts what went in, ``lost`` what got no answer."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self._serve: Serve = healthy
        self._lock = Lock()

    def __call__(self, request: Request, pass_on: PassOn) -> Answer | None:
        answer = self._serve(request, pass_on)
        with self._lock:
            self.calls[request.call] += 1
            self.lost[request.call] += answer is None
        return answer

    @contextmanager
    def in_trouble(self, serve: Serve) -> Iterator[None]:
        self._serve = serve
        try:
            yield
        finally:
            self._serve = healthy
