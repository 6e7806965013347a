"""The thread's line for every fact: once as usual, once with everybody at their worst."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chalicelib.domain.event import Attachment
from chalicelib.domain.instants import iso
from chalicelib.domain.reply import Enclosure, Then
from chalicelib.domain.tags import LONGEST, MOST
from chalicelib.domain.timeline import Fact
from chalicelib.slack import lines, telling
from chalicelib.slack.lines_of_replies import DELAYS, FAILURES
from infra.gallery.people import NAMES, WORDS
from infra.gallery.samples import MINUTE, NOW, happened, message, reply
from infra.gallery.scene import Scene, posted

USUAL: dict[str, Any] = {
    "message_id": "m1",
    "reply_id": "r1",
    "mode": "public",
    "metric": "first_response",
    "due_at": iso(NOW + 12 * MINUTE),
    "at": iso(NOW),
    "until": iso(NOW + 60 * MINUTE),
    "chain": "night",
    "from": "normal",
    "to": "urgent",
    "into": "k7w2m9-2",
    "add": ["vip"],
}
"""More than any one fact brings along; each takes its own."""
KNOWN = telling.Scene("Ana", NAMES["plain"], "Facebook", NOW, message(), reply())
HOST = "pbs.twimg.com"
FILES: dict[str, tuple[Attachment, ...]] = {
    "that-opens": (Attachment("image", f"https://{HOST}/media/a.jpg", name="parcel.jpg"),),
    "behind-a-token": (Attachment("voice", id="4711"), Attachment("document", id="4712", name="bill.pdf")),
    "in-strange-places": (
        Attachment("document", "https://evil.example/a", name=WORDS["links"]),
        Attachment("fallback", f"https://{HOST}/a", name=NAMES["mentions"]),
    ),
}
SAID = ("reason", "note", "why", "said", "from", "to", "into", "chain")
"""What somebody else put down beside a fact."""
HOSTILE = " ".join((WORDS["mentions"], WORDS["links"], WORDS["formatting"]))
WORST = telling.Scene(NAMES["mentions"], HOSTILE, HOSTILE, NOW, message(HOSTILE), reply(HOSTILE))
SPOILT = {**dict.fromkeys(SAID, HOSTILE), "add": MOST * [LONGEST * "ß"], "remove": [HOSTILE], "act": HOSTILE}


def scenes() -> Iterator[Scene]:
    for fact in lines.LINES:
        yield from _scene(f"line-{_spoken(fact)}", fact, KNOWN)
        yield from _scene(f"line-{_spoken(fact)}-hostile", fact, WORST, **SPOILT)
    for name, data in MORE.items():
        yield from _scene(f"line-{name}", Fact(data["fact"]), KNOWN, **{k: v for k, v in data.items() if k != "fact"})
    for name, files in FILES.items():
        scene = replace(KNOWN, message=message(attachments=files), hosts=(HOST,))
        yield from _scene(f"line-files-{name}", Fact.MESSAGE_RECEIVED, scene)
    for fact in (Fact.REPLY_HELD, Fact.REPLY_FAILED, Fact.REPLY_UNKNOWN):
        yield from _scene(f"line-{_spoken(fact)}-calling", fact, replace(KNOWN, calls="<@U0ANA> <@U0TOM>"))
    for name, called in {"": "bill.pdf", "-hostile": HOSTILE}.items():
        bill = Enclosure("files/1/bill.pdf", called, "application/pdf", 9)
        held, sent = replace(reply(), then=Then(file=bill)), replace(reply(""), file=bill)
        yield from _scene(f"line-held-with-a-file{name}", Fact.REPLY_HELD, replace(KNOWN, reply=held))
        yield from _scene(f"line-file-queued{name}", Fact.REPLY_QUEUED, replace(KNOWN, reply=sent))
        yield from _scene(f"line-file-held{name}", Fact.REPLY_HELD, replace(KNOWN, reply=sent))
        yield from _scene(f"line-file-failed{name}", Fact.REPLY_FAILED, replace(KNOWN, reply=sent))
    for name, words in NAMES.items():
        scene = telling.Scene(words, words, "Facebook", NOW, message(), reply())
        yield from _scene(f"line-name-{name}", Fact.MESSAGE_RECEIVED, scene)
    for name, words in WORDS.items():
        scene = telling.Scene("Ana", NAMES["plain"], "Facebook", NOW, message(words), reply(words))
        yield from _scene(f"line-words-{name}", Fact.MESSAGE_RECEIVED, scene)
        yield from _scene(f"line-answer-{name}", Fact.REPLY_QUEUED, scene)


def _scene(name: str, fact: Fact, scene: telling.Scene, **data: Any) -> Iterator[Scene]:
    posting = lines.line(happened(fact, **{**USUAL, **data}), scene)
    if posting is not None:
        yield posted(name, posting)


def _spoken(fact: Fact) -> str:
    return fact.value.replace("_", "-").replace(".", "-")


MORE: dict[str, dict[str, Any]] = {
    **{f"failed-{reason.replace('_', '-')}": {"fact": "reply.failed", "reason": reason} for reason in FAILURES},
    **{f"delayed-{reason.replace('_', '-')}": {"fact": "reply.deferred", "reason": reason} for reason in DELAYS},
    "failed-for-a-reason-nobody-knows": {"fact": "reply.failed", "reason": HOSTILE},
    "queued-and-can-be-taken-back": {"fact": "reply.queued", "not_before": iso(NOW + MINUTE)},
    "reopened-by-a-colleague": {"fact": "case.reopened", "why": "taken back"},
    "moved-with-a-note": {"fact": "case.moved", "note": WORDS["long"]},
    "tagged": {"fact": "case.tagged", "add": ["vip", "refund"], "remove": ["new"]},
    "priority-with-a-reason": {"fact": "case.priority", "from": "low", "to": "urgent", "reason": "A journalist."},
    "warned-about-the-resolution": {"fact": "clock.warned", "metric": "resolution"},
    "breached-long-ago": {"fact": "clock.breached", "due_at": iso(NOW - 3000 * MINUTE)},
}
