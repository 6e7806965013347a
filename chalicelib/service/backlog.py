"""When more than twenty lines of a thread wait, they are told as one.

The events of a case stand in fixed rows of twenty. An event that lies more than twenty behind has its whole row told by
one digest, posted once under the row's name, and the others of that row find it there. So two workers agree without
talking, whatever order the queue has. A row that does not fit into one post makes several; the last has the row's name.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.card import Card
from chalicelib.domain.case import Case
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Store
from chalicelib.service.slack_once import Once
from chalicelib.slack import digest, lines
from chalicelib.slack.blocks import Posting
from chalicelib.slack.digest import Told

HISTORY = 20
"""So many of the latest things are told again where a card comes to."""
AGAIN = "history"

Line = Callable[[TimelineEvent, Case], Posting | None]


@dataclass(frozen=True, slots=True)
class Backlog:
    store: Store
    once: Once
    line: Line

    def tells(self, event: TimelineEvent, line: Posting, case: Case, card: Card) -> bool:
        """Whether a digest in the card's thread tells this event, so that its own line is not needed any more.

        Costs nothing while the desk keeps up. Raises what a post raises.
        """
        _, last = digest.span(event.seq)
        if last >= case.seq or not digest.fits(event, line):
            return False
        if self._told(case, digest.name(event.seq)):
            return True
        if case.seq - event.seq <= digest.SIZE or self._told(case, lines.name(event)):
            return False
        self._gather(case, digest.name(event.seq), list(self._row(event, case)), card)
        return True

    def _gather(self, case: Case, name: str, told: list[Told], card: Card) -> None:
        pages = digest.pages(told)
        for page in pages:
            post = digest.page_name(page) if page is not pages[-1] else name
            posting = digest.digest(page, post, self.once.now)
            self.once.post(case, post, card.slack_channel, posting, card.ts)

    def again(self, event: TimelineEvent, case: Case, standing: Collection[str]) -> tuple[str, Posting] | None:
        """The name of the digest that tells this event, among those that stand, and what it says from now on.

        The last page of several has the name of the whole row, and tells what the others do not.
        """
        row = digest.name(event.seq)
        pages = [name for name in standing if name != row and digest.is_page(name)]
        post = next((name for name in pages if digest.tells(name, event.seq)), row)
        mine, others = ([post], ()) if post != row else ([row], pages)
        told = [(one, line) for one, line in self._row(event, case) if _among(one, mine) and not _among(one, others)]
        return (post, digest.digest(told, post, self.once.now)) if told and post in standing else None

    def _told(self, case: Case, name: str) -> bool:
        known = self.store.post(case.brand, case.id, name)
        return known is not None and known.ts is not None

    def _row(self, event: TimelineEvent, case: Case) -> Iterator[Told]:
        """What of the row's lines is to be told together, and was not told by itself."""
        first, last = digest.span(event.seq)
        found = (self.store.event(case.brand, case.id, seq) for seq in range(first, last + 1))
        for one, line in self._lines(found, case):
            if digest.fits(one, line) and not self._told(case, lines.name(one)):
                yield one, line

    def _lines(self, events: Iterable[TimelineEvent | None], case: Case) -> Iterator[Told]:
        """Each event that has a line, once by the name of its line."""
        seen: set[str] = set()
        for event in events:
            line = self.line(event, case) if event is not None and lines.name(event) not in seen else None
            if event is not None and line is not None:
                seen.add(lines.name(event))
                yield event, line

    def history(self, case: Case, card: Card) -> None:
        """What the thread told where the card stood before, for those to whom it came."""
        events = self.store.timeline(case.brand, case.id, HISTORY)
        told = [(event, line) for event, line in self._lines(events, case) if self._known(case, event)]
        name = f"{AGAIN}-{card.name}"
        for number, page in enumerate(digest.pages(told) if told else ()):
            post = f"{name}-{number}"
            self.once.post(case, post, card.slack_channel, digest.history(page, post, self.once.now), card.ts)

    def _known(self, case: Case, event: TimelineEvent) -> bool:
        return self._told(case, lines.name(event)) or self._told(case, digest.name(event.seq))


def _among(event: TimelineEvent, pages: Iterable[str]) -> bool:
    return any(digest.tells(page, event.seq) for page in pages)
