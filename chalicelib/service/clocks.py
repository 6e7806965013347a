"""Timers wake cases here. Timestamps decide; a stale, early or doubled waking does nothing."""

from datetime import datetime, timedelta

from chalicelib.domain import lifecycle
from chalicelib.domain.errors import Later
from chalicelib.service.ports import Meter, Store
from chalicelib.service.writing import deciding

EARLY = timedelta(seconds=2)
GRACE = timedelta(seconds=10)
"""How long a timer has before the auditor looks itself."""
BATCH = 200


def wake(store: Store, brand: str, case_id: str, now: datetime) -> int:
    """Record every warning and breach of a case whose moment has come; returns how many.

    Raises Later when the timer was a moment too early.
    """
    return deciding(lambda: _wake(store, brand, case_id, now))


def _wake(store: Store, brand: str, case_id: str, now: datetime) -> int:
    case = store.case(brand, case_id)
    if case is None:
        return 0
    after, happened = lifecycle.ticked(case, now)
    if happened:
        after, timeline = lifecycle.recorded(case, after, happened, now)
        store.commit(after, *timeline)
        return len(happened)
    checkpoint = case.next_checkpoint
    if case.live and checkpoint and now < checkpoint.at <= now + EARLY:
        raise Later(checkpoint.at - now, "woken a moment early")
    return 0


def audit(store: Store, meter: Meter, now: datetime) -> int:
    """Handle checkpoints that no timer handled; returns how many. 0 is the healthy figure."""
    found = 0
    failures: list[Exception] = []
    full = True
    while full and not failures:
        missed = store.checkpoints(now - GRACE, BATCH)
        woken = [_woken(store, brand, case_id, now, failures) for brand, case_id, _ in missed]
        found += sum(woken)
        full = len(missed) == BATCH and any(woken)
    meter.count("checkpoints_missed", found)
    if failures:
        raise ExceptionGroup(f"{len(failures)} cases could not be woken", failures)
    return found


def _woken(store: Store, brand: str, case_id: str, now: datetime, failures: list[Exception]) -> int:
    try:
        return wake(store, brand, case_id, now)
    except Exception as error:  # one case that cannot be read must not leave the others unwatched
        failures.append(error)
        return 0
