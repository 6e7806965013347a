"""Text as customers send it, made safe to store, sign and send on before it leaves a channel."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: object) -> str | None:
    """The text without NUL and lone surrogates, which no database or encoder takes; None for what is no text."""
    return _UNSTORABLE.sub("\ufffd", text) if isinstance(text, str) else None
