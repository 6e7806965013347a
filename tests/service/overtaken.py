"""A store in which somebody else is quicker: between what was read and what is written, another command comes."""

from collections.abc import Callable

from chalicelib.service.ports import Row
from tests.fakes.memory_store import MemoryStore


class OvertakenStore(MemoryStore):
    """``before`` happens once, right before the next write. ``dies`` loses the answer to the next write, once."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], object] | None = None
        self.dies = False

    def commit(self, *rows: Row) -> None:
        first, self.before = self.before, None
        if first is not None:
            first()
        super().commit(*rows)
        dies, self.dies = self.dies, False
        if dies:
            raise ConnectionError("the answer was lost")
