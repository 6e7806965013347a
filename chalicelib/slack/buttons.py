"""What can be pressed for a case, under the names by which the inbox knows it."""

from collections.abc import Sequence
from datetime import timedelta

from chalicelib.domain.case import Case
from chalicelib.slack.blocks import Block, button
from chalicelib.slack.destinations import destinations
from chalicelib.slack.inputs import ANEW

TAKE, RELEASE, REPLY, NOTE, RESOLVE = "case_take", "case_release", "case_reply", "case_note", "case_resolve"
ESCALATE, SNOOZE, WAKE, MORE = "case_escalate", "case_snooze", "case_wake", "case_more"
ASSIGN, MOVE, PRIORITY, TAGS = "case_assign", "case_move", "case_priority", "case_tags"
MERGE, LINK, DISMISS, MODERATE = "case_merge", "case_link", "case_dismiss", "case_moderate"
CLOCKS, OFFLINE = "case_clocks", "case_offline"
SNOOZE_UNTIL, ACKNOWLEDGE = "case_snooze_until", "case_acknowledge"
REOPEN = "case_reopen"
UNDO, APPROVE, REJECT = "reply_undo", "reply_approve", "reply_reject"
THERE, MISSING, FILE = "reply_there", "reply_missing", "reply_file"
NEXT, AWAY, BACK, REFRESH = "home_next", "home_away", "home_back", "home_refresh"

NAPS: Sequence[tuple[timedelta, str]] = (
    (timedelta(hours=1), "1 hour"),
    (timedelta(hours=4), "4 hours"),
    (timedelta(days=1), "Until this time tomorrow"),
    (timedelta(days=3), "3 days"),
)


def value(case: Case, subject: str = "") -> str:
    """Who a button is about. ``subject`` is a reply, a message or a choice."""
    return f"{case.brand}/{case.id}" + (f"/{subject}" if subject else "")


def row(case: Case) -> list[Block]:
    """The buttons of a live case's card."""
    about = value(case)
    free = case.assignee is None
    take = [button("Take", TAKE, about, "primary")] if free else []
    reply = [button("Reply", REPLY, about, None if free else "primary")] if destinations(case) else []
    sleep = button("Wake up", WAKE, about) if case.snoozed_until else button("Snooze…", SNOOZE_UNTIL, about)
    return [
        *take,
        *reply,
        button("Note", NOTE, about),
        alarm(case),
        button("Resolve", RESOLVE, about),
        sleep,
        button("More…", MORE, about),
    ]


def short_row(case: Case) -> list[Block]:
    """Of a live case in a list; everything else is in *More…*."""
    about = value(case)
    take = [button("Take", TAKE, about)] if case.assignee is None else []
    reply = [button("Reply", REPLY, about)] if destinations(case) else []
    note, resolve = button("Note", NOTE, about), button("Resolve", RESOLVE, about)
    return [*take, *reply, note, resolve, button("More…", MORE, about)]


def ended_row(case: Case) -> list[Block]:
    """Of a case that is over: people thank, ask again and are answered without a new case."""
    about = value(case)
    if case.merged_into:
        return [button("Note", NOTE, about)]
    reply = [button("Reply", REPLY, about)] if destinations(case) else []
    note, reopen = button("Note", NOTE, about), button("Reopen", REOPEN, about)
    return [*reply, note, reopen, button("More…", MORE, about)]


def alarm(case: Case) -> Block:
    """Who is called is asked to say that they are on it."""
    if called(case):
        return button("I am on it", ACKNOWLEDGE, value(case), "danger")
    return button("Escalate", ESCALATE, value(case))


def called(case: Case) -> bool:
    """Whether an escalation runs that nobody has acknowledged."""
    return case.escalation is not None and case.escalation.running and case.escalation.acknowledged_at is None


def naps(case: Case) -> list[Block]:
    """A press each. Slack wants buttons of one block to have names of their own."""
    minutes = [(str(int(length.total_seconds() // 60)), words) for length, words in NAPS]
    return [button(words, f"{SNOOZE}{ANEW}{length}", value(case, length)) for length, words in minutes]
