"""A pushed policy file is applied to the cases that live: page by page, every minute, until a whole walk changes none.

A walk that breaks off goes on where it stopped; what was applied already is not applied again. A second walk finds the
cases that moved in the list while the first went by, and those that somebody with the old file still opened.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain import lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.config import Config
from chalicelib.domain.renewal import Progress, renewed, told
from chalicelib.service.ports import Bookmark, Meter, Store
from chalicelib.service.writing import deciding

PAGE = 100
MOST = 500
"""How many cases one run looks at."""
SETTLED = timedelta(minutes=1)
"""So long after a push nobody reads the old file any more."""


def renew(store: Store, case: Case, config: Config, now: datetime) -> Case:
    """The case as the file in force has it, written down if that changes what it promises. Raises Conflict."""
    after = renewed(case, config.policies, config.version, now)
    if after is case:
        return case
    after, timeline = lifecycle.recorded(case, after, [told(case, config.pushed_at, config.version, now)], now)
    store.commit(after, *timeline)
    return replace(after, version=after.version + 1)


@dataclass(slots=True)
class Reapply:
    """Kept by a container, so that a file that is applied everywhere costs it nothing any more."""

    store: Store
    bookmark: Bookmark
    meter: Meter
    _done: int = field(default=-1, init=False)

    def step(self, config: Config, now: datetime) -> int:
        """Look at the next cases; returns how many were promised something else.

        Raises an ExceptionGroup when some could not be written; the next walk tries them again.
        """
        if self._done == config.version:
            return 0
        queues = sorted(f"{brand}#{queue}" for brand in config.brands for queue in config.queues)
        known = self.bookmark.progress()
        if known is not None and known.version > config.version:
            return 0
        progress = _begun(known, config, queues, now)
        failures: list[Exception] = []
        looked = changed = 0
        while progress.queue and looked < MOST:
            brand, _, queue = progress.queue.partition("#")
            cases, after = self.store.live(brand, queue, progress.after, PAGE)
            found = sum(self._reapplied(case, config, now, failures) for case in cases)
            changed, looked = changed + found, looked + len(cases) + 1
            progress = _onwards(replace(progress, after=after, changed=progress.changed + found), queues, config)
            if cases or not progress.queue:
                self.bookmark.keep(progress)
        self._done = config.version if progress.done else -1
        self.meter.count("cases_reapplied", changed - len(failures))
        if failures:
            raise ExceptionGroup(f"{len(failures)} cases keep their old promises until the next walk", failures)
        return changed

    def _reapplied(self, case: Case, config: Config, now: datetime, failures: list[Exception]) -> int:
        """1 if it was to be written, whether that went well or not: then there is another walk."""
        if renewed(case, config.policies, config.version, now) is case:
            return 0
        try:
            deciding(lambda: self._read_and_renewed(case, config, now))
        except Exception as error:  # one case that cannot be written must not keep the others waiting
            failures.append(error)
        return 1

    def _read_and_renewed(self, case: Case, config: Config, now: datetime) -> None:
        fresh = self.store.case(case.brand, case.id)
        if fresh is not None:
            renew(self.store, fresh, config, now)


def _begun(known: Progress | None, config: Config, queues: list[str], now: datetime) -> Progress:
    """Where the last run stopped, or else a new walk."""
    if known is None or known.version < config.version:
        return Progress(config.version, now, queues[0])
    return known if known.done or known.queue else Progress(config.version, now, queues[0])


def _onwards(progress: Progress, queues: list[str], config: Config) -> Progress:
    """The next page, or the next queue, or the end of the walk."""
    if progress.after:
        return progress
    queue = next((one for one in queues if one > progress.queue), "")
    settled = config.pushed_at is None or progress.begun_at >= config.pushed_at + SETTLED
    return replace(progress, queue=queue, done=not queue and not progress.changed and settled)
