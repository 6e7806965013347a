"""Language codes: who asks for Portuguese means the Portuguese of every country."""


def code(text: str) -> str:
    """The one spelling of a code: ``pt-br`` for ``pt_BR``."""
    return text.strip().lower().replace("_", "-")


def lineage(spoken: str | None) -> tuple[str, ...]:
    """The code and all that mean more than it: ``pt-br`` and ``pt``. Nothing for a language nobody named."""
    parts = code(spoken or "").split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1)) if parts[0] else ()
