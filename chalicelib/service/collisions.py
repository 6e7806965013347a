"""Two who answer one customer at once see each other: whoever opens the reply window leaves a mark for a while."""

from contextlib import suppress
from datetime import datetime

from chalicelib.domain.errors import Conflict
from chalicelib.domain.presence import writing
from chalicelib.service.ports import Store


def begun(store: Store, brand: str, case_id: str, agent: str, now: datetime) -> None:
    """This agent has the reply window of the case open. One write; the latest moment stands."""
    with suppress(Conflict):
        store.commit(writing(brand, case_id, agent, now))


def others(store: Store, brand: str, case_id: str, agent: str, now: datetime) -> list[str]:
    """Who else has it open, the latest first. One query."""
    found = [one for one in store.writers(brand, case_id) if one.agent != agent and one.current(now)]
    return [one.agent for one in sorted(found, key=lambda one: one.at, reverse=True)]
