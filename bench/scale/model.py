"""The storm, second by second: what comes in, what every stage gets done within its limits, and what waits where.

Edge, intake, publisher, timers and Slack stand in a row. A stage does what its fleet, its quotas and the stage before
it allow; the limit that bound it is noted. The network outside keeps what it was refused and sends it again.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.cost import STORY
from bench.counts import kept
from bench.prices import prices
from bench.scale.parts import Bucket, Fleet, Line, shared
from bench.scale.quotas import Plan

STAGES = ("edge", "intake", "publisher", "timers", "slack")
EDGE_SPEED = 10.0
"""Requests a second an environment may serve, however short they are: AWS's rule."""
PARTITION = 1000.0
"""Write units a second of one partition."""
BATCH = 10
DIGEST = 60
SOON = 2


@dataclass(frozen=True, slots=True)
class Storm:
    """``fresh`` is the share of messages by people who have no open case: nearly all below a viral post.

    ``per_call`` is how many messages come in one webhook call, ``per_person`` how many a person writes meanwhile.
    """

    usual: int = 100
    factor: int = 100
    begins: int = 60
    lasts: int = 600
    fresh: float = 0.8
    per_call: int = 5
    per_person: float = 1.25
    seed: int = 1
    horizon: int = 6 * 3600

    def rate(self, now: int) -> int:
        return self.usual * (self.factor if self.begins <= now < self.begins + self.lasts else 1)


@dataclass(slots=True)
class Run:
    """What happened: each second the age of every queue, and how often which limit was the one that bound."""

    plan: Plan
    lines: dict[str, Line] = field(default_factory=lambda: {name: Line() for name in STAGES})
    ages: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in STAGES})
    done: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in STAGES})
    bound: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in STAGES})
    used: list[int] = field(default_factory=list)
    posts: int = 0

    def oldest(self, stage: str) -> int:
        return max(self.ages[stage], default=0)

    def fastest(self, stage: str) -> float:
        """The best minute of a stage, a second."""
        done = self.done[stage]
        return max((sum(done[at : at + 60]) / 60 for at in range(0, max(1, len(done) - 59), 10)), default=0.0)

    def drained(self, stage: str, storm: Storm) -> int | None:
        """Seconds after the storm's end until nothing is old any more; None when the horizon came first."""
        late = [at for at, age in enumerate(self.ages[stage]) if age > DIGEST]
        if late and late[-1] >= len(self.ages[stage]) - 1:
            return None
        return max(0, late[-1] + 1 - storm.begins - storm.lasts) if late else 0

    def wall(self, stage: str) -> str:
        most = self.bound[stage].most_common(1)
        return most[0][0] if most else "nothing"


def simulate(plan: Plan, storm: Storm) -> Run:
    return _Model(plan, storm).run()


class _Model:
    def __init__(self, plan: Plan, storm: Storm) -> None:
        self.plan, self.storm, self.result = plan, storm, Run(plan)
        self.random = random.Random(storm.seed)
        ms = prices()["assumed"]["ms"]
        speed = {name: 1000 / ms[name] for name in ("intake", "publisher")}
        hands = plan.partitions * plan.parallelization
        self.fleets = {
            "edge": Fleet(EDGE_SPEED, plan.scaling, plan.scaling, 10**6),
            "intake": Fleet(speed["intake"], 5, plan.pollers, plan.intake_most),
            "publisher": Fleet(speed["publisher"], hands, plan.scaling, hands),
        }
        self.buckets = {
            "API throttle": Bucket(plan.api_rate, plan.api_burst),
            "the queue's calls": Bucket(plan.fifo_calls),
            "table's write units": Bucket(plan.table_units),
            "by_pending's partitions": Bucket(plan.index_shards * PARTITION),
            "by_queue's partitions": Bucket(plan.queue_shards * PARTITION),
            "StartExecution": Bucket(plan.starts, plan.starts_burst),
            "SNS publishes": Bucket(plan.news),
            "Slack's pace": Bucket(plan.slack_channels),
        }
        self.per_message = _per_message(storm.fresh)
        self.owed = {"events": 0.0, "cases": 0.0}

    def run(self) -> Run:
        for now in range(self.storm.horizon):
            for bucket in self.buckets.values():
                bucket.refill()
            self._second(now)
            for name, line in self.result.lines.items():
                self.result.ages[name].append(line.age(now))
            if now > self.storm.begins + self.storm.lasts + DIGEST and not any(self.result.ages[n][-1] for n in STAGES):
                break
        return self.result

    def _second(self, now: int) -> None:
        lines, each = self.result.lines, self.per_message
        lines["edge"].put(now, self._calls(now))
        hands = self._hands()
        passed = self._work(now, "edge", hands["edge"], {"API throttle": 1, "the queue's calls": self._sends()})
        lines["intake"].put(now, passed * self.storm.per_call)
        units = {"table's write units": each["units"], "by_pending's partitions": each["events"]}
        queue = {**hands["intake"], **self._queue()}
        taken = self._work(now, "intake", queue, {**units, "by_queue's partitions": each["cases"]})
        lines["publisher"].put(now, self._whole("events", taken * each["events"]))
        news = {"table's write units": 2, "by_pending's partitions": 1, "SNS publishes": 1}
        told = self._work(now, "publisher", hands["publisher"], news)
        lines["timers"].put(now, self._whole("cases", told * each["cases"] / each["events"]))
        free = self.plan.executions - lines["timers"].out
        self._work(now, "timers", {"open executions": free}, {"StartExecution": 1})
        lines["slack"].put(now, told)
        self._slack(now)

    def _calls(self, now: int) -> int:
        """What the networks send in this second: about the rate, as many independent people do."""
        mean = self.storm.rate(now) / self.storm.per_call
        return max(0, round(self.random.gauss(mean, mean**0.5)))

    def _sends(self) -> int:
        """Batches for one webhook call."""
        return -(-self.storm.per_call // BATCH)

    def _queue(self) -> dict[str, int]:
        """What the FIFO queue hands out in a second: a group's messages batch by batch, and only so many at once."""
        line, speed = self.result.lines["intake"], self.fleets["intake"].speed
        groups = int(line.length / self.storm.per_person)
        return {"the queue's groups": int(groups * speed), "messages in flight": int(self.plan.in_flight * speed)}

    def _hands(self) -> dict[str, dict[str, int]]:
        """How much each fleet can do, once the account's concurrency is shared."""
        lines = self.result.lines
        wants = {name: fleet.wanted(lines[name].length) for name, fleet in self.fleets.items()}
        granted = shared(wants, self.plan.concurrency)
        self.result.used.append(sum(granted.values()))
        found = {}
        for name, fleet in self.fleets.items():
            full = fleet.most if name == "publisher" else 10**9
            why = "Lambda's concurrency" if granted[name] < wants[name] else "the fleet's growth"
            why = "the stream's shards" if granted[name] >= full else why
            found[name] = {why: fleet.settle(granted[name])}
        return found

    def _work(self, now: int, stage: str, hands: Mapping[str, int], costs: Mapping[str, float]) -> int:
        """As much as every limit allows; the tightest is noted when old work is left."""
        line = self.result.lines[stage]
        limits: dict[str, int] = {**hands, **{name: self.buckets[name].room(cost) for name, cost in costs.items()}}
        tightest = min(limits, key=lambda name: limits[name])
        done = line.take(limits[tightest])
        if line.age(now) > SOON:
            self.result.bound[stage][tightest] += 1
        for name, cost in costs.items():
            self.buckets[name].spend(done * cost)
        self.result.done[stage].append(done)
        return done

    def _slack(self, now: int) -> None:
        """One line for each event; in digests, one post a channel and minute tells of everything that waits."""
        line = self.result.lines["slack"]
        room = self.buckets["Slack's pace"].room()
        if self.plan.card_digests and line.length > room * DIGEST:
            if now % DIGEST:
                self.result.done["slack"].append(0)
                return
            done, self.result.posts = line.take(line.length), self.result.posts + self.plan.slack_channels
            self.result.done["slack"].append(done)
            return
        self.result.posts += self._work(now, "slack", {}, {"Slack's pace": 1})

    def _whole(self, name: str, amount: float) -> int:
        """Whole things; what is left over counts next time, so that nothing is rounded away."""
        self.owed[name] += amount
        whole = int(self.owed[name])
        self.owed[name] -= whole
        return whole


def _per_message(fresh: float) -> dict[str, float]:
    """Write units, events and new cases of an average message, from the counted calls."""
    steps = kept()[STORY].steps
    new, known = steps["message, new contact"], steps["message, known contact"]
    events = [one.effects.calls["sns.Publish"] for one in (new, known)]
    return {
        "units": fresh * new.direct.wru + (1 - fresh) * known.direct.wru,
        "events": fresh * events[0] + (1 - fresh) * events[1],
        "cases": fresh,
    }
