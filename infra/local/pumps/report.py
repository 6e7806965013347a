"""What a function's answer says about its batch, by the rules of ReportBatchItemFailures."""

from collections.abc import Sequence
from typing import Any


def failed_ids(answer: Any, ids: Sequence[str]) -> set[str]:
    """The identifiers that failed. No list or an empty one is success; anything malformed or unknown fails them all."""
    if answer is None or answer == {}:
        return set()
    if not isinstance(answer, dict):
        return set(ids)
    failures = answer.get("batchItemFailures")
    if failures is None:
        return set()
    named = [_identifier(item) for item in failures] if isinstance(failures, list) else [None]
    failed = {name for name in named if name}
    return failed if len(failed) == len(set(named)) and failed <= set(ids) else set(ids)


def _identifier(item: Any) -> str | None:
    value = item.get("itemIdentifier") if isinstance(item, dict) else None
    return value if isinstance(value, str) else None
