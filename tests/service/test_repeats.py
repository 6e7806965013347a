"""A command that comes again much later finds what it did before, at no price that grows."""

from chalicelib.domain.commands import Release, Take
from chalicelib.domain.timeline import Fact
from tests.build import BRAND
from tests.service.world import World


def test_a_late_repeat_undoes_nothing_however_much_the_customer_wrote_meanwhile() -> None:
    world = World()
    world.take()
    case_id = world.case().id
    take, release = Take("1", BRAND, case_id, "ana"), Release("2", BRAND, case_id, "ana")
    world.bus(take, world.clock())
    world.bus(release, world.clock())
    for number in range(60):
        world.take(id=f"mid-{number}-more")
    world.bus(take, world.clock())
    assert world.case().assignee is None
    assert Fact.CASE_TAKEN not in world.facts()
    world.bus(Take("3", BRAND, case_id, "ana"), world.clock())
    assert world.case().assignee == "ana"
