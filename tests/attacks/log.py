"""What Heed's own logger prints. Its handlers keep the stdout there was when they were made, which nobody reads."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from chalicelib.handlers.worker import logger


@contextmanager
def printing_to(stream: StringIO) -> Iterator[StringIO]:
    """All of it, Chalice's lines as well: the application's logger has the same name."""
    handlers = [one for one in _named().handlers if type(one) is logging.StreamHandler]
    before = [one.stream for one in handlers]
    for one in handlers:
        one.setStream(stream)
    yield stream
    for one, there in zip(handlers, before, strict=True):
        one.setStream(there)


def _named() -> logging.Logger:
    return logging.getLogger(logger().name)


@contextmanager
def structured() -> Iterator[StringIO]:
    """The lines that are JSON, from the handler that makes them."""
    handler, lines = logger().registered_handler, StringIO()
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(lines)
    yield lines
    handler.setStream(before)


def parsed(lines: StringIO) -> list[Any]:
    return [json.loads(line) for line in lines.getvalue().split("\n")[:-1]]
