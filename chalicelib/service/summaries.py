"""What was gathered is told: to each reader in one message, which counts apart what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain import bundling, notices
from chalicelib.domain.bundling import Bundle
from chalicelib.domain.escalation import OUTSIDE, Way
from chalicelib.domain.instants import iso
from chalicelib.domain.notices import Page, Part
from chalicelib.service.notices import Herald
from chalicelib.service.ports import Store
from chalicelib.service.slack_outage import offered_again
from chalicelib.service.writing import deciding
from chalicelib.slack import notices as words


@dataclass(frozen=True, slots=True)
class Told:
    """Whose post it is, for posts that are no case's."""

    brand: str
    id: str


def flush(herald: Herald, bundles: Sequence[Bundle]) -> int:
    """Tell one reader all that was gathered for them, if anything is due; returns how many messages that took.

    Raises Later or Conflict; the next sweep tries again.
    """
    if not bundling.together(bundles, herald.now):
        return 0
    closing = deciding(lambda: _closed(herald, bundles))
    if not closing:
        return 0
    with offered_again(herald.meter):
        told = _tell(herald, closing)
    deciding(lambda: _done(herald, closing))
    return told


def _as_they_are(store: Store, bundles: Sequence[Bundle]) -> list[Bundle]:
    found = (store.bundle(one.brand, one.queue, one.way, one.target, one.what) for one in bundles)
    return [bundle for bundle in found if bundle]


def _closed(herald: Herald, bundles: Sequence[Bundle]) -> list[Bundle]:
    known = _as_they_are(herald.store, bundles)
    closing = bundling.together(known, herald.now)
    if changed := [one for one in closing if one not in known]:
        herald.store.commit(*changed)
    return closing


def _done(herald: Herald, closing: Sequence[Bundle]) -> None:
    """What was gathered meanwhile stays. Somebody else may have told it first."""
    ours = {one.name: one.closing for one in closing}
    told = [one for one in _as_they_are(herald.store, closing) if one.closing and one.closing == ours[one.name]]
    if told:
        herald.store.commit(*map(bundling.told, told))
    for one in told:
        herald.meter.count("notices_bundled", one.closing.count if one.closing else 0, way=one.way)


def _tell(herald: Herald, closing: Sequence[Bundle]) -> int:
    """Nothing at all, if everybody was seen to meanwhile."""
    parts = notices.joined([_part(herald.store, one) for one in closing])
    if not parts:
        return 0
    first, since = closing[0], min(one.closing.since for one in closing if one.closing)
    owner, name = Told(first.brand, words.BUNDLE), f"{'/'.join(first.reader[1:])}@{iso(since)}"
    place = herald.place(first.queue, [(one.way, one.target) for one in closing])
    if first.way in OUTSIDE:
        herald.paging.page(owner, name, _page(first, name, parts, place.name))
        return 1
    cases = notices.cases_of(parts)
    posting = words.summary((first.brand, name), parts, place, herald.now)
    if first.way in (Way.ASSIGNEE, Way.ON_CALL):
        herald.whisper(owner, name, first.target, posting, place.channel, cases)
    else:
        herald.once.post(owner, name, place.channel, posting, about=cases)
    return 1


def _part(store: Store, bundle: Bundle) -> Part:
    """What is still to be told: who acted meanwhile is left in peace, as far as the bundle knows the cases by name."""
    gathered = bundle.closing
    assert gathered is not None
    found = [store.case(bundle.brand, case_id) for case_id in gathered.cases]
    waiting = [case for case in found if case is not None and not notices.over(case, bundle.what, gathered.since)]
    all_named = len(found) == gathered.count
    due_at = min((case.due_at for case in waiting if case.due_at), default=None) if all_named else gathered.due_at
    return Part(bundle.what, gathered.count - len(found) + len(waiting), waiting, due_at)


def _page(about: Bundle, name: str, parts: Sequence[Part], team: str) -> Page:
    facts = (about.brand, about.queue, about.way, about.target)
    cases = tuple(case.id for case in notices.cases_of(parts))
    subject, count = f"{team}: {notices.HEADS[parts[0].what]}", sum(part.count for part in parts)
    return Page(name, *facts, subject, notices.summary(parts, team), cases, count)
