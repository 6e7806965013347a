"""Whether Slack shows every case on exactly one card, as it is now, and tells each fact exactly once."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import channels
from chalicelib.domain.card import Card, Post
from chalicelib.domain.case import Case
from chalicelib.domain.timeline import Fact
from chalicelib.service.desk_words import Words
from chalicelib.service.paging import PAGED
from chalicelib.slack import digest, lines
from tests.build import BRAND
from tests.simulation.policy import CONFIG
from tests.simulation.world import World

AS_OF = re.compile(r"as of <!date\^(\d+)\^")


CARD = re.compile(r"card(-\d+-\w+)?$")


def findings(world: World) -> Iterator[str]:
    counts = Counter((case_id, name, one["channel"]) for case_id, name, _, one in world.slack.posts())
    yield from cards(world)
    for case in world.truth.cases:
        yield from _lines(world, case, counts)
        yield from _stale(world, case)


def cards(world: World) -> Iterator[str]:
    posts = world.slack.posts()
    for case in world.truth.cases:
        card = world.truth.card(BRAND, case.id)
        found = [one for id, name, threaded, one in posts if id == case.id and CARD.match(name) and not threaded]
        if card is None or len(found) != 1:
            yield f"case {case.id} has {len(found)} cards"
        else:
            yield from _card(world, case, card, found[0])


def _card(world: World, case: Case, card: Card, shown: dict[str, Any]) -> Iterator[str]:
    if card.shows != case.seq or card.left:
        yield f"the card of {case.id} is recorded as {card}, the case is at {case.seq}"
    if shown["blocks"] != list(_words(world, case, shown).card(case, card.name).blocks):
        yield f"the card of {case.id} shows an older state"


def _words(world: World, case: Case, shown: dict[str, Any]) -> Words:
    """What would be said now, had the clock stood still since it was said."""
    found = AS_OF.search(str(shown["blocks"][-1]))
    at = datetime.fromtimestamp(int(found[1]), UTC) if found else case.opened_at
    assert CONFIG.slack
    return Words(world.truth, CONFIG, CONFIG.slack, CONFIG.queues[case.queue], channels.load, at)


def _lines(world: World, case: Case, counts: Counter[tuple[str, str, str]]) -> Iterator[str]:
    """Each fact has its line, or stands in a digest of its row; in no channel that the case came by comes one twice."""
    told = [event for event in world.truth.timeline(BRAND, case.id, 100_000) if event.fact in lines.LINES]
    shown = {name for case_id, name, _ in counts if case_id == case.id}
    for event in told:
        if not shown & {lines.name(event), digest.name(event.seq)} and not _said(world, case, lines.name(event)):
            yield f"the thread of {case.id} does not tell {event.seq} ({event.fact})"
    known = {*map(lines.name, told), *(digest.name(event.seq) for event in told)}
    for (case_id, name, channel), times in counts.items():
        if case_id == case.id and times > 1:
            yield f"{name} of {case.id} stands {times} times in {channel}"
        if case_id == case.id and name not in known and not name.startswith(_OTHERS):
            yield f"the thread of {case.id} tells {name}, which never happened"


def _said(world: World, case: Case, name: str) -> bool:
    """Whether a person's own words are the line."""
    post = world.truth.post(BRAND, case.id, name)
    return post is not None and post.ts in world.slack.said


def _stale(world: World, case: Case) -> Iterator[str]:
    """Nobody outside Slack is called for a case that was over when the worker looked, whatever its clock says."""
    facts = [one for one in world.truth.timeline(BRAND, case.id, 100_000) if one.fact in (*_OVER, *_AGAIN)]
    for post in (one for one in world.truth.every(Post) if one.case_id == case.id and one.ts == PAGED):
        before = [one.fact for one in facts if _surely(world.written[case.id, one.seq], one.fact) < post.claimed_at]
        if before and before[-1] in _OVER:
            yield f"stale: {post.name} of {case.id} calls somebody after {before[-1]}"


def _surely(written: datetime, fact: Fact) -> datetime:
    """From when on the worker knew of the end of a case, or may have known that it is open."""
    return written + SKEW if fact in _OVER else written - SKEW


SKEW = timedelta(seconds=2)
_OVER = (Fact.CASE_SOLVED, Fact.CASE_DISMISSED)
_AGAIN = (Fact.CASE_OPENED, Fact.CASE_REOPENED)
_OTHERS = ("card", "history-", "notice-", "alert-")
