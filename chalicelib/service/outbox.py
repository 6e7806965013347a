"""Every effect a committed row owes is done here, and then crossed out. Doing one twice does it once."""

from datetime import datetime, timedelta

from chalicelib.domain.effects import Arm, Deliver, Disarm, Effect, effects
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Effects, Meter, Store

GRACE = timedelta(seconds=30)
"""How long the stream has before the sweeper steps in."""
BATCH = 200


class Owed(Exception):
    """Some effects of a row could not be done and are still owed; the others were done."""

    def __init__(self, failed: list[tuple[Effect, Exception]]) -> None:
        super().__init__(", ".join(f"{type(effect).__name__}: {type(error).__name__}" for effect, error in failed))
        self.timers_only = all(isinstance(effect, Arm) for effect, _ in failed)
        """A timer can wait for the sweeper: until then the auditor watches the case's checkpoint."""


def publish(event: TimelineEvent, store: Store, port: Effects, now: datetime) -> None:
    """Do what one row owes, then record that it owes nothing. Raises Owed when something could not be done."""
    if not event.pending:
        return
    failed: list[tuple[Effect, Exception]] = []
    for effect in effects(event):
        try:
            _do(effect, port, now)
        except Exception as error:  # one that is down must not hold up the others: no timer, but still a card
            failed.append((effect, error))
    if failed:
        raise Owed(failed) from failed[0][1]
    store.delivered(event)


def _do(effect: Effect, port: Effects, now: datetime) -> None:
    if isinstance(effect, Arm):
        port.arm(effect)
    elif isinstance(effect, Disarm):
        port.disarm(effect)
    elif isinstance(effect, Deliver):
        port.deliver(effect, now)
    else:
        port.publish(effect)


def sweep(store: Store, port: Effects, meter: Meter, now: datetime) -> int:
    """Deliver what the stream missed. Returns how many rows that were; 0 is the healthy figure.

    Raises an ExceptionGroup when rows still owe something; the next sweep tries again.
    """
    swept = 0
    failures: list[Owed] = []
    full = True
    while full and not failures:
        owed = store.pending(now - GRACE, BATCH)
        failures = [failure for event in owed if (failure := _swept(event, store, port, now))]
        swept += len(owed) - len(failures)
        full = len(owed) == BATCH
    meter.count("effects_swept", swept)
    if failures:
        raise ExceptionGroup(f"{len(failures)} rows still owe effects", failures)
    return swept


def _swept(event: TimelineEvent, store: Store, port: Effects, now: datetime) -> Owed | None:
    try:
        publish(event, store, port, now)
    except Owed as owed:
        return owed
    return None
