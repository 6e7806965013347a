"""What leaves by SNS has no key by which it would be sent once, so it is claimed before it is sent, as posts are."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.card import FREE, Post
from chalicelib.domain.errors import Conflict, Later
from chalicelib.domain.notices import Page
from chalicelib.service.ports import Pager, Store
from chalicelib.service.slack_once import LEASE, RETRY, Owner

PAGED = "paged"
"""What stands in place of a ts."""


@dataclass(frozen=True, slots=True)
class Paging:
    store: Store
    pager: Pager
    now: datetime

    def page(self, owner: Owner, name: str, page: Page) -> None:
        """Send it if nobody has, and record that. Raises Later while another worker is at it, or what the pager raises.

        Nobody can look whether one left whose sender died: after a minute it is sent again, better twice than never.
        """
        known = self.store.post(owner.brand, owner.id, name) or Post(owner.brand, owner.id, name, FREE)
        if known.ts:
            return
        if known.claimed_at != FREE and self.now - known.claimed_at < LEASE:
            raise Later(LEASE - (self.now - known.claimed_at), "another worker pages them")
        claim = self._claimed(known)
        self._sent(claim, page)
        self.store.commit(replace(claim, ts=PAGED))

    def _claimed(self, known: Post) -> Post:
        claim = replace(known, claimed_at=self.now)
        try:
            self.store.commit(claim)
        except Conflict as conflict:
            raise Later(RETRY, "another worker pages them") from conflict
        return replace(claim, version=claim.version + 1)

    def _sent(self, claim: Post, page: Page) -> None:
        """One that was refused is free for whoever tries it next."""
        sent = False
        try:
            self.pager.page(page)
            sent = True
        finally:
            if not sent:
                with suppress(Conflict):
                    self.store.commit(replace(claim, claimed_at=FREE))
