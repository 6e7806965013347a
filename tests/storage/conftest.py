"""The engines under the one contract: memory, the simulator's, moto in process, and AWS's own DynamoDB Local."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws

from chalicelib.service.ports import Store
from chalicelib.storage import DynamoStore
from infra.template.table import table_definition
from tests.fakes.memory_store import MemoryStore
from tests.simulation.store import SimStore
from tests.storage import dynamodb_local

TABLE = "heed-tests"


@dataclass(frozen=True)
class Engine:
    """A store on an empty table. ``examples``: how many random rows it bears; ``empty``: does it take empty text?"""

    name: str
    store: Store
    examples: int
    empty: bool = True


def _environment(patch: pytest.MonkeyPatch, **more: str) -> None:
    patch.delenv("AWS_ENDPOINT_URL", raising=False)
    patch.delenv("AWS_PROFILE", raising=False)
    settled = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        # botocore would otherwise send stream calls to hosts that moto does not know
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    }
    for name, value in {**settled, **more}.items():
        patch.setenv(name, value)


@pytest.fixture(scope="session")
def moto_store() -> Iterator[DynamoStore]:
    """One connection for the session, as in a Lambda; moto itself starts afresh in each test."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        _environment(patch)
        store = DynamoStore(TABLE)
        assert store.table.connection.client
    yield store


@pytest.fixture(scope="session")
def local_store() -> Iterator[DynamoStore]:
    """The store finds the engine by AWS_ENDPOINT_URL, as it finds any local runtime."""
    with dynamodb_local.running() as endpoint, pytest.MonkeyPatch.context() as patch:
        _environment(patch, AWS_ENDPOINT_URL=endpoint)
        store = DynamoStore(TABLE)
        assert store.table.connection.client.meta.endpoint_url == endpoint
        yield store


@pytest.fixture
def moto(moto_store: DynamoStore) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        _environment(patch)
        moto_store.table.connection.client.create_table(**table_definition(TABLE))
        yield Engine("moto", moto_store, examples=15)


@pytest.fixture
def dynamodb(local_store: DynamoStore) -> Iterator[Engine]:
    client = local_store.table.connection.client
    client.create_table(**table_definition(TABLE))
    yield Engine("dynamodb", local_store, examples=15, empty=False)
    client.delete_table(TableName=TABLE)


@pytest.fixture
def memory() -> Engine:
    return Engine("memory", MemoryStore(), examples=60)


CORNERS = {
    "test_times_are_kept_to_the_millisecond": "it counts in whole seconds",
    "test_what_was_committed_cannot_be_changed_from_outside": "nothing is copied, since nobody there changes a row",
    "test_data_that_json_cannot_say_is_refused": "nothing is written out",
}
"""What the simulator's store does not keep, for its speed; where it does, the test fails and is listed no more."""


@pytest.fixture
def simulated(request: pytest.FixtureRequest) -> Engine:
    """It keeps rows as they are, so a few random ones will do."""
    if (why := CORNERS.get(request.function.__name__)) is not None:
        request.node.add_marker(pytest.mark.xfail(reason=why, strict=True))
    return Engine("simulated", SimStore(lambda event: None), examples=5)


DYNAMODB = pytest.param("dynamodb", marks=pytest.mark.jvm)


@pytest.fixture(params=["memory", "simulated", "moto", DYNAMODB])
def engine(request: pytest.FixtureRequest) -> Engine:
    chosen: Engine = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture(params=["memory", DYNAMODB])
def racing_engine(request: pytest.FixtureRequest) -> Engine:
    """moto takes no lock between condition and write, nor does the simulator, so only the other two can hold a race."""
    chosen: Engine = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def store(engine: Engine) -> Store:
    return engine.store


class Wire:
    """Listens to every request, retries included, and answers in the engine's place where ``answers`` says so."""

    def __init__(self, store: DynamoStore) -> None:
        self.store = store
        self.calls: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.answers: list[AWSResponse] = []
        self._lost = 0

    def lose_next_answer(self) -> None:
        """The next request is carried out, but its answer never arrives and the SDK sends it again."""
        self._lost = 1

    def sent(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        self.calls.append(event_name.rpartition(".")[2])
        self.bodies.append(json.loads(request.body))
        return self.answers.pop(0) if self.answers else None

    def answered(self, **_: Any) -> int | None:
        again, self._lost = self._lost, 0
        return 0 if again else None


@pytest.fixture
def wire(moto: Engine, moto_store: DynamoStore) -> Iterator[Wire]:
    wire = Wire(moto_store)
    handlers = {"before-send.dynamodb.*": wire.sent, "needs-retry.dynamodb.*": wire.answered}
    events = moto_store.table.connection.client.meta.events
    for name, handler in handlers.items():
        events.register_first(name, handler)
    yield wire
    for name, handler in handlers.items():
        events.unregister(name, handler)
