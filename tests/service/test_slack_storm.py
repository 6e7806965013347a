"""Five hundred new cases for one channel in ten seconds: Slack gets what it takes, people see what is urgent, and
everything stands there in the end, once."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.domain import lifecycle
from chalicelib.domain.card import Post
from chalicelib.domain.instants import iso
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.net.slack import SlackWebApi
from chalicelib.service.assigning import Assigning
from chalicelib.service.bus import Bus
from chalicelib.service.heralds import proclaim
from chalicelib.service.notices import Herald
from chalicelib.service.pace import Paced
from chalicelib.service.ports import NoAnswer, SlackBusy
from infra.doubles.slack.double import SlackDouble
from infra.doubles.slack.gate import RateLimit
from tests.fakes.ports import RecordingPager
from tests.service.street import Street
from tests.slack.samples import CARE, CONFIG, NOW, network

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
CASES, WITHIN = 500, 10 * SECOND


@dataclass
class Limited:
    """Slack as it is: about a message a second and channel. Whoever asks for more waits half a minute, and it is noted
    when somebody asks before that is over."""

    street: Street
    level: float = 3.0
    at: datetime = NOW
    closed: dict[str, datetime] = field(default_factory=dict)
    posts: list[datetime] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    early: int = 0

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        now = self.street.now
        self.asked[method] += 1
        door = f"{method} {arguments['channel']}" if method == "chat.postMessage" else method
        self.early += now < self.closed.get(door, NOW)
        if method == "chat.postMessage":
            self.level = min(3.0, self.level + (now - self.at).total_seconds())
            self.at = now
            if self.level < 1:
                self.shut(30 * SECOND, door)
            self.level -= 1
            self.posts.append(now)
        return self.street.slack.call(method, **arguments)

    def shut(self, span: timedelta, door: str = f"chat.postMessage {CARE}") -> None:
        self.closed[door] = self.street.now + span
        raise SlackBusy(span)


@dataclass
class Storm(Street):
    """The street, a herald every minute, and people who take cases."""

    minutes: int = 0
    count: int = 120

    def __post_init__(self) -> None:
        super().__post_init__()
        self.limited = self.door = Limited(self)
        self.cases = [self.opens(str(key), NOW + key * WITHIN / self.count) for key in range(self.count)]

    def each_minute(self) -> None:
        while self.now >= NOW + (self.minutes + 1) * MINUTE:
            self.minutes += 1
            slack = Paced(self.door, self.turns())
            proclaim(Herald(self.store, slack, RecordingPager(), self.config, self.meter, self.now))

    def cards(self) -> list[dict[str, Any]]:
        return [one for one in self.slack.roots() if one["metadata"]["event_payload"]["post"] == "card"]

    def digests(self) -> list[dict[str, Any]]:
        return [one for one in self.slack.roots() if one["metadata"]["event_payload"]["case_id"] == "crowd"]


def busiest(posts: list[datetime], within: timedelta) -> int:
    """The most that were made in any span of that length."""
    return max(sum(1 for one in posts[at:] if one - since < within) for at, since in enumerate(posts))


@pytest.fixture(scope="module")
def storm() -> Storm:
    made = Storm(count=CASES)
    made.works(each=made.each_minute)
    return made


def test_slack_gets_one_message_a_second_and_is_never_asked_before_it_is_time(storm: Storm) -> None:
    posts = storm.limited.posts
    assert storm.limited.early == 0 and storm.limited.closed == {}, "it never had to ask us to wait"
    assert busiest(posts, SECOND) <= 3, "a few together, as a new case is a card and a line"
    for span in (10, 60, 300):
        assert busiest(posts, span * SECOND) <= span + 3
    assert len(posts) / ((posts[-1] - posts[0]) / SECOND) > 0.9, "and a second is hardly ever wasted"


def test_every_case_has_one_card_and_one_line_in_the_end(storm: Storm) -> None:
    about = Counter(one["metadata"]["event_payload"]["case_id"] for one in storm.cards())
    assert about == Counter(storm.cases)
    assert len(storm.slack.lines()) == CASES
    for case_id in storm.cases:
        card = storm.store.card("acme", case_id)
        assert card is not None and card.shows == storm.case(case_id).seq


def test_once_a_minute_the_channel_is_told_how_many_wait(storm: Storm) -> None:
    texts = [one["text"] for one in storm.digests()]
    counts = [int("".join(letter for letter in one.partition("more")[0] if letter.isdigit())) for one in texts]
    assert len(texts) == 8
    for minute, count in enumerate(counts, 1):
        assert count == pytest.approx(CASES - minute * 60, abs=15)
    assert "The most urgent:" in str(storm.digests()[0]["blocks"]) and "home_next" in str(storm.digests()[0]["blocks"])


def test_cards_come_before_the_lines_below_them_and_all_of_them_in_nine_minutes(storm: Storm) -> None:
    cards = sorted(float(one["ts"]) for one in storm.cards())
    assert cards[-1] - NOW.timestamp() < 9 * 60
    lines = sorted(float(one["ts"]) for one in storm.slack.lines())
    assert lines[20] > cards[-20]
    assert lines[-1] - NOW.timestamp() < 18 * 60


def test_nobody_asks_more_than_three_times(storm: Storm) -> None:
    """Each piece of work is looked at when it comes and at its turn; some are overtaken then, and come again."""
    assert storm.handled < 3 * 2 * CASES


def test_nothing_is_claimed_for_a_post_whose_turn_has_not_come() -> None:
    made = Storm()
    made.works(until=NOW + 12 * SECOND)
    posts = [row for row in made.store._rows.values() if isinstance(row, Post)]
    assert posts and all(row.ts for row in posts)


def test_a_case_that_somebody_takes_has_its_card_at_once_and_a_breach_goes_past_all_cards() -> None:
    made = Storm()
    made.works(until=NOW + 60 * SECOND, each=made.each_minute)
    last, late = made.cases[-1], made.cases[-2]
    assert made.store.card("acme", last) is None
    taken, happened = lifecycle.taken(made.case(last), "maria", made.now)
    made.tells(*lifecycle.recorded(made.case(last), taken, happened, made.now), made.now)
    due = {"metric": "first_response", "instance": 0, "due_at": iso(made.now)}
    made.happens(made.case(late), Happening(Fact.CLOCK_BREACHED, made.now, "system", due), made.now)
    asked = made.now
    made.works(until=asked + 5 * SECOND, each=made.each_minute)
    for case_id, words in ((last, "took this case"), (late, "Too late")):
        assert made.store.card("acme", case_id) is not None
        assert any(words in one["text"] for one in made.slack.lines())
    made.works(each=made.each_minute)
    assert len(made.cards()) == made.count and busiest(made.limited.posts, MINUTE) <= 63


def test_next_case_gives_the_one_that_is_due_first_and_its_card_comes_at_once() -> None:
    made = Storm()
    made.works(until=NOW + 60 * SECOND, each=made.each_minute)
    bus = Bus(made.store, CONFIG, network)
    case = Assigning(made.store, CONFIG).take_next(bus, "press-1", CONFIG.agents["maria"], made.now, None)
    assert case is not None
    for event in made.store.timeline("acme", case.id):
        made.offered(event, made.now)
    made.works(until=made.now + 5 * SECOND, each=made.each_minute)
    assert made.store.card("acme", case.id) is not None


def test_the_more_urgent_ones_come_first_though_they_came_last() -> None:
    """GIVEN hundreds of cards that wait WHEN one comes that is due before all of them THEN its card is next."""
    made = Storm()
    made.works(until=NOW + 30 * SECOND)
    (first, *others) = made.case(made.cases[0]).clocks
    soon = replace(first, due_at=made.now + 2 * MINUTE, warn_at=made.now + MINUTE)
    case_id = made.opens("urgent", made.now, clocks=(soon, *others))
    made.works(until=made.now + 5 * SECOND)
    assert made.store.card("acme", case_id) is not None


@pytest.mark.parametrize("asks", [30, 47])
def test_when_slack_asks_to_wait_all_the_same_nobody_asks_before_that_is_over(asks: int) -> None:
    """Somebody else posts in that channel too: then every worker waits, to the second, and goes on as before."""
    made = Storm()
    made.works(until=NOW + 20 * SECOND)
    over = made.now + asks * SECOND
    asked: list[datetime] = []

    class Full:
        """Until then every post is answered by 429."""

        def call(self, method: str, **arguments: Any) -> Any:
            if made.now < over:
                asked.append(made.now)
                raise SlackBusy(over - made.now)
            asked.append(made.now)
            return made.limited.call(method, **arguments)

    made.door = Full()
    made.works(each=made.each_minute)
    assert sum(at < over for at in asked) == 1, "one worker is told, and all know"
    assert asked[1] - over < SECOND
    assert len(made.cards()) == len(made.slack.lines()) == made.count


@pytest.mark.parametrize("every", [3, 17])
def test_answers_that_get_lost_in_a_storm_double_no_card(every: int) -> None:
    made = Storm()

    class Lossy:
        count = 0

        def call(self, method: str, **arguments: Any) -> Any:
            answer = made.limited.call(method, **arguments)
            if method == "chat.postMessage":
                self.count += 1
                if self.count % every == 0:
                    raise NoAnswer("timeout")
            return answer

    made.door = Lossy()
    made.works(each=made.each_minute)
    assert Counter(one["metadata"]["event_payload"]["case_id"] for one in made.cards()) == Counter(made.cases)
    assert len(made.slack.lines()) == made.count


def test_a_steady_stream_to_many_cards_edits_no_more_than_a_workspace_takes_and_ends_true() -> None:
    street = Street()
    edits: list[tuple[datetime, str]] = []

    class Watched:
        def call(self, method: str, **arguments: Any) -> Any:
            if method == "chat.update":
                edits.append((street.now, arguments["ts"]))
            return street.slack.call(method, **arguments)

    street.door = Watched()
    cases = [street.opens(str(key)) for key in range(40)]
    street.works()
    began = street.now
    for at in range(6):
        for number, case_id in enumerate(cases):
            then = began + (at * 10 + number / 4) * SECOND
            street.works(until=then)
            street.writes(case_id, f"{case_id} word {at}", then)
    street.works()
    assert len(edits) > 60
    assert busiest([at for at, _ in edits], MINUTE) <= 60 / 1.2 + 11
    for case_id in cases:
        card = street.store.card("acme", case_id)
        assert card is not None and card.shows == street.case(case_id).seq
        mine = [at for at, ts in edits if ts == card.ts]
        assert all(later - sooner >= 5 * SECOND for sooner, later in pairwise(mine))
        assert f"{case_id} word 5" in str(street.slack.messages[CARE, card.ts]["blocks"])


def test_a_real_slack_with_its_limit_on_never_has_to_ask_us_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same over HTTP, smaller, against the double with its limit on: no 429, nothing lost, nothing twice."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    street = Street()
    limit = RateLimit(per_second=1.0, burst=3)
    with SlackDouble(
        channels={CARE: "care"}, bot_events=False, now=lambda: street.now.timestamp(), rate_limit=limit
    ) as double:
        street.door = SlackWebApi("xoxb-double", double.api_url)
        cases = [street.opens(str(key), NOW + key * SECOND / 10) for key in range(60)]
        street.works()
        results = Counter(call.result for call in double.web.calls)
        bodies = [one.body for one in double.workspace.visible(CARE)]
    assert results == {"ok": 120}
    about = Counter((one["metadata"]["event_payload"]["case_id"], "thread_ts" in one) for one in bodies)
    assert about == Counter((case_id, threaded) for case_id in cases for threaded in (False, True))


def test_the_limited_slack_does_ask_who_comes_too_often() -> None:
    """So the figures above are no accident."""
    limited = Storm(count=1).limited
    for _ in range(3):
        limited.call("chat.postMessage", channel=CARE, text="x", blocks=[], metadata={})
    with pytest.raises(SlackBusy):
        limited.call("chat.postMessage", channel=CARE, text="x", blocks=[], metadata={})
