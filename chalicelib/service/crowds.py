"""Many cards wait for one channel: once a minute it is told how many. A quiet channel must not look like a quiet day.

Every card still comes. Until then the ones that are due first are named, and anybody can ask for the next one.
"""

from contextlib import suppress

from chalicelib.domain import fairness
from chalicelib.domain.case import Case
from chalicelib.domain.errors import Later
from chalicelib.domain.instants import iso
from chalicelib.domain.turns import CARD, waiting
from chalicelib.service.notices import Herald
from chalicelib.service.pace import POSTS
from chalicelib.service.slack_outage import offered_again
from chalicelib.service.summaries import Told
from chalicelib.slack.crowd import CROWD, crowd

MANY = 20
"""So few cards are up within half a minute; more are told of."""
NAMED, LOOKED_AT = 5, 20
_MINUTE = len("2026-11-20T09:14")


def channels(herald: Herald) -> list[str]:
    return sorted({queue.slack for queue in herald.config.queues.values() if queue.slack})


def tell(herald: Herald, channel: str) -> int:
    """Tell a channel what waits for it, once in this minute, and return 1, or 0 when little does.

    If it cannot be told now, the next minute tells it.
    """
    workspace = herald.config.workspace_at(channel)
    door = herald.store.door(workspace.team, channel) if workspace else None
    count = waiting(door, CARD, herald.now, POSTS) if door else 0
    if count <= MANY:
        return 0
    owner, name = Told(min(herald.config.brands), CROWD), f"{channel}@{iso(herald.now)[:_MINUTE]}"
    first = _first(herald, channel)
    posting = crowd((owner.brand, name), count, first, herald.now)
    with suppress(Later), offered_again(herald.meter):
        herald.once.post(owner, name, channel, posting, about=first)
    herald.meter.count("cards_waiting", count)
    return 1


def _first(herald: Herald, channel: str) -> list[Case]:
    """Of those that wait for somebody in this channel's teams, the ones that are due first."""
    queues = [queue.key for queue in herald.config.queues.values() if queue.slack == channel]
    found = [
        case
        for brand in herald.config.brands
        for queue in queues
        for case in herald.store.waiting(brand, queue, LOOKED_AT)
    ]
    return sorted(found, key=fairness.order)[:NAMED]
