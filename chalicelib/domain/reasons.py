"""Why somebody did something, in their own words: kept whole in the timeline, or refused."""

from chalicelib.domain.errors import Refusal

LONGEST = 500


def reason(text: str) -> str:
    """A short word of why, in one line. Raises Refusal for a long one, which nobody wants to see cut."""
    line = " ".join(text.split())
    if len(line) > LONGEST:
        raise Refusal(f"The reason may have {LONGEST} characters; this has {len(line)}.")
    return line


def because(text: str) -> dict[str, str]:
    """The same for the data of an event."""
    return {"reason": reason(text)} if text.strip() else {}
