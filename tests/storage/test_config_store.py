"""The policy in force: pushed whole, every version kept, two pushers do not overwrite each other."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.renewal import Progress
from chalicelib.storage import DynamoStore
from chalicelib.storage.config import ConfigStore
from tests.build import NOON
from tests.storage.conftest import Engine


@pytest.fixture(params=["moto", "dynamodb"])
def configs(request: pytest.FixtureRequest) -> ConfigStore:
    engine: Engine = request.getfixturevalue(request.param)
    assert isinstance(engine.store, DynamoStore)
    return ConfigStore(engine.store.table)


def test_before_the_first_push_there_is_none(configs: ConfigStore) -> None:
    assert configs.current() is None


def test_the_latest_push_is_in_force_and_numbered(configs: ConfigStore) -> None:
    assert [configs.push({"brands": {"a": n}}) for n in range(3)] == [1, 2, 3]
    assert configs.current() == {"brands": {"a": 2}, "version": 3}


def test_of_two_pushes_at_once_one_is_told_to_look_again(dynamodb: Engine) -> None:
    assert isinstance(dynamodb.store, DynamoStore)
    configs = ConfigStore(dynamodb.store.table)
    configs.push({})

    def push(number: int) -> int | None:
        try:
            return configs.push({"brands": {"by": number}})
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        versions = [version for version in pool.map(push, range(8)) if version]
    current = configs.current()
    assert current and current["version"] == len(versions) + 1
    assert sorted(versions) == list(range(2, len(versions) + 2))


def test_the_bookmark_says_how_far_a_version_was_applied(configs: ConfigStore) -> None:
    assert configs.progress() is None
    for progress in (Progress(1, NOON, "harbor#care", "[0,null]", 7), Progress(2, NOON, done=True)):
        configs.keep(progress)
        assert configs.progress() == progress
    assert configs.current() is None
