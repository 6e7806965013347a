"""WhatsApp's own: people without numbers, one value with many lists, receipts that settle, and its error codes."""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.channels.base import Capability, Limit, Request, Unreadable
from chalicelib.channels.parts.meta_outcomes import failure
from chalicelib.channels.whatsapp import CHANNEL
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Failed, Later, Mode, Unclear
from tests.channels.graph import (
    ANY_JSON,
    CREDENTIALS,
    JSON,
    broken,
    error,
    one,
    outgoing,
    payload,
    response,
    sent_json,
    survives,
)

NUMBER, WABA, ANA = "106540352242922", "102290129340398", "DE.13491208655302741918"
URL = f"https://graph.facebook.com/v26.0/{NUMBER}/messages"
TO_PHONE = {"to": "491701234567", "message": "wamid.1", "account": NUMBER}


def value(field: str = "messages", **lists: Any) -> list[Event]:
    body = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, **lists}
    return CHANNEL.read({"object": "whatsapp_business_account", "entry": [entry(field, body)]})


def entry(field: str, body: Any) -> dict[str, Any]:
    return {"id": WABA, "changes": [{"field": field, "value": body}]}


def message(**what: Any) -> Event:
    base = {"from": "491701234567", "from_user_id": ANA, "id": "wamid.1", "timestamp": "1780732860"}
    (event,) = value(messages=[{**base, **what}])
    return event


# -- who --------------------------------------------------------------------------------------------------------------

CONTACT = {"wa_id": "491701234567", "user_id": ANA, "profile": {"name": "Ana", "username": "@ana.b"}}


@pytest.mark.parametrize(
    ("sender", "contacts", "author", "phone", "name"),
    [
        ({"from": "491701234567", "from_user_id": ANA}, [CONTACT], ANA, "491701234567", "Ana"),
        ({"from": "491701234567", "from_user_id": None}, [CONTACT], ANA, "491701234567", "Ana"),
        ({"from": None, "from_user_id": ANA}, [CONTACT], ANA, "491701234567", "Ana"),
        ({"from": None, "from_user_id": ANA}, [{"user_id": ANA, "profile": {}}], ANA, None, None),
        ({"from": 491701234567, "from_user_id": None}, [], "491701234567", "491701234567", None),
        ({"from": "4900", "from_user_id": None}, [CONTACT], "4900", "4900", None),
        ({"from": None, "from_user_id": None}, [CONTACT], None, None, None),
    ],
)
def test_a_person_is_their_scoped_id_and_keeps_the_number(
    sender: dict[str, Any], contacts: list[Any], author: str | None, phone: str | None, name: str | None
) -> None:
    base = {"id": "wamid.1", "timestamp": "1780732860", "type": "text", "text": {"body": "hi"}}
    (event,) = value(contacts=contacts, messages=[{**base, **sender}])
    assert (event.author, event.phone, event.name) == (author, phone, name)
    assert event.conversation == (f"{NUMBER}:{author}" if author else None)


def test_a_username_is_a_handle_without_its_sign() -> None:
    (event,) = value(
        contacts=[CONTACT], messages=[{"id": "w", "from_user_id": ANA, "type": "text", "text": {"body": "x"}}]
    )
    assert event.handle == "ana.b"


def test_without_metadata_the_account_is_the_business() -> None:
    (event,) = CHANNEL.read(
        {"object": "whatsapp_business_account", "entry": [entry("messages", {"errors": [{"code": 1, "title": "t"}]})]}
    )
    assert (event.kind, event.account, event.code) == (Kind.ACCOUNT_EVENT, WABA, 1)


# -- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "kind", "subtype"),
    [
        ({"type": "unknown", "errors": [{"code": 131060}]}, Kind.MESSAGE, "unsupported"),
        ({"type": "unsupported", "unsupported": {"type": "poll_creation"}}, Kind.MESSAGE, "unsupported"),
        ({"type": "interactive"}, Kind.MESSAGE, "unsupported"),
        ({"type": "interactive", "interactive": {"type": "call_permission_reply"}}, Kind.MESSAGE, "unsupported"),
        ({"type": "reaction", "reaction": {"message_id": "wamid.0"}}, Kind.REACTION_REMOVED, None),
        ({"type": "revoke", "revoke": {"original_message_id": "wamid.0"}}, Kind.DELETE, None),
        ({"type": "request_welcome"}, Kind.UNKNOWN, None),
    ],
)
def test_every_type_has_a_meaning(what: dict[str, Any], kind: Kind, subtype: str | None) -> None:
    event = message(**what)
    assert (event.kind, event.subtype) == (kind, subtype)


def test_an_edit_is_about_the_original_and_has_an_id_of_its_own() -> None:
    after = {"type": "image", "image": {"id": "9", "caption": "new words"}}
    event = message(type="edit", edit={"original_message_id": "wamid.0", "message": after})
    assert (event.kind, event.id, event.of, event.text) == (Kind.EDIT, "wamid.1", "wamid.0", "new words")


def test_a_changed_scoped_id_says_old_and_new() -> None:
    system = {"type": "user_changed_user_id", "user_id": "DE.2", "previous_user_id": ANA}
    assert message(type="system", system=system).extra == {"old": ANA, "new": "DE.2"}
    (event,) = value(
        "user_id_update", user_id_update=[{"wa_id": "49", "user_id": {"previous": ANA, "current": "DE.2"}}]
    )
    assert (event.kind, event.author, event.phone, event.extra) == (
        Kind.CONTACT_UPDATE,
        ANA,
        "49",
        {"old": ANA, "new": "DE.2"},
    )


def test_a_location_keeps_its_words_and_its_spot() -> None:
    event = one(CHANNEL, payload("whatsapp", "location"))
    assert event.attachments[0].name == "Berlin Hbf, Europaplatz 1, 10557 Berlin"
    assert event.extra == {"latitude": 52.5251, "longitude": 13.3694}


@pytest.mark.parametrize(
    ("answers", "form"),
    [
        (
            '{"rating":"4","n":5,"deep":{"a":[1]},"bad\\ud800":""}',
            {"rating": "4", "n": "5", "deep": '{"a": [1]}', "bad\ufffd": ""},
        ),
        ("[1]", None),
        ("{", None),
        ("[" * 100_000, None),
        (None, None),
    ],
)
def test_a_form_is_what_can_be_read_of_it(answers: str | None, form: dict[str, str] | None) -> None:
    reply = {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": answers}}
    event = message(type="interactive", interactive=reply)
    assert (event.text, event.extra.get("form")) == ("Sent", form)


@pytest.mark.parametrize(
    ("field", "body", "kind", "subtype"),
    [
        ("account_update", {"event": "ACCOUNT_VIOLATION"}, Kind.ACCOUNT_EVENT, "account_update"),
        ("security", {"event": "PIN_CHANGED"}, Kind.ACCOUNT_EVENT, "security"),
        ("message_template_status_update", {"event": "APPROVED"}, Kind.ACCOUNT_EVENT, "template_approved"),
        ("history", {"history": [{"threads": []}]}, Kind.IGNORE, None),
        ("smb_app_state_sync", {"state_sync": []}, Kind.IGNORE, None),
        ("calls", {"calls": [{}]}, Kind.UNKNOWN, None),
        ("messages", {"contacts": [CONTACT]}, Kind.UNKNOWN, None),
    ],
)
def test_other_fields(field: str, body: dict[str, Any], kind: Kind, subtype: str | None) -> None:
    event = one(CHANNEL, {"object": "whatsapp_business_account", "entry": [entry(field, body)]})
    assert (event.kind, event.subtype, event.account) == (kind, subtype, WABA)


# -- receipts ---------------------------------------------------------------------------------------------------------


def status(**what: Any) -> Event:
    base = {"id": "wamid.OUT", "status": "sent", "timestamp": "1780740000", "recipient_id": "4917"}
    (event,) = value(statuses=[{**base, **what}])
    return event


def test_a_receipt_brings_our_own_mark_back() -> None:
    event = status(biz_opaque_callback_data="rep_01J0", recipient_user_id=ANA)
    assert (event.kind, event.of, event.author) == (Kind.SENT, "wamid.OUT", ANA)
    assert event.extra == {"callback_data": "rep_01J0"}


@pytest.mark.parametrize(("state", "kind"), [("played", Kind.PLAYED), ("deleted", Kind.UNKNOWN), (None, Kind.UNKNOWN)])
def test_states(state: str | None, kind: Kind) -> None:
    assert status(status=state).kind is kind


def test_receipts_of_several_people_in_a_group_are_several() -> None:
    first, second = (status(recipient_participant_id=person) for person in ("1", "2"))
    assert first.identity != second.identity


@pytest.mark.parametrize(
    ("code", "reason"),
    [(131047, "outside window"), (131026, "blocked"), (131050, "blocked"), (132001, "refused"), (131000, "refused")],
)
def test_a_late_failure_says_why(code: int, reason: str) -> None:
    event = status(status="failed", errors=[{"code": code, "title": "Title", "error_data": {"details": "Because."}}])
    assert (event.kind, event.code, event.reason, event.extra["detail"]) == (Kind.FAILED, code, reason, "Because.")


def test_a_failure_without_an_error_has_no_reason() -> None:
    assert (status(status="failed").code, failure(None)) == (None, "refused")


# -- splitting --------------------------------------------------------------------------------------------------------


def test_one_poisoned_update_of_a_thousand_costs_only_itself_and_contacts_are_not_copied_to_all() -> None:
    body = payload("whatsapp", "text")
    inside = body["entry"][0]["changes"][0]["value"]
    (first,), (contact,) = inside["messages"], inside["contacts"]
    inside["messages"] = [{**copy.deepcopy(first), "id": f"wamid.{n}", "from_user_id": f"DE.{n}"} for n in range(1000)]
    inside["contacts"] = [{**contact, "wa_id": str(n), "user_id": f"DE.{n}"} for n in range(1000)]
    inside["messages"][500]["text"] = "not an object"
    fragments = list(CHANNEL.fragments(body))
    read = [event for number, piece in enumerate(fragments) if number != 500 for event in CHANNEL.read(piece.body)]
    assert [event.id for event in read] == [f"wamid.{n}" for n in range(1000) if n != 500]
    assert all(event.name == "Ana Beltrán" for event in read)
    assert max(len(json.dumps(piece.body)) for piece in fragments) < 1000
    with pytest.raises(Unreadable, match=r"messages\[0\]\.text"):
        CHANNEL.read(fragments[500].body)


def test_messages_and_receipts_in_one_value_part_ways() -> None:
    events = value(
        messages=[{"id": "wamid.1", "from": "49", "type": "text", "text": {"body": "hi"}}],
        statuses=[{"id": "wamid.OUT", "status": "read", "timestamp": "1780740000"}],
        errors=[{"code": 131000}],
    )
    assert [event.kind for event in events] == [Kind.MESSAGE, Kind.READ]


@settings(max_examples=150, deadline=None)
@given(broken("whatsapp") | st.dictionaries(st.text(max_size=6), ANY_JSON, max_size=3))
def test_nothing_that_arrives_breaks_the_reader(body: Any) -> None:
    survives(CHANNEL, body)


# -- speaking ---------------------------------------------------------------------------------------------------------


def test_a_reply_goes_to_the_number_quotes_the_message_and_carries_our_mark() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE, TO_PHONE), CREDENTIALS)
    body = (
        '{"messaging_product":"whatsapp","recipient_type":"individual","to":"491701234567","type":"text",'
        '"context":{"message_id":"wamid.1"},"text":{"body":"Grüße 👋","preview_url":false},'
        '"biz_opaque_callback_data":"rep_01J0"}'
    )
    assert request == Request("POST", URL, JSON, body.encode())


def test_somebody_without_a_number_is_reached_by_scoped_id() -> None:
    request = CHANNEL.render(outgoing(CHANNEL, Mode.PRIVATE, {"recipient": ANA, "account": NUMBER}), CREDENTIALS)
    body = sent_json(request)
    assert body["recipient"] == ANA and "to" not in body and "context" not in body


def test_the_address_is_ids_only() -> None:
    event = one(CHANNEL, payload("whatsapp", "text"))
    assert CHANNEL.address(event) == {"to": "491701234567", "message": event.id, "account": NUMBER}
    (hidden,) = value(messages=[{"id": "w", "from_user_id": ANA, "type": "text", "text": {"body": "x"}}])
    assert CHANNEL.address(hidden) == {"recipient": ANA, "message": "w", "account": NUMBER}
    assert CHANNEL.address(status()) == {} and CHANNEL.capabilities(status()) == frozenset()


def test_limits_windows_and_capabilities() -> None:
    reply = outgoing(CHANNEL, Mode.PRIVATE, TO_PHONE, "👋")
    assert (CHANNEL.limit(reply), CHANNEL.length(reply)) == (Limit(4096), 1)
    assert CHANNEL.window(Mode.PRIVATE, {}) == timedelta(hours=24)
    assert CHANNEL.capabilities(one(CHANNEL, payload("whatsapp", "text"))) == {Capability.REPLY}
    assert CHANNEL.lookup(reply, CREDENTIALS) is None and CHANNEL.found(reply, response(200, {})) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0, "expired_token"),
        (190, "expired_token"),
        (10, "not_allowed"),
        (250, "not_allowed"),
        (131047, "outside_window"),
        (131026, "blocked"),
        (131050, "blocked"),
        (100, "refused"),
        (130472, "refused"),
        (131008, "refused"),
        (131049, "refused"),
        (132000, "refused"),
        (132016, "refused"),
        (131031, "not_allowed"),
        (131048, "not_allowed"),
        (131062, "not_allowed"),
        (133016, "not_allowed"),
        (368, "not_allowed"),
    ],
)
def test_an_error_that_proves_nothing_was_sent_fails_the_reply(code: int, reason: str) -> None:
    outcome = CHANNEL.outcome(outgoing(CHANNEL, Mode.PRIVATE, TO_PHONE), response(400, error(code)))
    assert isinstance(outcome, Failed) and outcome.reason == reason


@pytest.mark.parametrize("code", [4, 80007, 130429, 131056])
def test_throttled_replies_wait(code: int) -> None:
    outcome = CHANNEL.outcome(outgoing(CHANNEL, Mode.PRIVATE, TO_PHONE), response(400, error(code)))
    assert outcome == Later(timedelta(seconds=60))


@pytest.mark.parametrize(
    "answer",
    [
        *(response(400, error(code)) for code in (1, 2, 131000, 131016, 131057, 133004, 132017, 999999)),
        response(500, error(131047)),
        response(200, {"messages": []}),
        response(200, {"messages": "x"}),
        response(200, {"messages": [7]}),
        response(200, {"messages": [{"id": None}]}),
        response(200, {"id": "wamid.1"}),
    ],
)
def test_what_proves_nothing_is_unclear(answer: Any) -> None:
    assert isinstance(CHANNEL.outcome(outgoing(CHANNEL, Mode.PRIVATE, TO_PHONE), answer), Unclear)
