"""Which function of a stack this thread plays right now: in one process they share everything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from infra.local.stack import Function, Stack


@dataclass(frozen=True)
class Role:
    """A function in its stack."""

    stack: Stack
    function: Function


_played: ContextVar[Role | None] = ContextVar("played", default=None)


@contextmanager
def playing(stack: Stack, name: str) -> Iterator[Function]:
    """Whatever is done inside, the function does."""
    function = stack.function(name)
    before = _played.set(Role(stack, function))
    try:
        yield function
    finally:
        _played.reset(before)


def played() -> Role | None:
    return _played.get()
