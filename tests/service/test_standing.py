"""That Heed cannot post somewhere is counted when Slack tells of it, and stands on the Home tab of who can mend it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.marks import mark
from chalicelib.domain.people import Role
from chalicelib.service import slack_trouble
from chalicelib.slack.incoming import Standing
from chalicelib.slack.standing import LIMITED
from tests.service.floor import Floor
from tests.slack.samples import APP, CARE, CONFIG, MARIA, NOW, TEAM

MINUTE = timedelta(minutes=1)
BOSS = replace(MARIA, role=Role.SUPERVISOR)


@pytest.fixture
def floor() -> Floor:
    return Floor(config=replace(CONFIG, agents={**CONFIG.agents, BOSS.id: BOSS}))


def tells(floor: Floor, error: str, channel: str = CARE, minutes: int = 0, event: str = "Ev1") -> None:
    ts = f"{(NOW + minutes * MINUTE).timestamp():.6f}"
    floor.handle(Standing(TEAM, APP, event, ts, channel, error))


def at_home(floor: Floor) -> str:
    floor.looks_home()
    return str(floor.home())


def test_a_channel_that_is_closed_is_counted_and_shown_until_it_is_open_again(floor: Floor) -> None:
    tells(floor, "is_archived")
    assert floor.meter.counts["slack_channel_refused"] == 1
    floor.now = NOW + timedelta(days=3)
    shown = at_home(floor)
    assert f"Heed cannot post in <#{CARE}> since" in shown and "Unarchive it" in shown
    assert CONFIG.queues["care"].name in shown, "and who misses it"
    tells(floor, "", minutes=5, event="Ev2")
    assert "cannot post" not in at_home(floor)


def test_one_who_cannot_mend_it_is_not_told() -> None:
    floor = Floor()
    tells(floor, "is_archived")
    assert "cannot post" not in at_home(floor)


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
def test_a_token_that_is_gone_is_counted_at_once(floor: Floor, error: str) -> None:
    tells(floor, error, channel="")
    assert floor.meter.counts["slack_token_refused"] == 1


def test_a_token_is_a_matter_of_minutes_because_no_event_says_that_it_is_back(floor: Floor) -> None:
    tells(floor, "token_revoked", channel="")
    assert f"Heed cannot post in workspace {TEAM}" in at_home(floor)
    floor.now += 16 * MINUTE
    assert "cannot post" not in at_home(floor)


def test_channels_of_no_team_come_and_go(floor: Floor) -> None:
    tells(floor, "is_archived", channel="C0RANDOM1")
    assert not floor.meter.counts and floor.store.marks(TEAM, "trouble/") == []


def test_a_channel_that_no_team_has_any_more_is_no_trouble(floor: Floor) -> None:
    floor.store.commit(mark(TEAM, "trouble/C0FORMER1", NOW, timedelta(days=1), "is_archived", NOW))
    assert "cannot post" not in at_home(floor)


def test_events_held_back_are_counted(floor: Floor) -> None:
    tells(floor, LIMITED, channel="")
    assert floor.meter.counts == {"slack_events_limited": 1}


def test_told_in_the_wrong_order_the_later_one_counts(floor: Floor) -> None:
    tells(floor, "", minutes=5)
    tells(floor, "is_archived", minutes=4, event="Ev2")
    assert "cannot post" not in at_home(floor)


def test_somebody_elses_app_says_nothing_of_ours(floor: Floor) -> None:
    floor.handle(Standing(TEAM, "A0ELSE", "Ev1", "1", CARE, "is_archived"))
    assert not floor.meter.counts


# -- what the desk meets ----------------------------------------------------------------------------------------------


def wrong(floor: Floor, after: timedelta = timedelta()) -> dict[str, tuple[str, timedelta]]:
    found = slack_trouble.known(floor.store, TEAM, NOW + after)
    return {place: (one.text, (one.since or NOW) - NOW) for place, one in found.items()}


def test_trouble_that_is_met_again_keeps_when_it_began(floor: Floor) -> None:
    for minutes in range(0, 60, 5):
        slack_trouble.met(floor.store, TEAM, CARE, "not_in_channel", NOW + minutes * MINUTE)
    assert wrong(floor, 60 * MINUTE) == {CARE: ("not_in_channel", timedelta())}
    slack_trouble.met(floor.store, TEAM, CARE, "is_archived", NOW + 60 * MINUTE)
    assert wrong(floor, 61 * MINUTE) == {CARE: ("is_archived", 60 * MINUTE)}


def test_trouble_that_nobody_meets_any_more_is_over(floor: Floor) -> None:
    slack_trouble.met(floor.store, TEAM, CARE, "not_in_channel", NOW)
    assert wrong(floor, 14 * MINUTE) and not wrong(floor, 15 * MINUTE)


def test_a_storm_of_refusals_is_written_once_in_some_minutes(floor: Floor) -> None:
    for seconds in range(200):
        slack_trouble.met(floor.store, TEAM, CARE, "is_archived", NOW + timedelta(seconds=seconds))
    written = floor.store.mark(TEAM, f"trouble/{CARE}")
    assert written and written.at == NOW


def test_what_slack_told_of_is_not_shortened_by_meeting_it(floor: Floor) -> None:
    tells(floor, "is_archived")
    slack_trouble.met(floor.store, TEAM, CARE, "is_archived", NOW + 10 * MINUTE)
    assert wrong(floor, timedelta(days=2)) == {CARE: ("is_archived", timedelta())}


def test_a_message_of_ours_that_was_wrong_is_nobodys_to_mend(floor: Floor) -> None:
    slack_trouble.met(floor.store, TEAM, CARE, "invalid_blocks", NOW)
    assert wrong(floor) == {}


def test_each_channel_has_its_own_and_a_token_is_of_all(floor: Floor) -> None:
    slack_trouble.met(floor.store, TEAM, CARE, "is_archived", NOW)
    slack_trouble.met(floor.store, TEAM, "C0OTHER01", "invalid_auth", NOW)
    assert set(wrong(floor)) == {CARE, slack_trouble.TOKEN}
    slack_trouble.over(floor.store, TEAM, CARE, NOW + MINUTE)
    assert set(wrong(floor)) == {slack_trouble.TOKEN}
