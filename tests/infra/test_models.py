"""What the zip says of AWS says the same as botocore's own, of everything that Heed calls."""

import ast
import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session

from infra.package.models import OPERATIONS, trim, trimmed
from tests.house.source import shipped

STOCK = Path(botocore.__file__).parent / "data"
REGIONS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "ap-southeast-4")
OPERATORS = {Path("chalicelib/storage/census.py")}
"""What only the operator's own machine runs."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Botocore's data as the zip has it."""
    made = tmp_path_factory.mktemp("botocore") / "data"
    others = {path.name for path in STOCK.iterdir() if path.is_dir()} - {*OPERATIONS, "lambda"}
    shutil.copytree(STOCK, made, ignore=lambda directory, names: others if Path(directory) == STOCK else ())
    trim(made)
    return made


def session(data: Path) -> Session:
    found = Session()
    found.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return found


def client(data: Path, service: str, region: str = "us-east-1") -> Any:
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    config = Config(signature_version="v4")
    return session(data).create_client(service, region_name=region, config=config, **keys)


def called() -> Iterator[tuple[Path, str]]:
    """Every method that is called in the rooms that speak to AWS: by itself, by its name, or to be read by pages."""
    for file, tree in shipped().items():
        if file.parts[1:2] not in (("aws",), ("storage",)) or file in OPERATORS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield file, _named(node.func.attr, node.args)


def _named(method: str, arguments: list[ast.expr]) -> str:
    """What is called where the operation is an argument: ``get_paginator("query")`` or ``dispatch(QUERY, ...)``."""
    match method, arguments:
        case "get_paginator", [ast.Constant(value=str(name))]:
            return name
        case "dispatch", [ast.Name(id=name), *_]:
            return name.lower()
    return method


@pytest.fixture(scope="module")
def stock() -> dict[str, Any]:
    """Botocore's own models of our services."""
    found = {}
    for service in OPERATIONS:
        latest = max((STOCK / service).iterdir())
        found[service] = json.loads(gzip.decompress((latest / "service-2.json.gz").read_bytes()))
    return found


def test_whatever_the_code_calls_is_there_and_nothing_else(stock: dict[str, Any]) -> None:
    known = {xform_name(name) for model in stock.values() for name in model["operations"]}
    shipped_ = {xform_name(name) for operations in OPERATIONS.values() for name in operations}
    calls = {name for _, name in called()} & known
    assert calls - shipped_ == set(), "add it to OPERATIONS in infra/package/models.py"
    assert shipped_ - calls == set(), "nobody calls it any more"


def test_only_our_services_are_left(data: Path) -> None:
    assert {path.name for path in data.iterdir() if path.is_dir()} == OPERATIONS.keys()


@pytest.mark.parametrize("service", OPERATIONS)
def test_what_is_said_of_an_operation_is_what_botocore_says(data: Path, service: str) -> None:
    ours, theirs = client(data, service), client(STOCK, service)
    assert set(ours.meta.service_model.operation_names) == set(OPERATIONS[service])
    for name in OPERATIONS[service]:
        mine, stocks = (one.meta.service_model.operation_model(name) for one in (ours, theirs))
        assert mine.http == stocks.http
        assert mine.name == stocks.name
        for part in ("input_shape", "output_shape", "error_shapes"):
            assert described(getattr(mine, part)) == described(getattr(stocks, part))


def described(shape: Any, above: tuple[str, ...] = ()) -> Any:
    """A shape with all that stands in it, without words for people; one that holds itself only once."""
    if shape is None or isinstance(shape, list):
        return [described(one) for one in shape or ()]
    parts: dict[str, Any] = dict(getattr(shape, "members", {}))
    parts |= {name: getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)}
    inside = {} if shape.name in above else {n: described(one, (*above, shape.name)) for n, one in parts.items()}
    return shape.name, shape.type_name, shape.serialization, getattr(shape, "required_members", ()), inside


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", OPERATIONS)
def test_a_service_is_where_it_is_in_every_partition(data: Path, service: str, region: str) -> None:
    assert client(data, service, region).meta.endpoint_url == client(STOCK, service, region).meta.endpoint_url


def test_an_operation_that_botocore_does_not_know_is_named(stock: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="knows no SendPigeon"):
        trimmed(stock["sqs"], frozenset({"SendMessage", "SendPigeon"}))
