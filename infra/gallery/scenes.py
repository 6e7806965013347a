"""All scenes, in the order of the gallery."""

from infra.gallery import calls, cards, lines, lists, windows
from infra.gallery.scene import Scene


def scenes() -> list[Scene]:
    """Raises ValueError when two have one name: each is a file."""
    found = [*cards.scenes(), *windows.scenes(), *lists.scenes(), *calls.scenes(), *lines.scenes()]
    names = [one.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"scenes share a name: {sorted(twice)}")
    return found
