"""Who gets which case: the oldest due goes first, to somebody who is there, can do it and has room for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.case import Case
from chalicelib.domain.commands import Take
from chalicelib.domain.config import Queue
from chalicelib.domain.languages import lineage
from chalicelib.domain.people import Agent, may
from chalicelib.domain.presence import AgentState

GRACE = timedelta(minutes=15)
"""For so long after their hours nothing is taken out of the hands of somebody who finishes a case."""
BREAK = timedelta(hours=3)
"""Hours that begin again so soon are of the same day."""

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def order(case: Case) -> tuple[datetime, datetime, str]:
    """Oldest due first; without a promise by age, after those that have one."""
    return case.due_at or _LAST, case.opened_at, case.id


def load(cases: Iterable[Case]) -> int:
    """How many of somebody's cases count against their capacity."""
    return sum(1 for case in cases if case.needs_us)


def able(agent: Agent, case: Case, queue: Queue | None) -> bool:
    """Whether the case is for such a person: by role and brand, by the team's skills, by the customer's language."""
    language = case.origin.language if case.origin else ""
    speaks = not language or not agent.languages or bool(set(agent.languages) & set(lineage(language)))
    skilled = queue is None or set(queue.skills) <= set(agent.skills)
    return speaks and skilled and may(agent, Take("", case.brand, case.id, agent.id))


def there(agent: Agent, state: AgentState | None, now: datetime) -> bool:
    """Whether they say that they are there, and it is in their hours."""
    if state is None or not state.online:
        return False
    return agent.hours is None or agent.hours.window(now)[0] <= now < agent.hours.window(now)[1]


def done_for_today(agent: Agent, since: datetime, now: datetime) -> bool:
    """Whether the hours in which they came, or for which they came early, are over; a break at noon is no end."""
    if agent.hours is None:
        return False
    _, end = agent.hours.window(since)
    while end <= now:
        begins, ends = agent.hours.window(end)
        if ends <= end or begins - end > BREAK:
            return end + GRACE <= now
        end = ends
    return False


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a case could be given to. ``since`` is when they were given the last one."""

    agent: Agent
    load: int
    since: datetime | None = None

    @property
    def room(self) -> int:
        return self.agent.capacity - self.load


def by_turn(
    agents: Iterable[Agent], states: dict[str, AgentState], case: Case, queue: Queue | None, now: datetime
) -> list[Agent]:
    """All who could have it apart from their load; who was given nothing for the longest time comes first."""
    found = [one for one in agents if there(one, states.get(one.id), now) and able(one, case, queue)]
    return sorted(found, key=lambda one: (states[one.id].given_at or _FIRST, one.id))


def chosen(candidates: Collection[Candidate]) -> Candidate | None:
    """Who has the smallest share of their capacity filled; of equals who waited longest."""
    free = [one for one in candidates if one.room > 0]
    key = lambda one: (one.load / one.agent.capacity, one.since or _FIRST, one.agent.id)  # noqa: E731
    return min(free, key=key, default=None)
