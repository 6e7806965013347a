"""The card in every state a case can be in, and under every name."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from chalicelib.domain import ids, lifecycle, reopening
from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Edit, Message
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.slack import cards
from infra.gallery.people import NAMES, WORDS
from infra.gallery.samples import HOUR, MINUTE, NOW, case, message, thread
from infra.gallery.scene import Scene, posted


def scenes() -> Iterator[Scene]:
    for name, made in STATES.items():
        yield _scene(f"card-{name}", made())
    for name, latest in MESSAGES.items():
        yield _scene(f"card-message-{name}", case(), latest)
    for name, words in NAMES.items():
        known = case(name=words, handle=words)
        yield _scene(f"card-name-{name}", replace(known, assignee="x", reasons=(words,)), assignee=words)
    for name, words in WORDS.items():
        yield _scene(f"card-words-{name}", case(), message(words, language="de"))
    for name, words in NAMES.items():
        yield posted(f"card-moved-name-{name}", cards.moved(case(name=words), words, "C0SOCIAL"))
    yield posted("card-that-cannot-be-edited", cards.fixed(case(), cards.POST))
    past = cards.Past(NOW - 50 * HOUR, ("vip", NAMES["mentions"], NAMES["formatting"]), True)
    yield _scene("card-of-somebody-known", replace(case(), id=ids.case_id(case().contact_id, 3)), past=past)


def _scene(
    name: str, shown: Case, latest: Message | None = None, assignee: str = "", past: cards.Past = cards.NEW_CONTACT
) -> Scene:
    known = assignee or ("Ana" if shown.assignee else None)
    posting = cards.card(
        shown,
        latest or message(),
        network="Facebook",
        queue="Social",
        assignee=known,
        now=NOW,
        past=past,
        translate="https://translate.example/?q=" if latest else None,
    )
    return posted(name, posting)


def _taken(**more: object) -> Case:
    return replace(lifecycle.taken(case(**more), "ana", NOW)[0])  # type: ignore[arg-type]


def _warned() -> Case:
    """Opened so long ago that the warning is due now, and told."""
    return lifecycle.ticked(case(ago=11 * MINUTE), NOW)[0]


def _late() -> Case:
    return lifecycle.ticked(case(ago=2 * HOUR), NOW)[0]


def _solved(ago: object = 3 * MINUTE) -> Case:
    known = case(ago=ago)  # type: ignore[arg-type]
    after, taken = lifecycle.taken(known, "ana", NOW)
    after, answered = lifecycle.answered(after, NOW, Happening(Fact.REPLY_SENT, NOW, "ana"))
    after, solved = lifecycle.solved(after, "ana", NOW)
    return _told(known, (after, [*taken, *answered, *solved]))


def _told(before: Case, turn: lifecycle.Turn) -> Case:
    """With its clocks as they are then."""
    return lifecycle.recorded(before, *turn, NOW)[0]


def _again() -> Case:
    solved = _solved(2 * HOUR)
    return _told(solved, lifecycle.received(solved, thread(ago=0 * MINUTE), NOW))


def _taken_back() -> Case:
    return _told(_solved(), reopening.reopened(_solved(), "ana", HOUR, NOW))


STATES: dict[str, Callable[[], Case]] = {
    "new": case,
    "taken": _taken,
    "time-runs-out": _warned,
    "late": _late,
    "solved-in-time": _solved,
    "solved-late": partial(_solved, 2 * HOUR),
    "reopened": _again,
    "reopened-by-a-colleague": _taken_back,
    "waits-for-the-customer": lambda: replace(_taken(), status=Status.PENDING),
    "on-hold": lambda: replace(_taken(), status=Status.ON_HOLD),
    "closed": lambda: replace(_solved(), status=Status.CLOSED),
    "nothing-promised": lambda: replace(case(), clocks=(), reasons=()),
    "urgent": lambda: replace(case(), priority=Priority.URGENT),
    "in-private": lambda: case(thread(public=False, ago=3 * MINUTE)),
    "many-conversations": lambda: case(
        *(thread(key, public=bool(at % 2), ago=at * MINUTE) for at, key in enumerate("abcdef", 1))
    ),
    "no-way-to-answer": lambda: case(replace(thread(ago=3 * MINUTE), capabilities=())),
    "snoozed": lambda: replace(_taken(), snoozed_until=NOW + 3 * HOUR),
    "merged": lambda: replace(_solved(), merged_into=case().id),
    "answers-in-trouble": lambda: replace(_taken(), stuck={"1": "failed", "2": "unknown", "3": "held", "4": "held"}),
    "tagged-and-linked": lambda: replace(case(), tags=tuple(WORDS.values())[:9], links=(case().id,) * 5),
}
FIFTY = tuple(Attachment("document", name=f"invoice-{number:02}-*{NAMES['mentions']}*.pdf") for number in range(50))
MESSAGES: dict[str, Message] = {
    "deleted": message(deleted_at=NOW),
    "hidden": message(hidden=True),
    "edited": message(edit=Edit("It never arrived, and now it says delivered!", (1, "", ""))),
    "one-picture": message(None, attachments=(Attachment("image"),)),
    "fifty-attachments": message(attachments=FIFTY),
    "fifty-attachments-and-no-words": message("", attachments=FIFTY),
    "private": message(public=False, kind="message"),
    "of-an-unknown-kind": message(kind="*<!channel>*"),
}
