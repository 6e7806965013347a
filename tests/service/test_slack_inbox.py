"""What people do in Slack, through the real command bus."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.card import Card
from chalicelib.domain.case import Status
from chalicelib.domain.commands import Command
from chalicelib.domain.errors import Conflict, Refusal
from chalicelib.domain.message import Message
from chalicelib.domain.people import Agent
from chalicelib.domain.reply import Mode, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.service.desk import show
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from chalicelib.service.slack_inbox import words
from chalicelib.slack import modals
from chalicelib.slack.incoming import Challenge, Ignored, Probe, Revised
from chalicelib.slack.lines import LINES, name
from tests.fakes.ports import CountingMeter
from tests.service.floor import BOT, BY_REPLY, PRIVATELY, PUBLICLY, ROOT, Floor
from tests.slack.samples import (
    APP,
    AUDITOR,
    CARE,
    CONFIG,
    MARIA,
    NOW,
    OTHER,
    TEAM,
    TOM,
    network,
)


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_slacks_own_questions_are_answered(floor: Floor) -> None:
    assert floor.handle(Challenge("abc")) == {"challenge": "abc"}
    assert floor.handle(Probe()) == {}
    assert floor.handle(Ignored("why")) == {}


# -- buttons ------------------------------------------------------------------------------------------------------


def test_take_gives_the_case_to_who_pressed(floor: Floor) -> None:
    assert floor.click("case_take") == {}
    assert floor.current.assignee == "maria" and floor.slack.done() == []


def test_the_second_to_take_is_told_who_has_it(floor: Floor) -> None:
    floor.click("case_take")
    floor.click("case_take", TOM)
    assert floor.current.assignee == "maria"
    (told,) = floor.slack.ephemeral
    assert "already taken by" in told["text"]
    assert (told["user"], told["channel"]) == (TOM.slack, CARE)


def test_a_double_click_takes_once(floor: Floor) -> None:
    for _ in range(2):
        floor.click("case_take", action_ts="1795165200.000001")
    assert floor.facts() == [Fact.CASE_TAKEN] and floor.slack.ephemeral == []


def test_resolve_solves_the_case(floor: Floor) -> None:
    floor.click("case_resolve")
    assert floor.current.status is Status.SOLVED


def test_reply_opens_at_once_and_then_shows_where_words_can_go(floor: Floor) -> None:
    floor.click("case_reply")
    assert [method for method, _ in floor.slack.done()] == ["views.open", "views.update"]
    (view,) = floor.slack.views.values()
    assert view["callback_id"] == modals.REPLY_VIEW and "PUBLIC on Facebook" in str(view)


def test_a_window_closed_meanwhile_is_nobodys_problem(floor: Floor) -> None:
    floor.slack.fails("views.update", SlackRefused("not_found"))
    assert floor.click("case_reply") == {} and floor.slack.ephemeral == []


@pytest.mark.parametrize("action", ["case_reply", "case_note"])
def test_a_window_that_came_too_late_is_explained(floor: Floor, action: str) -> None:
    floor.slack.fails("views.open", SlackRefused("expired_trigger_id"))
    floor.click(action)
    assert floor.told() == words.TOO_SLOW


@pytest.mark.parametrize("case_id", ["case_0042", "", "aaaaaaaaaaaaaaaaaaaa-1"])
def test_a_case_that_is_not_there_says_so_in_the_window(floor: Floor, case_id: str) -> None:
    floor.click("case_reply", value=f"acme/{case_id}")
    assert words.NO_CASE in str(floor.slack.views)


def test_a_case_without_a_place_to_answer_says_so(floor: Floor) -> None:
    mute = {key: replace(one, capabilities=()) for key, one in floor.current.threads.items()}
    floor.store.commit(replace(floor.current, threads=mute))
    floor.click("case_reply")
    assert words.NO_PLACE in str(floor.slack.views)


def test_an_unknown_button_does_nothing(floor: Floor) -> None:
    assert floor.click("reply", value="case_0042") == {}
    assert floor.slack.done() == [] and floor.facts() == []


@pytest.mark.parametrize(("action", "state"), [("reply_there", ReplyState.SENT), ("reply_missing", ReplyState.QUEUED)])
def test_a_reply_of_unknown_fate_is_settled_by_a_button(floor: Floor, action: str, state: ReplyState) -> None:
    floor.answer("Hello", PRIVATELY)
    reply = floor.reply()
    floor.store.commit(replace(reply, state=ReplyState.UNKNOWN))
    floor.click(action, value=f"acme/{floor.case.id}/{reply.id}")
    assert floor.reply().state is state


# -- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["case_take", "case_reply", "case_note", "case_resolve", "reply_there"])
def test_somebody_who_is_not_set_up_is_told_so_and_nothing_is_done(floor: Floor, action: str) -> None:
    floor.click(action, "U0NOBODY1")
    assert floor.told() == "You are not set up in Heed; ask an admin to add you in care.yaml."
    assert floor.facts() == [] and floor.slack.views == {}


@pytest.mark.parametrize("agent", [AUDITOR, OTHER])
@pytest.mark.parametrize("action", ["case_take", "case_reply", "case_note", "case_resolve"])
def test_roles_and_brands_hold_in_slack_too(floor: Floor, agent: Agent, action: str) -> None:
    floor.click(action, agent)
    assert "role does not allow this" in floor.told()
    assert floor.facts() == [] and floor.slack.views == {}


@pytest.mark.parametrize("change", [{"team": "T0STRANGER"}, {"app": "A0OTHER"}])
def test_other_workspaces_and_apps_do_nothing(floor: Floor, change: dict[str, str]) -> None:
    assert floor.click("case_take", **change) == {}
    assert floor.said("hello", **change) == {}
    assert floor.submit(modals.NOTE_VIEW, "hello", **change) == {}
    assert floor.facts() == [] and floor.slack.done() == []


def test_without_slack_in_the_config_nothing_is_accepted(floor: Floor) -> None:
    floor.config = replace(CONFIG, slack=None)
    floor.click("case_take")
    assert floor.facts() == []


# -- windows ------------------------------------------------------------------------------------------------------


def test_a_note_is_kept(floor: Floor) -> None:
    assert floor.submit(modals.NOTE_VIEW, "Call <b>her</b> & ask") == {}
    assert floor.note() == "Call <b>her</b> & ask"


def test_a_reply_goes_where_the_agent_said(floor: Floor) -> None:
    assert floor.answer("We are looking.", BY_REPLY) == {}
    reply = floor.reply()
    assert (reply.text, reply.mode) == ("We are looking.", Mode.PRIVATE_REPLY)
    assert reply.address == {"comment": "77"}


def test_the_only_place_is_remembered_by_the_window(floor: Floor) -> None:
    where = PUBLICLY
    floor.submit(modals.REPLY_VIEW, "Hello", metadata={"brand": "acme", "case": floor.case.id, modals.WHERE: where})
    assert floor.reply().mode is Mode.PUBLIC


def test_the_same_window_sent_twice_answers_once(floor: Floor) -> None:
    for _ in range(2):
        assert floor.answer("Hello", PRIVATELY) == {}
    assert floor.facts().count(Fact.REPLY_QUEUED) == 1


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("Hello", "", "not part of this case any more"),
        ("x" * 8001, PRIVATELY, "Shorten it by 1."),
        ("  ", PRIVATELY, "empty"),
    ],
)
def test_words_that_cannot_go_stay_in_the_window(floor: Floor, text: str, where: str, words: str) -> None:
    answer = floor.answer(text, where)
    assert answer["response_action"] == "errors" and words in answer["errors"][modals.TEXT]
    assert floor.facts() == []


def test_words_for_a_place_that_is_gone_come_back_in_the_window_with_the_reason(floor: Floor) -> None:
    assert floor.answer("Hello", "private:gone:facebook") == {}
    view = floor.view()
    assert view["callback_id"] == modals.REPLY_VIEW and f"NOT SENT: {words.PLACE_LEFT}" in str(view)
    (field,) = [block for block in view["blocks"] if block.get("block_id") == modals.TEXT]
    assert field["element"]["initial_value"] == "Hello" and floor.facts() == []


def test_where_no_window_can_open_any_more_the_reason_comes_below_the_card(floor: Floor) -> None:
    floor.slack.fails("views.open", SlackRefused("expired_trigger_id"))
    about = {"brand": "acme", "case": floor.case.id, "at": f"{CARE}/{ROOT}"}
    floor.answer("Hello", "private:gone:facebook", metadata=about)
    (told,) = floor.slack.ephemeral
    assert (told["channel"], told["thread_ts"]) == (CARE, ROOT) and words.PLACE_LEFT in told["text"]
    kept = floor.store.draft("acme", floor.case.id, "maria")
    assert kept is not None and kept.text == "Hello"


def test_a_window_remembers_below_which_card_its_button_stood(floor: Floor) -> None:
    floor.click("case_reply")
    assert json.loads(floor.view()["private_metadata"])["at"] == f"{CARE}/{ROOT}"
    floor.click("case_reply", ts="1795165150.000900", thread_ts=ROOT)
    assert json.loads(floor.view()["private_metadata"])["at"] == f"{CARE}/{ROOT}"


def test_an_empty_note_stays_in_the_window(floor: Floor) -> None:
    assert "empty" in floor.submit(modals.NOTE_VIEW, " ")["errors"][modals.TEXT]


@pytest.mark.parametrize("agent", ["U0NOBODY1", AUDITOR])
def test_words_of_people_without_rights_stay_in_the_window(floor: Floor, agent: Agent | str) -> None:
    assert "care.yaml" in floor.submit(modals.NOTE_VIEW, "hello", agent)["errors"][modals.TEXT]
    assert floor.facts() == []


def test_an_unknown_window_does_nothing(floor: Floor) -> None:
    assert floor.submit("close_case", "hello") == {} and floor.facts() == []


def test_a_race_that_is_never_won_is_told(floor: Floor) -> None:
    def overtaken(command: Command, now: object) -> None:
        raise Conflict(("case",))

    floor.bus = overtaken
    floor.submit(modals.NOTE_VIEW, "hello")
    assert words.BUSY in str(floor.view())
    floor.click("case_take")
    assert floor.told() == words.BUSY
    with pytest.raises(Conflict):
        floor.said("hello")


# -- threads ------------------------------------------------------------------------------------------------------


def test_words_in_the_thread_are_a_note_never_an_answer(floor: Floor) -> None:
    floor.said("reply: Hi Ana &amp; team, ask <@U0AGENT02> or see <https://acme.example/help|our guide>")
    assert floor.facts() == [Fact.NOTE_ADDED]
    assert floor.note() == "reply: Hi Ana & team, ask Tom Becker or see our guide (https://acme.example/help)"


def test_files_in_the_thread_are_named_in_the_note(floor: Floor) -> None:
    floor.said("", files=("guide.pdf", "bill.pdf"))
    assert floor.note() == "[file in Slack: guide.pdf]\n[file in Slack: bill.pdf]"


def test_a_repeated_event_is_one_note(floor: Floor) -> None:
    for _ in range(3):
        assert floor.said("hello") == {}
    assert floor.facts() == [Fact.NOTE_ADDED]


def test_a_note_below_a_card_that_has_moved_is_told_where_it_stands_now(floor: Floor) -> None:
    floor.store.commit(Card("acme", floor.case.id, "C0FAR0001", "1795165190.000100", floor.case.seq, TEAM, 1))
    floor.said("hello")
    (event,) = floor.news()
    assert floor.store.post("acme", floor.case.id, name(event)) is None
    at_home = Floor()
    at_home.store.commit(Card("acme", floor.case.id, CARE, ROOT, floor.case.seq, TEAM))
    at_home.said("hello")
    known = at_home.store.post("acme", floor.case.id, name(event))
    assert known is not None and (known.ts, known.slack_channel) == ("1795165200.000200", CARE)


def revises(
    floor: Floor, text: str | None, agent: Agent = MARIA, order: str = "1795165300.000100", **more: Any
) -> None:
    words = ("1795165200.000200", order, text)
    made = Revised(f"Ev{order}", agent.slack or "", TEAM, APP, CARE, ROOT, *words)
    assert floor.handle(replace(made, **more)) == {}


def kept(floor: Floor) -> Message:
    event = next(one for one in floor.news() if one.fact is Fact.NOTE_ADDED)
    note = floor.store.message("acme", event.data["message_id"])
    assert note is not None
    return note


def test_a_note_that_is_changed_or_taken_back_in_its_thread_says_so(floor: Floor) -> None:
    floor.said("call her at 4")
    revises(floor, "call her at 5 &amp; ask <@U0AGENT02>")
    assert kept(floor).words == "call her at 5 & ask Tom Becker"
    for _ in range(2):
        revises(floor, None, order="1795165400.000100")
    revises(floor, "call her at 6", order="1795165350.000100")
    assert kept(floor).words is None and kept(floor).text is None
    assert floor.facts() == [Fact.NOTE_ADDED, Fact.NOTE_EDITED, Fact.NOTE_DELETED]


def test_files_of_a_note_that_is_changed_are_still_named(floor: Floor) -> None:
    floor.said("look", files=("bill.pdf",))
    revises(floor, "look here", files=("bill.pdf",))
    assert kept(floor).words == "look here\n[file in Slack: bill.pdf]"


@pytest.mark.parametrize("who", [TOM, AUDITOR, replace(MARIA, slack="U0NOBODY1")])
def test_nobody_changes_a_colleagues_note(floor: Floor, who: Agent) -> None:
    floor.said("call her at 4")
    revises(floor, "call her names", who)
    assert kept(floor).words == "call her at 4" and floor.facts() == [Fact.NOTE_ADDED]
    assert floor.slack.ephemeral == []


def test_words_that_were_an_order_or_no_cases_change_nothing(floor: Floor) -> None:
    floor.said("<@U0HEEDBOT> take", bot=BOT)
    revises(floor, "<@U0HEEDBOT> release")
    revises(floor, "hello", thread_ts="1795165999.000100")
    assert floor.facts() == [Fact.CASE_TAKEN]


def test_the_desk_tells_no_line_of_it(floor: Floor) -> None:
    """The thread shows it by itself, as Slack shows every change."""
    floor.said("call her at 4")
    revises(floor, "call her at 5")
    assert Fact.NOTE_EDITED not in LINES and Fact.NOTE_DELETED not in LINES


def test_the_desk_does_not_repeat_what_was_written_in_the_thread(floor: Floor) -> None:
    floor.said("hello")
    for event in floor.news():
        show(
            event,
            store=floor.store,
            slack=floor.slack,
            config=CONFIG,
            channel=network,
            meter=CountingMeter(),
            now=NOW + timedelta(seconds=1),
        )
    assert len(floor.slack.roots()) == 1 and floor.slack.lines() == []


@pytest.mark.parametrize("change", [{"channel": "C0RANDOM1"}, {"thread_ts": "1795165140.000999"}])
def test_other_threads_are_none_of_our_business(floor: Floor, change: dict[str, str]) -> None:
    assert floor.said("hello", "U0NOBODY1", **change) == {}
    assert floor.slack.done() == [] and floor.facts() == []


def card_nobody_wrote_down(floor: Floor, **change: Any) -> str:
    """Slack has the card, but its answer never reached us."""
    metadata = {"event_type": "heed_case", "event_payload": {"brand": "acme", "case_id": floor.case.id, "post": "card"}}
    posted = floor.slack.call("chat.postMessage", channel=CARE, text="a card", blocks=[], metadata=metadata)
    floor.slack.messages[CARE, posted["ts"]] |= change
    return str(posted["ts"])


BELOW_OURS = {"bot": BOT, "parent": BOT}


def test_words_below_a_card_that_is_not_recorded_yet_are_kept_too(floor: Floor) -> None:
    floor.said("hello", thread_ts=card_nobody_wrote_down(floor), **BELOW_OURS)
    assert floor.note() == "hello"


@pytest.mark.parametrize("more", [{"bot": BOT, "parent": "U0AGENT02"}, {"bot": BOT}, {"parent": ""}])
def test_for_threads_that_others_began_slack_is_never_asked(floor: Floor, more: dict[str, str]) -> None:
    floor.said("hello", thread_ts=card_nobody_wrote_down(floor), **more)
    assert floor.slack.called("conversations.replies") == [] and floor.facts() == []


def test_nor_for_what_we_posted_long_ago(floor: Floor) -> None:
    ts = card_nobody_wrote_down(floor)
    floor.moves_to(301)
    floor.said("hello", thread_ts=ts, **BELOW_OURS)
    assert floor.slack.called("conversations.replies") == [] and floor.facts() == []


@pytest.mark.parametrize("change", [{"app_id": "A0OTHER"}, {"metadata": None}, {"metadata": {"event_type": "other"}}])
def test_what_others_post_is_no_card_of_ours(floor: Floor, change: dict[str, Any]) -> None:
    assert floor.said("hello", thread_ts=card_nobody_wrote_down(floor, **change), **BELOW_OURS) == {}
    assert floor.facts() == []


def test_a_thread_slack_does_not_show_us_is_none_of_our_business(floor: Floor) -> None:
    assert floor.said("hello", thread_ts="1795165140.000999", **BELOW_OURS) == {}
    assert floor.facts() == []


def test_when_slack_cannot_say_whose_thread_it_is_the_event_comes_again(floor: Floor) -> None:
    floor.slack.fails("conversations.replies", NoAnswer("timeout"))
    with pytest.raises(NoAnswer):
        floor.said("hello", thread_ts="1795165140.000999", **BELOW_OURS)


@pytest.mark.parametrize(("agent", "words"), [("U0NOBODY1", "not set up"), (AUDITOR, "not kept as a note")])
def test_people_without_rights_are_told_in_the_thread(floor: Floor, agent: Agent | str, words: str) -> None:
    floor.said("hello", agent)
    assert words in floor.told() and floor.slack.ephemeral[0]["thread_ts"] == ROOT
    assert floor.facts() == []


# -- Slack itself -------------------------------------------------------------------------------------------------


IN_VAIN = [SlackBusy(timedelta(seconds=3)), NoAnswer("timeout"), NotSent("refused"), SlackRefused("no")]


@pytest.mark.parametrize("trouble", IN_VAIN)
def test_what_is_only_told_fails_nothing_whatever_slack_answers(floor: Floor, trouble: Exception) -> None:
    floor.click("case_take", TOM)
    for method in ("response_url", "chat.postEphemeral", "views.update", "views.publish", "chat.getPermalink"):
        for _ in range(3):
            floor.slack.fails(method, trouble)
    assert floor.click("case_take") == {}
    floor.slack.fails("response_url", trouble)
    assert floor.click("case_reply") == {}
    floor.looks_home()
    floor.asks("mine")
    floor.said("hello", AUDITOR)
    assert floor.facts() == [Fact.CASE_TAKEN] and floor.errands.waiting == []


def test_words_go_the_next_way_when_the_first_is_closed(floor: Floor) -> None:
    floor.slack.fails("response_url", SlackRefused("used_url"))
    floor.click("case_take", "U0NOBODY1")
    (told,) = floor.slack.called("chat.postEphemeral")
    assert told["text"] == words.NOT_SET_UP


@pytest.mark.parametrize("trouble", IN_VAIN)
def test_a_window_that_does_not_open_does_nothing_and_says_so(floor: Floor, trouble: Exception) -> None:
    floor.slack.fails("views.open", trouble)
    assert floor.click("case_reply") == {}
    assert floor.told() == words.TOO_SLOW and floor.errands.sent == []


def test_words_for_people_ping_nobody(floor: Floor) -> None:
    def refusing(command: Command, now: object) -> None:
        raise Refusal("taken by <!channel>")

    floor.bus = refusing
    floor.click("case_take")
    assert floor.told() == "taken by &lt;!channel&gt;"
