"""The other windows: one small form for each thing that can be done with a case."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib.channels.base import Capability
from chalicelib.domain.case import Case, Priority, Thread
from chalicelib.domain.commands import Act
from chalicelib.domain.message import Message
from chalicelib.domain.reply import Mode
from chalicelib.slack import buttons, inputs
from chalicelib.slack.blocks import Block, actions, button, in_plain, plain_section, section
from chalicelib.slack.destinations import destinations
from chalicelib.slack.inputs import OPTION, SELECTS, Choice, field
from chalicelib.slack.modals import TEXT, recipient, view
from chalicelib.slack.mrkdwn import clip
from chalicelib.slack.times import stamp

WHO, QUEUE, PRIORITY, UNTIL, TAGS, CASE = "who", "queue", "priority", "until", "tags", "case"
ACT, MESSAGE, PERSON_TAGS = "act", "message", "person"
MENU = "menu"

ASSIGN_VIEW, MOVE_VIEW, PRIORITY_VIEW, SNOOZE_VIEW, TAGS_VIEW = "assign", "move", "priority", "snooze", "tags"
MERGE_VIEW, LINK_VIEW, DISMISS_VIEW, ESCALATE_VIEW = "merge", "link", "dismiss", "escalate"
MODERATE_VIEW, REJECT_VIEW, ADD_VIEW = "moderate", "reject", "add"

MAIN: Mapping[str, str] = {
    ASSIGN_VIEW: WHO,
    MOVE_VIEW: QUEUE,
    PRIORITY_VIEW: PRIORITY,
    SNOOZE_VIEW: UNTIL,
    TAGS_VIEW: TAGS,
    MERGE_VIEW: CASE,
    LINK_VIEW: CASE,
    MODERATE_VIEW: ACT,
    ADD_VIEW: CASE,
}
"""The field of a window beside which a refusal stands; in all others it is the text."""

REASON_SIZE, TAGS_SIZE, REMEMBERED = 300, 500, 1500
ROUND = 900
"""Proposed times are on the quarter of an hour."""
PRIORITIES: Mapping[Priority, str] = {
    Priority.URGENT: "Urgent",
    Priority.HIGH: "High",
    Priority.NORMAL: "Normal",
    Priority.LOW: "Low",
}
ACTS: Mapping[Act, tuple[Capability, str]] = {
    Act.HIDE: (Capability.HIDE, "Hide it"),
    Act.UNHIDE: (Capability.HIDE, "Show it again"),
    Act.DELETE: (Capability.DELETE, "Delete it for good"),
    Act.LIKE: (Capability.LIKE, "Like it"),
}


def menu(case: Case, card: str = "") -> Block:
    """Everything that has no button of its own on the card. ``card``: its link, for who does not stand before it."""
    about = plain_section(f"The case of {recipient(case)}")
    shown = [section(f"<{card}|Open its card>")] if card else []
    rows = _menu_live(case) if case.live else _menu_over(case)
    return view("More", [about, *shown, *map(actions, rows)], MENU, ids=_ids(case))


def _menu_live(case: Case) -> list[list[Block]]:
    about = buttons.value(case)
    release = [button("Give it back", buttons.RELEASE, about)] if case.assignee else []
    who = [button("Assign or hand over…", buttons.ASSIGN, about), button("To another team…", buttons.MOVE, about)]
    what = [button("Priority…", buttons.PRIORITY, about), button("Tags…", buttons.TAGS, about)]
    other = [button("Merge into…", buttons.MERGE, about), button("Link to…", buttons.LINK, about)]
    if any(one.mode is Mode.PUBLIC for one in destinations(case)):
        other.append(button("Take offline…", buttons.OFFLINE, about))
    return [
        [*release, *who],
        [*what, button("Snooze…", buttons.SNOOZE_UNTIL, about), buttons.alarm(case)],
        other,
        [*_rest(case), button("Not a request…", buttons.DISMISS, about)],
    ]


def _menu_over(case: Case) -> list[list[Block]]:
    about = buttons.value(case)
    return [[button("Tags…", buttons.TAGS, about), button("Link to…", buttons.LINK, about), *_rest(case)]]


def _rest(case: Case) -> list[Block]:
    about = buttons.value(case)
    moderate = [button("Hide, delete, like…", buttons.MODERATE, about)] if offers(case) else []
    return [*moderate, button("Clocks…", buttons.CLOCKS, about)]


def assign(case: Case) -> Block:
    blocks = [
        field(WHO, "Who takes it on?", inputs.person(WHO)),
        field(TEXT, "Note for them", inputs.text(TEXT), optional=True, hint="Only colleagues read it."),
    ]
    return _form(case, "Assign", blocks, ASSIGN_VIEW, "Assign")


def move(case: Case, queues: Sequence[Choice]) -> Block:
    others = [one for one in queues if one[0] != case.queue]
    if not others:
        return view("Another team", [plain_section("There is no other team.")])
    blocks = [
        field(QUEUE, "Which team?", inputs.select(QUEUE, others)),
        field(TEXT, "Note for that team", inputs.text(TEXT), optional=True, hint="Only colleagues read it."),
    ]
    return _form(case, "To another team", blocks, MOVE_VIEW, "Move")


def priority(case: Case) -> Block:
    choices = [(one.value, words) for one, words in PRIORITIES.items()]
    element = inputs.select(PRIORITY, choices, initial=case.priority.value)
    blocks = [field(PRIORITY, "How urgent is it?", element), _reason("Why", optional=True)]
    return _form(case, "Priority", blocks, PRIORITY_VIEW, "Set")


def snooze(case: Case, now: datetime) -> Block:
    later = now + timedelta(hours=1)
    proposed = later + timedelta(seconds=-later.timestamp() % ROUND)
    blocks = [
        plain_section("It comes back at that time, or as soon as the customer writes."),
        actions(buttons.naps(case)),
        field(UNTIL, "Or until when?", inputs.moment(UNTIL, proposed)),
        _reason("What it waits for", optional=True),
    ]
    return _form(case, "Snooze", blocks, SNOOZE_VIEW, "Snooze")


def tags(case: Case) -> Block:
    blocks = [
        _tags(TAGS, "Tags of this case, with commas between", case.tags),
        _tags(PERSON_TAGS, "Tags to add to the person, for later cases as well", ()),
    ]
    return _form(case, "Tags", blocks, TAGS_VIEW, "Save", before=",".join(case.tags)[:REMEMBERED])


def _tags(name: str, label: str, tags: Sequence[str]) -> Block:
    known = ", ".join(tags)
    element = inputs.text(name, multiline=False, initial=known, size=max(TAGS_SIZE, len(known)))
    return field(name, label, element, optional=True)


def merge(case: Case) -> Block:
    words = "This case ends; everything about it goes on in the other one."
    return _form(case, "Merge", [plain_section(words), _other()], MERGE_VIEW, "Merge")


def link(case: Case) -> Block:
    words = "Both cases stay open; each shows the other."
    return _form(case, "Link", [plain_section(words), _other()], LINK_VIEW, "Link")


def dismiss(case: Case) -> Block:
    words = "Nothing was asked of us: the case ends, and no clock counts it as kept or broken."
    blocks = [plain_section(words), _reason("What it is", optional=True)]
    return _form(case, "Not a request", blocks, DISMISS_VIEW, "Close it")


def escalate(case: Case) -> Block:
    return _form(case, "Escalate", [_reason("Why, for those who are called")], ESCALATE_VIEW, "Escalate")


def reject(case: Case, reply_id: str) -> Block:
    blocks = [_reason("What has to change, for its author")]
    return _form(case, "Not like this", blocks, REJECT_VIEW, "Send back", reply=reply_id)


def offers(case: Case) -> list[Choice]:
    """What the networks of this case let us do to a message."""
    can = {one for thread in case.threads.values() for one in able(thread)}
    return [(act.value, words) for act, (needs, words) in ACTS.items() if needs in can]


def able(thread: Thread | None) -> set[str]:
    """What can be done to messages of this conversation."""
    return {needs.value for needs, _ in ACTS.values()} & set(thread.capabilities if thread else ())


def moderate(case: Case, messages: Sequence[Message], now: datetime) -> Block:
    """``messages`` are the customer's, the newest first."""
    found = offers(case)
    if not found or not messages:
        return view("On the network", [plain_section("This network offers nothing of the kind for this case.")])
    which = [inputs.option((one.id, in_plain(one, OPTION)), _place(one, now)) for one in messages[:SELECTS]]
    blocks = [
        field(MESSAGE, "Which message?", inputs.menu(MESSAGE, which, which[0])),
        field(ACT, "What shall happen?", inputs.select(ACT, found)),
        _reason("Why", optional=True, hint="Needed to hide, show or delete; it stays in the case's history."),
    ]
    return _form(case, "On the network", blocks, MODERATE_VIEW, "Do it")


def _place(message: Message, now: datetime) -> str:
    reach = "public" if message.public else "private"
    when = [stamp(message.at, now)] if message.at else []
    return " · ".join([*when, f"{reach}, {message.channel}", *(["hidden"] if message.hidden else [])])


def add_to_case(words: str, mine: Sequence[Choice]) -> Block:
    """A message of any channel becomes a note of a case."""
    chosen = [field(CASE, "Which of your cases?", inputs.select(CASE, mine), optional=True)] if mine else []
    hint = "A case number, or the link of a card."
    named = inputs.text(WHO, multiline=False, size=300)
    blocks = [
        *chosen,
        field(WHO, "Or another case" if mine else "Which case?", named, optional=bool(mine), hint=hint),
        field(TEXT, "The note, for colleagues only", inputs.text(TEXT, initial=clip(words, inputs.TYPED))),
    ]
    return view("Add to a case", blocks, ADD_VIEW, "Add", {})


def _other() -> Block:
    hint = "Its number as at the foot of its card, or the link of that card."
    return field(CASE, "Which case?", inputs.text(CASE, multiline=False, size=300), hint=hint)


def _reason(label: str, *, optional: bool = False, hint: str = "") -> Block:
    element = inputs.text(TEXT, multiline=False, size=REASON_SIZE)
    return field(TEXT, label, element, optional=optional, hint=hint)


def _form(case: Case, title: str, blocks: list[Block], callback: str, submit: str, **more: str) -> Block:
    return view(title, blocks, callback, submit, _ids(case, **more))


def _ids(case: Case, **more: str) -> Mapping[str, str]:
    return inputs.ids(case.brand, case.id, **more)
