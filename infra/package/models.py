"""What botocore is told of AWS inside the zip: the operations we call, and where our services are in every partition.

Reading its data is most of what making a client costs, and nearly all of it is about what Heed never calls. What is
kept says the same as botocore's own, word for word; only words for people are left out.
"""

import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"),
    "s3": ("DeleteObject", "GetObject", "ListObjectsV2", "PutObject"),
    "sns": ("Publish",),
    "sqs": ("ChangeMessageVisibility", "DeleteMessage", "SendMessage", "SendMessageBatch"),
    "ssm": ("GetParameter",),
    "stepfunctions": ("StartExecution", "StopExecution"),
}
"""By botocore's names. The tests find every call in the code here, and run every function on just this."""

PREFIXES = frozenset({"dynamodb", "s3", "sns", "sqs", "ssm", "states"})
"""The same services as endpoints.json names them."""

_RULES, _PAGES, _MODEL = "endpoint-rule-set-1.json", "paginators-1.json", "service-2.json"
_EXTRAS = f"{_MODEL.removesuffix('.json')}.sdk-extras.json"


def trim(data: Path) -> None:
    """Make botocore's ``data`` directory ours."""
    for service in [path for path in data.iterdir() if path.is_dir()]:
        if service.name not in OPERATIONS:
            shutil.rmtree(service)
    for name, operations in OPERATIONS.items():
        *old, latest = sorted((data / name).iterdir())
        for version in old:
            shutil.rmtree(version)
        _trim_service(latest, frozenset(operations))
    _rewrite(data / "endpoints.json", _our_endpoints)


def _trim_service(directory: Path, operations: frozenset[str]) -> None:
    """One version of one service's API; waiters and examples are nobody's."""
    kept = {_MODEL: lambda model: trimmed(model, operations), _PAGES: lambda pages: _our_pages(pages, operations)}
    for file in list(directory.iterdir()):
        name = file.name.removesuffix(".gz")
        if name in (_MODEL, _PAGES, _RULES):
            _rewrite(file, kept.get(name, lambda whole: whole))
        elif name != _EXTRAS:
            file.unlink()


def trimmed(model: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    """A service's model with those operations, the shapes they are made of, and nothing in them for people."""
    if missing := wanted - model["operations"].keys():
        raise ValueError(f"botocore knows no {', '.join(sorted(missing))}")
    operations = {name: one for name, one in model["operations"].items() if name in wanted}
    needed = _shapes(operations, model["shapes"])
    shapes = {name: one for name, one in model["shapes"].items() if name in needed}
    return {**model, "operations": _undocumented(operations), "shapes": _undocumented(shapes), "documentation": ""}


def _undocumented(node: Any) -> Any:
    """Without ``documentation``, unless that is what a member is called."""
    if isinstance(node, list):
        return [_undocumented(one) for one in node]
    if not isinstance(node, dict):
        return node
    said = {name: one for name, one in node.items() if name != "documentation" or not isinstance(one, str)}
    return {name: _undocumented(one) for name, one in said.items()}


def _shapes(operations: Any, shapes: Mapping[str, Any]) -> set[str]:
    """Every shape that can be reached from the operations, errors included."""
    found: set[str] = set()
    waiting = [operations]
    while waiting:
        node = waiting.pop()
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        name = node.get("shape") if isinstance(node, dict) else None
        if isinstance(name, str) and name not in found:
            found.add(name)
            waiting.append(shapes[name])
    return found


def _our_pages(pages: Mapping[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    return {"pagination": {name: one for name, one in pages["pagination"].items() if name in operations}}


def _our_endpoints(endpoints: Mapping[str, Any]) -> dict[str, Any]:
    """Every partition and region there is, for our services."""
    partitions = [
        {**one, "services": {name: where for name, where in one["services"].items() if name in PREFIXES}}
        for one in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _rewrite(file: Path, change: Any) -> None:
    """Plain and compact: the zip packs it anyway."""
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    file.unlink()
    file.with_name(file.name.removesuffix(".gz")).write_text(json.dumps(change(json.loads(raw)), separators=(",", ":")))
