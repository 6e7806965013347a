"""Every effect a committed row owes is done here, and then crossed out. Doing one twice does it once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.effects import Arm, Count, Deliver, Disarm, Effect, Pursue, label, owed
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Effects, Meter, Store
from chalicelib.service.sweeping import Run

GRACE = timedelta(seconds=30)
"""How long the stream has before the sweeper steps in."""
FRESH = timedelta(seconds=5)
"""So long what the stream says of a row is believed; later somebody may have done it, and the row is read again."""
SWEPT, TIMERS = "effects_swept", "timers_not_started"
MOST_TIMERS = 10_000
"""So many rows that owe nothing but a timer are kept in mind while the others are swept."""


class Owed(Exception):
    """Some effects of a row could not be done and are still owed; the others were done, and are not done again."""

    def __init__(self, failed: list[tuple[Effect, Exception]]) -> None:
        super().__init__(", ".join(f"{type(effect).__name__}: {type(error).__name__}" for effect, error in failed))
        self.timers_only = all(isinstance(effect, Arm) for effect, _ in failed)
        """A timer can wait for the sweeper: until then the auditor watches the case's checkpoint."""


def publish(event: TimelineEvent, store: Store, port: Effects, now: datetime) -> None:
    """Do what one row owes, then record that it owes nothing. Raises Owed when something could not be done."""
    fresh = now - event.recorded_at <= FRESH
    known = event if fresh else store.event(event.brand, event.case_id, event.seq)
    if known is not None:
        _settle(known, store, port, now)


def _settle(event: TimelineEvent, store: Store, port: Effects, now: datetime) -> None:
    failed: list[tuple[Effect, Exception]] = []
    todo = owed(event)
    for effect in todo:
        try:
            _do(effect, event, store, port, now)
        except Exception as error:  # one that is down must not hold up the others: no timer, but still a card
            failed.append((effect, error))
    if failed:
        _keep(event, [effect for effect in todo if effect not in [one for one, _ in failed]], store)
        raise Owed(failed) from failed[0][1]
    if event.pending:
        store.delivered(event)


def _keep(event: TimelineEvent, done: list[Effect], store: Store) -> None:
    """What was done is not done again with what is left."""
    if done:
        store.delivered_in_part(event, (*event.done, *map(label, done)))


def _do(effect: Effect, event: TimelineEvent, store: Store, port: Effects, now: datetime) -> None:
    if isinstance(effect, Arm):
        if now - event.recorded_at <= GRACE or _wanted(event, store):
            port.arm(effect)
    elif isinstance(effect, Disarm):
        port.disarm(effect)
    elif isinstance(effect, Deliver):
        port.deliver(effect, now)
    elif isinstance(effect, Pursue):
        port.pursue(effect)
    elif isinstance(effect, Count):
        store.broke(effect.brand, effect.queue, effect.at, effect.name)
    else:
        port.publish(effect)


def _wanted(event: TimelineEvent, store: Store) -> bool:
    """Whether the case still waits for the timer of this event; it may have been solved since, or wait for another."""
    case = store.case(event.brand, event.case_id)
    return case is not None and case.timer is not None and case.timer.seq == event.seq


def sweep(store: Store, port: Effects, meter: Meter, now: datetime, run: Run | None = None) -> int:
    """Do what the stream missed, oldest first. Returns how many rows that were; 0 is the healthy figure.

    Rows that owe nothing but a timer come last: while no timer can be started they keep nobody waiting. Raises an
    ExceptionGroup when others still owe something; the next sweep tries again.
    """
    run, one = run or Run(), _Sweep(store, port, now)
    swept = run.over(store.pending(now - GRACE), one.sort_out, meter, SWEPT)
    if one.timers:
        swept += run.over(one.timers, one.settle, meter, SWEPT)
    meter.count(TIMERS, len(one.unarmed))
    run.end("rows still owe effects")
    return swept


@dataclass(frozen=True, slots=True)
class _Sweep:
    """``timers`` are rows that owe nothing else and come last, ``unarmed`` those whose timer could not be started."""

    store: Store
    port: Effects
    now: datetime
    timers: list[TimelineEvent] = field(default_factory=list)
    unarmed: list[TimelineEvent] = field(default_factory=list)

    def sort_out(self, place: tuple[str, str, int]) -> int:
        event = self.store.event(*place)
        if event is None or not event.pending:
            return 0
        if _timer_only(event) and len(self.timers) < MOST_TIMERS:
            self.timers.append(event)
            return 0
        return self.settle(event)

    def settle(self, event: TimelineEvent) -> int:
        try:
            _settle(event, self.store, self.port, self.now)
        except Owed as left:
            if not left.timers_only:
                raise
            self.unarmed.append(event)
            return 0
        return 1


def _timer_only(event: TimelineEvent) -> bool:
    return all(isinstance(effect, Arm | Disarm) for effect in owed(event))
