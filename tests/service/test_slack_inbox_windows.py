"""The windows for everything that can be done with a case, and what becomes of them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import commands as c
from chalicelib.domain import lifecycle
from chalicelib.domain.card import Card
from chalicelib.domain.case import Priority
from chalicelib.domain.commands import Act
from chalicelib.domain.instants import from_seconds
from chalicelib.domain.macros import Macro
from chalicelib.domain.people import Agent
from chalicelib.domain.reply import Mode, Then
from chalicelib.domain.timeline import Fact, Happening
from chalicelib.service.bus import Bus
from chalicelib.service.ports import NoAnswer, SlackRefused
from chalicelib.service.slack_inbox import words
from chalicelib.slack import buttons, forms, modals
from chalicelib.slack.replying import reply
from tests.service.floor import BY_REPLY, DM, PRIVATELY, PUBLICLY, ROOT, Floor, Recorder
from tests.slack.samples import AUDITOR, CARE, MARIA, NOW, OTHER, TEAM, TOM, message, network, thread

ELSEWHERE = "aaaaaaaaaaaaaaaaaaaa-2"
HIDEABLE = replace(thread(), capabilities=("hide", "like", "reply"))


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def recorder(floor: Floor) -> Recorder:
    made = Recorder()
    floor.bus = made
    return made


FORMS = {
    buttons.ESCALATE: forms.ESCALATE_VIEW,
    buttons.ASSIGN: forms.ASSIGN_VIEW,
    buttons.MOVE: forms.MOVE_VIEW,
    buttons.PRIORITY: forms.PRIORITY_VIEW,
    buttons.TAGS: forms.TAGS_VIEW,
    buttons.SNOOZE_UNTIL: forms.SNOOZE_VIEW,
    buttons.MERGE: forms.MERGE_VIEW,
    buttons.LINK: forms.LINK_VIEW,
    buttons.DISMISS: forms.DISMISS_VIEW,
    buttons.REJECT: forms.REJECT_VIEW,
    buttons.MORE: forms.MENU,
    buttons.REPLY: modals.REPLY_VIEW,
}


@pytest.mark.parametrize(("action", "callback"), FORMS.items())
def test_every_window_opens_at_once_and_then_shows_its_form(floor: Floor, action: str, callback: str) -> None:
    floor.click(action)
    assert [method for method, _ in floor.slack.done()] == ["views.open", "views.update"]
    assert "One moment" in str(floor.slack.done()[0][1]["view"])
    assert floor.view()["callback_id"] == callback


@pytest.mark.parametrize("action", FORMS)
@pytest.mark.parametrize("agent", [AUDITOR, OTHER])
def test_who_may_not_work_on_a_case_gets_no_window(floor: Floor, action: str, agent: Any) -> None:
    floor.click(action, agent)
    assert floor.slack.views == {} and "role does not allow" in floor.told()


@pytest.mark.parametrize("action", FORMS)
def test_a_form_chosen_from_the_menu_takes_its_place(floor: Floor, action: str) -> None:
    floor.slack.views["V1"] = {}
    floor.click(action, channel="", ts="", response_url=None, view_id="V1", callback=forms.MENU)
    assert [method for method, _ in floor.slack.done()] == ["views.update"]
    assert floor.slack.views["V1"]["callback_id"] == FORMS[action]


def test_a_window_that_was_changed_meanwhile_is_left_alone(floor: Floor) -> None:
    """GIVEN a loading window WHEN something newer stands in it before the case is read THEN the newer stays."""
    newer: dict[str, Any] = {"type": "modal", "title": {}, "blocks": [], "newer": True}

    def overtaken() -> None:
        floor.slack.views[list(floor.slack.views)[-1]] = newer

    floor.slack.meanwhile["views.update"] = overtaken
    assert floor.click(buttons.TAGS) == {}
    assert floor.view() is newer and floor.slack.ephemeral == []


def test_the_menu_offers_what_fits_the_case(floor: Floor) -> None:
    floor.click(buttons.MORE)
    assert buttons.RELEASE not in str(floor.view()) and buttons.MODERATE not in str(floor.view())
    mine = replace(floor.current, assignee="maria").with_thread(replace(HIDEABLE, last_inbound_at=NOW))
    floor.store.commit(mine)
    floor.click(buttons.MORE)
    assert buttons.RELEASE in str(floor.view()) and buttons.MODERATE in str(floor.view())


def test_the_clocks_of_a_case_are_explained_in_a_window(floor: Floor) -> None:
    floor.click(buttons.MORE)
    assert buttons.CLOCKS in str(floor.view())
    floor.click(buttons.CLOCKS)
    shown = str(floor.view())
    assert "first_response 0 (running): answer by" in shown and "activate, due" in shown
    floor.slack.views.clear()
    floor.click(buttons.CLOCKS, OTHER)
    assert floor.slack.views == {}


def test_of_a_case_that_is_over_only_what_still_makes_sense_is_offered(floor: Floor) -> None:
    floor.click("case_resolve")
    floor.click(buttons.MORE)
    menu = str(floor.view())
    assert all(one in menu for one in (buttons.TAGS, buttons.LINK, buttons.CLOCKS))
    assert not any(one in menu for one in (buttons.ASSIGN, buttons.MERGE, buttons.SNOOZE_UNTIL, buttons.DISMISS))


def test_the_reply_window_shows_what_the_customer_wrote_last(floor: Floor) -> None:
    latest = floor.case.thread()
    assert latest is not None
    floor.store.commit(message("<!channel> *Where* is it?", id=latest.last_message_id))
    floor.click("case_reply")
    (told,) = [one["text"] for one in floor.view()["blocks"] if "They wrote" in str(one)]
    assert (told["type"], told["text"]) == ("plain_text", "They wrote: <!channel> *Where* is it?")


def test_who_does_not_stand_before_the_card_is_shown_the_way_there(floor: Floor) -> None:
    floor.store.commit(Card("acme", floor.case.id, CARE, ROOT, floor.case.seq, TEAM))
    floor.slack.messages[CARE, ROOT] = {}
    floor.click(buttons.MORE, channel="", ts="", response_url=None, view_id="VHOME", home=True)
    assert "Open its card" in str(floor.view())
    floor.slack.views.clear()
    floor.click(buttons.MORE, ts=ROOT)
    assert "Open its card" not in str(floor.view()) and len(floor.slack.called("chat.getPermalink")) == 1


def test_giving_a_case_back_from_the_menu_is_confirmed_there(floor: Floor, recorder: Recorder) -> None:
    floor.slack.views["V1"] = {}
    floor.click(buttons.RELEASE, channel="", ts="", response_url=None, view_id="V1", callback=forms.MENU)
    assert isinstance(recorder.only, c.Release) and words.DONE in str(floor.slack.views["V1"])
    floor.bus = Recorder("It is not yours.")
    floor.click(buttons.RELEASE, channel="", ts="", response_url=None, view_id="V1", callback=forms.MENU)
    assert "It is not yours." in str(floor.slack.views["V1"]) and floor.slack.ephemeral == []


@pytest.mark.parametrize("minutes", [60, 240, 1440, 4320])
def test_a_nap_is_a_press_in_the_window_of_snoozing(floor: Floor, recorder: Recorder, minutes: int) -> None:
    floor.slack.views["V1"] = {}
    about = {"value": f"acme/{floor.case.id}/{minutes}", "view_id": "V1", "callback": forms.SNOOZE_VIEW}
    floor.click(buttons.SNOOZE, channel="", ts="", response_url=None, **about)
    command = recorder.only
    assert isinstance(command, c.Snooze) and command.until == NOW + timedelta(minutes=minutes)
    assert words.DONE in str(floor.slack.views["V1"])


def test_another_time_is_picked_in_the_same_window(floor: Floor, recorder: Recorder) -> None:
    floor.click(buttons.SNOOZE_UNTIL)
    assert floor.view()["callback_id"] == forms.SNOOZE_VIEW
    picker = next(block for block in floor.view()["blocks"] if block.get("block_id") == forms.UNTIL)
    proposed = from_seconds(picker["element"]["initial_date_time"])
    assert NOW + timedelta(hours=1) <= proposed < NOW + timedelta(hours=1, minutes=15) and proposed.minute % 15 == 0
    floor.form(forms.SNOOZE_VIEW, {"until": "1795180000", "text": "The parcel comes then"})
    command = recorder.only
    assert isinstance(command, c.Snooze)
    assert (command.until, command.reason) == (from_seconds(1795180000), "The parcel comes then")


COMMANDS: list[tuple[str, dict[str, str], type, dict[str, Any]]] = [
    (forms.ASSIGN_VIEW, {"who": "U0AGENT02", "text": "Please"}, c.Assign, {"to": "tom", "note": "Please"}),
    (forms.MOVE_VIEW, {"queue": "quiet"}, c.Move, {"queue": "quiet", "note": ""}),
    (forms.PRIORITY_VIEW, {"priority": "urgent"}, c.SetPriority, {"priority": Priority.URGENT}),
    (forms.DISMISS_VIEW, {"text": "Spam"}, c.Dismiss, {"reason": "Spam"}),
    (forms.ESCALATE_VIEW, {"text": "Police"}, c.Escalate, {"reason": "Police"}),
    (
        forms.MODERATE_VIEW,
        {"act": "hide", "message": "m1", "text": "Insults"},
        c.Moderate,
        {"act": Act.HIDE, "message_id": "m1"},
    ),
    (forms.TAGS_VIEW, {"tags": "vip, refund ,vip"}, c.Tag, {"add": ("vip", "refund"), "remove": ()}),
    (forms.TAGS_VIEW, {"person": "VIP, Big spender"}, c.Tag, {"add": (), "person_add": ("vip", "big-spender")}),
]


@pytest.mark.parametrize(("callback", "values", "kind", "facts"), COMMANDS)
def test_every_form_is_one_command(
    floor: Floor, recorder: Recorder, callback: str, values: dict[str, str], kind: type, facts: dict[str, Any]
) -> None:
    assert floor.form(callback, values) == {}
    command = recorder.only
    assert isinstance(command, kind) and (command.id, command.agent) == ("V1", "maria")
    assert {key: getattr(command, key) for key in facts} == facts


@pytest.mark.parametrize(("callback", "values", "kind", "facts"), COMMANDS)
def test_a_refusal_is_told_in_a_window(
    floor: Floor, callback: str, values: dict[str, str], kind: type, facts: dict[str, Any]
) -> None:
    floor.bus = Recorder("Not now.")
    assert floor.form(callback, values) == {}, "the window is closed by then"
    assert "Not now." in str(floor.view()), "so the words come in one of their own"


@pytest.mark.parametrize(
    ("callback", "values", "told"),
    [
        (forms.ASSIGN_VIEW, {"who": "U0NOBODY1"}, "not set up in Heed"),
        (forms.PRIORITY_VIEW, {"priority": "huge"}, "how urgent"),
        (forms.SNOOZE_VIEW, {"until": ""}, "until when"),
        (forms.SNOOZE_VIEW, {"until": "9" * 30}, "until when"),
        (forms.MODERATE_VIEW, {"act": "burn:m1"}, "what shall happen"),
        (forms.TAGS_VIEW, {"tags": "vip, <!here>"}, "cannot be a tag"),
        (forms.MERGE_VIEW, {"case": "the other one"}, "no case number"),
        (forms.ESCALATE_VIEW, {"text": " "}, "Say why"),
        (forms.REJECT_VIEW, {"text": " "}, "Say why"),
        (forms.SNOOZE_VIEW, {"until": "1795165100"}, "That time is past"),
    ],
)
def test_what_cannot_be_meant_is_said_beside_its_field(
    floor: Floor, recorder: Recorder, callback: str, values: dict[str, str], told: str
) -> None:
    answer = floor.form(callback, values)
    assert told in answer["errors"][forms.MAIN.get(callback, modals.TEXT)]
    assert recorder.commands == [] and floor.errands.sent == []


def test_any_of_their_latest_messages_can_be_hidden_or_shown_again(floor: Floor) -> None:
    """Not only the last one: what insults is often followed by something harmless."""
    first, last = message("You idiots", id="m1", native_id="1"), message("Sorry", id="m2", native_id="2", hidden=True)
    gone = message("Spam", id="m3", native_id="3", deleted_at=NOW)
    where = HIDEABLE.conversation_id
    events = [
        Happening(Fact.MESSAGE_RECEIVED, NOW, "system", {"message_id": one.id, "conversation_id": "x", "channel": "y"})
        for one in (first, last, gone)
    ]
    after, told = lifecycle.recorded(floor.current, replace(floor.current, threads={where: HIDEABLE}), events, NOW)
    floor.store.commit(after, *told, *(replace(one, conversation_id=where) for one in (first, last, gone)))
    floor.click(buttons.MODERATE)
    (which,) = [one["element"] for one in floor.view()["blocks"] if one.get("block_id") == forms.MESSAGE]
    assert {one["value"]: one["text"]["text"] for one in which["options"]} == {"m1": "You idiots", "m2": "Sorry"}
    assert "hidden" in str(which["options"]) and which["initial_option"] in which["options"]


@pytest.mark.parametrize("act", ["hide", "unhide", "delete"])
def test_a_reason_that_is_missing_is_asked_for_beside_its_own_field(floor: Floor, recorder: Recorder, act: str) -> None:
    answer = floor.form(forms.MODERATE_VIEW, {"act": act, "message": "m1", "text": ""})
    assert "Write down why" in answer["errors"][modals.TEXT] and recorder.commands == []


@pytest.mark.parametrize(
    ("callback", "named"),
    [
        (forms.LINK_VIEW, ELSEWHERE),
        (forms.MERGE_VIEW, "https://acme.slack.com/archives/C0CARE001/p1795165140000999"),
    ],
)
def test_a_case_that_is_not_there_is_told_afterwards(
    floor: Floor, recorder: Recorder, callback: str, named: str
) -> None:
    assert floor.form(callback, {"case": named}) == {}
    assert "no such case" in str(floor.view()) and recorder.commands == []


@pytest.mark.parametrize("callback", [*forms.MAIN, modals.NOTE_VIEW, modals.REPLY_VIEW])
def test_people_we_do_not_know_are_told_beside_a_field_the_window_has(floor: Floor, callback: str) -> None:
    answer = floor.submit(callback, "x", "U0NOBODY1", blocks={"text": "text~1"})
    field = forms.MAIN.get(callback, "text~1")
    assert answer["errors"] == {field: words.NOT_SET_UP}


def test_tags_given_meanwhile_by_somebody_else_stay(floor: Floor, recorder: Recorder) -> None:
    floor.store.commit(replace(floor.current, tags=("vip", "refund")))
    floor.click(buttons.TAGS)
    about = {"brand": "acme", "case": floor.case.id, "before": "vip,refund"}
    assert '"before": "vip,refund"' in floor.view()["private_metadata"]
    floor.submit(forms.TAGS_VIEW, "", values={"tags": "Refund, Late parcel"}, metadata=about)
    command = recorder.only
    assert isinstance(command, c.Tag) and (command.add, command.remove) == (("late-parcel",), ("vip",))


@pytest.mark.parametrize("name", ["number", "link", "line"])
def test_another_case_is_named_by_number_or_link(floor: Floor, recorder: Recorder, name: str) -> None:
    link = f"https://acme.slack.com/archives/{CARE}/p{ROOT.replace('.', '')}"
    line = f"<https://acme.slack.com/archives/{CARE}/p1795165999000100?thread_ts={ROOT}&amp;cid={CARE}>"
    named = {"number": f"`{floor.case.id}`", "link": link, "line": line}[name]
    assert floor.form(forms.LINK_VIEW, {"case": named}) == {}
    command = recorder.only
    assert isinstance(command, c.Link) and command.to == floor.case.id


def test_cases_of_other_brands_cannot_be_named(floor: Floor, recorder: Recorder) -> None:
    theirs = {"brand": "zenith", "case": ELSEWHERE}
    floor.submit(forms.LINK_VIEW, "", OTHER, values={"case": floor.case.id}, metadata=theirs)
    assert "no such case" in str(floor.view()) and recorder.commands == []


def test_a_reason_sends_a_held_answer_back(floor: Floor, recorder: Recorder) -> None:
    floor.click(buttons.REJECT, value=f"acme/{floor.case.id}/r1")
    assert '"reply": "r1"' in floor.view()["private_metadata"]
    about = {"brand": "acme", "case": floor.case.id, "reply": "r1"}
    floor.submit(forms.REJECT_VIEW, "Too cold", metadata=about)
    assert recorder.only == c.Reject("V1", "acme", floor.case.id, "maria", "r1", "Too cold")


@pytest.mark.parametrize(("action", "kind"), [(buttons.UNDO, c.Undo), (buttons.APPROVE, c.Approve)])
def test_buttons_below_an_answer_name_it(floor: Floor, recorder: Recorder, action: str, kind: type) -> None:
    floor.click(action, value=f"acme/{floor.case.id}/r1")
    command = recorder.only
    assert isinstance(command, kind) and command.reply_id == "r1"  # type: ignore[attr-defined]


# -- answering both ways ------------------------------------------------------------------------------------------


def both(floor: Floor, where: str, **values: str) -> dict[str, Any]:
    chosen = {modals.TEXT: "Your money is on its way.", modals.WHERE: where, modals.ALSO: "yes", **values}
    return floor.submit(modals.REPLY_VIEW, "", values=chosen)


def test_a_private_answer_can_be_told_in_public_too(floor: Floor, recorder: Recorder) -> None:
    assert both(floor, BY_REPLY, public="We wrote to you, Ana.") == {}
    private = recorder.only
    assert isinstance(private, c.Answer) and private.then == Then("We wrote to you, Ana.")
    assert (private.id, private.mode, private.text) == ("V1", Mode.PRIVATE_REPLY, "Your money is on its way.")


def test_sent_twice_one_answer_goes_and_the_public_words_wait_for_it(floor: Floor) -> None:
    for _ in range(2):
        assert both(floor, BY_REPLY) == {}
    assert floor.facts().count(Fact.REPLY_QUEUED) == 1
    reply = floor.reply()
    assert (reply.mode, reply.then) == (Mode.PRIVATE_REPLY, Then(modals.TOLD_PUBLICLY))


def test_other_public_words_of_a_window_sent_again_take_the_place_of_the_first(floor: Floor) -> None:
    floor.bus = Bus(floor.store, replace(floor.config, undo=timedelta(seconds=30)), network)
    both(floor, BY_REPLY, public="First.")
    both(floor, BY_REPLY, public="Second.")
    left = [floor.store.reply("acme", one) for one in floor.current.open_replies]
    assert [one.then for one in left if one] == [Then("Second.")]


def test_the_public_half_is_never_the_private_words(floor: Floor, recorder: Recorder) -> None:
    both(floor, BY_REPLY, public=" ")
    private = recorder.only
    assert isinstance(private, c.Answer) and private.then == Then(modals.TOLD_PUBLICLY)


@pytest.mark.parametrize("where", [PUBLICLY, PRIVATELY])
def test_both_ways_needs_a_private_answer_to_a_comment(floor: Floor, recorder: Recorder, where: str) -> None:
    assert both(floor, where)["errors"] == {modals.ALSO: words.NOT_BOTH}
    assert recorder.commands == []


def test_while_the_public_words_are_too_long_nothing_is_sent(floor: Floor, recorder: Recorder) -> None:
    answer = both(floor, BY_REPLY, public="x" * 8001)
    assert "Shorten it by 1." in answer["errors"][modals.PUBLIC] and recorder.commands == []


def test_a_time_named_to_the_customer_is_a_promise_of_the_answer_alone(floor: Floor, recorder: Recorder) -> None:
    later = NOW.replace(microsecond=0) + timedelta(hours=1)
    both(floor, f"private_reply:{thread().conversation_id}", promised=str(int(later.timestamp())))
    private = recorder.only
    assert isinstance(private, c.Answer) and private.promised == later


def test_approval_is_asked_for_by_a_tick(floor: Floor, recorder: Recorder) -> None:
    where = PRIVATELY
    floor.submit(modals.REPLY_VIEW, "", values={"text": "Hi", "where": where, "approval": "yes"})
    command = recorder.only
    assert isinstance(command, c.Answer) and command.approval


# -- a file -------------------------------------------------------------------------------------------------------


def with_file(
    floor: Floor, where: str = PRIVATELY, mime: str = "application/pdf", text: str = "Your bill."
) -> dict[str, Any]:
    floor.slack.files["F1"] = ("the bill <ä>.pdf", b"%PDF-1.7", mime)
    return floor.submit(modals.REPLY_VIEW, "", values={"text": text, "where": where, "file": "F1"})


def test_a_file_is_asked_for_where_a_network_takes_one(floor: Floor) -> None:
    floor.click(buttons.REPLY)
    asked = next(block for block in floor.view()["blocks"] if block.get("block_id") == "file")
    assert (asked["element"]["type"], asked["optional"]) == ("file_input", True)
    assert "(Facebook in private)" in asked["hint"]["text"]


def test_no_file_is_asked_for_where_none_is_taken(floor: Floor) -> None:
    case = replace(floor.case, threads={thread().conversation_id: thread()})
    shown = reply(case, network, NOW)
    assert "file_input" not in str(shown)


def test_a_chosen_file_is_kept_and_hangs_on_the_words(floor: Floor, recorder: Recorder) -> None:
    assert with_file(floor) == {}
    answer = recorder.only
    assert isinstance(answer, c.Answer) and answer.then is not None and answer.then.file is not None
    file = answer.then.file
    assert (file.name, file.mime, file.size) == ("the-bill-ä-.pdf", "application/pdf", 8)
    assert floor.archive.kept == {file.key: b"%PDF-1.7"} and file.key.endswith("/the-bill-ä-.pdf")


def test_a_file_without_words_is_the_answer(floor: Floor) -> None:
    floor.bus = Bus(floor.store, floor.config, network)
    assert with_file(floor, text=" ") == {}
    reply = floor.reply()
    assert (reply.text, reply.then, reply.file and reply.file.name) == ("", None, "the-bill-ä-.pdf")
    assert sees(floor, reply.id).startswith("the-bill-ä-.pdf opens for you here")


def test_neither_words_nor_a_file_is_told_beside_the_words(floor: Floor, recorder: Recorder) -> None:
    given = {"text": " ", "where": PRIVATELY}
    answers = [floor.submit(modals.REPLY_VIEW, "", values=one) for one in ({**given, "file": ""}, given)]
    assert [one["errors"] for one in answers] == [{modals.TEXT: words.NOTHING}, {modals.TEXT: words.EMPTY}]
    assert recorder.commands == []


def test_words_may_stay_away_only_where_a_file_can_be_chosen(floor: Floor) -> None:
    floor.click(buttons.REPLY)
    case = replace(floor.case, threads={thread().conversation_id: thread()})
    asked = [
        next(block for block in view["blocks"] if block.get("block_id") == modals.TEXT)
        for view in (floor.view(), reply(case, network, NOW))
    ]
    assert [block.get("optional", False) for block in asked] == [True, False]


@pytest.mark.parametrize("first", [" ", "Your bill."])
def test_a_window_sent_again_with_or_without_words_leaves_one_answer(floor: Floor, first: str) -> None:
    floor.bus = Bus(floor.store, replace(floor.config, undo=timedelta(seconds=30)), network)
    with_file(floor, text=first)
    with_file(floor, text=first)
    assert floor.facts().count(Fact.REPLY_QUEUED) == 1
    with_file(floor, text="Your bill." if first == " " else " ")
    left = [floor.store.reply("acme", one) for one in floor.current.open_replies]
    assert [one.text for one in left if one] == ["Your bill." if first == " " else ""]


def test_a_file_that_leaves_already_is_named(floor: Floor) -> None:
    floor.bus = Bus(floor.store, floor.config, network)
    with_file(floor, text="")
    floor.store.commit(floor.reply().claimed(NOW))
    with_file(floor, text="Other words.")
    assert 'those words leave: "the-bill-ä-.pdf"' in str(floor.view())


def test_a_file_that_came_back_brings_no_empty_words(floor: Floor) -> None:
    floor.bus = Bus(floor.store, replace(floor.config, undo=timedelta(seconds=30)), network)
    with_file(floor, text="")
    floor.bus(c.Undo("u", "acme", floor.case.id, MARIA.id, floor.reply().id), NOW + timedelta(seconds=1))
    floor.click(buttons.REPLY)
    assert "These are the words" not in str(floor.view())


def test_a_window_with_a_file_that_is_sent_twice_answers_once(floor: Floor) -> None:
    for _ in range(2):
        assert with_file(floor) == {}
    assert floor.facts().count(Fact.REPLY_QUEUED) == 1 and len(floor.archive.kept) == 1


def test_another_file_of_a_window_sent_again_takes_the_place_of_the_first(floor: Floor) -> None:
    floor.bus = Bus(floor.store, replace(floor.config, undo=timedelta(seconds=30)), network)
    with_file(floor)
    floor.slack.files["F2"] = ("new.pdf", b"%PDF", "application/pdf")
    floor.submit(modals.REPLY_VIEW, "", values={"text": "Your bill.", "where": PRIVATELY, "file": "F2"})
    left = [floor.store.reply("acme", one) for one in floor.current.open_replies]
    assert [one.then.file.name for one in left if one and one.then and one.then.file] == ["new.pdf"]


@pytest.mark.parametrize(
    ("where", "mime", "why"),
    [
        (BY_REPLY, "application/pdf", "takes no file there"),
        (PRIVATELY, "image/heic", "does not take such a file"),
    ],
)
def test_a_file_that_cannot_go_there_is_not_fetched_and_the_words_come_back(
    floor: Floor, recorder: Recorder, where: str, mime: str, why: str
) -> None:
    with_file(floor, where, mime)
    assert recorder.commands == [] and floor.archive.kept == {} and floor.slack.called("read") == []
    assert why in str(floor.view()) and "Your bill." in str(floor.view())


@pytest.mark.parametrize("method", ["files.info", "read"])
def test_a_file_that_slack_does_not_give_out_is_told(floor: Floor, recorder: Recorder, method: str) -> None:
    floor.slack.fails(method, SlackRefused("missing_scope"))
    with_file(floor)
    assert recorder.commands == [] and "Slack does not give out the file (missing scope)" in str(floor.view())


@pytest.mark.parametrize("method", ["files.info", "read"])
def test_while_slack_does_not_answer_the_file_is_asked_for_again(floor: Floor, method: str) -> None:
    floor.slack.fails(method, NoAnswer("timeout"))
    with pytest.raises(NoAnswer):
        with_file(floor)
    floor.errands.waiting.append(floor.last)
    floor.work()
    assert floor.facts().count(Fact.REPLY_QUEUED) == 1 and len(floor.archive.kept) == 1


def sees(floor: Floor, reply_id: str, agent: Agent | str = TOM) -> str:
    floor.click(buttons.FILE, agent, value=f"acme/{floor.case.id}/{reply_id}")
    return str(floor.slack.ephemeral[-1]["text"])


def test_a_colleague_sees_the_file_before_they_let_it_go(floor: Floor) -> None:
    floor.bus = Bus(floor.store, floor.config, network)
    with_file(floor)
    reply = floor.reply()
    assert reply.then is not None and reply.then.file is not None
    link = f"https://archive.example/{reply.then.file.key}"
    assert sees(floor, reply.id) == f"the-bill-ä-.pdf opens for you here for an hour: {link}"
    assert sees(floor, "another") == words.FILE_GONE
    floor.store.commit(replace(floor.store.reply("acme", reply.id) or reply, then=None))
    assert sees(floor, reply.id) == words.FILE_GONE


@pytest.mark.parametrize("agent", [AUDITOR, "U0STRANGER"])
def test_nobody_else_does(floor: Floor, agent: Agent | str) -> None:
    with_file(floor)
    assert "archive.example" not in sees(floor, floor.reply().id, agent)


# -- what helps while writing -------------------------------------------------------------------------------------


def test_who_else_has_the_window_open_is_named(floor: Floor) -> None:
    floor.click(buttons.REPLY, TOM)
    assert "is writing" not in str(floor.view())
    floor.click(buttons.REPLY, MARIA)
    assert "Tom Becker is writing an answer to this case too." in str(floor.view())
    floor.moves_to(600)
    floor.click(buttons.REPLY, MARIA)
    assert "is writing" not in str(floor.view()), "a window left alone does not count for ever"


def test_who_types_goes_on_being_seen(floor: Floor) -> None:
    floor.moves_to(600)
    floor.in_window(modals.TEXT, "We are", TOM)
    floor.click(buttons.REPLY, MARIA)
    assert "Tom Becker is writing" in str(floor.view())


MACRO = Macro("sorry", "Say sorry", "Dear {contact.name}, sorry! {agent.name} of {brand.name} {odd}", ("sorry",))


def with_macro(floor: Floor, macro: Macro = MACRO) -> None:
    floor.config = replace(floor.config, macros={macro.key: macro})


def test_a_saved_reply_is_seen_filled_before_it_is_sent(floor: Floor) -> None:
    with_macro(floor)
    floor.click(buttons.REPLY)
    assert "Say sorry" in str(floor.view())
    (view_id,) = floor.slack.views
    floor.in_window(modals.MACRO, "sorry", view_id=view_id)
    field = next(block for block in floor.view()["blocks"] if block.get("block_id") == "text~1")
    assert field["element"]["initial_value"] == "Dear Ana Ruiz, sorry! Maria Silva of Acme {odd}"
    assert floor.facts() == [] and floor.slack.ephemeral == []


def test_how_long_the_words_are_is_told_while_they_stand_where_they_were_typed(floor: Floor) -> None:
    with_macro(floor)
    floor.click(buttons.REPLY)
    (view_id,) = floor.slack.views
    floor.in_window(modals.MACRO, "sorry", view_id=view_id)
    typed = {"text": "Dear Ana, it is coming", "where": PUBLICLY, "also": "yes", "public": "See your inbox"}
    about = json.loads(floor.view()["private_metadata"])
    floor.in_window(modals.LENGTH, view_id=view_id, values=typed, metadata=about)
    blocks = {block.get("block_id"): block for block in floor.view()["blocks"]}
    assert "Facebook in public: 7978 left of 8000 characters." in str(floor.view())
    assert blocks["text~1"]["element"]["initial_value"] == typed["text"]
    assert blocks["where"]["element"]["initial_option"]["value"] == PUBLICLY
    assert blocks["public"]["element"]["initial_value"] == "See your inbox"
    assert json.loads(floor.view()["private_metadata"]) == about


def test_who_may_not_answer_is_told_no_length(floor: Floor) -> None:
    assert floor.in_window(modals.LENGTH, agent=AUDITOR, values={"text": "Hello"}) == {}
    assert floor.slack.views == {}


@pytest.mark.parametrize("value", ["gone", ""])
def test_a_saved_reply_that_is_gone_changes_nothing(floor: Floor, value: str) -> None:
    with_macro(floor)
    assert floor.in_window(modals.MACRO, value) == {} and floor.slack.done() == []


def test_what_a_saved_reply_does_beside_hangs_on_the_answer(floor: Floor, recorder: Recorder) -> None:
    with_macro(floor, replace(MACRO, resolve=True))
    where = PRIVATELY
    values = {"text": "Sorry!", "where": where, "macro": "sorry"}
    assert floor.submit(modals.REPLY_VIEW, "", values=values) == {}
    answer = recorder.only
    assert isinstance(answer, c.Answer)
    assert (answer.id, answer.then) == ("V1", Then(tags=("sorry",), resolved_by="maria"))


def test_the_window_tells_of_undo_and_of_approval(floor: Floor) -> None:
    floor.config = replace(floor.config, undo=timedelta(seconds=60))
    floor.click(buttons.REPLY)
    assert "take it back for 1 minute" in str(floor.view()) and "Ask a colleague" in str(floor.view())
    junior = replace(MARIA, approval=True)
    floor.config = replace(floor.config, agents={**floor.config.agents, "maria": junior})
    floor.click(buttons.REPLY)
    assert "A colleague approves your answer" in str(floor.view()) and "Ask a colleague" not in str(floor.view())


# -- shortcuts ----------------------------------------------------------------------------------------------------


def test_reply_to_this_opens_the_reply_window_of_the_thread(floor: Floor) -> None:
    floor.shortcut("reply_to_this", ts="1795165150.000100", thread_ts=ROOT)
    assert floor.view()["callback_id"] == modals.REPLY_VIEW


def test_reply_to_this_starts_with_the_conversation_of_that_message(floor: Floor) -> None:
    told = next(one for one in floor.store.timeline("acme", floor.case.id) if one.fact is Fact.MESSAGE_RECEIVED)
    assert told.data["conversation_id"] == thread().conversation_id != DM.conversation_id
    floor.shortcut("reply_to_this", ts="1795165150.000100", thread_ts=ROOT, post=f"{told.seq:08d}")
    where = next(block for block in floor.view()["blocks"] if block.get("block_id") == modals.WHERE)
    assert where["element"]["initial_option"]["value"] == PUBLICLY


@pytest.mark.parametrize(
    ("more", "agent", "told"),
    [
        ({"ts": "1.000001"}, MARIA, words.NO_THREAD),
        ({}, AUDITOR, "role does not allow"),
    ],
)
def test_reply_to_this_says_why_it_cannot(floor: Floor, more: dict[str, str], agent: Any, told: str) -> None:
    floor.shortcut("reply_to_this", agent, **more)
    assert told in str(floor.view())


def test_a_stranger_gets_no_window_for_a_shortcut(floor: Floor) -> None:
    floor.shortcut("reply_to_this", "U0NOBODY1")
    assert floor.slack.views == {} and floor.told() == words.NOT_SET_UP


def test_a_message_of_any_channel_becomes_a_note_of_a_case(floor: Floor) -> None:
    floor.click("case_take")
    floor.shortcut(
        "add_to_case", ts="1.000001", text="Parcel &amp; label are lost, says <@U0AGENT02>", author="U0AGENT02"
    )
    shown = str(floor.view())
    assert floor.view()["callback_id"] == forms.ADD_VIEW and f"'value': '{floor.case.id}'" in shown
    assert "Tom Becker wrote:\\nParcel & label are lost, says Tom Becker" in shown
    floor.submit(forms.ADD_VIEW, "", metadata={}, values={"case": floor.case.id, "text": "Parcel is lost", "who": ""})
    assert floor.note() == "Parcel is lost"


def test_it_can_be_another_case_than_ones_own(floor: Floor) -> None:
    floor.shortcut("add_to_case", ts="1.000001", text="Hi")
    assert forms.CASE not in [block.get("block_id") for block in floor.view()["blocks"]]
    floor.submit(forms.ADD_VIEW, "", metadata={}, values={"who": floor.case.id, "text": "Hi"})
    assert floor.note() == "Hi"
    answer = floor.submit(forms.ADD_VIEW, "", metadata={}, values={"who": "?", "text": "Hi"})
    assert words.UNNAMED in str(answer)


def test_other_shortcuts_and_late_ones_do_nothing(floor: Floor) -> None:
    assert floor.shortcut("close_case") == {} and floor.slack.done() == []
    floor.slack.fails("views.open", SlackRefused("expired_trigger_id"))
    assert floor.shortcut("add_to_case") == {} and floor.slack.views == {}


def test_a_shortcut_of_another_workspace_does_nothing(floor: Floor) -> None:
    floor.config = replace(floor.config, slack=replace(floor.config.slack, team="T0OTHER"))  # type: ignore[type-var]
    floor.shortcut("reply_to_this")
    assert floor.slack.done() == []


def test_a_saved_reply_names_whoever_reads_it_at_the_chosen_place() -> None:
    floor = Floor()
    with_macro(floor)
    guest = replace(thread("ben", public=False, ago=2), contact_id="b", name="Ben Stone")
    floor.store.commit(floor.current.with_thread(guest))
    floor.click(buttons.REPLY)
    chosen = {modals.WHERE: f"private:{guest.conversation_id}"}
    floor.in_window(modals.MACRO, "sorry", view_id=list(floor.slack.views)[-1], values=chosen)
    assert "Dear Ben Stone, sorry!" in str(floor.view())


def test_taking_a_talk_offline_is_a_private_answer_of_which_everybody_reads(floor: Floor) -> None:
    floor.click(buttons.OFFLINE)
    shown = {one.get("block_id"): one.get("element", {}) for one in floor.view()["blocks"]}
    assert shown[modals.WHERE]["initial_option"]["value"].startswith("private_reply:")
    assert shown[modals.ALSO]["initial_options"] and shown[modals.PUBLIC]["initial_value"] == modals.TOLD_PUBLICLY


def test_where_no_private_answer_can_be_given_they_are_asked_to_write(floor: Floor) -> None:
    public = replace(thread(), capabilities=("reply",))
    floor.store.commit(replace(floor.current, threads={public.conversation_id: public}))
    floor.click(buttons.OFFLINE)
    shown = {one.get("block_id"): one.get("element", {}) for one in floor.view()["blocks"]}
    assert shown[modals.TEXT]["initial_value"] == modals.ASK_TO_WRITE and "PUBLIC" in str(floor.view())
