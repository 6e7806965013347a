"""What chains tell in Slack, and many lines told as one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chalicelib.domain.escalation import Way
from chalicelib.domain.message import Message
from chalicelib.domain.notices import BREACHED, ESCALATED, WARNED, Notice, Part
from chalicelib.domain.timeline import Fact
from chalicelib.slack import digest, lines, notices, telling
from chalicelib.slack.crowd import crowd
from chalicelib.slack.notices import Load, Place, Shift
from infra.gallery.people import NAMES, WORDS
from infra.gallery.samples import HOUR, NOW, case, happened, message
from infra.gallery.scene import Scene, posted

PLACE = Place("Social", "C0SOCIAL", "<!subteam^S0ONCALL>")
NOWHERE = Place(WORDS["mentions"], "")


def scenes() -> Iterator[Scene]:
    yield from _notices()
    yield from _shifts()
    yield from _digests()
    yield from _crowds()


def _digests() -> Iterator[Scene]:
    words = list(WORDS.values())
    said: list[Message | None] = [message(words[seq % len(words)]) for seq in range(digest.SIZE)]
    for number, page in enumerate(digest.pages(_told(said))):
        yield posted(f"line-digest-{number}", digest.digest(page, digest.page_name(page), NOW))
        yield posted(f"line-history-{number}", digest.history(page, digest.page_name(page), NOW))
    gone = [replace(one, deleted_at=NOW) for one in said if one]
    yield posted("line-digest-taken-back", digest.digest(_told(gone), digest.name(1), NOW))
    yield posted("line-digest-without-messages", digest.digest(_told([None] * 5), digest.name(1), NOW))


def _told(messages: Sequence[Message | None]) -> list[digest.Told]:
    events = [happened(Fact.MESSAGE_RECEIVED, seq=seq) for seq in range(1, len(messages) + 1)]
    told = [telling.Scene("Ana", NAMES["mentions"], "Facebook", NOW, one) for one in messages]
    lined = ((event, lines.line(event, scene)) for event, scene in zip(events, told, strict=True))
    return [(event, line) for event, line in lined if line]


def _crowds() -> Iterator[Scene]:
    cases = [replace(case(ago=2 * HOUR), contact_name=words) for words in NAMES.values()]
    for name, first in (("", cases[:5]), ("-of-strange-names", cases[5:]), ("-unnamed", [])):
        yield posted(f"crowd{name}", crowd(("harbor", "c1"), 143, first, NOW))


def _notices() -> Iterator[Scene]:
    about = case(ago=2 * HOUR)
    told = Notice("n1", about.brand, about.id, "social", Way.ASSIGNEE, "ana", NOW, NOW - HOUR)
    yield posted("notice", notices.calling(about, told, PLACE, NOW))
    yield posted("notice-in-the-channel-too", notices.loud(notices.calling(about, told, PLACE, NOW)))
    for name, words in NAMES.items():
        named = notices.calling(replace(about, contact_name=words), replace(told, due_at=None), NOWHERE, NOW)
        yield posted(f"notice-name-{name}", named)
    cases = [replace(about, id=f"{about.id}{n}", contact_name=words) for n, words in enumerate(NAMES.values())][:5]
    broken, escalated = Part(BREACHED, 40, cases, NOW - HOUR), Part(ESCALATED, 38, cases, NOW - HOUR)
    in_danger = Part(WARNED, 7, [], None)
    yield posted("notice-many", notices.summary(("harbor", "b1"), [escalated], PLACE, NOW))
    yield posted("notice-storm", notices.summary(("harbor", "b1"), [broken, in_danger, escalated], PLACE, NOW))
    yield posted("notice-many-unnamed", notices.summary(("harbor", "b1"), [in_danger], NOWHERE, NOW))


def _shifts() -> Iterator[Scene]:
    shift = Shift("Ana", NOW + HOUR, "Tom")
    loads = [Load("Harbor", [case(name=words) for words in NAMES.values()], True), Load("Mill", [case()], False)]
    yield posted("shift", notices.hand_over(shift, loads, PLACE, NOW))
    yield posted("shift-quiet", notices.hand_over(Shift("", None, NAMES["mentions"]), [], NOWHERE, NOW))
