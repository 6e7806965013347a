"""When more than twenty lines of a thread wait, they are told as one.

The events of a case stand in fixed rows of twenty. An event that lies more than twenty behind has its whole row told by
one digest, posted once under the row's name, and the others of that row find it there. So two workers agree without
talking, whatever order the queue has.
"""

from dataclasses import dataclass

from chalicelib.domain.case import Case
from chalicelib.domain.timeline import TimelineEvent
from chalicelib.service.ports import Store
from chalicelib.service.slack_once import Once
from chalicelib.slack import digest, lines
from chalicelib.slack.blocks import Posting


@dataclass(frozen=True, slots=True)
class Backlog:
    store: Store
    once: Once

    def tells(self, event: TimelineEvent, line: Posting, case: Case, channel: str, ts: str) -> bool:
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
        self.once.post(case, digest.name(event.seq), channel, self._digest(event, case), ts)
        return True

    def _told(self, case: Case, name: str) -> bool:
        known = self.store.post(case.brand, case.id, name)
        return known is not None and known.ts is not None

    def _digest(self, event: TimelineEvent, case: Case) -> Posting:
        first, last = digest.span(event.seq)
        found = (self.store.event(case.brand, case.id, seq) for seq in range(first, last + 1))
        events = [one for one in found if one is not None and one.fact in lines.LINES]
        named = [key for one in events if (key := one.data.get("message_id"))]
        return digest.digest(events, self.store.messages(case.brand, named) if named else {}, self.once.now)
