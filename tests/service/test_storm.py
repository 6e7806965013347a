"""A storm as the whole desk lives it: clocks, the lines in threads, and whoever tells a team, all together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.commands import Acknowledge
from chalicelib.domain.config import Config
from chalicelib.service.clocks import wake
from chalicelib.service.desk import show
from chalicelib.service.heralds import proclaim
from chalicelib.service.notices import Herald
from tests.build import BRAND, MINUTE, NOON, config, config_data
from tests.fakes.channel import PlainChannel
from tests.fakes.ports import CountingMeter, RecordingPager
from tests.fakes.slack_api import FakeSlack
from tests.service.world import World

STEPS: list[dict[str, Any]] = [
    {"kind": "notify", "way": "team"},
    {"kind": "notify", "way": "email", "target": "lead@example.com"},
    {"kind": "wait", "span": 600},
    {"kind": "notify", "way": "user_group", "target": "S0LEADS"},
]
BROKE = NOON + 60 * MINUTE


def policy() -> Config:
    queues = config_data()["queues"]
    queues["messages"] |= {"chain": "urgent"}
    chains = {"urgent": {"steps": STEPS, "acknowledged_for": 1800, "ends_on_answer": True}}
    promise = {"targets": [{"metric": "first_response", "within": 3600, "warn_before": 900}]}
    return config(queues=queues, chains=chains, promises=[promise])


@dataclass
class Team:
    """One team of one chain; everything that happens is shown, and told, as the workers and schedules do it."""

    customers: int = 60
    world: World = field(default_factory=lambda: World(config=policy()))
    slack: FakeSlack = field(default_factory=lambda: FakeSlack(NOON.timestamp()))
    pager: RecordingPager = field(default_factory=RecordingPager)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def herald(self, now: datetime) -> Herald:
        return Herald(self.world.store, self.slack, self.pager, self.world.config, CountingMeter(), now)

    def write(self) -> None:
        for number in range(self.customers):
            self.world.take(id=f"m{number}", author=f"p{number}", name=f"Customer {number}", conversation=f"c{number}")
        self.desk(NOON)

    def desk(self, now: datetime) -> None:
        self.slack.now = now.timestamp()
        store = self.world.store
        for place in [one for one in store.pending(now + timedelta(days=1)) if one[1:] not in self.seen]:
            self.seen.add((place[1], place[2]))
            event = store.event(*place)
            assert event is not None
            self.herald(now).tell(event)
            show(
                event,
                store=store,
                slack=self.slack,
                config=self.world.config,
                channel=lambda name: PlainChannel(),
                meter=CountingMeter(),
                now=now,
            )

    def minute(self, now: datetime) -> None:
        for number in range(self.customers):
            wake(self.world.store, BRAND, self.world.case(f"p{number}").id, now, self.world.config)
        self.desk(now)
        proclaim(self.herald(now))

    def loud(self) -> Iterator[tuple[int, str]]:
        """What the team's channel shows that is no card."""
        for one in self.slack.messages.values():
            card = one["metadata"]["event_payload"].get("post") == "card"
            if (not one.get("thread_ts") or one.get("reply_broadcast")) and not card:
                at = datetime.fromtimestamp(int(one["ts"].partition(".")[0]), UTC)
                yield int((at - NOON) / MINUTE), one["text"]


def told(team: Team, first: int, last: int) -> list[str]:
    """What the channel saw in these minutes."""
    return [text for minute, text in team.loud() if first <= minute <= last]


def summaries(texts: list[str]) -> list[str]:
    return [text for text in texts if "more*" in text]


def test_sixty_broken_promises_of_one_team_are_one_summary_and_the_first_alerts() -> None:
    team = Team()
    team.write()
    for minute in range(44, 78):
        team.minute(NOON + minute * MINUTE)
    warnings, breaches, later = told(team, 44, 59), told(team, 60, 69), told(team, 70, 77)
    assert len(warnings) == 2 and "*59 more* promises in danger in Messages" in summaries(warnings)[0]
    assert len(breaches) == 3, "the first breach, the first call, and one summary"
    (summary,) = summaries(breaches)
    assert "*59 more* promises broken, *59 more* cases escalated in Messages" in summary
    assert len(later) == 2 and "*59 more* cases escalated" in summaries(later)[0]
    assert summaries(later)[0].startswith("<!subteam^S0LEADS>")
    assert [page.count for page in team.pager.pages] == [1, 59]
    lines = [one for one in team.slack.lines() if not one.get("reply_broadcast")]
    assert sum("Too late" in one["text"] for one in lines) == 59, "each thread tells its own"


def test_once_somebody_is_on_all_of_them_no_summary_calls_for_any() -> None:
    team = Team(customers=12)
    team.write()
    team.minute(BROKE)
    for number in range(12):
        press = Acknowledge(f"press-{number}", BRAND, team.world.case(f"p{number}").id, "ana")
        team.world.bus(press, BROKE + MINUTE / 2)
    for minute in (1, 2, 3):
        team.minute(BROKE + minute * MINUTE)
    assert len(told(team, 60, 63)) == 3 and summaries(told(team, 60, 63)) == [], "a warning, a breach, a call"
    assert [page.count for page in team.pager.pages] == [1]
