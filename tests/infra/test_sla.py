"""``heed sla``: explained from the log, previewed, exported and replayed; the same rules as for real cases."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from chalicelib.domain import lifecycle
from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.commands import Dismiss, Reopen, Resolve, Snooze, Take
from chalicelib.domain.config import load_config
from chalicelib.domain.explaining import differences
from chalicelib.domain.policy import applied, reapplied
from chalicelib.domain.target import Metric, Terms
from chalicelib.domain.timeline import Fact, Happening, TimelineEvent
from chalicelib.service.bus import Bus
from chalicelib.service.intake import Intake
from chalicelib.storage import DynamoStore
from chalicelib.storage.config import ConfigStore
from infra.cli import app
from infra.sla.history import Arrival, arrivals, read, write
from infra.sla.pauses import in_words
from infra.sla.pauses import summed as pauses_summed
from infra.sla.replay import Outcome, last_days, play, quantile, summed
from infra.template.table import table_definition
from tests.aws.conftest import aws
from tests.build import BRAND, NOON, case, config_data, event, thread
from tests.domain.clock_stories import Story, target
from tests.fakes.channel import PlainChannel
from tests.service.world import World

__all__ = ["aws"]

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 6, 1, 8, tzinfo=UTC)
CALENDAR = {
    "name": "office",
    "zone": "Europe/Berlin",
    "week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-12:00 13:00-17:00"),
    "dates": {"2026-06-04": "closed; Feast"},
}
POLICY = {
    "id": "1",
    "calendar": "office",
    "pause_on": ["pending", "on_hold"],
    "targets": [
        {"metric": "first_response", "within": 7200, "warn_before": 1800},
        {"metric": "next_response", "within": 7200, "warn_before": 1800},
        {"metric": "update", "within": 14_400, "warn_before": 1800},
        {"metric": "requester_wait", "within": 28_800, "warn_before": 1800},
        {"metric": "resolution", "within": 28_800, "warn_before": 3600},
        {"metric": "total_resolution", "within": 57_600, "warn_before": 3600},
    ],
}
URGENT = {**POLICY, "id": "2", "priorities": ["urgent"], "calendar": None, "pause_on": []}
DATA = config_data(calendars={"office": CALENDAR}, promises=[URGENT, POLICY])
CONFIG = load_config(DATA)

FILE = """
brands:
  harbor: {name: Harbor, queue: messages, reopen_within: 7d, evidence: none}
queues:
  messages: {name: Messages, slack: C0MESSAGES}
accounts:
  harbor-facebook: {channel: facebook, id: "104552811223344", brand: harbor, name: Harbor}
rules:
  - {because: all, when: {kind: message}, queue: messages}
calendars:
  office:
    timezone: Europe/Berlin
    week: {mon-fri: ["09:00-12:00", "13:00-17:00"]}
    overrides: {2026-06-04: closed}
sla:
  - {calendar: office, first_response: %s, warn: 30m}
agents:
  ana: {name: Ana, email: ana@example.com, slack: U0ANA, role: agent, brands: [harbor]}
slack: {team: T0HEED, app: A0HEED}
"""


def heed(*words: object) -> Result:
    return CliRunner().invoke(app, ["sla", *map(str, words)])


@pytest.fixture
def care(tmp_path: Path) -> Path:
    file = tmp_path / "care.yaml"
    file.write_text(FILE % "2h")
    return file


# -- explain ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(aws: None) -> DynamoStore:
    store = DynamoStore("heed-dev")
    store.table.connection.client.create_table(**table_definition("heed-dev"))
    ConfigStore(store.table).push(DATA)
    return store


@pytest.fixture
def held(store: DynamoStore) -> Case:
    """Asked two hours ago, taken, and put on hold half an hour ago."""
    now = datetime.now(UTC)
    Intake(store, CONFIG, PlainChannel()).take(event(at=now - 2 * HOUR), "harbor-facebook", now - 2 * HOUR)
    [found] = store.queue(BRAND, "messages")
    bus = Bus(store, CONFIG, lambda name: PlainChannel())
    bus(Take("1", BRAND, found.id, "ana"), now - HOUR)
    bus(Snooze("2", BRAND, found.id, "ana", now + HOUR, "the parcel comes then"), now - 30 * MINUTE)
    return found


def test_a_case_is_explained_from_its_log(held: Case) -> None:
    done = heed("explain", held.id, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["differences"], told["policy"]["version"]) == ([], 1)
    resolution = next(clock for clock in told["clocks"] if clock["metric"] == "resolution")
    assert resolution["calendar"] == {"name": "office", "zone": "Europe/Berlin"}
    assert (resolution["log"][0]["kind"], resolution["log"][0]["fact"]) == ("activate", "case.opened")
    spoken = heed("explain", held.id, "--brand", BRAND)
    assert "reckoned anew from the log: the same" in spoken.output
    assert "in the calendar office, Europe/Berlin" in spoken.output
    assert "activate, due " in spoken.output


def test_a_clock_that_is_not_what_its_log_says_is_found(held: Case, store: DynamoStore) -> None:
    found = store.case(BRAND, held.id)
    assert found is not None
    first, *others = found.clocks
    store.commit(replace(found, clocks=(replace(first, due_at=first.due_at + HOUR), *others)))
    done = heed("explain", held.id)
    assert done.exit_code == 1
    assert f"DIFFERS {first.metric} {first.instance}: due_at is" in done.output


def test_a_case_that_is_not_there(store: DynamoStore) -> None:
    done = heed("explain", f"{'c' * 20}-1")
    assert done.exit_code == 2
    assert "no case" in done.stderr


def test_a_log_whose_beginning_is_gone_says_so(held: Case, store: DynamoStore) -> None:
    found = store.case(BRAND, held.id)
    assert found is not None
    [only] = differences(found, store.timeline(BRAND, held.id)[1:])
    assert "the beginning of the log is gone" in only


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "thank", "answer", "hold", "wake", "solve", "urgent", "normal", "tick", "dismiss"]),
        st.integers(1, 5000),
    ),
    max_size=14,
)


def _step(found: Case, what: str, at: datetime) -> lifecycle.Turn:
    if what in ("write", "thank"):
        return lifecycle.received(found, thread(at=at), at, closing=what == "thank")
    if what == "answer":
        return lifecycle.answered(found, at, Happening(Fact.REPLY_SENT, at, "ana", {"mode": "private"}))
    if what == "solve":
        return lifecycle.solved(found, "ana", at)
    if what == "tick" or not found.live:
        return lifecycle.ticked(found, at)
    if what == "dismiss":
        return replace(found, status=Status.CLOSED), [Happening(Fact.CASE_DISMISSED, at, "ana")]
    if what in ("hold", "wake"):
        status, fact = (Status.ON_HOLD, Fact.CASE_SNOOZED) if what == "hold" else (Status.OPEN, Fact.CASE_WOKEN)
        return replace(found, status=status), [Happening(fact, at, "ana")]
    after = reapplied(found, replace(found, priority=Priority(what)), CONFIG.policies, 1, at)
    return after, [Happening(Fact.CASE_PRIORITY, at, "ana")]


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_whatever_happened_the_log_alone_tells_what_the_case_keeps(steps: list[tuple[str, int]]) -> None:
    at, timeline = NOON, list[TimelineEvent]()
    policy = CONFIG.policies[1]
    found, happened = lifecycle.opened(applied(case(), policy, 1, at), at)
    found, told = lifecycle.recorded(None, found, happened, at)
    timeline += told
    for what, minutes in steps:
        at += minutes * MINUTE
        after, happened = _step(found, what, at)
        found, told = lifecycle.recorded(found, after, happened, at)
        timeline += told
    assert list(differences(found, timeline)) == []


def test_the_doctor_looks_at_the_file_in_force(store: DynamoStore, care: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", str(care), "--stage", "dev", "--json"])
    told = {one["name"]: one for one in json.loads(done.output)["findings"]}
    assert told["on dev"]["says"].startswith("version 1, pushed long ago; office knows no holiday after 2026-06-04")
    ConfigStore(store.table).push({**DATA, "calendars": {}, "promises": []})
    done = CliRunner().invoke(app, ["doctor", str(care), "--stage", "dev", "--json"])
    assert {one["name"]: one["health"] for one in json.loads(done.output)["findings"]}["on dev"] == "ok"


def test_a_push_says_until_when_holidays_are_known(store: DynamoStore, care: Path) -> None:
    done = CliRunner().invoke(app, ["config", "push", str(care), "--stage", "dev"])
    assert done.exit_code == 0, done.output
    assert "is version 2 on dev; its calendars know the holidays until 2026-06-04, push it again before" in done.output


# -- preview ----------------------------------------------------------------------------------------------------------


def test_a_message_arriving_then_would_be_due_and_says_what_lies_between(care: Path) -> None:
    done = heed("preview", care, "--at", "2026-06-03T14:30:00Z", "--json")
    assert done.exit_code == 0, done.output
    [due] = json.loads(done.output)["due"]
    assert due["due_at"] == "2026-06-05T08:30:00.000Z"
    assert due["closed"] == ["17:00-Fri 2026-06-05 09:00 (closed on 2026-06-04)"]
    assert due["words"] == "answer by Fri 2026-06-05 10:30"
    spoken = heed("preview", care, "--at", "2026-06-03T09:30:00Z").output
    assert "first_response: answer by 14:30 Europe/Berlin, in 3 hours" in spoken
    assert "closed 12:00-13:00" in spoken


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--at", "today"), "no time with an offset"),
        (("--queue", "none"), "has no queue none"),
        (("--brand", "none"), "has no brand none"),
        (("--priority", "most"), "no such priority: most"),
    ],
)
def test_a_preview_of_something_that_is_not_there(care: Path, words: tuple[str, str], says: str) -> None:
    done = heed("preview", care, *words)
    assert done.exit_code == 2
    assert says in done.stderr


def test_nothing_is_promised_where_no_entry_fits(care: Path) -> None:
    care.write_text((FILE % "2h").replace("{calendar", "{priority: urgent, calendar"))
    assert "nothing is promised" in heed("preview", care).output


# -- simulate ---------------------------------------------------------------------------------------------------------


def arrival(minutes: int = 0, answered: int | None = None, solved: int | None = None, **more: Any) -> Arrival:
    """A message of Monday at ten in Berlin and so many minutes later, answered and solved so many minutes after it."""
    at = MONDAY + minutes * MINUTE
    times = {"answered_at": answered, "resolved_at": solved}
    ends: dict[str, Any] = {name: at + length * MINUTE for name, length in times.items() if length is not None}
    return Arrival(at=at, **ends, **more)


def _of(rows: list[Arrival], metric: Metric) -> list[Outcome]:
    return [one for one in play(rows, CONFIG) if one.metric is metric]


def test_an_answer_in_open_time_is_kept_and_a_late_one_says_by_how_much() -> None:
    kept, late = _of([arrival(0, 120), arrival(0, 135)], Metric.FIRST_RESPONSE)
    assert (kept.state, late.state, late.late) == ("met", "breached", 15 * MINUTE)


def test_what_was_never_answered_is_broken_at_the_end_of_the_history_and_open_before_its_time() -> None:
    rows = [arrival(), arrival(4 * 60)]
    assert [one.state for one in _of(rows, Metric.FIRST_RESPONSE)] == ["breached", "open"]
    assert _of(rows, Metric.FIRST_RESPONSE)[0].late == 2 * HOUR


def test_waiting_for_the_customer_pauses_the_resolution_as_it_does_for_real_cases() -> None:
    quick, slow = _of([arrival(0, 60, 5 * 24 * 60), arrival(0, None, 5 * 24 * 60)], Metric.RESOLUTION)
    assert (quick.state, slow.state) == ("met", "breached")


def test_lines_of_one_case_are_one_case() -> None:
    rows = [arrival(0, 60, case="a"), arrival(90, 170, case="a"), arrival(90, 60, case="b")]
    assert len(_of(rows, Metric.FIRST_RESPONSE)) == 2
    [again] = _of(rows, Metric.NEXT_RESPONSE)
    assert (again.state, again.late) == ("met", None)


def test_outcomes_are_summed_by_policy_queue_and_metric() -> None:
    rows = [arrival(0, 120 + late) for late in range(-5, 10)]
    rows += [arrival(0, 10, priority=Priority.URGENT)]
    lines = {(one.policy, one.metric): one for one in summed(play(rows, CONFIG))}
    one = lines["1", "first_response"]
    assert (one.met, one.breached, one.p50, one.p90, one.kept) == (6, 9, 5 * MINUTE, 9 * MINUTE, 0.4)
    assert lines["2", "first_response"].met == 1


@given(st.lists(st.integers(0, 1000), min_size=1), st.integers(1, 100))
def test_so_many_percent_are_no_larger_than_the_quantile(values: list[int], percent: int) -> None:
    spans = sorted(timedelta(seconds=one) for one in values)
    found = quantile(spans, percent)
    assert found in spans
    assert sum(one <= found for one in spans if found is not None) * 100 >= percent * len(spans)


def test_only_what_was_decided_in_the_last_days_counts_and_cases_are_played_from_their_beginning() -> None:
    day = 24 * 60
    rows = [
        arrival(0, 60, 90, case="old"),  # kept before
        arrival(0, 600, None, case="late"),  # broken before, but its resolution goes on
        arrival(20 * day, 20, 30, case="late"),  # and this is no first message
        arrival(20 * day, 10, case="new"),
    ]
    since = last_days(rows, 14)
    assert since == MONDAY + (6 * day + 30) * MINUTE
    found = [(one.metric.value, one.state) for one in play(rows, CONFIG, since) if one.metric in PLAYED]
    assert found == [
        ("resolution", "met"),
        ("next_response", "met"),
        ("first_response", "met"),
        ("resolution", "open"),
    ]


PLAYED = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION)


def test_a_history_is_replayed_and_set_beside_another_file(care: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(FILE % "1h")
    history = tmp_path / "history.csv"
    write(history, [arrival(0, 90), arrival(0, 30), arrival(60, 20)])
    done = heed("simulate", care, "--arrivals", history, "--against", other, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    [pair] = told["against"]["lines"]
    assert (pair["this"]["met"], pair["this"]["breached"]) == (3, 0)
    assert (pair["other"]["met"], pair["other"]["breached"], pair["other"]["late_p50"]) == (2, 1, 1800)
    assert told["load"]["messages"]["most"] == 2
    assert told["load"]["messages"]["busiest"] == "2026-06-01T08:00:00.000Z"
    spoken = heed("simulate", care, "--arrivals", history, "--against", other).output
    assert "-33.3 %" in spoken


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the column at is missing"),
        ("when\n1", "line 1: no such column: when"),
        ("at\n", "holds no message"),
        ("at\n2026-06-01T08:00:00Z\n2026-06-01", "line 3: at is no time with an offset"),
        ("at,priority\n2026-06-01T08:00:00Z,top", "line 2: no such priority"),
        ("at,answered_at\n2026-06-01T08:00:00Z,2026-06-01T07:00:00Z", "line 2: answered_at is before at"),
        ('{"at": "2026-06-01T08:00:00Z"}\n{', "line 2: this is not JSON"),
        ('{"at": "2026-06-01T08:00:00Z"}\n[]', "line 2: this is not a JSON object"),
        ('{"queue": "messages"}', "line 1: at is missing"),
        ('{"at": "2026-06-01T08:00:00Z", "brand": "none"}', "no brand none"),
        ("at\n" + "x\n" * 12, "and 2 more lines"),
    ],
)
def test_a_history_that_cannot_be_replayed_says_where(care: Path, tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "history"
    file.write_text(text)
    done = heed("simulate", care, "--arrivals", file)
    assert done.exit_code == 2
    assert says in done.stderr


@given(
    st.lists(
        st.builds(
            arrival,
            st.integers(0, 9999),
            st.none() | st.integers(0, 999),
            st.none() | st.integers(0, 999),
            case=st.sampled_from(["", "a-1"]),
            tags=st.lists(st.sampled_from(["vip", "refund"])).map(tuple),
            priority=st.sampled_from(Priority),
        ),
        min_size=1,
    ),
    st.sampled_from(["csv", "jsonl"]),
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Arrival], kind: str
) -> None:
    file = tmp_path_factory.mktemp("history") / f"history.{kind}"
    assert write(file, rows) == len(rows)
    assert sorted(read(file), key=repr) == sorted(rows, key=repr)


# -- history ----------------------------------------------------------------------------------------------------------


def test_the_history_of_a_case_is_what_the_replay_needs() -> None:
    world = World(config=CONFIG)
    world.clock.at = MONDAY
    world.take(at=MONDAY)
    answered = world.clock.pass_by(HOUR)
    world.delivery.deliver(BRAND, world.answer().id)
    world.bus(Resolve("9", BRAND, world.case().id, "ana"), world.clock.pass_by(HOUR))
    found = world.case()
    timeline = world.store.timeline(BRAND, found.id)
    [row] = arrivals(found, timeline, MONDAY)
    assert (row.at, row.answered_at, row.resolved_at) == (MONDAY, answered, answered + HOUR)
    assert (row.case, row.channel, row.queue) == (found.id, "facebook", "messages")
    assert list(arrivals(found, timeline, answered + HOUR)) == [row], "a case that was begun before is whole"
    assert list(arrivals(found, timeline, answered + HOUR + MINUTE)) == []


def test_an_end_that_was_taken_back_is_none_in_the_history() -> None:
    world = World(config=CONFIG)
    world.clock.at = MONDAY
    world.take(at=MONDAY)
    about = BRAND, world.case().id, "ana"
    world.bus(Dismiss("1", *about), world.clock.pass_by(MINUTE))
    world.bus(Reopen("2", *about), world.clock.pass_by(MINUTE))
    world.bus(Resolve("3", *about), world.clock.pass_by(MINUTE))
    world.bus(Reopen("4", *about), world.clock.pass_by(MINUTE))
    world.bus(Resolve("5", *about), ended := world.clock.pass_by(HOUR))
    [row] = arrivals(world.case(), world.store.timeline(BRAND, world.case().id), MONDAY)
    assert row.resolved_at == ended


@pytest.fixture
def week(store: DynamoStore, held: Case) -> Case:
    """Beside the one on hold one of an hour ago that was solved, and one that was solved long ago."""
    now, found = datetime.now(UTC), list[Case]()
    bus = Bus(store, CONFIG, lambda name: PlainChannel())
    for number, (asked, ended) in enumerate([(HOUR, timedelta()), (240 * HOUR, 239 * HOUR)]):
        other = event(
            at=now - asked, id=f"other-{number}", author=f"9{number}", conversation=f"104552811223344:9{number}"
        )
        Intake(store, CONFIG, PlainChannel()).take(other, "harbor-facebook", now - asked)
        [case] = [one for one in store.queue(BRAND, "messages") if one.id != held.id]
        bus(Resolve(f"9{number}", BRAND, case.id, "tom"), now - ended)
        found.append(case)
    return found[0]


def test_last_week_is_complete_and_says_what_it_cost(week: Case, held: Case, tmp_path: Path) -> None:
    file = tmp_path / "week.csv"
    done = heed("history", "--brand", BRAND, "--out", file)
    assert done.exit_code == 0, done.output
    assert {one.case: bool(one.resolved_at) for one in read(file)} == {held.id: False, week.id: True}
    assert f"wrote 2 messages of 2 cases to {file}; " in done.output
    assert re.search(r"; \d\d rows of the table were read for 2 cases\n", done.output)
    assert "Ana" not in file.read_text()
    living = heed("history", "--brand", BRAND, "--out", file, "--live").output
    assert "wrote 1 messages of 1 cases" in living and "only cases that live were read" in living


# -- pauses -----------------------------------------------------------------------------------------------------------


def test_who_made_clocks_rest_is_told_and_what_is_nobodys_fault_is_set_apart(held: Case) -> None:
    done = heed("pauses", "--brand", BRAND)
    assert done.exit_code == 0, done.output
    first, second, cost = done.output.splitlines()
    assert (first, cost.endswith("rows of the table were read for 1 cases")) == ("to look at:", True)
    assert re.fullmatch(r"  ana: (29|30) minutes for on_hold, in 1 case", second)
    told = json.loads(heed("pauses", "--brand", BRAND, "--allow", "on_hold", "--json", "--live").output)
    assert [(one["who"], one["why"], one["cases"], one["allowed"]) for one in told] == [("ana", "on_hold", 1, True)]
    assert "as it should be (on_hold):" in heed("pauses", "--brand", BRAND, "--allow", "on_hold").output


def test_a_rest_counts_once_however_many_clocks_rest_and_only_in_the_time_that_is_asked_for() -> None:
    one = Story(
        (target(Metric.RESOLUTION, 600), target(Metric.TOTAL_RESOLUTION, 900)), Terms(pause_on=("pending", "on_hold"))
    )
    one.answered(10, by="ana").wrote(40).status(50, Status.ON_HOLD, who="tom").status(80, Status.OPEN)
    two = Story((target(Metric.RESOLUTION, 600),), Terms(pause_on=("on_hold",))).status(20, Status.ON_HOLD, who="tom")
    found = pauses_summed([one.events, two.events], one.moment(30), one.moment(90))
    assert list(in_words(found, ["pending"])) == [
        "to look at:",
        "  tom: 1 hour 30 minutes for on_hold, in 2 cases",
        "as it should be (pending):",
        "  ana: 10 minutes for pending, in 1 case",
    ]
    assert list(in_words([], [])) == ["no clock rested"]
