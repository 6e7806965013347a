"""Canaries, and ears for them: marks that stand where a person's data can stand, and must not be heard elsewhere."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.channels.base import Response
from tests.aws.conftest import queue, received


@dataclass
class Aviary:
    """Makes canaries, and keeps all that was ever said aloud."""

    made: int = 0
    counts: list[str] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)

    def __call__(self) -> str:
        self.made += 1
        return f"Canary{self.made:04d}Bird"

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        self.counts.append(f"{name} {dimensions}")

    def heard(self, *more: str) -> set[str]:
        return set(re.findall(r"Canary\d{4}Bird", "\n".join([self.log.getvalue(), *self.counts, *more])))


class Loud:
    """Whatever is asked of it raises an error that quotes a customer, as libraries do."""

    def __init__(self, canary: Aviary) -> None:
        self._canary = canary

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*given: Any, **named: Any) -> Any:
            raise ConnectionError(f"could not {name} {self._canary()}: {given!r} {named!r}")

        return fail


def buried(name: str) -> str:
    """What stands beside the bodies in a dead-letter queue, for everybody who may look at it."""
    found = received(queue(name))
    assert found, f"nothing died in {name}"
    return json.dumps([{**one, "Body": ""} for one in found], default=str)


def refusal(canary: Aviary, status: int) -> Response:
    """A network that quotes the customer wherever it can."""
    error = {name: canary() for name in ("message", "type", "code", "error_user_msg", "description")}
    body = {name: canary() for name in ("title", "detail", "description", "id")} | {"error": error, "errors": [error]}
    return Response(status, {"x-said": canary()}, json.dumps(body).encode())
