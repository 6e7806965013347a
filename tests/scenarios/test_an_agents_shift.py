"""An agent's whole shift in Slack: everything is done through signed requests, as Slack makes them."""

from typing import Any

from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.timeline import Fact
from infra.doubles.slack.shapes import Json
from tests.infra.waiting import eventually
from tests.scenarios.people import Customer, customer
from tests.scenarios.world import AGENTS, MESSAGES, World

ANA, TOM = AGENTS["ana"], AGENTS["tom"]


def written(world: World, text: str = "Where is my order?", kind: str = "message") -> tuple[Customer, Case]:
    one = customer(world, "facebook")
    one.says(text, kind)
    world.card(one.case)
    return one, one.case


def asks(world: World, text: str, user: str = ANA) -> str:
    """What they are answered, at the address that came along with the command."""
    before = len(world.only_for(user))
    answer = world.slack.command("/heed", text, MESSAGES, user)
    assert answer.ok and answer.text == ""
    (told,) = eventually(lambda: world.only_for(user)[before:])
    return told


def orders(world: World, case: Case, text: str, user: str = ANA) -> None:
    bot = world.slack.workspace.identity.bot_user_id
    assert world.slack.say(MESSAGES, world.card(case)["ts"], f"<@{bot}> {text}", user).ok
    world.done()


def window(world: World, case: Case, action: str, agent: str = "ana") -> Json:
    world.press(world.card(case), action, agent)
    return world.window(agent)


def submit(world: World, view: Json, agent: str = "ana", **values: Any) -> None:
    given = {block: {block: value} for block, value in values.items()}
    sent = world.slack.submit(view["id"], given, AGENTS[agent])
    assert sent.ok and sent.outcome == "close", sent
    world.done()


def test_the_day_begins_at_home(world: World) -> None:
    _, case = written(world)
    orders(world, case, "take")
    eventually(lambda: world.case(case).assignee == "ana")
    assert world.slack.open_home(ANA).ok
    world.done()
    home = str(world.slack.views.homes[ANA]["blocks"])
    assert "Your cases: " in home and case.id in home
    assert case.id in asks(world, "mine") and case.id not in asks(world, "mine", TOM)
    assert case.id in asks(world, f"case {case.id}")


def test_orders_in_a_thread_are_done_and_told_there(world: World) -> None:
    one, case = written(world)
    for text in ("take", "priority high a lawyer writes", "tag refund", f"assign <@{TOM}> you know her"):
        orders(world, case, text)
    now = eventually(lambda: (found := world.case(case)).assignee == "tom" and found)
    assert isinstance(now, Case)
    assert (now.priority, now.tags) == (Priority.HIGH, ("refund",))
    orders(world, case, "she is right, you know")
    eventually(lambda: world.facts(case).count(Fact.NOTE_ADDED) == 2)
    eventually(lambda: world.lines(case, "gave this case to Tom"))
    eventually(lambda: "*Tags:* refund" in str(world.card(case)["blocks"]))
    assert world.networks.posts() == []
    assert one.case.id == case.id


def test_a_snoozed_case_sleeps_until_the_customer_writes(world: World) -> None:
    one, case = written(world)
    view = window(world, case, "case_snooze_until")
    world.presses(view, "case_snooze~60", "ana")
    eventually(lambda: world.case(case).snoozed_until is not None)
    eventually(lambda: ":zzz:" in str(world.card(case)["blocks"]))
    one.says("Hello?")
    eventually(lambda: world.case(case).snoozed_until is None)


def test_a_case_is_handed_over_merged_and_dismissed_in_windows(world: World) -> None:
    _, case = written(world)
    view = window(world, case, "case_more")
    submit(world, world.presses(view, "case_assign", "ana"), who=TOM, text="You know her")
    eventually(lambda: world.case(case).assignee == "tom")

    one = customer(world, "facebook")
    one.says("Buy followers now")
    spam = one.case
    view = window(world, spam, "case_more")
    submit(world, world.presses(view, "case_dismiss", "ana"), text="Spam")
    eventually(lambda: not world.case(spam).live)
    assert world.facts(spam).count(Fact.CASE_DISMISSED) == 1
    (line,) = eventually(lambda: world.lines(spam, "this was not a request"))

    world.press(line, "case_reopen", "tom")
    eventually(lambda: world.case(spam).live and world.case(spam).assignee == "tom")
    eventually(lambda: world.lines(spam, "Tom reopened this case"))
    eventually(lambda: "case_resolve" in str(world.card(spam)["blocks"]))


def test_words_survive_a_lost_window_and_leave_once(world: World) -> None:
    _, case = written(world)
    view = window(world, case, "case_reply")
    typed = {"text": {"text": "It is on its way."}}
    world.presses(view, "text", "ana", "It is on its way.", typed)
    world.slack.close_view(view["id"], ANA)
    again = window(world, case, "case_reply")
    assert "It is on its way." in str(again["blocks"]) and "they were not sent" in str(again["blocks"])
    before = len(world.networks.posts())
    submit(world, again)
    eventually(lambda: Fact.REPLY_SENT in world.facts(case))
    assert len(world.networks.posts()) == before + 1
    fresh = window(world, case, "case_reply")
    assert "It is on its way." not in str(fresh["blocks"])
    world.slack.close_view(fresh["id"], ANA)


def test_the_length_left_is_told_beside_words_that_stay(world: World) -> None:
    one = customer(world, "x")
    one.says("Where is my order?")
    view = window(world, one.case, "case_reply")
    asked = world.presses(view, "length", "ana", "length", {"text": {"text": "It is coming " + "\N{PACKAGE}" * 10}})
    assert "X in private: 9977 left of 10000 characters." in str(asked["blocks"])
    submit(world, asked)
    eventually(lambda: any(post.text.startswith("It is coming") for post in world.networks.posts()))


def test_a_comment_is_answered_in_private_and_in_public_at_once(world: World) -> None:
    _, case = written(world, "Nobody answers!", "comment")
    found = next(one for one in list(world.slack.workspace.messages) if one.ts == world.card(case)["ts"])
    assert world.slack.shortcut("reply_to_this", found.channel, found.ts, ANA).ok
    world.done()
    view = world.window("ana")
    where = next(block for block in view["blocks"] if block["block_id"] == "where")
    private = next(one["value"] for one in where["element"]["options"] if one["value"].startswith("private_reply:"))
    before = len(world.networks.posts())
    submit(world, view, where=private, text="Your refund left today.", also=["yes"])
    eventually(lambda: world.facts(case).count(Fact.REPLY_SENT) == 2)
    texts = [post.text for post in world.networks.posts()[before:]]
    assert sorted(texts) == ["We have sent you a private message about this.", "Your refund left today."]


def test_the_next_case_is_taken_by_asking_for_it(world: World) -> None:
    written(world)
    world.settle()
    answer = asks(world, "next", TOM)
    assert "Yours now" in answer
    mine = world.store.assigned("harbor", "tom")
    assert any(case.id in answer for case in mine)


def test_a_guest_can_do_nothing(world: World) -> None:
    _, case = written(world)
    world.slack.workspace.users["U0GUEST"] = {"name": "guest", "real_name": "A Guest"}
    before = world.facts(case)
    assert world.slack.click(MESSAGES, world.card(case)["ts"], "case_take", "U0GUEST").ok
    world.done()
    orders(world, case, "resolve", "U0GUEST")
    assert "not set up in Heed" in asks(world, "mine", "U0GUEST")
    told = [one.body["text"] for one in list(world.slack.workspace.messages) if one.seen_by == "U0GUEST"]
    assert sum("not set up in Heed" in text for text in told) >= 2
    assert world.facts(case) == before


def test_the_shift_ends_with_everything_told(world: World) -> None:
    _, case = written(world)
    orders(world, case, "resolve")
    eventually(lambda: world.case(case).status is Status.SOLVED)
    assert "find" in asks(world, "help") and "Nobody is on call" in asks(world, "on-call")
    assert "open" in asks(world, "report")
    world.settle()
    assert "ratelimited" not in {one.result for one in world.slack.web.calls}, "every call came when it was its turn"
