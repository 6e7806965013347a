"""Genuine requests, recorded and sent again: within their time they change nothing, after it they are refused."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.slack import buttons
from infra.doubles.networks.people import KINDS, Event, build, fresh
from tests.attacks.kit import ANA, APP, CUSTOMER, HARBOR, NETWORKS, TEAM, Stand, accounts, dice, message, signed
from tests.build import NOON

TIMES = 20


def state(heed: Stand) -> dict[Any, Any]:
    """Every stored row, without what only says when the customer was seen last."""
    return dict(heed.parts.store._rows)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_webhook_sent_again_changes_nothing(heed: Stand, network: str, figure: Any) -> None:
    more: dict[str, Any] = {"thread": "1_2", "new_id": "8001", "parent": "7001"}
    sent = [
        build(accounts(HARBOR)[network], Event(kind, CUSTOMER, f"{7000 + number}", NOON, "Hello", **more))
        for number, kind in enumerate(sorted(KINDS[network]))
    ]
    for one in sent:
        assert heed.tell(one).status_code == 200
    heed.take_in()
    before, again = state(heed), sent * TIMES
    dice(network).shuffle(again)
    for number, one in enumerate(again):
        heed.parts.clock.at = NOON + timedelta(seconds=number % 299)
        assert heed.tell(one).status_code == 200
    heed.take_in()
    assert state(heed) == before
    figure("replayed", f"{network}: {len(again)} genuine webhooks sent again, 0 changes")


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 200), (301, 401), (86_400, 401)])
@pytest.mark.parametrize("sign", [1, -1])
def test_where_a_time_is_signed_an_old_request_is_refused(heed: Stand, seconds: int, status: int, sign: int) -> None:
    body = b'{"type":"url_verification","challenge":"c-1"}'
    heed.parts.clock.at = NOON + sign * timedelta(seconds=seconds)
    assert heed.tell(message("standard_webhooks")).status_code == status
    assert heed.slacks(signed(body, NOON), body).status_code == status


def test_a_recorded_body_under_a_new_time_is_refused(heed: Stand) -> None:
    old = message("standard_webhooks")
    later = fresh(accounts(HARBOR)["standard_webhooks"], old, NOON + timedelta(days=1))
    heed.parts.clock.at = NOON + timedelta(days=1)
    stolen = {**old.headers, "webhook-timestamp": later.headers["webhook-timestamp"]}
    assert heed.post(f"/hooks/{old.path}", stolen, old.body).status_code == 401
    assert heed.post(f"/hooks/{old.path}", later.headers, old.body).status_code == 200


def pressed(case: str, action: str) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": ANA, "team_id": TEAM},
        "team": {"id": TEAM},
        "api_app_id": APP,
        "trigger_id": "1.2.x",
        "container": {"type": "message", "channel_id": "C0MESSAGES", "message_ts": "1780315200.000001"},
        "actions": [{"action_id": action, "value": f"{HARBOR}/{case}", "action_ts": "1780315201.000001"}],
    }


def test_a_button_pressed_once_and_told_twenty_times_acts_once(heed: Stand, figure: Any) -> None:
    heed.tell(message("facebook"))
    heed.take_in()
    [case] = heed.cases()
    payload = pressed(case.id, buttons.TAKE)
    assert heed.presses(payload).status_code == 200
    before = state(heed)
    assert heed.cases()[0].assignee == "ana"
    for _ in range(TIMES):
        assert heed.presses(payload).status_code == 200
    assert state(heed) == before
    figure("replayed", f"slack: a press told {TIMES} times more, 0 changes")


def test_a_press_recorded_before_a_release_does_not_take_the_case_again(heed: Stand) -> None:
    heed.tell(message("facebook"))
    heed.take_in()
    [case] = heed.cases()
    take, release = pressed(case.id, buttons.TAKE), pressed(case.id, buttons.RELEASE)
    release["actions"][0]["action_ts"] = "1780315202.000001"
    for payload in (take, release, take, json.loads(json.dumps(take))):
        assert heed.presses(payload).status_code == 200
    assert heed.cases()[0].assignee is None
