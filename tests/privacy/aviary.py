"""Canaries, and ears for them: marks that stand where a person's data can stand, and must not be heard elsewhere."""

import io
import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import app
from chalicelib.channels.base import Response
from chalicelib.handlers.worker import logger
from chalicelib.wiring import wired
from tests.attacks.log import printing_to
from tests.aws.conftest import queue, received

LONG_ENOUGH = 5
"""A shorter secret stands in many an innocent word."""


@dataclass
class Aviary:
    """Makes canaries, and keeps all that was ever said aloud. ``secrets`` must be heard as little as they."""

    made: int = 0
    counts: list[str] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)
    secrets: set[str] = field(default_factory=set)

    def __call__(self) -> str:
        self.made += 1
        return f"Canary{self.made:04d}Bird"

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        self.counts.append(f"{name} {dimensions}")

    def hides(self, *secrets: str) -> None:
        self.secrets |= {one.casefold() for one in secrets if len(one) >= LONG_ENOUGH}

    def heard(self, *more: str) -> set[str]:
        said = "\n".join([self.log.getvalue(), *self.counts, *more]).casefold()
        return set(re.findall(r"canary\d{4}bird", said)) | {one for one in self.secrets if one in said}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """To whatever is logged from INFO on, and to what Heed's logger makes of it."""
        ear, loggers = Ear(self.log), [logging.getLogger(), logging.getLogger(logger().name), app.app.log]
        before = [one.level for one in loggers]
        for one in loggers:
            one.addHandler(ear)
            one.setLevel(logging.INFO)
        with printing_to(self.log):
            yield
        for one, level in zip(loggers, before, strict=True):
            one.removeHandler(ear)
            one.setLevel(level)


class Ear(logging.Handler):
    """Hears a record whole: its arguments, what is said beside its words, its error and what that came from."""

    def __init__(self, log: io.StringIO) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.write(f"{logging.Formatter().format(record)}\n{vars(record)!r}\n")


class Loud:
    """Whatever is asked of it raises an error that quotes a customer, as libraries do."""

    def __init__(self, canary: Aviary) -> None:
        self._canary = canary

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*given: Any, **named: Any) -> Any:
            raise ConnectionError(f"could not {name} {self._canary()}: {given!r} {named!r}")

        return fail


@contextmanager
def away(canary: Aviary, name: str = "store") -> Iterator[None]:
    """That part of Heed cannot be reached for a while; without a name it is the table."""
    there = getattr(wired, name)
    setattr(wired, name, Loud(canary))
    yield
    setattr(wired, name, there)


def lambda_prints(function: Callable[[], object]) -> str:
    """What Lambda logs of an error that escapes from a function: type, words and place; not what caused it."""
    try:
        function()
    except Exception as error:
        lines = traceback.format_list(traceback.extract_tb(error.__traceback__))
        return "".join([f"[ERROR] {type(error).__name__}: {error}\n", *lines])
    return ""


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
