"""What a few customers and an agent do, and what must be true of it afterwards, whatever AWS was like meanwhile."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from chalicelib.domain.commands import Resolve
from chalicelib.domain.timeline import Fact
from chalicelib.wiring import wired
from tests.infra.waiting import eventually
from tests.outages.conftest import Outage
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import HURRY

PAST_GRACE = timedelta(seconds=60)
PATIENT, HASTY, LENGTHY = "Where is my order?", f"I need it {HURRY}", "Where is it? " * 20_000
"""The last one is too long for a queue and travels by S3."""


def writes(outage: Outage, words: str) -> Customer:
    """One customer whom the network tells about until it is told that Heed has it, as networks do."""
    one = customer(outage, "facebook")
    request = one.request(one.event(words))
    eventually(lambda: outage.hook(request) == 200, 60)
    return one


def write(outage: Outage, number: int, words: str) -> list[Customer]:
    return [writes(outage, words) for _ in range(number)]


def solved(one: Customer) -> None:
    wired.bus(Resolve(f"solve-{one.case.id}", one.case.brand, one.case.id, "ana"), wired.now())


def shows(outage: Outage, people: Sequence[Customer]) -> None:
    """Everybody has a card, and what they wrote stands below it."""
    eventually(lambda: all(one.found() and outage.cards(one.case) and outage.lines(one.case) for one in people), 300)


def fingerprint(outage: Outage, one: Customer) -> dict[str, Any]:
    """Counters and versions of all that exists for one customer.

    A late timer warns and breaches in one write, so versions are counted beside the writes that the events tell of.
    """
    case = one.case
    facts = outage.facts(case)
    queued = [event.data["reply_id"] for event in outage.timeline(case) if event.fact is Fact.REPLY_QUEUED]
    replies = [outage.reply(reply) for reply in queued]
    posts = Counter(post.text for post in outage.networks.posts())
    return {
        "facts": Counter(facts),
        "rows": (case.seq, len(facts)),
        "version": case.version - len({event.recorded_at for event in outage.timeline(case)}),
        "status": case.status,
        "slack": (len(outage.cards(case)), len(outage.lines(case))),
        "replies": [(reply.state, reply.attempt, posts[reply.text]) for reply in replies],
        "open replies": case.open_replies,
    }


def sent(outage: Outage, one: Customer) -> bool:
    return Fact.REPLY_SENT in outage.facts(one.case)


def swept(outage: Outage) -> None:
    """The sweeper's next runs. For a while nobody asks a service that did not answer; they fail until then."""

    def done() -> bool:
        with suppress(ExceptionGroup):
            outage.runtime.fire("sweeper")
        return not any(outage.store.pending(wired.now()))

    with outage.later(PAST_GRACE, here=True):
        eventually(done, 60)


NEWS = frozenset({"PublisherDead"})
"""These dead letters are only news of rows that the sweeper does."""


def nothing_is_left(outage: Outage, within: float = 120, but: frozenset[str] = frozenset()) -> None:
    """All work is done, and nothing was buried. A timer may ring just when we look; a dead letter stays."""
    outage.settle(within)

    def left() -> dict[str, int]:
        depths = outage.heed.depths()
        return {queue: depth for queue, depth in depths.items() if depth and queue not in but}

    with suppress(AssertionError):
        eventually(lambda: not left(), within, every=0.2)
    assert left() == {}
