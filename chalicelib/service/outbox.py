"""Every effect a committed row owes is done here, and then crossed out. Doing one twice does it once."""

from datetime import datetime, timedelta

from chalicelib.domain.effects import Arm, Deliver, Effect, effects
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Effects, Meter, Store

GRACE = timedelta(seconds=30)
"""How long the stream has before the sweeper steps in."""
BATCH = 200


def publish(event: TimelineEvent, store: Store, port: Effects, now: datetime) -> None:
    """Do what one row owes, then record that it owes nothing."""
    if not event.pending:
        return
    for effect in effects(event):
        _do(effect, port, now)
    store.delivered(event)


def _do(effect: Effect, port: Effects, now: datetime) -> None:
    if isinstance(effect, Arm):
        port.arm(effect)
    elif isinstance(effect, Deliver):
        port.deliver(effect, now)
    else:
        port.publish(effect)


def sweep(store: Store, port: Effects, meter: Meter, now: datetime) -> int:
    """Deliver what the stream missed. Returns how many rows that were; 0 is the healthy figure."""
    owed = store.pending(now - GRACE, BATCH)
    failures: list[Exception] = []
    for event in owed:
        try:
            publish(event, store, port, now)
        except Exception as error:  # one effect that cannot be done must not keep the others waiting
            failures.append(error)
    meter.count("effects_swept", len(owed) - len(failures))
    if failures:
        raise ExceptionGroup(f"{len(failures)} effects are still owed", failures)
    return len(owed)
