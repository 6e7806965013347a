"""Heed gives cases to people: when one opens or returns, when somebody comes, and every minute what was left over.

Whoever gives a case writes the agent's own row with it. So two who give at once cannot both have counted the same load.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from chalicelib.domain import fairness, lifecycle, work
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Command, Take
from chalicelib.domain.config import Assign, Config, Queue
from chalicelib.domain.errors import Owned
from chalicelib.domain.fairness import Candidate
from chalicelib.domain.people import Agent
from chalicelib.domain.presence import AgentState, Presence
from chalicelib.domain.repeats import has_heard
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.service.ports import Store
from chalicelib.service.writing import deciding

LOOKED_AT = 3
"""Of how many people in turn the load is looked up, to give to the one who has least."""
LISTED = 100
FURTHEST = 500
"""So many cases of a team are looked at for one that a person can do: those that are due first."""
GONE_LATELY = timedelta(minutes=10)
"""How long it is checked again that nothing stayed with somebody who went away."""

_RETURNS = frozenset(
    {
        Fact.CASE_OPENED,
        Fact.CASE_REOPENED,
        Fact.CASE_RELEASED,
        Fact.CASE_MOVED,
        Fact.CASE_WOKEN,
        Fact.MESSAGE_RECEIVED,
    }
)
"""After these a case may wait for somebody to take it."""


@dataclass(frozen=True, slots=True)
class Assigning:
    store: Store
    config: Config

    # -- people come and go ---------------------------------------------------------------------------------------

    def presence(self, agent: Agent) -> Presence:
        """What they said last, in any of their brands."""
        states = (self.store.agent_state(brand, agent.id) for brand in agent.brands)
        return Presence.ONLINE if any(one is not None and one.online for one in states) else Presence.AWAY

    def come(self, agent: Agent, now: datetime) -> list[Case]:
        """They are there: what waits is given to them, oldest due first, as far as they have room. Returns it."""
        self._turn(agent, Presence.ONLINE, now)
        return list(self._drain(agent, now))

    def leave(self, agent: Agent, now: datetime) -> list[Case]:
        """They are gone: what their customers wait for goes back to the queues. Returns it."""
        self._turn(agent, Presence.AWAY, now)
        return list(self._hand_back(agent, now, now))

    def _turn(self, agent: Agent, presence: Presence, now: datetime) -> None:
        deciding(lambda: self._turned(agent, presence, now))

    def _turned(self, agent: Agent, presence: Presence, now: datetime) -> None:
        before = self._states(agent)
        after = [one.turned(presence, now) for one in before]
        if after != before:
            self.store.commit(*after)

    def _hand_back(self, agent: Agent, left_at: datetime, now: datetime) -> Iterator[Case]:
        """What they had when they left; what they took after that they took knowingly."""
        for brand in agent.brands:
            for case in self.store.assigned(brand, agent.id, LISTED):
                back = deciding(lambda case=case: self._handed_back(case, agent, left_at, now))  # type: ignore[misc]
                if back is not None:
                    yield back

    def _handed_back(self, known: Case, agent: Agent, left_at: datetime, now: datetime) -> Case | None:
        case = self.store.case(known.brand, known.id)
        if case is None or case.assignee != agent.id or (case.assigned_at or left_at) > left_at:
            return None
        after, happened = work.left(case, now)
        if not happened:
            return None
        after, timeline = lifecycle.recorded(case, after, happened, now)
        self.store.commit(after, *timeline)
        return after

    # -- what to take next ----------------------------------------------------------------------------------------

    def next_cases(self, agent: Agent, queue: str | None = None) -> Iterator[Case]:
        """What this person should take, best first, in all teams or in one."""
        waiting = self._waiting(agent.brands, [queue] if queue else list(self.config.queues))
        return (case for case in waiting if fairness.able(agent, case, self.config.queues.get(case.queue)))

    def _waiting(self, brands: Iterable[str], queues: Collection[str]) -> Iterator[Case]:
        """What nobody has, oldest due first over all these teams, read no further than it is asked for."""
        lists = [self.store.waiting(brand, queue, FURTHEST) for brand in brands for queue in queues]
        return merge(*lists, key=fairness.order)

    def _auto_queues(self) -> list[str]:
        return [key for key, queue in self.config.queues.items() if queue.assign is Assign.AUTO]

    def take_next(
        self, bus: Callable[[Command, datetime], Case], command_id: str, agent: Agent, now: datetime, queue: str | None
    ) -> Case | None:
        """Take the best one that nobody else takes first; None when nothing waits. Asked twice, it is the same case."""
        for brand in agent.brands:
            for case in self.store.assigned(brand, agent.id):
                if has_heard(case, command_id):
                    return case
        for case in self.next_cases(agent, queue):
            try:
                return bus(Take(command_id, case.brand, case.id, agent.id), now)
            except Owned:
                continue
        return None

    # -- giving ---------------------------------------------------------------------------------------------------

    def on(self, event: TimelineEvent, now: datetime) -> Case | None:
        """A case of a team that is given its cases opened or came back. Not to whom it came back from."""
        queue = self.config.queues.get(event.queue)
        if event.fact not in _RETURNS or queue is None or queue.assign is not Assign.AUTO:
            return None
        before = event.data.get("from") if event.fact is Fact.CASE_RELEASED else None
        return self.offer(event.brand, event.case_id, now, but=before or event.actor)

    def offer(
        self, brand: str, case_id: str, now: datetime, but: str = "", full: set[str] | None = None
    ) -> Case | None:
        """Give a case to whoever should have it; None when nobody can, or nobody needs to.

        Whoever is ``full`` is not asked; who turns out to be is added, so that one who offers many asks each once.
        """
        return deciding(lambda: self._offered(brand, case_id, now, but, set() if full is None else full))

    def _offered(self, brand: str, case_id: str, now: datetime, but: str, full: set[str]) -> Case | None:
        case = self.store.case(brand, case_id)
        queue = self._auto(case)
        if case is None or queue is None:
            return None
        states = {one.agent: one for one in self.store.agent_states(brand)}
        others = [one for one in self.config.agents.values() if one.id != but and one.id not in full]
        turns = fairness.by_turn(others, states, case, queue, now)
        for start in range(0, len(turns), LOOKED_AT):
            rows = {one.id: self._states(one) for one in turns[start : start + LOOKED_AT]}
            found = [self._candidate(one, rows[one.id], now) for one in turns[start : start + LOOKED_AT]]
            full |= {one.agent.id for one in found if one.room <= 0}
            best = fairness.chosen(found)
            if best is not None:
                return self._give(case, best.agent, rows[best.agent.id], queue, now)
        return None

    def _auto(self, case: Case | None) -> Queue | None:
        """The team whose cases are given out, if this is one that waits there."""
        queue = self.config.queues.get(case.queue) if case and case.waits else None
        return queue if queue and queue.assign is Assign.AUTO else None

    def _drain(self, agent: Agent, now: datetime) -> Iterator[Case]:
        for waiting in self._waiting(agent.brands, self._auto_queues()):
            if not fairness.able(agent, waiting, self.config.queues.get(waiting.queue)):
                continue
            given, full = deciding(lambda one=waiting: self._given(one, agent, now))  # type: ignore[misc]
            if given is not None:
                yield given
            if full:
                return

    def _given(self, known: Case, agent: Agent, now: datetime) -> tuple[Case | None, bool]:
        """The case if it is theirs now, and whether they can have no more."""
        rows = self._states(agent)
        mine = next((one for one in rows if one.brand == known.brand), None)
        if not fairness.there(agent, mine, now) or self._candidate(agent, rows, now).room <= 0:
            return None, True
        case = self.store.case(known.brand, known.id)
        queue = self._auto(case)
        if case is None or queue is None or not fairness.able(agent, case, queue):
            return None, False
        return self._give(case, agent, rows, queue, now), False

    def _give(self, case: Case, agent: Agent, rows: list[AgentState], queue: Queue, now: datetime) -> Case:
        after, happened = work.given(case, agent.id, now)
        after = work.claimed(case, after, happened, queue.claim, now)
        after, timeline = lifecycle.recorded(case, after, happened, now)
        fence = [one.gave(case.id, now) if one.brand == case.brand else one for one in rows]
        self.store.commit(after, *timeline, *fence)
        return after

    def _states(self, agent: Agent) -> list[AgentState]:
        """The agent's row in each of their brands; all of them are written when anything is given to them."""
        found = (self.store.agent_state(brand, agent.id) or AgentState(brand, agent.id) for brand in agent.brands)
        return list(found)

    def _candidate(self, agent: Agent, rows: list[AgentState], now: datetime) -> Candidate:
        cases: dict[tuple[str, str], Case] = {}
        for row in rows:
            cases |= {(case.brand, case.id): case for case in self.store.assigned(row.brand, agent.id, LISTED)}
            for case_id in row.lately(now):
                unlisted = None if (row.brand, case_id) in cases else self.store.case(row.brand, case_id)
                if unlisted is not None and unlisted.assignee == agent.id:
                    cases[row.brand, case_id] = unlisted
        since = max((row.given_at for row in rows if row.given_at), default=None)
        return Candidate(agent, fairness.load(cases.values()), since)

    # -- what was left over ---------------------------------------------------------------------------------------

    def sweep(self, now: datetime) -> int:
        """What a crash left with people who went, and what waits for hours to begin. Returns how many cases moved."""
        moved = 0
        for brand in self.config.brands:
            states = self.store.agent_states(brand)
            moved += sum(self._swept(state, now) for state in states)
            moved += self._handed_out(brand, {state.agent for state in states if state.online}, now)
        return moved

    def _swept(self, state: AgentState, now: datetime) -> int:
        """Whoever forgot to say that they go is gone when their hours are over."""
        agent = self.config.agents.get(state.agent)
        if agent is None or state.since is None:
            return 0
        if state.online:
            return len(self.leave(agent, now)) if fairness.done_for_today(agent, state.since, now) else 0
        return len(list(self._hand_back(agent, state.since, now))) if now - state.since < GONE_LATELY else 0

    def _handed_out(self, brand: str, there: set[str], now: datetime) -> int:
        """Until nobody who is there has room any more: in a full house one case is offered and not a page of them."""
        full: set[str] = set()
        given = 0
        for case in self._waiting([brand], self._auto_queues() if there else ()):
            if there <= full:
                break
            given += self.offer(brand, case.id, now, full=full) is not None
        return given
