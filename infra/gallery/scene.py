"""One picture of the gallery, as data."""

from dataclasses import dataclass, field
from typing import Any, Literal

from chalicelib.slack.blocks import Block, Posting


@dataclass(frozen=True, slots=True)
class Scene:
    """``blocks`` of a message, or a whole ``view``; ``text`` is what a notification says."""

    name: str
    kind: Literal["message", "modal", "home"]
    blocks: tuple[Block, ...] = ()
    view: Block = field(default_factory=dict)
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "kind": self.kind, "text": self.text, "blocks": self.blocks, "view": self.view}

    @property
    def shown(self) -> list[Block]:
        return list(self.blocks or self.view.get("blocks", ()))


def posted(name: str, posting: Posting) -> Scene:
    return Scene(name, "message", posting.blocks, text=posting.text)


def window(name: str, view: Block) -> Scene:
    return Scene(name, "home" if view.get("type") == "home" else "modal", view=view)
