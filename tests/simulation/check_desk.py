"""Whether Slack shows every case on exactly one card, as it is now, and tells each fact exactly once."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chalicelib import channels
from chalicelib.domain.case import Case
from chalicelib.slack import cards, digest, lines
from tests.build import BRAND
from tests.simulation.world import CONFIG, World

AS_OF = re.compile(r"as of <!date\^(\d+)\^")


def findings(world: World) -> Iterator[str]:
    posts = world.slack.posts()
    counts = Counter((case_id, name) for case_id, name, _, _ in posts)
    for case in world.truth.cases:
        roots = [one for case_id, name, threaded, one in posts if case_id == case.id and not threaded]
        if len(roots) != 1:
            yield f"case {case.id} has {len(roots)} cards"
            continue
        yield from _card(world, case, roots[0])
        yield from _lines(world, case, counts)


def _card(world: World, case: Case, shown: dict[str, Any]) -> Iterator[str]:
    card = world.truth.card(BRAND, case.id)
    if card is None or (card.ts, card.shows) != (shown["ts"], case.seq):
        yield f"the card of {case.id} is recorded as {card}, the case is at {case.seq}"
    if shown["blocks"] != _wanted(world, case, shown):
        yield f"the card of {case.id} shows an older state"


def _wanted(world: World, case: Case, shown: dict[str, Any]) -> list[Any]:
    """The card as it would be drawn now, had the clock stood still since it was drawn."""
    found = AS_OF.search(str(shown["blocks"][-1]))
    latest = world.truth.message(BRAND, case.last_message_id) if case.last_message_id else None
    thread = latest or case.thread()
    posting = cards.card(
        case,
        latest,
        network=channels.load(thread.channel).title if thread else "",
        queue=CONFIG.queues[case.queue].name,
        assignee=CONFIG.agents[case.assignee].name if case.assignee else None,
        now=datetime.fromtimestamp(int(found[1]), UTC) if found else case.opened_at,
    )
    return list(posting.blocks)


def _lines(world: World, case: Case, counts: Counter[tuple[str, str]]) -> Iterator[str]:
    """Each fact has its line, or stands in a digest of its row; neither comes twice."""
    told = [event for event in world.truth.timeline(BRAND, case.id, 100_000) if event.fact in lines.LINES]
    for event in told:
        times, gathered = counts[case.id, lines.name(event)], counts[case.id, digest.name(event.seq)]
        if times > 1 or gathered > 1 or not (times or gathered):
            yield f"the thread of {case.id} tells {event.seq} ({event.fact}) {times} times, its digest {gathered} times"
    known = {cards.POST, *map(lines.name, told), *(digest.name(event.seq) for event in told)}
    for case_id, name in counts:
        if case_id == case.id and name not in known:
            yield f"the thread of {case.id} tells {name}, which never happened"
