"""``@heed`` in threads, ``/heed``, and the Home tab."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain import commands as c
from chalicelib.domain.card import Card
from chalicelib.domain.errors import Conflict
from chalicelib.domain.oncall import Layer, Rotation
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import SlackRefused
from chalicelib.service.slack_inbox import words
from chalicelib.slack import buttons
from tests.service.floor import BOT, ROOT, Floor, Recorder
from tests.slack.samples import AUDITOR, CARE, MARIA, MINUTE, NOW, OTHER, TOM, opened, thread


@pytest.fixture
def floor() -> Floor:
    return Floor()


def order(floor: Floor, text: str, agent: Any = MARIA, **more: Any) -> dict[str, Any]:
    return floor.said(f"<@{BOT}> {text}", agent, bot=BOT, **more)


# -- orders in a thread -------------------------------------------------------------------------------------------


def test_an_order_in_a_thread_is_carried_out_and_is_no_note(floor: Floor) -> None:
    assert order(floor, "take") == {}
    assert floor.current.assignee == "maria" and floor.facts() == [Fact.CASE_TAKEN]


def test_a_repeated_order_is_carried_out_once(floor: Floor) -> None:
    for _ in range(3):
        order(floor, "take")
    assert floor.facts() == [Fact.CASE_TAKEN] and floor.slack.ephemeral == []


def test_an_order_names_people_by_mention(floor: Floor) -> None:
    floor.bus = recorder = Recorder()
    order(floor, "assign <@U0AGENT02> please call &amp; ask")
    assert recorder.only == c.Assign("Ev1", "acme", floor.case.id, "maria", "tom", "please call & ask")


def test_somebody_who_is_not_set_up_cannot_be_given_a_case(floor: Floor) -> None:
    order(floor, "assign <@U0NOBODY1>")
    assert "not set up in Heed" in floor.told() and floor.facts() == []


def test_a_refused_order_is_told_to_who_gave_it(floor: Floor) -> None:
    floor.click("case_take", TOM)
    order(floor, "take")
    assert floor.told() == "This case was already taken by Tom Becker."


def test_words_to_us_that_are_no_order_stay_a_note(floor: Floor) -> None:
    order(floor, "she is right, is she not?")
    assert floor.note() == "@heed she is right, is she not?"
    assert floor.told() == "This was kept as a note for colleagues. `@heed help` shows all orders."


def test_what_looks_like_an_order_but_is_none_is_kept_and_said_to_be(floor: Floor) -> None:
    order(floor, "snooze the customer's alarm")
    assert floor.note() == "@heed snooze the customer's alarm"
    assert "kept as a note" in floor.told() and "`@heed snooze 2h`" in floor.told()


def test_words_for_the_customer_are_kept_inside_and_said_to_be(floor: Floor) -> None:
    order(floor, "reply Your money is on its way")
    assert floor.note() == "@heed reply Your money is on its way" and "only by *Reply*" in floor.told()


def test_lists_are_answered_in_the_thread_for_one_person(floor: Floor) -> None:
    floor.click("case_take")
    for text, told in (("mine", floor.case.id), ("on call", "no rotation"), ("report", "Customer care")):
        before = len(floor.slack.ephemeral)
        order(floor, text)
        (answer,) = floor.slack.ephemeral[before:]
        assert told in str(answer) and answer["thread_ts"] == ROOT
    assert floor.facts() == [Fact.CASE_TAKEN]


def test_the_next_case_is_asked_for_in_a_thread(floor: Floor) -> None:
    for _ in range(2):
        order(floor, "next")
    assert floor.current.assignee == "maria" and floor.facts() == [Fact.CASE_TAKEN]


def test_an_order_names_another_case_by_the_link_of_its_card(floor: Floor) -> None:
    floor.bus = recorder = Recorder()
    order(floor, f"link <https://acme.slack.com/archives/{CARE}/p{ROOT.replace('.', '')}>")
    assert recorder.only == c.Link("Ev1", "acme", floor.case.id, "maria", floor.case.id)
    order(floor, "merge into https://acme.slack.com/archives/C0CARE001/p1795165140000999", event_id="Ev2")
    assert "no such case" in floor.told()


def test_an_order_told_again_when_the_case_has_forgotten_it_does_nothing(floor: Floor) -> None:
    order(floor, "snooze 2h")
    for number in range(20):
        floor.click("case_wake")
        floor.click("case_snooze", value=f"acme/{floor.case.id}/{60 + number}")
    floor.click("case_wake")
    order(floor, "snooze 2h")
    assert floor.current.snoozed_until is None


def test_a_refused_order_told_again_is_not_done_later(floor: Floor) -> None:
    floor.click("case_take", TOM)
    order(floor, "take")
    floor.click("case_release", TOM)
    order(floor, "take")
    assert floor.current.assignee is None


def test_a_note_by_order_is_not_repeated_in_its_thread(floor: Floor) -> None:
    order(floor, "note call her at noon")
    assert floor.note() == "call her at noon"
    (event,) = floor.news()
    post = floor.store.post("acme", floor.case.id, f"note-{event.data['message_id']}")
    assert post is not None and post.ts == "1795165200.000200"


@pytest.mark.parametrize("text", ["help", "", "HELP"])
def test_help_tells_all_ways(floor: Floor, text: str) -> None:
    order(floor, text)
    assert "priority high" in floor.told() and floor.facts() == []


@pytest.mark.parametrize(("agent", "told"), [("U0NOBODY1", "not set up"), (AUDITOR, "role does not allow")])
def test_orders_of_people_without_rights_do_nothing(floor: Floor, agent: Any, told: str) -> None:
    order(floor, "take", agent)
    assert told in floor.told() and floor.facts() == []


def test_an_order_that_lost_a_race_comes_again_with_the_event(floor: Floor) -> None:
    def overtaken(command: object, now: object) -> None:
        raise Conflict(("case",))

    floor.bus = overtaken
    with pytest.raises(Conflict):
        order(floor, "take")


def test_orders_in_other_threads_are_none_of_our_business(floor: Floor) -> None:
    assert order(floor, "take", thread_ts="1795165140.000999") == {}
    assert floor.facts() == [] and floor.slack.ephemeral == []


# -- /heed --------------------------------------------------------------------------------------------------------


def test_mine_lists_ones_cases_with_their_clocks(floor: Floor) -> None:
    assert "none" in floor.asks("mine")["text"]
    floor.click("case_take")
    answer = floor.asks("my cases")
    shown = str(answer)
    assert answer["response_type"] == "ephemeral"
    assert "*Ana Ruiz* answer by <!date^1795165920^{time}|09:12 UTC>, in 12 minutes" in shown
    assert buttons.REPLY in shown and "none" in floor.asks("mine", TOM)["text"]


def test_a_case_is_found_by_number_link_name_and_handle(floor: Floor) -> None:
    link = f"https://acme.slack.com/archives/{CARE}/p{ROOT.replace('.', '')}"
    for words_ in (floor.case.id, link, "ana", "@ANA", "Ruiz"):
        assert floor.case.id in str(floor.asks(f"find {words_}")), words_
    for words_ in (floor.case.id, link):
        assert floor.case.id in str(floor.asks(f"case {words_}")), words_


def test_what_is_not_found_says_how_to_find_it(floor: Floor) -> None:
    told = str(floor.asks("find <!channel> Bob"))
    assert "&lt;!channel&gt; Bob" in told and "/heed case" in told
    assert "case number" in str(floor.asks("find"))
    assert "no case number" in str(floor.asks("case Bob"))


def test_a_found_case_leads_to_its_card(floor: Floor) -> None:
    ts = floor.slack.call("chat.postMessage", channel=CARE, text="card", blocks=[])["ts"]
    floor.store.commit(Card("acme", floor.case.id, CARE, ts, 1))
    assert f"/p{ts.replace('.', '')}|Open its card>" in str(floor.asks(f"case {floor.case.id}"))
    floor.slack.fails("chat.getPermalink", SlackRefused("message_not_found"))
    assert "Open its card" not in str(floor.asks(f"case {floor.case.id}"))


def test_cases_of_other_brands_are_not_found(floor: Floor) -> None:
    for text in (f"case {floor.case.id}", "find ana", "mine", "report"):
        assert floor.case.id not in str(floor.asks(text, OTHER)), text


def test_report_says_what_waits(floor: Floor) -> None:
    assert "*Customer care:* 1 open, 1 with nobody, longest wait 1 minute" in str(floor.asks("report"))
    floor.moves_to(timedelta(hours=1).total_seconds())
    floor.click("case_take")
    assert "*Customer care:* 1 open, 0 with nobody, :rotating_light: 1 late" in str(floor.asks("report"))


def test_on_call_names_who_is_and_until_when(floor: Floor) -> None:
    assert "no rotation" in str(floor.asks("on-call"))
    layer = Layer(("maria", "tom"), "UTC", date(2026, 11, 20), 480, 1)
    floor.config = replace(
        floor.config, rotations={"nights": Rotation("nights", (layer,)), "none": Rotation("none", ())}
    )
    told = str(floor.asks("oncall"))
    assert "*nights:* Maria Silva, until <!date^1795248000" in told and "*none:* nobody" in told
    others = str(floor.asks("oncall", OTHER))
    assert "nights" not in others and "Maria" not in others and "*none:* nobody" in others


@pytest.mark.parametrize("text", ["", "help", "burn it"])
def test_everything_else_is_answered_with_help(floor: Floor, text: str) -> None:
    assert "/heed mine" in str(floor.asks(text))


def test_people_we_do_not_know_learn_nothing(floor: Floor) -> None:
    assert words.NOT_SET_UP in str(floor.asks("mine", "U0NOBODY1"))


def test_a_mention_outside_of_threads_is_answered_there_for_one_person(floor: Floor) -> None:
    floor.asks("find ana", mention=True, response_url=None)
    (told,) = floor.slack.ephemeral
    assert (told["user"], told["channel"]) == (MARIA.slack, CARE) and floor.case.id in str(told["blocks"])


def test_next_takes_the_next_case_once_for_each_use(floor: Floor) -> None:
    for _ in range(2):
        answer = floor.asks("next", id="t1")
        assert "Yours now" in answer["text"] and floor.case.id in str(answer)
    assert floor.current.assignee == "maria" and floor.facts() == [Fact.CASE_TAKEN]
    assert words.NOTHING_NEXT in str(floor.asks("next", id="t2"))


def test_nothing_is_next_for_those_who_do_not_work_on_cases(floor: Floor) -> None:
    assert words.NOTHING_NEXT in str(floor.asks("next", AUDITOR, id="t1"))
    assert floor.facts() == []


def test_a_race_that_is_never_won_is_told_everywhere(floor: Floor) -> None:
    def overtaken(command: object, now: object) -> None:
        raise Conflict(("case",))

    floor.bus = overtaken
    assert words.BUSY in str(floor.asks("next", id="t1"))
    press(floor, buttons.NEXT)
    assert words.BUSY in str(floor.view())


def test_buttons_of_a_list_work(floor: Floor) -> None:
    floor.click("case_take", ts="1795165201.000001")
    assert floor.current.assignee == "maria"


# -- the Home tab -------------------------------------------------------------------------------------------------


def test_home_shows_ones_cases_and_what_waits(floor: Floor) -> None:
    floor.click("case_take")
    floor.looks_home()
    shown = str(floor.home())
    assert "Your cases: 1" in shown and "*Ana Ruiz* answer by" in shown and "*Customer care:* 1 open" in shown


def test_home_is_sorted_by_what_is_due_first(floor: Floor) -> None:
    floor.click("case_take")
    later, _ = opened(thread("later"), name="Zoe Late")
    later = replace(later, id=later.id[:-1] + "2", assignee="maria", clocks=(), targets=())
    sooner = replace(later, id=later.id[:-1] + "3", contact_name="Sam Soon", clocks=floor.case.clocks)
    sooner = replace(sooner, clocks=tuple(replace(one, due_at=one.due_at - 5 * MINUTE) for one in sooner.clocks))
    floor.store.commit(later, sooner)
    floor.looks_home()
    shown = str(floor.home())
    assert shown.index("Sam Soon") < shown.index("Ana Ruiz") < shown.index("Zoe Late")


def test_a_home_seen_in_a_newer_state_is_left_alone(floor: Floor) -> None:
    floor.looks_home()
    floor.slack.homes[MARIA.slack or ""] = ("newer", {"mine": True})
    assert floor.looks_home(view_hash="older") == {}
    assert floor.home() == {"mine": True}


def test_a_stranger_sees_why_there_is_nothing(floor: Floor) -> None:
    floor.looks_home("U0NOBODY1")
    assert words.NOT_SET_UP in str(floor.home("U0NOBODY1"))


def press(floor: Floor, action: str, **more: Any) -> dict[str, Any]:
    return floor.click(action, channel="", ts="", view_id="VHOME", home=True, response_url=None, **more)


def test_what_is_pressed_at_home_shows_there(floor: Floor) -> None:
    floor.looks_home()
    assert "Nothing is with you" in str(floor.home())
    press(floor, "case_take")
    assert "Your cases: 1" in str(floor.home())
    floor.moves_to(60)
    press(floor, buttons.REFRESH)
    assert "in 11 minutes" in str(floor.home())


def test_people_say_at_home_whether_they_are_there(floor: Floor) -> None:
    floor.looks_home()
    assert "You are away" in str(floor.home()) and buttons.BACK in str(floor.home())
    for _ in range(2):
        press(floor, buttons.BACK)
    state = floor.store.agent_state("acme", "maria")
    assert state is not None and state.online and (state.since, state.version) == (NOW, 1)
    assert "You are away" not in str(floor.home()) and buttons.AWAY in str(floor.home())
    press(floor, buttons.AWAY)
    state = floor.store.agent_state("acme", "maria")
    assert state is not None and not state.online


def test_the_next_case_is_one_press_away(floor: Floor) -> None:
    floor.looks_home()
    press(floor, buttons.NEXT)
    assert floor.current.assignee == "maria" and "Your cases: 1" in str(floor.home())
    press(floor, buttons.NEXT)
    assert words.NOTHING_NEXT in str(floor.view())


def test_windows_open_from_home_too(floor: Floor) -> None:
    press(floor, "case_reply")
    assert [method for method, _ in floor.slack.done()] == ["views.open", "views.update"]


def test_a_refusal_at_home_comes_in_a_window(floor: Floor) -> None:
    floor.click("case_take", TOM)
    press(floor, "case_take")
    assert "already taken by Tom Becker" in str(floor.view()) and floor.slack.ephemeral == []


def test_a_full_inbox_keeps_slacks_limits(floor: Floor) -> None:
    mine = [replace(floor.case, id=f"{floor.case.id[:-1]}{number}", assignee="maria") for number in range(2, 42)]
    floor.store.commit(*mine)
    floor.looks_home()
    shown = str(floor.home())
    assert all(f"`{case.id}`" in shown for case in mine) and len(floor.home()["blocks"]) <= 100
    told = floor.asks("mine")
    assert all(f"`{case.id}`" in str(told) for case in mine) and len(told["blocks"]) <= 50


def test_report_counts_what_waits_behind_what_others_have(floor: Floor) -> None:
    """The list of a team holds fifty cases; what nobody has is asked for by itself then, and says if it is more."""
    taken = [replace(floor.case, id=f"{'b' * 20}-{number}", assignee="tom") for number in range(1, 56)]
    free = [replace(floor.case, id=f"{'c' * 20}-{number}", clocks=()) for number in (1, 2)]
    floor.store.commit(*taken, *free)
    told = str(floor.asks("report"))
    assert "50+ open, 3 with nobody" in told
