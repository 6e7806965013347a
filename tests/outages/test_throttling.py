"""AWS refuses three calls of ten for a while: nobody is lost, nothing is doubled, and retries do not pile up."""

from collections.abc import Callable

import pytest

from chalicelib.domain.timeline import Fact
from infra.local.proxy import Serve
from tests.infra.waiting import eventually
from tests.outages.conftest import Outage
from tests.outages.story import PATIENT, nothing_is_left, sent, shows, write
from tests.outages.trouble import healthy, throttled

SHARE, SEED = 0.3, 20
CUSTOMERS = 8
MOST = 3
WROTE = "wrote privately on Facebook"

Record = Callable[[str, object], None]


def calls(outage: Outage, trouble: Serve) -> int:
    """How many calls it takes until everybody has a card and an answer, and nothing is left to do."""
    before = outage.line.calls.total()
    with outage.line.in_trouble(trouble):
        people = write(outage, CUSTOMERS, PATIENT)
        shows(outage, people)
    outage.answer(people[0].case, f"To {people[0].person.name}")
    with outage.line.in_trouble(trouble):
        eventually(lambda: sent(outage, people[0]), 300)
        outage.settle(300)
    taken = outage.line.calls.total() - before
    for one in people:
        assert outage.facts(one.case).count(Fact.MESSAGE_RECEIVED) == 1
        assert (len(outage.cards(one.case)), len(outage.lines(one.case, WROTE))) == (1, 1)
    assert [post.text for post in outage.networks.posts()].count(f"To {people[0].person.name}") == 1
    nothing_is_left(outage)
    return taken


@pytest.mark.slow
def test_nobody_is_lost_and_calls_stay_below_three_times_their_number(outage: Outage, record_property: Record) -> None:
    normal = calls(outage, healthy)
    troubled = calls(outage, throttled(SHARE, SEED))
    record_property("throttled_calls", f"{CUSTOMERS} messages, 30 % throttled: {troubled / normal:.2f} times the calls")
    assert troubled <= MOST * normal
