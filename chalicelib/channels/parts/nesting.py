"""How deep a body may be nested: reading it must not exhaust the reader."""

from typing import Any

DEEPEST = 100
"""No network nests its bodies nearly as deep; deeper ones could only exhaust the reader."""
_CONTAINERS = frozenset({dict, list})
"""What a JSON reader makes, and nothing that inherits from it."""


def deeper(body: Any, most: int) -> bool:
    """Whether containers stand in containers more than ``most`` levels deep; level by level, without recursion."""
    level = [body]
    for _ in range(most):
        nodes = [one.values() if isinstance(one, dict) else one for one in level]
        level = [child for node in nodes for child in node if child.__class__ in _CONTAINERS]
        if not level:
            return False
    return True
