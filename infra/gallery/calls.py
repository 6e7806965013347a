"""What chains tell in Slack, and many lines told as one."""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.bundling import Gathered
from chalicelib.domain.escalation import Way
from chalicelib.domain.notices import Notice
from chalicelib.domain.timeline import Fact
from chalicelib.slack import digest, notices
from chalicelib.slack.notices import Load, Place, Shift
from infra.gallery.people import NAMES, WORDS
from infra.gallery.samples import HOUR, NOW, case, happened, message
from infra.gallery.scene import Scene, posted

PLACE = Place("Social", "C0SOCIAL", "<!subteam^S0ONCALL>")
NOWHERE = Place(WORDS["mentions"], "")


def scenes() -> Iterator[Scene]:
    yield from _notices()
    yield from _shifts()
    events = [happened(Fact.MESSAGE_RECEIVED, seq=seq, message_id=f"m{seq}") for seq in range(1, digest.SIZE + 1)]
    words = list(WORDS.values())
    messages = {one.data["message_id"]: message(words[one.seq % len(words)]) for one in events}
    yield posted("line-digest", digest.digest(events, messages, NOW))
    taken_back = {key: replace(one, deleted_at=NOW) for key, one in messages.items()}
    yield posted("line-digest-taken-back", digest.digest(events, taken_back, NOW))
    yield posted("line-digest-without-messages", digest.digest(events, {}, NOW))


def _notices() -> Iterator[Scene]:
    about = case(ago=2 * HOUR)
    told = Notice("n1", about.brand, about.id, "social", Way.ASSIGNEE, "ana", NOW, NOW - HOUR)
    yield posted("notice", notices.calling(about, told, PLACE, NOW))
    yield posted("notice-in-the-channel-too", notices.loud(notices.calling(about, told, PLACE, NOW)))
    for name, words in NAMES.items():
        named = notices.calling(replace(about, contact_name=words), replace(told, due_at=None), NOWHERE, NOW)
        yield posted(f"notice-name-{name}", named)
    cases = [replace(about, contact_name=words) for words in NAMES.values()][:5]
    many = Gathered(NOW, 40, tuple(one.id for one in cases), NOW - HOUR)
    yield posted("notice-many", notices.summary(("harbor", "b1"), "wait", many, cases, PLACE, NOW))
    yield posted("notice-many-unnamed", notices.summary(("harbor", "b1"), "wait", many, [], NOWHERE, NOW))


def _shifts() -> Iterator[Scene]:
    shift = Shift("Ana", NOW + HOUR, "Tom")
    loads = [Load("Harbor", [case(name=words) for words in NAMES.values()], True), Load("Mill", [case()], False)]
    yield posted("shift", notices.hand_over(shift, loads, PLACE, NOW))
    yield posted("shift-quiet", notices.hand_over(Shift("", None, NAMES["mentions"]), [], NOWHERE, NOW))
