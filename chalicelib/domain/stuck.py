"""Which answers of a case need a person: held ones, failed ones, and those of which nobody can tell.

Known from the facts as they are recorded, so that a card can say it without a look at any answer.
"""

from collections.abc import Iterable, Mapping

from chalicelib.domain.timeline import Fact, Happening

HELD, FAILED, UNKNOWN = "held", "failed", "unknown"

_NEEDS = {Fact.REPLY_HELD: HELD, Fact.REPLY_FAILED: FAILED, Fact.REPLY_UNKNOWN: UNKNOWN}
_MADE_GOOD = frozenset(
    {Fact.REPLY_HELD, Fact.REPLY_QUEUED, Fact.REPLY_SENT, Fact.REPLY_ELSEWHERE}
    | {Fact.CASE_SOLVED, Fact.CASE_DISMISSED}
)
"""After these nobody has to write a failed answer again."""


def stuck(known: Mapping[str, str], happened: Iterable[Happening]) -> dict[str, str]:
    """What of the answers is stuck after all this, by the answers' ids."""
    found = dict(known)
    for one in happened:
        if one.fact in _MADE_GOOD:
            found = {reply: what for reply, what in found.items() if what != FAILED}
        reply = one.data.get("reply_id")
        if reply and one.fact.value.startswith("reply."):
            found.pop(reply, None)
            found |= {reply: _NEEDS[one.fact]} if one.fact in _NEEDS else {}
    return found
