"""Cases that are over, played again under a policy file: by the very rules that decide about real ones."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain import lifecycle
from chalicelib.domain.case import Case, Origin, Thread
from chalicelib.domain.clock import Clock, ClockState
from chalicelib.domain.clocks import follow
from chalicelib.domain.config import Config
from chalicelib.domain.contact import Contact
from chalicelib.domain.errors import Refusal
from chalicelib.domain.instants import iso
from chalicelib.domain.policy import Traits, applied
from chalicelib.domain.routing import Route
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact, Happening
from infra.sla.history import Arrival

HOUR = timedelta(hours=1)
AGENT = "agent"
UNPROMISED = "none"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one promise. ``late`` is by how much it was broken; nothing while it is kept or still runs.

    At ``ended_at`` it was given, late or not; None while it is not.
    """

    policy: str
    queue: str
    metric: Metric
    state: str
    late: timedelta | None = None
    ended_at: datetime | None = None


def last_days(rows: Sequence[Arrival], days: int) -> datetime:
    """When the last days of a history begin."""
    return _end(rows) - timedelta(days=days)


def _end(rows: Iterable[Arrival]) -> datetime:
    return max(at for row in rows for at in (row.at, row.answered_at, row.resolved_at) if at)


def play(rows: Sequence[Arrival], config: Config, since: datetime | None = None) -> list[Outcome]:
    """Every promise of every case, as it would have ended. Raises Refusal for a brand the file does not have.

    Cases are played from their beginning; what was kept or broken before ``since`` is left out.
    """
    end = _end(rows)
    cases: defaultdict[str, list[Arrival]] = defaultdict(list)
    for number, row in enumerate(rows):
        cases[row.case or f"#{number}"].append(row)
    played = (outcome for parts in cases.values() for outcome in _case(parts, config, end))
    return [one for one in played if since is None or one.ended_at is None or one.ended_at >= since]


def _case(rows: list[Arrival], config: Config, end: datetime) -> Iterator[Outcome]:
    first = rows[0]
    case = _opened(first, config)
    policy = case.terms.policy if case.terms else UNPROMISED
    ended: dict[tuple[Metric, int], Clock] = {}
    before: Case | None = None
    for at, fact, row in _moments(rows):
        after, happened = _turn(case, at, fact, row, first=before is None)
        case, _ = follow(before, after, happened)
        before = case
        ended |= {(clock.metric, clock.instance): clock for clock in case.clocks}
    case, _ = lifecycle.ticked(case, end)
    ended |= {(clock.metric, clock.instance): clock for clock in case.clocks}
    yield from (_outcome(clock, policy, case.queue, end) for clock in ended.values())


def _opened(row: Arrival, config: Config) -> Case:
    brand = row.brand or next(iter(config.brands))
    if brand not in config.brands:
        raise Refusal(f"the policy file has no brand {brand}; it has: {', '.join(config.brands)}")
    origin = Origin(row.channel, row.kind, row.language, row.market, row.tags)
    queue = row.queue or config.brands[brand].queue
    person = Contact(id="replayed", brand=brand, identities=(), first_seen_at=row.at)
    where = Route(queue, row.priority, ("replayed",))
    case = lifecycle.new_case("replayed-1", person, where, (), row.at, origin=origin)
    policy = config.policy(Traits(brand, queue, row.priority, origin))
    return applied(case, policy, config.version, row.at) if policy else case


def _moments(rows: Iterable[Arrival]) -> list[tuple[datetime, Fact, Arrival]]:
    """What happened to a case, in order; of one moment the message comes first, its end last."""
    order = (Fact.MESSAGE_RECEIVED, Fact.REPLY_SENT, Fact.CASE_SOLVED)
    found: dict[tuple[datetime, int], Arrival] = {}
    for row in rows:
        for place, at in enumerate((row.at, row.answered_at, row.resolved_at)):
            if at is not None:
                found.setdefault((at, place), row)
    return [(at, order[place], found[at, place]) for at, place in sorted(found)]


def _turn(case: Case, at: datetime, fact: Fact, row: Arrival, *, first: bool) -> lifecycle.Turn:
    if fact is Fact.CASE_SOLVED:
        return lifecycle.solved(case, AGENT, at)
    if fact is Fact.REPLY_SENT:
        mode = "private" if row.kind == "message" else "public"
        return lifecycle.answered(case, at, Happening(fact, at, AGENT, {"mode": mode}))
    opened = lifecycle.opened(case, at)[1] if first else []
    case, news = lifecycle.received(case, _thread(row, at), at)
    return case, [*opened, *news]


def _thread(row: Arrival, at: datetime) -> Thread:
    return Thread("replayed", row.channel, "", row.kind != "message", {}, at, "")


def _outcome(clock: Clock, policy: str, queue: str, end: datetime) -> Outcome:
    if clock.state is ClockState.BREACHED:
        late = (clock.ended_at or end) - clock.due_at
        return Outcome(policy, queue, clock.metric, "breached", late, clock.ended_at)
    states = {ClockState.MET: "met", ClockState.CANCELLED: "void"}
    return Outcome(policy, queue, clock.metric, states.get(clock.state, "open"), ended_at=clock.ended_at)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one kind of promise. ``p50`` and ``p90`` say by how much the broken ones were."""

    policy: str
    queue: str
    metric: str
    met: int
    breached: int
    open: int
    p50: timedelta | None
    p90: timedelta | None

    @property
    def kept(self) -> float | None:
        """The share of those that are decided; None while none is."""
        ended = self.met + self.breached
        return round(self.met / ended, 4) if ended else None

    def as_json(self) -> dict[str, Any]:
        spans = {"late_p50": self.p50, "late_p90": self.p90}
        late = {name: None if one is None else int(one.total_seconds()) for name, one in spans.items()}
        names = ("policy", "queue", "metric", "met", "breached", "open")
        return {**{name: getattr(self, name) for name in names}, "kept": self.kept, **late}


def summed(outcomes: Iterable[Outcome], *, by_policy: bool = True) -> list[Line]:
    """The outcomes by policy, queue and metric; what became void counts nowhere."""
    groups: defaultdict[tuple[str, str, Metric], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.state != "void":
            groups[one.policy if by_policy else "", one.queue, one.metric].append(one)
    return [_line(*key, groups[key]) for key in sorted(groups)]


def _line(policy: str, queue: str, metric: Metric, found: list[Outcome]) -> Line:
    states = Counter(one.state for one in found)
    late = sorted(one.late for one in found if one.late is not None)
    p50, p90 = (quantile(late, share) for share in (50, 90))
    return Line(policy, queue, metric.value, states["met"], states["breached"], states["open"], p50, p90)


def quantile(values: Sequence[timedelta], percent: int) -> timedelta | None:
    """The smallest value that so many percent do not exceed."""
    return values[-(-len(values) * percent // 100) - 1] if values else None


def load(rows: Iterable[Arrival], config: Config) -> dict[str, dict[str, Any]]:
    """How many messages came to each queue an hour: the busiest one, and the mean of each hour of the day in UTC."""
    hours: defaultdict[str, Counter[datetime]] = defaultdict(Counter)
    for row in rows:
        queue = row.queue or config.brands[row.brand or next(iter(config.brands))].queue
        hours[queue][row.at.replace(minute=0, second=0, microsecond=0)] += 1
    return {queue: _load(found) for queue, found in sorted(hours.items())}


def _load(found: Counter[datetime]) -> dict[str, Any]:
    busiest = min(found, key=lambda hour: (-found[hour], hour))
    days = (max(found).date() - min(found).date()).days + 1
    of_day = Counter[int]()
    for hour, count in found.items():
        of_day[hour.hour] += count
    means = [round(of_day[hour] / days, 2) for hour in range(24)]
    return {"messages": found.total(), "busiest": iso(busiest), "most": found[busiest], "by_hour": means}
