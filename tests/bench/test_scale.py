"""The laws of the storm model: nothing comes from nowhere or goes to nowhere, and no limit is passed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scale import page
from bench.scale.model import PARTITION, STAGES, Run, Storm, simulate
from bench.scale.parts import Bucket, Fleet, Line, shared
from bench.scale.plots import ages
from bench.scale.quotas import CHANGED, PLANS, SHIPPED, Plan

SHORT = Storm(begins=5, lasts=40, horizon=300)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-5, 60))))
def test_a_line_keeps_what_came_until_it_goes_and_the_oldest_goes_first(seconds: list[tuple[int, int]]) -> None:
    line, plain = Line(), list[int]()
    for now, (put, take) in enumerate(seconds):
        line.put(now, put)
        plain += [now] * put
        taken = line.take(take)
        assert taken == min(max(take, 0), len(plain))
        plain = plain[taken:]
        assert line.length == len(plain) == line.into - line.out >= 0
        assert line.age(now) == (now - plain[0] if plain else 0)


@given(st.floats(1, 100), st.floats(1, 500), st.lists(st.floats(0, 1000), max_size=50))
def test_a_bucket_never_gives_more_than_its_rate_and_one_burst(rate: float, burst: float, asked: list[float]) -> None:
    bucket, given_away = Bucket(rate, burst), 0.0
    for second, want in enumerate(asked, start=1):
        bucket.refill()
        part = min(want, bucket.tokens)
        bucket.spend(part)
        given_away += part
        assert 0 <= bucket.tokens <= burst + rate
        assert given_away <= burst + rate * second + 1e-6


def test_what_comes_within_a_second_can_be_spent_in_it_though_the_burst_is_smaller() -> None:
    bucket = Bucket(rate=10_000, burst=5_000)
    bucket.refill()
    assert bucket.room() == 15_000
    bucket.spend(15_000)
    bucket.refill()
    assert bucket.room() == 10_000


def test_what_a_bucket_does_not_hold_cannot_be_spent() -> None:
    with pytest.raises(ValueError, match="more was spent"):
        Bucket(1, 5).spend(6)


def test_a_quota_by_the_second_is_the_same_every_second() -> None:
    bucket = Bucket(rate=1_000)
    for _ in range(3):
        bucket.refill()
        assert bucket.room() == 1_000


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2000), min_size=1), st.integers(0, 3000))
def test_concurrency_is_shared_within_the_limit_and_nobody_gets_more_than_they_want(
    wants: dict[str, int], limit: int
) -> None:
    granted = shared(wants, limit)
    assert sum(granted.values()) <= limit
    assert all(granted[name] <= want for name, want in wants.items())
    if sum(wants.values()) <= limit:
        assert granted == wants


@given(st.lists(st.integers(0, 10_000), max_size=40))
def test_a_fleet_grows_no_faster_than_its_pace_and_no_larger_than_its_ceiling(work: list[int]) -> None:
    fleet = Fleet(speed=40, start=5, growth=3, most=30)
    for amount in work:
        before = fleet.size
        done = fleet.settle(fleet.wanted(amount))
        assert fleet.size <= min(30, max(5, before + 3))
        assert done <= fleet.size * 40


@pytest.fixture(scope="module", params=PLANS, ids=lambda plan: plan.name)
def run(request: pytest.FixtureRequest) -> Run:
    return simulate(request.param, SHORT)


def test_in_is_out_and_what_still_waits_at_every_stage(run: Run) -> None:
    for stage in STAGES:
        line = run.lines[stage]
        assert line.into == line.out + line.length
        assert line.out == sum(run.done[stage])
    assert run.lines["edge"].out * SHORT.per_call == run.lines["intake"].into
    assert run.lines["publisher"].out == run.lines["slack"].into
    assert run.lines["intake"].out <= run.lines["publisher"].into <= 2 * run.lines["intake"].out


def test_no_second_passes_a_limit(run: Run) -> None:
    plan = run.plan
    assert max(run.used) <= plan.concurrency
    assert max(run.done["edge"]) <= plan.api_burst + plan.api_rate
    assert max(run.done["timers"]) <= plan.starts_burst + plan.starts
    assert run.lines["timers"].out <= plan.executions
    pending = [one + two for one, two in zip(run.done["intake"], run.done["publisher"], strict=True)]
    assert max(pending) <= plan.index_shards * PARTITION
    assert run.posts <= plan.slack_channels * len(run.used)


@pytest.mark.slow
def test_the_page_is_what_the_generator_gives() -> None:
    storm = Storm()
    single = replace(storm, per_call=1)
    runs = [(simulate(plan, storm), simulate(plan, single)) for plan in PLANS]
    for file, text in page.written(storm, runs).items():
        assert file.read_text() == text, "write it anew: python -m bench.scale --docs"


def test_the_same_seed_is_the_same_storm_and_another_is_not() -> None:
    once, again = simulate(SHIPPED, SHORT), simulate(SHIPPED, SHORT)
    assert (once.ages, once.done) == (again.ages, again.done)
    assert simulate(SHIPPED, Storm(begins=5, lasts=40, horizon=300, seed=2)).done != once.done


def test_the_usual_hundred_a_second_wait_nowhere_but_before_slack() -> None:
    usual = simulate(Plan("usual", card_digests=True), Storm(factor=1, horizon=600))
    assert {stage: usual.oldest(stage) <= 2 for stage in STAGES if stage != "slack"} == dict.fromkeys(STAGES[:-1], True)
    assert usual.oldest("slack") <= 60


def test_what_is_advised_helps() -> None:
    storm = Storm()
    shipped, changed = simulate(SHIPPED, storm), simulate(CHANGED, storm)
    assert all(changed.oldest(stage) <= 60 for stage in STAGES)
    assert all(shipped.oldest(stage) > 60 for stage in STAGES if stage != "intake")
    assert shipped.oldest("intake") > changed.oldest("intake")
    assert all(changed.drained(stage, storm) == 0 for stage in STAGES)


def test_one_person_cannot_be_served_faster_than_one_after_the_other() -> None:
    """However many workers there are: their messages are one group of the queue."""
    alone = Storm(begins=5, lasts=40, horizon=60, per_person=10**9)
    assert sum(simulate(CHANGED, alone).done["intake"]) == 0
    assert sum(simulate(CHANGED, SHORT).done["intake"]) > 0


def test_the_page_has_the_shape_the_generator_gives_and_its_plots_are_there() -> None:
    short = [simulate(plan, SHORT) for plan in PLANS]
    files = page.written(SHORT, [(run, run) for run in short])
    heads = [line for line in files[page.PAGE].splitlines() if line.startswith("#")]
    kept = page.PAGE.read_text()
    assert [line for line in kept.splitlines() if line.startswith("#")] == heads
    assert all(file.exists() and file.name in kept for file in files if file != page.PAGE)


def test_a_plot_draws_a_line_for_every_stage_and_escapes_names() -> None:
    drawn = ages("<storm>", {"edge": [0, 5, 70_000], "a&b": [1]})
    assert drawn.count("<polyline") == 2
    assert "&lt;storm&gt;" in drawn
    assert "a&amp;b" in drawn
