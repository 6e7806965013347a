"""Slack tells of our own standing, in the shapes of its documentation."""

import json
from typing import Any

import pytest

from chalicelib.channels.base import Malformed
from chalicelib.slack.incoming import Ignored, Incoming, Standing
from chalicelib.slack.payloads import parse
from chalicelib.slack.standing import EVENTS, LIMITED
from chalicelib.slack.troubles import Trouble, banner
from infra.slack.scopes import EVENTS as SUBSCRIBED
from tests.slack.samples import NOW

BOT = "U0HEEDBOT"
INSTALLED = [{"team_id": "T1", "user_id": BOT, "is_bot": True}]


def told(**event: Any) -> Incoming:
    body = {
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A1",
        "event_id": "Ev1",
        "event_time": 1_780_000_000,
    }
    return parse(json.dumps({**body, "authorizations": INSTALLED, "event": event}).encode())


@pytest.mark.parametrize(
    ("event", "channel", "error"),
    [
        ({"type": "channel_archive", "channel": "C1", "user": "U1"}, "C1", "is_archived"),
        ({"type": "group_archive", "channel": "G1", "user": "U1"}, "G1", "is_archived"),
        ({"type": "channel_left", "channel": "C1", "actor_id": "U1"}, "C1", "not_in_channel"),
        ({"type": "group_left", "channel": "G1"}, "G1", "not_in_channel"),
        ({"type": "member_left_channel", "channel": "C1", "user": BOT, "channel_type": "C"}, "C1", "not_in_channel"),
        ({"type": "channel_deleted", "channel": "C1"}, "C1", "channel_not_found"),
        ({"type": "channel_unarchive", "channel": "C1", "user": "U1"}, "C1", ""),
        ({"type": "member_joined_channel", "channel": "C1", "user": BOT, "channel_type": "C"}, "C1", ""),
        ({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}}, "", "token_revoked"),
        ({"type": "app_uninstalled"}, "", "account_inactive"),
    ],
)
def test_each_says_what_a_post_would_be_refused_with(event: dict[str, Any], channel: str, error: str) -> None:
    assert told(**event) == Standing("T1", "A1", "Ev1", "1780000000", channel, error)


def test_the_moment_is_the_events_own_where_it_says_so() -> None:
    standing = told(type="channel_archive", channel="C1", event_ts="1780000000.000300")
    assert isinstance(standing, Standing) and standing.ts == "1780000000.000300"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "member_left_channel", "channel": "C1", "user": "U0ANA"},
        {"type": "member_joined_channel", "channel": "C1", "user": "U0ANA"},
        {"type": "tokens_revoked", "tokens": {"oauth": ["U0ANA"]}},
        {"type": "tokens_revoked"},
    ],
)
def test_what_happens_to_others_is_passed_over(event: dict[str, Any]) -> None:
    assert isinstance(told(**event), Ignored)


def test_a_channel_that_is_not_named_is_malformed() -> None:
    with pytest.raises(Malformed):
        told(type="channel_archive")


def test_events_that_slack_holds_back_are_told_outside_of_any_event() -> None:
    body = {"type": LIMITED, "team_id": "T1", "api_app_id": "A1", "minute_rate_limited": 1_518_467_820}
    assert parse(json.dumps(body).encode()) == Standing(
        "T1", "A1", f"{LIMITED}:1518467820", "1518467820", error=LIMITED
    )


def test_all_of_them_are_subscribed_to() -> None:
    assert set(SUBSCRIBED) > EVENTS


# -- in words for those who can mend it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "error", "do"),
    [
        ("C1", "restricted_action_read_only_channel", "Let Heed post there"),
        ("C1", "some_new_error", "Slack says `some_new_error`"),
        ("", "message_limit_exceeded", "ask its owner"),
        ("", "edit_window_closed", "*Message editing*"),
        ("", "token_revoked", "`heed connect slack`"),
    ],
)
def test_every_trouble_says_what_to_do(channel: str, error: str, do: str) -> None:
    (told,) = banner([Trouble("T1", channel, error, NOW)], NOW)
    assert do in told["text"]["text"]
