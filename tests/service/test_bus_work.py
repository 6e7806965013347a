"""Handing over, putting aside, tagging, ending: through the bus, once, by whoever may, and told in the timeline."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain import commands
from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.commands import (
    Act,
    AddNote,
    Approve,
    Assign,
    Command,
    Dismiss,
    Link,
    Merge,
    Moderate,
    Move,
    Reject,
    Resolve,
    SetPriority,
    Settle,
    Snooze,
    Tag,
    Take,
    Undo,
    Wake,
)
from chalicelib.domain.errors import NotAllowed, NotFound, Owned, Refusal
from chalicelib.domain.people import PERMITTED, Role
from chalicelib.domain.timeline import Fact
from chalicelib.service.clocks import wake
from tests.build import BRAND, MINUTE, NOON, config, config_data
from tests.service.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    queues = config_data()["queues"]
    world = World(config=config(queues={**queues, "messages": {**queues["messages"], "claim": 1800}}))
    world.take()
    return world


def about(world: World, id: str = "1", agent: str = "ana") -> tuple[str, str, str, str]:
    return id, BRAND, world.case().id, agent


def note_of(world: World) -> str | None:
    event = next(one for one in world.store.timeline(BRAND, world.case().id) if one.fact is Fact.NOTE_ADDED)
    message = world.store.message(BRAND, event.data["message_id"])
    return message.text if message else None


Make = Callable[[World, str, str], Command]

MAKERS: list[tuple[Make, Fact]] = [
    (lambda world, id, agent: Assign(*about(world, id, agent), to="tom"), Fact.CASE_ASSIGNED),
    (lambda world, id, agent: Move(*about(world, id, agent), queue="escalations"), Fact.CASE_MOVED),
    (lambda world, id, agent: SetPriority(*about(world, id, agent), priority=Priority.URGENT), Fact.CASE_PRIORITY),
    (lambda world, id, agent: Snooze(*about(world, id, agent), until=NOON + HOUR), Fact.CASE_SNOOZED),
    (lambda world, id, agent: Tag(*about(world, id, agent), add=("late",)), Fact.CASE_TAGGED),
    (lambda world, id, agent: Dismiss(*about(world, id, agent), reason="spam"), Fact.CASE_DISMISSED),
]


@pytest.mark.parametrize(("make", "fact"), MAKERS)
def test_asked_twice_it_is_done_once(world: World, make: Make, fact: Fact) -> None:
    for _ in range(2):
        world.bus(make(world, "same", "ana"), world.clock())
    assert world.facts().count(fact) == 1


@pytest.mark.parametrize(("make", "fact"), MAKERS)
def test_five_ask_at_once_and_it_is_told_once(world: World, make: Make, fact: Fact) -> None:
    def ask(number: int) -> str:
        try:
            world.bus(make(world, f"click-{number}", ("ana", "tom", "mia")[number % 3]), world.clock())
        except Refusal as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(5) as pool:
        told = list(pool.map(ask, range(5)))
    assert world.facts().count(fact) == 1
    assert all(words == "" or words.endswith((".", "!")) for words in told)


@pytest.mark.parametrize(("make", "fact"), MAKERS)
def test_a_late_repeat_does_not_undo_what_came_after_it(world: World, make: Make, fact: Fact) -> None:
    world.bus(make(world, "first", "mia"), world.clock())
    for number, command in enumerate((Wake, Take)):
        try:
            world.bus(command(*about(world, f"later-{number}", "mia")), world.clock())
        except Refusal:
            continue
    before = world.case()
    assert world.bus(make(world, "first", "mia"), world.clock()) == before == world.case()


def test_a_priority_says_who_set_it_and_why(world: World) -> None:
    after = world.bus(SetPriority(*about(world), priority=Priority.LOW, reason="spam"), world.clock())
    assert after.reasons[0] == "set by Ana: spam" and len(after.reasons) > 1


def test_a_case_is_handed_over_with_a_note(world: World) -> None:
    world.bus(Assign(*about(world), to="tom", note="she waits for the parcel"), world.clock())
    assert world.case().assignee == "tom"
    assert world.facts()[-2:] == [Fact.CASE_ASSIGNED, Fact.NOTE_ADDED]
    assert note_of(world) == "she waits for the parcel"
    with pytest.raises(Owned, match="belongs to Tom"):
        world.bus(Assign(*about(world, "2"), to="ana"), world.clock())
    assert world.bus(Assign(*about(world, "3", "mia"), to="ana"), world.clock()).assignee == "ana"


def test_a_case_goes_only_to_people_who_can_work_on_it(world: World) -> None:
    with pytest.raises(NotFound, match="not set up"):
        world.bus(Assign(*about(world), to="nobody"), world.clock())
    with pytest.raises(Refusal, match="Odo does not work on cases of this brand"):
        world.bus(Assign(*about(world), to="odo"), world.clock())
    with pytest.raises(NotFound, match="no such team"):
        world.bus(Move(*about(world), queue="nowhere"), world.clock())


def test_another_team_gets_it_with_a_note_and_nobody_has_it_there(world: World) -> None:
    world.bus(Take(*about(world)), world.clock())
    world.bus(Move(*about(world, "2"), queue="escalations", note="angry"), world.clock())
    case = world.case()
    assert (case.queue, case.assignee, note_of(world)) == ("escalations", None, "angry")
    assert [one.id for one in world.store.queue(BRAND, "escalations")] == [case.id]
    assert world.store.queue(BRAND, "messages") == []


def test_a_snooze_ends_at_its_time_or_when_the_customer_writes(world: World) -> None:
    world.bus(Snooze(*about(world), until=NOON + HOUR), world.clock())
    checkpoint = world.case().next_checkpoint
    assert checkpoint is not None and checkpoint.at <= NOON + HOUR
    world.clock.pass_by(HOUR)
    wake(world.store, BRAND, world.case().id, world.clock())
    assert (world.case().status, world.case().snoozed_until) == (Status.OPEN, None)
    world.bus(Snooze(*about(world, "2"), until=world.clock() + HOUR), world.clock())
    world.take(id="mid-2")
    assert (world.case().status, world.case().snoozed_until) == (Status.OPEN, None)


def test_a_dismissed_case_comes_back_when_the_customer_writes(world: World) -> None:
    world.bus(Dismiss(*about(world), reason="spam"), world.clock())
    assert world.case().status is Status.SOLVED
    world.clock.pass_by(MINUTE)
    world.take(id="mid-2", at=NOON + MINUTE)
    assert (world.case().live, world.case().revision) == (True, 1)


def test_a_claim_runs_out_and_the_case_is_the_queue_s_again(world: World) -> None:
    world.bus(Take(*about(world)), world.clock())
    assert world.case().claim_until == NOON + timedelta(minutes=30)
    world.clock.pass_by(timedelta(minutes=30))
    wake(world.store, BRAND, world.case().id, world.clock())
    assert world.case().assignee is None
    assert world.store.timeline(BRAND, world.case().id)[-1].data["why"] == "claim"
    wake(world.store, BRAND, world.case().id, world.clock())
    assert world.facts().count(Fact.CASE_RELEASED) == 1


@pytest.mark.parametrize("works", ["note", "answer"])
def test_who_works_on_a_case_keeps_it(world: World, works: str) -> None:
    world.bus(Take(*about(world)), world.clock())
    if works == "note":
        world.bus(AddNote(*about(world, "2"), "I call her"), world.clock())
    else:
        world.answer(agent="ana")
    world.clock.pass_by(HOUR)
    wake(world.store, BRAND, world.case().id, world.clock())
    assert world.case().assignee == "ana"


def test_every_command_has_a_handler_and_a_rule_about_roles(world: World) -> None:
    case = world.case().id
    kinds = [one for one in vars(commands).values() if isinstance(one, type) and issubclass(one, Command)]
    everything = set(kinds) - {Command}
    assert everything == PERMITTED[Role.SUPERVISOR] == PERMITTED[Role.ADMIN]
    assert PERMITTED[Role.AUDITOR] == frozenset()
    for command in (
        Moderate("1", BRAND, case, "odo", "m", Act.HIDE),
        Merge("2", BRAND, case, "odo", case),
        Undo("3", BRAND, case, "odo", "r"),
        Approve("4", BRAND, case, "odo", "r"),
    ):
        with pytest.raises(NotAllowed):
            world.bus(command, world.clock())


def test_another_brand_s_cases_cannot_be_named(world: World) -> None:
    elsewhere: Case = world.case()
    for command in (
        Assign("1", "other", elsewhere.id, "ana", to="tom"),
        Merge("2", "other", elsewhere.id, "ana", into=elsewhere.id),
        Link("3", "other", elsewhere.id, "ana", to=elsewhere.id),
        Reject("4", "other", elsewhere.id, "mia", "r", "no"),
        Settle("5", "other", elsewhere.id, "ana", "r", True),
    ):
        with pytest.raises(NotAllowed):
            world.bus(command, world.clock())


def test_a_persons_tags_are_kept_with_them_and_their_cases_are_matched_by_them() -> None:
    soon = {"tags": ["vip"], "targets": [{"metric": "resolution", "within": 3600, "warn_before": 60}]}
    rule = {"because": "important person", "tags": ["vip"], "queue": "escalations", "priority": "urgent"}
    made = World(config=config(promises=[soon, *config_data()["promises"]], rules=[rule]))
    made.take()
    for _ in range(2):
        made.bus(Tag("1", BRAND, made.case().id, "ana", person_add=("V I P", "lyon")), made.clock())
    person, _ = made.store.contact(BRAND, made.case().contact_id)
    assert person is not None and person.tags == ("v-i-p", "lyon") and made.case().tags == ()
    made.bus(Tag("2", BRAND, made.case().id, "ana", person_add=("VIP",), person_remove=("lyon", "v-i-p")), made.clock())
    assert [target.within for target in made.case().targets] == [HOUR], "the case that lives is matched anew"
    told = made.store.timeline(BRAND, made.case().id)[-1]
    assert (told.fact, told.data["added"], told.data["removed"]) == (Fact.CONTACT_TAGGED, ["vip"], ["lyon", "v-i-p"])
    made.bus(Resolve("3", BRAND, made.case().id, "ana"), made.clock())
    made.clock.pass_by(timedelta(days=30))
    made.take(id="mid-2", at=made.clock())
    again = made.case()
    assert (again.queue, again.priority) == ("escalations", Priority.URGENT)
    assert [target.within for target in again.targets] == [HOUR]


def test_too_many_tags_of_a_person_are_refused_and_both_kinds_change_in_one_write(world: World) -> None:
    with pytest.raises(Refusal, match="20 tags at most"):
        world.bus(Tag(*about(world), add=("late",), person_add=tuple(f"t{one}" for one in range(21))), world.clock())
    assert world.case().tags == ()
    world.bus(Tag(*about(world, "2"), add=("late",), person_add=("vip",)), world.clock())
    assert world.facts()[-2:] == [Fact.CASE_TAGGED, Fact.CONTACT_TAGGED]
