"""Who may ask what: every command by every role, through the bus; not a cell is left out."""

from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import commands, ids
from chalicelib.domain.case import Priority
from chalicelib.domain.commands import Act, Answer, Approve, Command
from chalicelib.domain.errors import NotAllowed, Refusal
from chalicelib.domain.people import OFFICERS, PERMITTED, Role
from chalicelib.domain.reply import Mode, ReplyState
from tests.build import BRAND, config, config_data
from tests.service.world import World

_ALL = [one for one in vars(commands).values() if isinstance(one, type) and issubclass(one, Command)]
KINDS = sorted((one for one in _ALL if one is not Command), key=lambda one: one.__name__)
EVERY = {one.__name__ for one in KINDS}
MATRIX: dict[str, set[str]] = {
    "agent": EVERY,
    "supervisor": EVERY,
    "admin": EVERY,
    "auditor": set(),
    "of another brand": set(),
    "system": set(),
    "customer": set(),
    "nobody": set(),
}
"""Who may at all. Whose the case is and who wrote the reply is decided beyond that: see below."""
PEOPLE = {"agent": "ana", "supervisor": "mia", "admin": "ada", "auditor": "odo", "of another brand": "eve"}


def made() -> World:
    data = config_data()
    other = {**data["brands"][BRAND], "name": "Rival"}
    ada = {**data["agents"]["ana"], "name": "Ada", "role": "admin", "slack": "U0ADA"}
    eve = {**data["agents"]["mia"], "name": "Eve", "brands": ["rival"], "slack": "U0EVE"}
    agents = {**data["agents"], "ada": ada, "eve": eve}
    world = World(config=config(brands={**data["brands"], "rival": other}, agents=agents))
    world.take()
    return world


def command(world: World, kind: type[Command], agent: str, reply_id: str = "r") -> Command:
    case = world.case()
    thread = case.thread()
    assert thread
    known: dict[str, Any] = {
        **{"text": "Hi", "mode": Mode.PRIVATE, "conversation_id": thread.conversation_id, "reply_id": reply_id},
        **{"posted": True, "to": "tom", "queue": "escalations", "priority": Priority.URGENT, "add": ("x",)},
        **{"until": world.clock() + timedelta(hours=5), "into": "x", "act": Act.HIDE, "message_id": "m", "reason": "x"},
        **{"note_id": "n", "order": "1", "name": "x"},
    }
    more = {one.name: known[one.name] for one in fields(kind) if one.name in known}
    return kind(**{"id": f"c-{kind.__name__}", "brand": BRAND, "case_id": case.id, "agent": agent, **more})


NO_CASE = "There is no such case of this brand."
NO_REPLY = "There is no such reply in this case."
REFUSED: dict[str, str] = {
    "Acknowledge": "Nothing is being escalated here",
    "Escalate": "This team has no escalation chain.",
    **dict.fromkeys(("Approve", "Reject", "Settle", "Undo"), NO_REPLY),
    **dict.fromkeys(("Link", "Merge"), NO_CASE),
    "Moderate": "There is no such message in this case.",
    "Reopen": "This case is not resolved",
    "ReviseNote": "There is no such note of yours",
}
"""What a case that just came lacks for an order whoever gives it. That is said only to those who may give it at all."""
DONE_ALREADY = {"Release", "Wake"}
"""Nobody has it and nothing rests: it is so already."""


def outcome(world: World, asked: Command) -> str:
    """What came of it: that something was done or was so already, or the words of the refusal."""
    before = dict(world.store._rows)
    try:
        world.bus(asked, world.clock())
    except Refusal as refusal:
        assert world.store._rows == before
        return "not allowed" if isinstance(refusal, NotAllowed) else str(refusal)
    return "so already" if world.store._rows == before else "done"


@pytest.mark.parametrize(("who", "kind"), [(who, kind) for who in MATRIX for kind in KINDS])
def test_every_cell(who: str, kind: type[Command]) -> None:
    world = made()
    name = kind.__name__
    found = outcome(world, command(world, kind, PEOPLE.get(who, who)))
    if name not in MATRIX[who]:
        assert found == "not allowed"
    elif name in REFUSED:
        assert found.startswith(REFUSED[name])
    else:
        assert found == ("so already" if name in DONE_ALREADY else "done")


def test_the_matrix_is_whole() -> None:
    assert {*REFUSED, *DONE_ALREADY} < EVERY and not DONE_ALREADY & REFUSED.keys()
    assert {role.value for role in Role} <= set(MATRIX)
    assert len(KINDS) >= 21
    assert {role: {one.__name__ for one in kinds} for role, kinds in PERMITTED.items()} == {
        role: MATRIX[role.value] for role in Role
    }
    assert {Role.AUDITOR, Role.ADMIN} == OFFICERS


# -- four eyes ---------------------------------------------------------------------------------------------------------


def held(world: World, author: str = "ana") -> str:
    thread = world.case().thread()
    assert thread
    about = (BRAND, world.case().id, author)
    world.bus(Answer("view-1", *about, "Dear Ana", Mode.PRIVATE, thread.conversation_id, approval=True), world.clock())
    return ids.reply_id(BRAND, "view-1")


APPROVES = {
    ("supervisor", "ana", "ana"): False,
    ("supervisor", "ana", "tom"): False,
    ("supervisor", "ana", "mia"): True,
    ("supervisor", "ana", "ada"): True,
    ("supervisor", "mia", "mia"): False,
    ("supervisor", "mia", "ada"): True,
    ("supervisor", "ada", "ada"): False,
    ("anyone", "ana", "ana"): False,
    ("anyone", "ana", "tom"): True,
    ("anyone", "mia", "mia"): False,
    ("anyone", "ada", "ada"): False,
    ("anyone", "ana", "odo"): False,
    ("anyone", "ana", "eve"): False,
}
"""By the policy, for whoever wrote it: who lets it go."""


@pytest.mark.parametrize(("policy", "author", "who"), APPROVES)
def test_who_wrote_it_never_approves_it(policy: str, author: str, who: str) -> None:
    world = made()
    world.config = replace(world.config, approvers=type(world.config.approvers)(policy))
    reply_id = held(world, author)
    with suppress(Refusal):
        world.bus(Approve("yes", BRAND, world.case().id, who, reply_id), world.clock())
    approved = world.reply(reply_id).state is ReplyState.QUEUED
    assert approved is APPROVES[policy, author, who]


@pytest.mark.parametrize("when", ["held", "approved"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_command_changes_the_words_that_were_held_or_approved(when: str, kind: type[Command]) -> None:
    """Not even the author's own window, sent again with other words."""
    world = made()
    reply_id = held(world)
    if when == "approved":
        world.bus(Approve("yes", BRAND, world.case().id, "mia", reply_id), world.clock())
    before = world.reply(reply_id)
    for agent in ("ana", "mia"):
        asked: Any = command(world, kind, agent, reply_id)
        other = replace(asked, id="view-1", text="Dear Ana, or else") if hasattr(asked, "text") else asked
        with suppress(Refusal):
            world.bus(other, world.clock())
    after = world.reply(reply_id)
    assert (after.text, after.address, after.mode, after.agent) == (before.text, before.address, before.mode, "ana")
    approved_by_author = after.state is ReplyState.QUEUED and after.approved_by == "ana"
    assert not approved_by_author
