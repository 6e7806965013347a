"""Follow the sun: when somebody else takes over, their team's channel says who it is now and what waits."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.config import Config, Queue
from chalicelib.domain.instants import iso
from chalicelib.domain.oncall import Duty, Rotation, on_call
from chalicelib.service.notices import Herald
from chalicelib.service.ports import Store
from chalicelib.service.slack_outage import offered_again
from chalicelib.service.summaries import Told
from chalicelib.slack.blocks import metadata
from chalicelib.slack.notices import Load, Place, Shift, hand_over

LATE = timedelta(minutes=15)
"""A hand-over that nobody could tell of for so long is history."""
READ = 50
"""Cases that are read for a summary; if there are more, it says so."""


@dataclass(frozen=True, slots=True)
class Change:
    """The latest change of person: since when, who it is, until when, and who it was."""

    at: datetime
    duty: Duty
    before: str | None


def latest_change(rotation: Rotation, now: datetime) -> Change | None:
    """The hand-over of the last minutes, if there was one."""
    duty, change = on_call(rotation, now - LATE), None
    while duty.until is not None and duty.until <= now:
        at, before = duty.until, duty.who
        duty = on_call(rotation, at)
        change = Change(at, duty, before)
    return change


def tell_change(herald: Herald, rotation: Rotation) -> int:
    """Tell the latest hand-over once; returns 1 if it was told now. Raises Later when it must be tried again."""
    config, now = herald.config, herald.now
    queue = config.queues.get(rotation.queue or "")
    change = latest_change(rotation, now) if queue else None
    if queue is None or change is None:
        return 0
    owner, name = Told(min(config.brands), "hand-over"), f"{rotation.key}@{iso(change.at)}"
    known = herald.store.post(owner.brand, owner.id, name)
    if known is not None and known.ts:
        return 0
    shift = Shift(_name(config, change.duty.who), change.duty.until, _name(config, change.before))
    loads = _loads(herald.store, config, queue)
    posting = hand_over(shift, loads, Place(queue.name, queue.slack), now)
    posting = replace(posting, metadata=metadata(owner.brand, owner.id, name))
    with offered_again(herald.meter):
        herald.once.post(owner, name, queue.slack, posting, about=[case for load in loads for case in load.named])
    return 1


def _loads(store: Store, config: Config, queue: Queue) -> list[Load]:
    found = [(brand, store.queue(key, queue.key, READ + 1)) for key, brand in sorted(config.brands.items())]
    return [Load(brand.name, cases[:READ], len(cases) > READ) for brand, cases in found]


def _name(config: Config, agent: str | None) -> str:
    known = config.agents.get(agent or "")
    return known.name if known else agent or ""
