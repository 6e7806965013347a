"""Fields nobody asked for at the doors with forms: the command, shortcuts on messages, Meta's request to forget."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain import ids
from chalicelib.handlers.privacy import eraser
from chalicelib.slack import titles
from infra.doubles.networks.people import Person
from tests.attacks.kit import ANA, APP, CUSTOMER, EVE, HARBOR, TEAM, accounts, message, signed
from tests.attacks.test_cross_brand import _common as common
from tests.attacks.test_mass_assignment import WISHES
from tests.attacks.test_mass_assignment_in_slack import MIA, Desk, desk, undone, wishing
from tests.handlers.test_doors import TICK, Context
from tests.handlers.test_privacy import PAYLOAD
from tests.handlers.test_privacy import signed as signed_request

__all__ = ["desk"]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FIELDS = {name: wish if isinstance(wish, str) else json.dumps(wish) for name, wish in WISHES.items()}
BESIDE = {"user_name": "eve", "channel_name": "rivals", "is_enterprise_install": "false", "user": EVE, "team": "T0EVIL"}
"""What Slack says itself beside what is read, and what it says elsewhere under these names."""
WORDS = ("", "help", "next", "mine", "report", "on-call", "find Otto", "find sample", "case {case}", "case {rival}")


def ordered(desk: Desk, text: str, more: Mapping[str, str]) -> tuple[dict[Any, Any], str]:
    """What is stored and what is answered when Mia orders that."""
    heed = desk.heed
    named = {"team_id": TEAM, "api_app_id": APP, "channel_id": "C0MESSAGES", "command": "/heed", "user_id": MIA}
    where = {"trigger_id": "1.2.x", "response_url": f"https://hooks.slack.com/{MIA}/C0MESSAGES", "text": text}
    body = urlencode({**more, **named, **where}).encode()
    with undone(heed):
        heed.slack.ephemeral.clear()
        assert heed.slacks(signed(body), body).status_code == 200
        return desk.rows(), json.dumps(heed.slack.ephemeral)


@pytest.mark.parametrize("text", WORDS)
def test_a_command_says_who_and_what_and_nothing_more(desk: Desk, text: str, figure: Any) -> None:
    desk.heed.tell(message("facebook", "Hello?", Person("9345118832190456", "Nora Next"), id="7009"))
    desk.heed.take_in()
    said, before = text.format(case=desk.case.id, rival=desk.rival.id), desk.rows()
    wanted = ordered(desk, said, {})
    assert (wanted[0] != before) == (text == "next") and wanted[1] != "[]"
    assert ordered(desk, said, {**FIELDS, **BESIDE}) == wanted
    figure("assigned", f"/heed {text.partition(' ')[0] or 'alone'}: {len(FIELDS) + len(BESIDE)} fields, 0 differences")


def used(desk: Desk, payload: dict[str, Any]) -> tuple[dict[Any, Any], str]:
    """What is stored, and which windows are shown, when that is told."""
    with undone(desk.heed):
        desk.heed.slack.calls.clear()
        assert desk.heed.presses(payload).status_code == 200
        return desk.rows(), json.dumps(desk.heed.slack.called("views.open") + desk.heed.slack.called("views.update"))


@pytest.mark.parametrize("callback", [titles.REPLY_TO_THIS, titles.ADD_TO_CASE])
def test_a_shortcut_on_a_message_says_which_message_and_nothing_more(desk: Desk, callback: str, figure: Any) -> None:
    desk.heed.show()
    root = next(one["ts"] for one in desk.heed.slack.roots() if desk.case.id in json.dumps(one["blocks"]))
    about = {"ts": root, "text": "x", "user": ANA, "metadata": {"event_type": "x", "event_payload": {"post": "1"}}}
    where = {"callback_id": callback, "channel": {"id": "C0MESSAGES"}, "message_ts": root, "message": about}
    plain = {**common("message_action", ANA), **where}
    wanted = used(desk, plain)
    assert desk.case.id in wanted[1], "the window is about that case"
    assert used(desk, wishing(plain)) == wanted
    figure("assigned", f"{callback}: {len(WISHES)} wishes at every place, 0 differences")


def forgotten(desk: Desk, payload: Mapping[str, Any], form: Mapping[str, str]) -> str:
    """All that is kept once somebody was forgotten, but for the number of the request and the chain that holds it."""
    with undone(desk.heed):
        archive = desk.heed.parts.archive
        told = {**form, "signed_request": signed_request(payload, accounts(HARBOR)["facebook"].secret)}
        answer = desk.heed.post("/privacy/meta/harbor-facebook", FORM, urlencode(told).encode())
        assert answer.status_code == 200, answer.body
        for _ in range(2):
            eraser(TICK, Context())
        kept, archive.kept = archive.kept, {}
        code = answer.json_body["confirmation_code"]
        return re.sub("[0-9a-f]{64}", "link", repr((desk.heed.parts.store._rows, kept)).replace(code, "code"))


def test_a_request_to_forget_says_who_and_nothing_more(desk: Desk, figure: Any) -> None:
    """Who signs it may say more: whom else, what brand, that it was done. And who sends it may add to the form."""
    plain = {**PAYLOAD, "user_id": CUSTOMER.id}
    wanted = forgotten(desk, plain, {})
    assert f"contact_id='{desk.case.contact_id}'" in wanted and "erased_at=datetime" in wanted
    mine = {
        "contacts": [desk.other.contact_id, desk.rival.contact_id],
        "user_ids": [desk.other.contact_id],
        "code": "a" * 20,
        "by": "eve",
        "done_at": "2026-06-01T12:00:00Z",
        "looked": "",
        "channel": "telegram",
        "user": {"id": "8345118832190456"},
    }
    assert forgotten(desk, {**WISHES, **mine, **plain}, {}) == wanted
    for name, wish in {**FIELDS, "user_id": "8345118832190456", "algorithm": "none"}.items():
        assert forgotten(desk, plain, {name: wish}) == wanted, name
    assert ids.contact_id(HARBOR, "facebook", "8345118832190456") == desk.other.contact_id
    figure(
        "assigned", f"a request to forget: {len(WISHES) + len(mine)} wishes and {len(FIELDS) + 2} fields, 0 differences"
    )
