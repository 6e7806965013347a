"""Who said words of ours, and what they are worth: a promise may ask for people's words, or for what everybody sees."""

from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Happening, TimelineEvent

BOT = "bot:"
"""Begins the name of a machine. No agent's key can hold a colon, so none is taken for one."""

_FOR_ALL = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE)
"""What a policy may ask to be said for everybody to see."""


def author(one: Happening | TimelineEvent) -> str:
    """Whose doing it was. ``by`` names the author of words that the system delivered."""
    return str(one.data.get("by") or one.actor)


def by_bot(one: Happening | TimelineEvent) -> bool:
    return author(one).startswith(BOT)


def seen_by_all(one: Happening) -> bool:
    return one.data.get("mode") == "public"


def counts(case: Case, metric: Metric, one: Happening) -> bool:
    """Whether these words of ours keep such a promise by the case's policy."""
    terms = case.terms_for(metric)
    if terms.human_only and by_bot(one):
        return False
    return metric not in _FOR_ALL or not terms.public_only or seen_by_all(one)


def first_owed(case: Case) -> bool:
    """Whether the customer still waits for the first answer since the case began or came to people."""
    return case.answered_at is None or case.answered_at < case.people_since


def answers(case: Case, one: Happening) -> bool:
    """Whether the customer has with these words what they waited for, the first answer or the next."""
    return counts(case, Metric.FIRST_RESPONSE if first_owed(case) else Metric.NEXT_RESPONSE, one)


def needs_answer(case: Case, at: datetime, *, closing: bool) -> bool:
    """Whether what the customer said waits for words of ours, in whatever order we hear of it.

    Thanks do not. What somebody of ours answered on the network itself they had before their eyes there; what comes to
    us after an answer of ours, because the two crossed, nobody has read.
    """
    return not closing and (case.seen_at is None or at > case.seen_at)
