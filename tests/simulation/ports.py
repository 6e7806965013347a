"""The ports as the services hold them: each call may be throttled, crash before or after, or lose its answer."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.storage import layout
from tests.simulation.faults import AnswerLost, OwnConflict

if TYPE_CHECKING:
    from tests.simulation.queues import Fifo
    from tests.simulation.world import World

_OUTWARD = ("network", "slack")
"""These fail in their own words."""


class Port:
    """Whatever is asked of it is asked of ``inner``, by way of the world."""

    def __init__(self, name: str, inner: Any, world: "World") -> None:
        self._name = name
        self._inner = inner
        self._world = world

    def __getattr__(self, method: str) -> Callable[..., Any]:
        name, act = f"{self._name}.{method}", getattr(self._inner, method)

        def call(*arguments: Any, **named: Any) -> Any:
            return self._world.call(name, lambda: self._ask(name, act, arguments, named))

        self.__dict__[method] = call
        return call

    def _ask(self, name: str, act: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._name in _OUTWARD:
            return act(*arguments, **named)
        self._world.fail(name)
        answer = act(*arguments, **named)
        if answer is None and self._world.lose(name):
            raise _lost(name, arguments)
        return answer


def _lost(name: str, arguments: tuple[Any, ...]) -> Exception:
    """The SDK asks again after a lost answer: a single row then conflicts with itself, a transaction is recognised."""
    if name == "store.commit" and len(arguments) == 1:
        return OwnConflict((layout.name_of(arguments[0]),))
    return AnswerLost(name)


class Fragments:
    """The door of the inbound queue."""

    def __init__(self, queue: "Fifo") -> None:
        self._queue = queue

    def send(self, entries: Sequence[tuple[str, str, str]]) -> None:
        for group, dedupe, body in entries:
            self._queue.post(group, dedupe, body)
