"""Fields nobody asked for: a body that says which brand, team, priority or person it wants is read without them."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from chalicelib.domain.case import Case
from chalicelib.slack import buttons, modals
from tests.attacks.kit import HARBOR, NETWORKS, RIVAL, Stand, message
from tests.attacks.test_replays import pressed
from tests.attacks.test_sizes import signed_by

WISHES: dict[str, Any] = {
    "brand": RIVAL,
    "tenant": RIVAL,
    "queue": "rivals",
    "priority": "urgent",
    "status": "closed",
    "assignee": "eve",
    "agent": "eve",
    "role": "admin",
    "approved_by": "eve",
    "sla_due_at": "2036-01-01T00:00:00Z",
    "due_at": "2036-01-01T00:00:00Z",
    "private_metadata": '{"brand":"rival"}',
    "version": 99,
    "case_id": "a" * 20 + "-1",
    "contact_id": "a" * 20,
    "direction": "outbound",
    "hidden": True,
    "erased_at": "2026-01-01T00:00:00Z",
    "held_at": "2026-01-01T00:00:00Z",
    "escalation": {"chain": "x"},
    "pk": "rival#contact#x",
    "kind": "Case",
    "__class__": "x",
    "__proto__": {"role": "admin"},
}


def places(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a body."""
    if isinstance(node, dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from places(one)


def wishing(body: bytes) -> Iterator[bytes]:
    """The body with the wishes in each of its objects in turn, and at last in all of them."""
    count = len(list(places(json.loads(body))))
    for chosen in [{place} for place in range(count)] + [set(range(count))]:
        changed = json.loads(body)
        for place, node in enumerate(list(places(changed))):
            if place in chosen:
                node |= {key: deepcopy(value) for key, value in WISHES.items() if key not in node}
        yield json.dumps(changed).encode()


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_cannot_say_whose_case_it_is_or_how_urgent(heed: Stand, network: str, figure: Any) -> None:
    heed.tell(message(network))
    heed.take_in()
    store, [plain] = heed.parts.store, heed.cases()
    wanted = dict(store._rows)
    bodies = list(wishing(message(network).body))
    for body in bodies:
        store._rows.clear()
        store._images.clear()
        store._sorts.clear()
        assert heed.tell(signed_by(network, body)).status_code == 200
        heed.take_in()
        assert store._rows == wanted
    assert plain.brand == HARBOR and heed.cases(RIVAL) == []
    figure("assigned", f"{network}: {len(bodies)} bodies with {len(WISHES)} fields too many, 0 differences")


def live(heed: Stand) -> Case:
    heed.tell(message("facebook"))
    heed.take_in()
    return heed.cases()[0]


def test_a_click_says_who_and_what_and_nothing_more(heed: Stand) -> None:
    case = live(heed)
    payload = pressed(case.id, buttons.TAKE)
    for node in list(places(payload)):
        node |= {key: value for key, value in WISHES.items() if key not in node}
    assert heed.presses(payload).status_code == 200
    [after] = heed.cases()
    assert (after.assignee, after.queue, after.priority, after.brand) == ("ana", case.queue, case.priority, HARBOR)


def test_a_window_cannot_carry_more_than_its_own_fields(heed: Stand) -> None:
    case = live(heed)
    fields = {modals.TEXT: {"text": {"type": "plain_text_input", "value": "A note."}}}
    wishes = {key: {"x": {"value": str(value)}} for key, value in WISHES.items()}
    payload = {
        "type": "view_submission",
        "user": {"id": "U0ANA", "team_id": "T0HEED"},
        "team": {"id": "T0HEED"},
        "api_app_id": "A0HEED",
        "view": {
            "id": "V1",
            "callback_id": modals.NOTE_VIEW,
            "private_metadata": json.dumps({"brand": HARBOR, "case": case.id, **{"agent": "eve", "role": "admin"}}),
            "state": {"values": {**wishes, **fields}},
        },
    }
    assert heed.presses(payload).status_code == 200
    [after] = heed.cases()
    note = heed.parts.store.timeline(HARBOR, case.id)[-1]
    assert (note.fact.value, note.actor) == ("note.added", "ana")
    assert (after.assignee, after.queue, after.priority) == (None, case.queue, case.priority)
