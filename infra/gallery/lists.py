"""The Home tab, and what ``/heed`` answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.case import Status
from chalicelib.slack import answers, hints, home, verbs
from chalicelib.slack.answers import Call, Found, Load
from chalicelib.slack.blocks import Block
from chalicelib.slack.troubles import Trouble
from infra.gallery.people import NAMES, WORDS
from infra.gallery.samples import HOUR, NOW, case, message
from infra.gallery.scene import Scene, window

QUEUES = {"social": "Social", "messages": "Messages"}
LOADS = [
    Load("Social", 12, 3, 1, longest=timedelta(hours=3)),
    Load("Messages", 50, 50, 50, more=True),
    Load(WORDS["mentions"], 0, 0, 0),
]
CALLS = [Call("night", "Ana", NOW + HOUR), Call(NAMES["mentions"], NAMES["mentions"], None), Call("day", None, None)]
TROUBLES = [
    Trouble("T0HEED", "C0CARE", "is_archived", NOW - HOUR, ("Social", NAMES["mentions"])),
    Trouble("T0HEED", "C0BILLING", "not_in_channel", NOW - 3 * HOUR, ("Messages",)),
    Trouble("T0HEED", "U0ANA", "messages_tab_disabled", NOW - HOUR),
    Trouble("T0OTHER", "", "token_revoked", NOW - 30 * HOUR),
    Trouble("T0HEED", "C0CARE", "some_new_error", NOW),
]
EVERYBODY = [case(name=words) for words in NAMES.values()]


def scenes() -> Iterator[Scene]:
    yield from _homes()
    late, done = case(ago=2 * HOUR), replace(case(), status=Status.SOLVED)
    snoozed = replace(case(), snoozed_until=NOW + HOUR, assignee="ana")
    yield _answer("mine", answers.cases("Your cases", Found([late, done, snoozed, *EVERYBODY]), QUEUES, NOW))
    yield _answer("none", answers.cases("Your cases", Found([]), QUEUES, NOW))
    yield _answer("mine-many", answers.cases("Your cases", Found(EVERYBODY * 20, more=True), QUEUES, NOW))
    for name, words in WORDS.items():
        told = Found([replace(late, assignee="ana")], {message().id: message(words)})
        yield _answer(f"one-{name}", answers.one("One case", told.cases[0], told, QUEUES, NOW))
    yield _answer("one-solved", answers.one("One case", done, Found([done]), QUEUES, NOW))
    yield _answer("ways", answers.tell(verbs.WAYS))
    for raw in ("reply hello", "offline", "snooze it", "undo"):
        yield _answer(f"hint-{verbs.meant(raw)}", hints.hint(verbs.hint(raw), raw, late))
    yield _answer("report", answers.report(LOADS))
    yield _answer("report-nothing", answers.report([]))
    yield _answer("on-call", answers.calls(CALLS, NOW))
    yield _answer("on-call-nobody", answers.calls([], NOW))


def _homes() -> Iterator[Scene]:
    yield window("home", home.home(Found(EVERYBODY), LOADS, QUEUES, NOW))
    yield window("home-empty", home.home(Found([]), [], QUEUES, NOW))
    yield window("home-full", home.home(Found(EVERYBODY * 20, more=True), LOADS * 20, QUEUES, NOW))
    yield window("home-next", home.home(Found([case()]), LOADS, QUEUES, NOW, away=False, can_take=True))
    yield window("home-away", home.home(Found([case()]), LOADS, QUEUES, NOW, away=True))
    yield window("home-in-trouble", home.home(Found([case()]), LOADS, QUEUES, NOW, wrong=TROUBLES))
    yield window("home-of-a-stranger", home.stranger("You are not set up in Heed; ask an admin."))


def _answer(name: str, body: Block) -> Scene:
    return Scene(f"answer-{name}", "message", tuple(body.get("blocks", ())), text=body["text"])
