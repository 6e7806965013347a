"""Every window: as usual, under long and hostile names, with many places to answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from chalicelib import channels
from chalicelib.domain import lifecycle
from chalicelib.domain.case import Status
from chalicelib.domain.explaining import explained
from chalicelib.slack import explaining, forms, modals, replying
from chalicelib.slack.replying import Aids, Words
from infra.gallery.people import NAMES, WORDS
from infra.gallery.samples import BOTH, MINUTE, NOW, case, message, thread
from infra.gallery.scene import Scene, window

ACTS = (*BOTH, "hide", "delete", "like")
QUEUES = [("social", "Social"), ("messages", "Messages"), ("hostile", WORDS["mentions"])]
AIDS = Aids(
    words=Words("Hello Ana, we are so sorry.", kept=modals.not_sent(NOW - 5 * MINUTE, NOW)),
    macros=[("late", "Late parcel"), ("hostile", NAMES["mentions"])],
    writing=("Tom", NAMES["mentions"], NAMES["arabic"]),
    macro="late",
    undo=timedelta(seconds=10),
)


def scenes() -> Iterator[Scene]:
    yield window("modal-loading", modals.loading("Reply"))
    yield window("modal-says", modals.says("Reply", "This case is not there any more."))
    yield window("modal-note", modals.note("harbor", case().id))
    kept = modals.not_sent(NOW - 5 * MINUTE, NOW)
    yield window("modal-note-kept", modals.note("harbor", case().id, WORDS["arabic"], kept))
    yield from _replies()
    yield from _forms()
    yield window("modal-clocks", explaining.window(explained(case(), [], NOW), str))


def _replies() -> Iterator[Scene]:
    for name, words in NAMES.items():
        yield window(f"modal-reply-to-{name}", replying.reply(case(name=words, handle=words), channels.load, NOW))
    private = case(thread(public=False, ago=3 * MINUTE))
    yield window("modal-reply-in-private", replying.reply(private, channels.load, NOW))
    yield window("modal-reply-with-draft-and-macros", replying.reply(case(), channels.load, NOW, AIDS))
    back = Words("Hello Ana", kept="These are the words that a colleague sent back: Too cold.")
    yield window("modal-reply-sent-back", replying.reply(case(), channels.load, NOW, Aids(back)))
    late = Words("Hello Ana", where="gone", refused="That conversation is not part of this case any more.")
    yield window("modal-reply-not-sent", replying.reply(case(), channels.load, NOW, Aids(late)))
    many = case(*(thread(key, public=bool(at % 2), ago=at * MINUTE) for at, key in enumerate("abcdef", 1)))
    yield window("modal-reply-in-many-places", replying.reply(many, channels.load, NOW, AIDS))


def _forms() -> Iterator[Scene]:
    shown = case()
    mine = lifecycle.taken(case(replace(thread(ago=3 * MINUTE), capabilities=ACTS)), "ana", NOW)[0]
    tagged = replace(mine, tags=("vip", NAMES["mentions"], NAMES["arabic"]))
    for name, one in {"": shown, "-of-mine": mine, "-hostile": case(name=NAMES["mentions"])}.items():
        yield window(f"modal-more{name}", forms.menu(one))
    yield window("modal-more-when-over", forms.menu(replace(mine, status=Status.SOLVED)))
    yield window("modal-assign", forms.assign(shown))
    yield window("modal-move", forms.move(shown, QUEUES))
    yield window("modal-move-nowhere", forms.move(shown, QUEUES[:1]))
    yield window("modal-priority", forms.priority(shown))
    yield window("modal-snooze", forms.snooze(shown, NOW))
    yield window("modal-tags", forms.tags(tagged))
    yield window("modal-merge", forms.merge(shown))
    yield window("modal-link", forms.link(shown))
    yield window("modal-dismiss", forms.dismiss(shown))
    yield window("modal-escalate", forms.escalate(shown))
    yield window("modal-reject", forms.reject(shown, "r1"))
    written = [message(words, id=name, hidden=name == "arabic") for name, words in WORDS.items()]
    yield window("modal-moderate", forms.moderate(mine, written, NOW))
    yield window("modal-moderate-nothing", forms.moderate(shown, written, NOW))
    for name, words in WORDS.items():
        yield window(f"modal-add-{name}", forms.add_to_case(words, [(shown.id, NAMES["mentions"])]))
    yield window("modal-add-without-cases", forms.add_to_case(WORDS["plain"], ()))
