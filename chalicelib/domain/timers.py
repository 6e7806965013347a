"""One timer lives per case, for its next checkpoint: what a write owes to Step Functions is decided here alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.case import Case, Timer
from chalicelib.domain.timeline import TimelineEvent


def owing(case: Case, events: Sequence[TimelineEvent], now: datetime) -> tuple[Case, list[TimelineEvent]]:
    """The events of one write, the last of which says which timer to start and which to stop, and the case that knows.

    A timer is named after the event that starts it, because Step Functions never lends a name twice: a checkpoint that
    goes away and comes back needs a timer of its own. One whose moment has come is not stopped, it is on its way.
    """
    checkpoint = case.next_checkpoint
    wanted, lives = checkpoint.at if checkpoint else None, case.timer
    if not events or wanted == (lives.at if lives else None):
        return case, list(events)
    *before, last = events
    stop = lives.seq if lives and lives.at > now else None
    timer = Timer(last.seq, wanted) if wanted else None
    return replace(case, timer=timer), [*before, replace(last, arm=wanted, disarm=stop)]
