"""Hand-overs: told once, on time, with what waits; nobody's change is no hand-over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.calendar import DAYS
from chalicelib.domain.config import load_config
from chalicelib.domain.errors import Later
from chalicelib.domain.ids import digest
from chalicelib.service.handover import LATE, READ, latest_change
from chalicelib.service.heralds import proclaim
from chalicelib.service.ports import NoAnswer, SlackRefused
from chalicelib.service.slack_once import LEASE
from tests.build import BRAND, MINUTE, NOON, case, config_data
from tests.fakes.slack_api import Crash
from tests.service.test_notices import CARE, Desk, policy, storm

MIDNIGHT = NOON + timedelta(hours=12)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.passes(MIDNIGHT - NOON - MINUTE)
    return desk


def waiting(desk: Desk, count: int, **more: object) -> None:
    for number in range(count):
        contact = digest(f"waiting {number}")
        one = case(id=f"{contact}-1", contact_id=contact, contact_name=f"Customer {number}")
        desk.store.commit(replace(one, **more))  # type: ignore[arg-type]


def test_it_is_told_at_its_minute_and_once(desk: Desk) -> None:
    waiting(desk, 2)
    for _ in range(10):
        proclaim(desk.herald)
        desk.passes(MINUTE)
    (post,) = desk.posts()
    assert post["channel"] == CARE
    assert post["text"].startswith(":handshake: *Tom* is on call until ") and "after Ana" in post["text"]
    assert "2 open, 0 too late, 2 nobody's" in str(post["blocks"]) and "Customer 1" in str(post["blocks"])


SUN: dict[str, Any] = {
    "layers": [
        {"members": ["ana"], "zone": "UTC", "start": "2026-06-01", "handover": 0, "days": 7, "hours": "08:00-13:00"},
        {"members": ["tom"], "zone": "UTC", "start": "2026-06-01", "handover": 0, "days": 7, "hours": "12:30-20:00"},
    ],
    "overrides": [],
    "queue": "messages",
}


def test_the_sun_moves_from_layer_to_layer_and_each_change_is_told() -> None:
    """Ana's hours win while they last, Tom's follow, and at night there is nobody."""
    layers = [{**one, "hours": daily(one["hours"])} for one in SUN["layers"]]
    desk = Desk(config=load_config(config_data(rotations={"world": {**SUN, "layers": layers}})))
    for _ in range(24 * 6):
        desk.passes(10 * MINUTE)
        proclaim(desk.herald)
    heads = [text.partition(".")[0] for text in desk.texts()]
    assert ["*Tom*" in heads[0], "*Nobody*" in heads[1], "*Ana*" in heads[2]] == [True] * 3 and len(heads) == 3
    assert "after Ana" in heads[0] and "after Tom" in heads[1] and "after" not in heads[2]


def daily(hours: str) -> dict[str, object]:
    return {"name": "daily", "zone": "UTC", "week": dict.fromkeys(DAYS, hours), "dates": {}}


def test_with_nothing_waiting_it_says_so(desk: Desk) -> None:
    desk.passes(MINUTE)
    proclaim(desk.herald)
    assert f"Nothing waits in <#{CARE}>" in str(desk.posts())


def test_a_long_queue_is_cut(desk: Desk) -> None:
    waiting(desk, READ + 5, assignee="ana")
    desk.passes(MINUTE)
    proclaim(desk.herald)
    (post,) = desk.posts()
    assert f"{READ}+ open, 0 too late, 0 nobody's" in str(post["blocks"]) and f"and {READ - 10}+ more" in str(
        post["blocks"]
    )


def test_each_brand_has_a_list_of_its_own(desk: Desk) -> None:
    brands = config_data()["brands"]
    desk.config = policy(brands={**brands, "mill": {**brands[BRAND], "name": "The Mill"}})
    waiting(desk, 1)
    other = digest("other")
    desk.store.commit(case(id=f"{other}-1", contact_id=other, brand="mill"))
    desk.passes(MINUTE)
    proclaim(desk.herald)
    (post,) = desk.posts()
    assert "*Harbor &amp; Hill*: 1 open" in str(post["blocks"]) and "*The Mill*: 1 open" in str(post["blocks"])


def test_one_that_nobody_could_tell_is_history(desk: Desk) -> None:
    desk.passes(MINUTE + LATE)
    proclaim(desk.herald)
    assert desk.posts() == []


def test_without_a_reader_or_a_change_nothing_is_told(desk: Desk) -> None:
    rotation = desk.config.rotations["social"]
    alone = replace(rotation, layers=(replace(rotation.layers[0], members=("ana",)),))
    desk.config = replace(desk.config, rotations={"silent": replace(rotation, queue=None), "alone": alone})
    desk.passes(MINUTE)
    proclaim(desk.herald)
    assert desk.posts() == []
    assert latest_change(alone, desk.now) is None


@pytest.mark.parametrize(("error", "done"), [(Crash(), False), (Crash(), True), (NoAnswer("lost"), True)])
def test_whatever_dies_it_is_told_once(desk: Desk, error: BaseException, done: bool) -> None:
    desk.passes(MINUTE)
    desk.slack.fails("chat.postMessage", error, done=done)
    with pytest.raises((Crash, ExceptionGroup)):
        proclaim(desk.herald)
    desk.passes(LEASE)
    proclaim(desk.herald)
    proclaim(desk.herald)
    assert len(desk.posts()) == 1


def test_a_channel_that_refuses_does_not_silence_the_others(desk: Desk) -> None:
    storm(desk, 3)
    desk.passes(timedelta(minutes=2))
    desk.slack.fails("chat.postMessage", SlackRefused("is_archived"))
    with pytest.raises(ExceptionGroup) as failed:
        proclaim(desk.herald)
    assert failed.group_contains(Later)
    assert "is on call" in desk.texts()[-1]
    proclaim(desk.herald)
    assert any("2 more" in text for text in desk.texts())
