"""Somebody of one brand reaches for another's: every button, window, order, command, job and list. Not a byte comes."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from chalicelib.domain import commands, ids
from chalicelib.domain.case import Case, Priority
from chalicelib.domain.commands import Answer, Command
from chalicelib.domain.errors import Refusal
from chalicelib.domain.people import PERMITTED, Role
from chalicelib.domain.reply import Mode, Reply
from chalicelib.handlers import clock, delivery, desk
from chalicelib.service.dossier import dossier
from chalicelib.slack import buttons, forms, modals, verbs
from chalicelib.wiring import wired
from infra.doubles.networks.people import Person
from tests.attacks.kit import ANA, APP, EVE, HARBOR, RIVAL, TEAM, Stand, message, orders, signed
from tests.build import NOON

CANARY, PART = "Canaria", "Canar"
"""What Eve looks for is said back to her, so she looks for a part; only harbor's rows know the rest."""
THEIRS = Person("7245118832190456", f"{CANARY} Sample", f"{CANARY.lower()}_s", "491701234567")
OURS = Person("8245118832190456", "Rita Other", "rita_o", "491707654321")


class Scene:
    """Harbor has a case with a card, a queued reply and a message; Eve of the rival has one of her own."""

    def __init__(self, heed: Stand) -> None:
        self.heed = heed
        heed.tell(message("whatsapp", f"{CANARY} wants her money", THEIRS))
        heed.tell(message("whatsapp", "Hello", OURS, brand=RIVAL, id="7002"))
        heed.take_in()
        heed.show()
        [self.theirs], [self.ours] = heed.cases(HARBOR), heed.cases(RIVAL)
        thread = self.theirs.thread()
        assert thread is not None
        where = (Mode.PRIVATE, thread.conversation_id)
        wired.bus(Answer("w1", HARBOR, self.theirs.id, "ana", f"Dear {CANARY}", *where), NOON)
        self.reply_id = ids.reply_id(HARBOR, "w1")
        self.message_id = thread.last_message_id
        (self.root,) = [one["ts"] for one in heed.slack.roots() if one["channel"] == "C0MESSAGES"]
        heed.show()
        assert CANARY in json.dumps(list(heed.slack.messages.values()), default=str)
        heed.slack.calls.clear()
        self.before = self.stored()

    def stored(self) -> dict[Any, Any]:
        return {key: row for key, row in self.heed.parts.store._rows.items() if row.brand == HARBOR}

    def unharmed(self, *answers: Any) -> int:
        """Nothing of theirs changed, and nothing of theirs was told. Returns how many bytes were looked through."""
        slack = self.heed.slack
        whole = [slack.calls, slack.ephemeral, [str(one) for one in answers]]
        told = json.dumps(whole, ensure_ascii=False, default=str)
        assert CANARY.casefold() not in told.casefold()
        assert self.stored() == self.before
        return len(told)


@pytest.fixture
def scene(heed: Stand) -> Scene:
    return Scene(heed)


def _common(kind: str, user: str) -> dict[str, Any]:
    who = {"user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM}, "api_app_id": APP}
    return {"type": kind, "trigger_id": "1.2.x", **who}


def click(user: str, action: str, value: str, root: str, number: int) -> dict[str, Any]:
    used = {"action_id": action, "value": value, "action_ts": f"1780315201.{number:06d}"}
    place = {"type": "message", "channel_id": "C0MESSAGES", "message_ts": root}
    return {**_common("block_actions", user), "container": place, "actions": [used]}


def in_window(user: str, action: str, value: str, metadata: dict[str, str], number: int) -> dict[str, Any]:
    used = {"action_id": action, "value": value, "action_ts": f"1780315202.{number:06d}"}
    view = {"id": f"V{number}", "callback_id": modals.REPLY_VIEW, "private_metadata": json.dumps(metadata)}
    place = {"container": {"type": "view"}, "view": {**view, "type": "modal", "state": {"values": {}}}}
    return {**_common("block_actions", user), **place, "actions": [used]}


def window(user: str, kind: str, callback: str, metadata: dict[str, str], values: dict[str, str]) -> dict[str, Any]:
    state = {"values": {name: {"x": {"value": text}} for name, text in values.items()}}
    view = {"id": f"V{callback}{kind}", "callback_id": callback, "private_metadata": json.dumps(metadata)}
    return {**_common(kind, user), "view": {**view, "state": state}}


def names(module: ModuleType, prefix: tuple[str, ...] = ("case_", "reply_", "home_")) -> list[str]:
    """Every action this module knows by name."""
    return sorted({one for one in vars(module).values() if isinstance(one, str) and one.startswith(prefix)})


def views() -> list[str]:
    found = {value for module in (forms, modals) for name, value in vars(module).items() if name.endswith("_VIEW")}
    return sorted(one for one in found if isinstance(one, str))


def values(scene: Scene) -> dict[str, str]:
    """Something in every field that a window may have."""
    thread = scene.theirs.thread()
    assert thread is not None
    return {
        modals.TEXT: "Hello there",
        modals.WHERE: thread.conversation_id,
        forms.WHO: EVE,
        forms.QUEUE: "rivals",
        forms.PRIORITY: "urgent",
        forms.UNTIL: str(int(NOON.timestamp()) + 7200),
        forms.TAGS: "stolen",
        forms.CASE: scene.ours.id,
        forms.ACT: "hide",
        forms.MESSAGE: scene.message_id,
    }


def test_no_button_of_another_brands_card_does_anything(scene: Scene, figure: Any) -> None:
    actions, told = names(buttons), 0
    assert len(actions) >= 20
    for number, action in enumerate(actions):
        for subject in ("", f"/{scene.reply_id}", f"/{scene.message_id}", "/60"):
            value = f"{HARBOR}/{scene.theirs.id}{subject}"
            about = {"brand": HARBOR, "case": scene.theirs.id, "reply": scene.reply_id}
            pressed = scene.heed.presses(click(EVE, action, value, scene.root, number))
            chosen = scene.heed.presses(in_window(EVE, action, value, about, number))
            assert {pressed.status_code, chosen.status_code} == {200}
            told += scene.unharmed(pressed.body, chosen.body)
    figure("foreign", f"{len(actions)} buttons pressed on another brand's card: 0 of {told:,} bytes were theirs")


def test_no_button_says_one_brand_and_means_the_others_case(scene: Scene) -> None:
    for number, action in enumerate(names(buttons)):
        for value in (f"{RIVAL}/{scene.theirs.id}", f"{RIVAL}/{scene.ours.id}/{scene.reply_id}", f"{HARBOR}/../x", "/"):
            assert scene.heed.presses(click(EVE, action, value, scene.root, number)).status_code == 200
            mixed = {"brand": RIVAL, "case": scene.theirs.id}
            assert scene.heed.presses(in_window(EVE, action, value, mixed, number)).status_code == 200
            scene.unharmed()


def test_no_window_about_another_brands_case_is_carried_out(scene: Scene, figure: Any) -> None:
    told = 0
    for callback in views():
        for brand in (HARBOR, RIVAL):
            about = {"brand": brand, "case": scene.theirs.id, "reply": scene.reply_id, "before": "x"}
            for kind in ("view_submission", "view_closed"):
                answer = scene.heed.presses(window(EVE, kind, callback, about, values(scene)))
                assert answer.status_code == 200
                told += scene.unharmed(answer.body)
    figure("foreign", f"{len(views())} windows sent about another brand's case: 0 of {told:,} bytes were theirs")


def test_no_window_of_ones_own_case_reaches_into_another_brand(scene: Scene) -> None:
    for callback in views():
        about = {"brand": RIVAL, "case": scene.ours.id, "reply": scene.reply_id}
        wanted = {**values(scene), forms.CASE: scene.theirs.id}
        answer = scene.heed.presses(window(EVE, "view_submission", callback, about, wanted))
        assert answer.status_code == 200
        scene.unharmed(answer.body)


def told_by_slack(user: str, event: dict[str, Any]) -> bytes:
    about = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": f"Ev{event.get('ts', 1)}"}
    return json.dumps({**about, "authorizations": [{"user_id": "U0BOT"}], "event": {"user": user, **event}}).encode()


def words(scene: Scene) -> Iterator[str]:
    link = f"https://acme.slack.com/archives/C0MESSAGES/p{scene.root.replace('.', '')}"
    for case in (scene.theirs.id, f"`{scene.theirs.id}`", link, f"<{link}|here>"):
        yield case
        for verb in (*verbs.ORDERS, "show", "find", "case"):
            yield f"{verb} {case}"
            yield f"{verb} into {case}"
    yield from ("", "help", "mine", "waiting", "list", PART, f"find {PART}", "find a", "sample", "@canar", "%", "*")


def test_no_order_names_another_brands_case(scene: Scene, figure: Any) -> None:
    told = 0
    for text in words(scene):
        answer = orders(scene.heed, EVE, text)
        assert answer.status_code == 200
        told += scene.unharmed(answer.body)
    assert len(scene.heed.slack.ephemeral) == len(list(words(scene))), "all were answered"
    figure("foreign", f"{len(list(words(scene)))} orders about another brand: 0 of {told:,} bytes were theirs")


def test_words_in_another_brands_thread_do_nothing(scene: Scene) -> None:
    for number, text in enumerate(["A note", *(f"<@U0BOT> {verb} it" for verb in verbs.ORDERS), "<@U0BOT> take"]):
        said = {"type": "message", "channel": "C0MESSAGES", "thread_ts": scene.root, "ts": f"1780315300.{number:06d}"}
        body = told_by_slack(EVE, {**said, "text": text})
        assert scene.heed.slacks(signed(body), body).status_code == 200
        scene.unharmed()


def test_the_home_tab_and_shortcuts_show_ones_own_brands_only(scene: Scene) -> None:
    body = told_by_slack(EVE, {"type": "app_home_opened", "tab": "home", "channel": "D1"})
    assert scene.heed.slacks(signed(body), body).status_code == 200
    assert scene.heed.slack.called("views.publish")
    scene.unharmed()
    for callback in ("reply_to_this", "add_to_case"):
        about = {
            "ts": scene.root,
            "thread_ts": scene.root,
            "text": "x",
            "metadata": {"event_payload": {"post": "line"}},
        }
        where = {"callback_id": callback, "channel": {"id": "C0MESSAGES"}, "message_ts": scene.root, "message": about}
        assert scene.heed.presses({**_common("message_action", EVE), **where}).status_code == 200
        scene.unharmed()


# -- below the doors ------------------------------------------------------------------------------------------------


def every(scene: Scene, brand: str, case: Case) -> Iterator[Command]:
    """Every command there is, about that case, reaching for what is harbor's."""
    thread = scene.theirs.thread()
    assert thread is not None
    known: dict[str, Any] = {
        **{"text": "Hi", "mode": Mode.PRIVATE, "conversation_id": thread.conversation_id, "reply_id": scene.reply_id},
        **{
            "reason": "because",
            "posted": True,
            "to": "eve",
            "queue": "rivals",
            "priority": Priority.URGENT,
            "add": ("x",),
        },
        **{"until": NOON + timedelta(hours=5), "into": scene.theirs.id, "act": commands.Act.HIDE},
        "message_id": scene.message_id,
        **{"note_id": scene.message_id, "order": "1780315201.000001"},
    }
    for kind in sorted(PERMITTED[Role.SUPERVISOR], key=lambda one: one.__name__):
        more = {one.name: known[one.name] for one in fields(kind)[4:] if one.default is MISSING or one.name in known}
        for to in ("eve", scene.theirs.id) if "to" in more else ("",):
            yield kind(
                f"x-{kind.__name__}-{to}-{brand}", brand, case.id, "eve", **{**more, **({"to": to} if to else {})}
            )


def test_no_command_reaches_another_brand(scene: Scene, figure: Any) -> None:
    asked = [*every(scene, HARBOR, scene.theirs), *every(scene, RIVAL, scene.theirs), *every(scene, RIVAL, scene.ours)]
    assert {type(one) for one in asked} == PERMITTED[Role.SUPERVISOR]
    refused = 0
    for command in asked:
        try:
            wired.bus(command, NOON)
        except Refusal as refusal:
            refused += 1
            scene.unharmed(str(refusal))
        scene.unharmed()
    assert refused >= 2 * len(PERMITTED[Role.SUPERVISOR])
    figure("foreign", f"{len(asked)} commands about another brand's case: 0 changed it, {refused} refused")


def test_no_job_crosses_over(scene: Scene) -> None:
    clock.ring({"brand": RIVAL, "case_id": scene.theirs.id, "revision": 0, "at": "2026-06-01T12:00:00Z"})
    delivery.send({"brand": RIVAL, "reply_id": scene.reply_id})
    delivery.send({"brand": RIVAL, "action_id": ids.action_id(HARBOR, "x")})
    desk.tell({"brand": RIVAL, "case_id": scene.theirs.id, "seq": 1})
    scene.unharmed()
    assert isinstance(scene.heed.parts.store.reply(HARBOR, scene.reply_id), Reply)


def test_no_list_and_no_export_crosses_over(scene: Scene) -> None:
    store = scene.heed.parts.store
    queued = [case for queue in ("messages", "rivals", "escalations") for case in store.queue(RIVAL, queue)]
    assert {case.brand for case in queued} == {RIVAL}
    assert [case for agent in ("ana", "eve") for case in store.assigned(RIVAL, agent)] == []
    found = [
        store.case(RIVAL, scene.theirs.id),
        store.contact(RIVAL, scene.theirs.contact_id),
        store.message(RIVAL, scene.message_id),
        store.messages(RIVAL, [scene.message_id]),
        store.reply(RIVAL, scene.reply_id),
        store.timeline(RIVAL, scene.theirs.id),
        store.belongings(RIVAL, scene.theirs.id),
        store.card(RIVAL, scene.theirs.id),
    ]
    assert not any(found[:1] + found[2:]) and found[1] == (None, None)
    assert CANARY in json.dumps(dossier(store, HARBOR, scene.theirs.contact_id), default=str)
    with pytest.raises(Exception, match=r".") as none:
        dossier(store, RIVAL, scene.theirs.contact_id)
    scene.unharmed(none.value)


def test_somebody_of_the_brand_is_told_what_the_others_were_not(scene: Scene) -> None:
    """Were everybody refused, nothing above could fail."""
    assert orders(scene.heed, ANA, f"find {PART}").body == b""
    assert CANARY in str(scene.heed.slack.ephemeral)
    about = f"{HARBOR}/{scene.theirs.id}"
    assert scene.heed.presses(click("U0NOBODY", buttons.RESOLVE, about, scene.root, 2)).status_code == 200
    assert scene.stored() == scene.before
    assert scene.heed.presses(click(ANA, buttons.RESOLVE, about, scene.root, 3)).status_code == 200
    assert scene.stored() != scene.before
