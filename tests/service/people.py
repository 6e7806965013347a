"""Ana and Tom, what they said, and the ways in which it can be found again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chalicelib.domain import ids
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Act, AddNote, Dismiss, Merge, Moderate, Tag
from chalicelib.domain.event import Attachment, Kind
from chalicelib.domain.privacy import Erasure
from chalicelib.domain.retention import Retention
from chalicelib.service.audit import judged
from chalicelib.service.ports import SlackApi
from chalicelib.service.privacy import Eraser, Outcome
from tests.build import BRAND, MINUTE
from tests.fakes.ports import MemoryArchive
from tests.service.world import World

ANA, TOM = "7245118832190456", "99"
ANA_ID, TOM_ID = (ids.contact_id(BRAND, "facebook", one) for one in (ANA, TOM))
SECRETS = (
    *("Ana B", "anab", "+4915112345", "my order", "edited order", "invoice", "calls every day", "on its way", ANA),
    *("insults us", "lawyer-of-ana"),
)


def told(world: World) -> None:
    """Ana writes twice, edits, is answered, noted about, tagged and hidden; Tom writes, too."""
    who: dict[str, Any] = {"name": "Ana B", "handle": "anab", "phone": "+4915112345"}
    file = Attachment("file", name="invoice.pdf")
    world.take(text="Where is my order?", attachments=(file,), **who)
    world.take(Kind.EDIT, id=None, of="mid-1", text="edited order", version="1", **who)
    world.take(Kind.COMMENT, id="c-1", text="my order!", public=True, conversation=None, post="p1", **who)
    world.bus(AddNote("n1", BRAND, world.case().id, "ana", "calls every day"), world.clock())
    world.delivery.deliver(BRAND, world.answer("It is on its way.").id)
    world.answer("Still on its way.", "view-2")
    world.bus(Tag("t1", BRAND, world.case().id, "ana", add=("lawyer-of-ana",)), world.clock())
    comment = ids.message_id(BRAND, "harbor-facebook", "c-1")
    hide = Moderate("h1", BRAND, world.case().id, "ana", message_id=comment, act=Act.HIDE, reason="she insults us")
    world.bus(hide, world.clock())
    tom_writes(world)
    world.clock.pass_by(MINUTE)


def tom_writes(world: World, text: str = "Tom asks", id: str = "mid-t") -> None:
    who = {"author": TOM, "name": "Tom T", "conversation": f"104552811223344:{TOM}"}
    world.take(id=id, text=text, at=world.clock(), **who)  # type: ignore[arg-type]


def joined(world: World) -> Case:
    """Ana's case is merged into Tom's, and both go on in it; returns Tom's case."""
    told(world)
    mine, theirs = world.case(), world.case(TOM)
    world.bus(AddNote("n0", BRAND, theirs.id, "ana", "Tom is kind"), world.clock())
    world.bus(Merge("m1", BRAND, mine.id, "ana", theirs.id), world.clock())
    world.clock.pass_by(MINUTE)
    world.take(id="mid-2", text="edited order, again", at=world.clock())
    world.bus(AddNote("n2", BRAND, theirs.id, "ana", "which of them calls every day?"), world.clock())
    tom_writes(world, "Tom asks again", "mid-t2")
    world.clock.pass_by(MINUTE)
    return world.case(TOM)


def dismissed(world: World, case: Case, why: str) -> None:
    world.bus(Dismiss("d1", BRAND, case.id, "ana", why), world.clock())


def rows(world: World) -> str:
    return "\n".join(repr(row) for row in world.store._rows.values())


def left_of(world: World, archive: MemoryArchive, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    everything = rows(world) + repr(archive.kept)
    return [one for one in secrets if one in everything]


def erasure(world: World, code: str = "code", who: str = ANA_ID) -> Erasure:
    return Erasure(code, BRAND, (who,), world.clock(), "odo", "asked by mail")


def nowhere() -> SlackApi | None:
    return None


def eraser(
    world: World, archive: MemoryArchive, slack: Callable[[], SlackApi | None] = nowhere, run: timedelta | None = None
) -> Eraser:
    ends = world.clock() + run if run else None
    return Eraser(world.store, archive, slack, world.meter, world.clock, ends)


def runs(world: World, archive: MemoryArchive) -> Outcome:
    """The two that an erasure takes; what the second came to."""
    eraser(world, archive).work()
    return eraser(world, archive).work()


def findings(world: World) -> list[str]:
    """What the audit trail of any case has to complain about."""
    cases = [row for row in world.store._rows.values() if isinstance(row, Case)]
    verdicts = [judged(world.store, BRAND, case.id, Retention(), world.clock()) for case in cases]
    return [f"{one.case_id} {one.seq} {one.what}" for verdict in verdicts for one in verdict.findings]
