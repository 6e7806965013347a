"""The ports as Heed holds them: each call may be throttled, crash before or after, or lose its answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Conflict
from chalicelib.storage import layout
from chalicelib.storage.commit import is_put
from tests.simulation.faults import AnswerLost, OwnConflict

if TYPE_CHECKING:
    from tests.simulation.world import World

_OUTWARD = ("network", "slack", "meter")
"""The first two fail in their own words, the third one cannot."""


class Port:
    """Whatever is asked of it is asked of ``inner``, by way of the world."""

    def __init__(self, name: str, inner: Any, world: "World") -> None:
        self._name = name
        self._inner = inner
        self._world = world

    def __getattr__(self, method: str) -> Any:
        name, act = f"{self._name}.{method}", getattr(self._inner, method)
        if not callable(act):
            return act

        def call(*arguments: Any, **named: Any) -> Any:
            return self._world.call(name, lambda: self._ask(name, act, arguments, named))

        self.__dict__[method] = call
        return call

    def _ask(self, name: str, act: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._name in _OUTWARD:
            return act(*arguments, **named)
        self._world.fail(name)
        answer = act(*arguments, **named)
        if self._world.lose(name):
            if name == "store.commit":
                _again(act, arguments)
            raise AnswerLost(name)
        return answer


def _again(act: Callable[..., Any], rows: tuple[Any, ...]) -> None:
    """The SDK asks again after a lost answer: a put then meets itself, a transaction is recognised by its token."""
    if is_put(rows):
        try:
            act(*rows)
        except Conflict as conflict:
            raise OwnConflict((layout.name_of(rows[0]),)) from conflict
