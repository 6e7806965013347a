"""Words that were not sent: kept, given back, not taken for what was sent, not sent where they were not meant."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.card import Card
from chalicelib.domain.draft import KEPT, NOTE
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import reply_id
from chalicelib.domain.macros import Macro
from chalicelib.domain.people import Role
from chalicelib.domain.presence import Writing
from chalicelib.domain.reply import Failed, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.service import sent
from chalicelib.service.bus import Bus
from chalicelib.service.ports import Row
from chalicelib.slack import buttons, modals
from tests.fakes.memory_store import MemoryStore
from tests.service.floor import BY_REPLY, PRIVATELY, PUBLICLY, ROOT, Floor
from tests.slack.samples import AUDITOR, CARE, MARIA, MINUTE, NOW, OTHER, TOM, network, thread


@pytest.fixture
def floor() -> Floor:
    return Floor()


def field(floor: Floor, block_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one["element"] for one in floor.view()["blocks"] if one.get("block_id", "").partition("~")[0] == block_id
    )
    return found


def words(floor: Floor) -> str:
    return str(field(floor, modals.TEXT).get("initial_value", ""))


# -- drafts -------------------------------------------------------------------------------------------------------


def offered(floor: Floor, agent: Any = MARIA) -> str:
    """What stands in a reply window opened now."""
    floor.click(buttons.REPLY, agent)
    return words(floor)


def test_words_typed_before_the_window_was_lost_are_offered_again(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "We are loo", values={modals.TEXT: "We are looking."})
    assert offered(floor) == "We are looking."
    assert "These are your words of 09:00 UTC; they were not sent." in str(floor.view())
    assert offered(floor, TOM) == "", "nobody is offered somebody else's words"


def test_words_of_a_closed_window_are_kept_when_slack_tells_them(floor: Floor) -> None:
    floor.closed("We are looking.")
    assert offered(floor) == "We are looking."


def test_closing_without_words_forgets_nothing(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "We are looking.")
    floor.closed("")
    assert offered(floor) == "We are looking."


def test_words_that_were_refused_are_kept_too(floor: Floor) -> None:
    floor.answer("Hello", "private:gone")
    assert offered(floor) == "Hello"


def test_words_that_are_refused_late_are_kept_although_others_were_sent_since(floor: Floor) -> None:
    floor.moves_to(1)
    assert floor.answer("The second", PRIVATELY, view_id="V2") == {}
    floor.moves_to(0)
    floor.answer("The first", "private:gone", view_id="V1")
    assert offered(floor) == "The first"


def test_words_that_are_refused_stand_below_others_that_wait(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "The fir", view_id="V1")
    floor.answer("The first", "private:gone", view_id="V1")
    floor.answer("The second", "private:gone", view_id="V2")
    floor.answer("The second", "private:gone", view_id="V2")
    assert offered(floor) == "The first\n\nThe second"


def test_what_was_sent_is_no_draft_any_more(floor: Floor) -> None:
    floor.moves_to(-1)
    floor.in_window(modals.TEXT, "Hello")
    floor.moves_to(0)
    assert floor.answer("Hello", PRIVATELY) == {}
    assert offered(floor) == ""


def test_an_older_keystroke_that_comes_late_does_not_win(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "We are looking.")
    floor.moves_to(-1)
    floor.in_window(modals.TEXT, "We are")
    floor.moves_to(0)
    assert offered(floor) == "We are looking."


def test_a_draft_does_not_live_for_ever(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "We are looking.")
    floor.moves_to(KEPT.total_seconds())
    assert offered(floor) == ""


@pytest.mark.parametrize("agent", [OTHER, AUDITOR])
def test_nobody_leaves_words_where_they_may_not_work(floor: Floor, agent: Any) -> None:
    floor.in_window(modals.TEXT, "x", agent)
    assert floor.store.draft("acme", floor.case.id, agent.id) is None


def test_typing_in_a_case_that_cannot_be_does_nothing(floor: Floor) -> None:
    assert floor.in_window(modals.TEXT, "x", metadata={"brand": "acme", "case": "0042"}) == {}


def test_of_two_keystrokes_the_later_one_wins_whichever_is_done_first(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "We are looking.", action_ts="1795165202.000500")
    floor.in_window(modals.TEXT, "We a", action_ts="1795165202.000100")
    assert offered(floor) == "We are looking."


def test_a_keystroke_told_after_its_window_was_sent_is_no_draft(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "Hell")
    floor.answer("Hello", PRIVATELY)
    floor.moves_to(1)
    floor.in_window(modals.TEXT, "Hello")
    floor.closed("Hello")
    assert offered(floor) == ""
    floor.moves_to(2)
    floor.in_window(modals.TEXT, "And one more thing", view_id="V2")
    assert offered(floor) == "And one more thing"


class Busy(MemoryStore):
    """Somebody always wrote a later mark of who is writing."""

    def commit(self, *rows: Row) -> None:
        if any(isinstance(row, Writing) for row in rows):
            raise Conflict
        super().commit(*rows)


def test_a_mark_that_cannot_be_written_costs_no_words() -> None:
    floor = Floor(store=Busy())
    floor.in_window(modals.TEXT, "We are looking.")
    assert offered(floor) == "We are looking."


def test_words_meant_for_one_person_are_never_offered_for_everyone(floor: Floor) -> None:
    """GIVEN a private draft WHEN a comment came since THEN the window starts with what was chosen."""
    floor.in_window(modals.TEXT, "Your card", values={modals.TEXT: "Your card 4111", modals.WHERE: PRIVATELY})
    floor.store.commit(floor.current.with_thread(replace(thread(), last_inbound_at=NOW + MINUTE)))
    floor.moves_to(120)
    assert offered(floor) == "Your card 4111"
    where = field(floor, modals.WHERE)
    assert where["options"][0]["value"] == PUBLICLY and where["initial_option"]["value"] == PRIVATELY


def test_when_their_place_is_gone_the_person_has_to_choose(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "x", values={modals.TEXT: "Your card", modals.WHERE: "private:gone:facebook"})
    assert offered(floor) == "Your card" and "initial_option" not in field(floor, modals.WHERE)


def test_the_public_words_beside_a_private_answer_are_kept_too(floor: Floor) -> None:
    values = {"text": "Secret", "where": BY_REPLY, "also": "yes", "public": "We wrote to you, Ana."}
    floor.in_window(modals.TEXT, "Secret", values=values)
    assert offered(floor) == "Secret"
    assert field(floor, modals.PUBLIC)["initial_value"] == "We wrote to you, Ana."
    assert field(floor, modals.ALSO)["initial_options"]


def test_a_note_is_kept_until_it_is_saved_and_apart_from_an_answer(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "She calls us", callback=modals.NOTE_VIEW)
    assert offered(floor) == ""
    floor.click(buttons.NOTE)
    assert words(floor) == "She calls us" and "they were not sent" in str(floor.view())
    floor.submit(modals.NOTE_VIEW, "She calls us weekly")
    floor.moves_to(1)
    floor.in_window(modals.TEXT, "She calls us weekl", callback=modals.NOTE_VIEW)
    floor.click(buttons.NOTE)
    assert words(floor) == "" and floor.store.draft("acme", floor.case.id, "maria", NOTE) is not None


def test_who_writes_a_note_is_not_seen_to_write_an_answer(floor: Floor) -> None:
    floor.in_window(modals.TEXT, "She calls us", callback=modals.NOTE_VIEW)
    assert floor.store.writers("acme", floor.case.id) == []


# -- words that come back -----------------------------------------------------------------------------------------


def answered(floor: Floor, text: str = "Helo", **values: str) -> str:
    """The id of an answer that can still be taken back."""
    floor.config = replace(floor.config, undo=timedelta(minutes=5))
    floor.bus = Bus(floor.store, floor.config, network)
    floor.submit(modals.REPLY_VIEW, "", values={modals.TEXT: text, modals.WHERE: PRIVATELY, **values})
    return reply_id("acme", "V1")


def test_what_was_taken_back_stands_in_the_window_again(floor: Floor) -> None:
    reply = answered(floor)
    floor.moves_to(1)
    floor.click(buttons.UNDO, value=f"acme/{floor.case.id}/{reply}")
    assert offered(floor) == "Helo" and "These are the words that were taken back." in str(floor.view())
    assert field(floor, modals.WHERE)["initial_option"]["value"] == PRIVATELY
    assert offered(floor, TOM) == "", "they are their author's"


def test_what_a_colleague_sent_back_stands_there_with_the_reason(floor: Floor) -> None:
    reply = answered(floor, approval="yes")
    floor.moves_to(1)
    mia = replace(TOM, role=Role.SUPERVISOR)
    floor.config = replace(floor.config, agents={**floor.config.agents, "tom": mia})
    floor.bus = Bus(floor.store, floor.config, network)
    about = {"brand": "acme", "case": floor.case.id, "reply": reply}
    floor.submit("reject", "Too cold", TOM, metadata=about, view_id="V2")
    assert offered(floor) == "Helo" and "that a colleague sent back: Too cold." in str(floor.view())


def test_what_could_not_be_sent_stands_there_with_the_reason(floor: Floor) -> None:
    reply = floor.store.reply("acme", answered(floor))
    assert reply is not None
    sent.end(floor.store, lambda: floor.config, reply, Failed("blocked"), NOW + timedelta(seconds=1))
    floor.moves_to(2)
    assert offered(floor) == "Helo"
    assert "could not be sent: the customer does not take messages from us on Facebook." in str(floor.view())


def test_words_that_came_back_and_were_sent_again_do_not_come_back_once_more(floor: Floor) -> None:
    reply = answered(floor)
    floor.moves_to(1)
    floor.click(buttons.UNDO, value=f"acme/{floor.case.id}/{reply}")
    floor.moves_to(2)
    values = {modals.TEXT: "Hello", modals.WHERE: PRIVATELY}
    floor.submit(modals.REPLY_VIEW, "", values=values, view_id="V2")
    assert offered(floor) == ""


def test_what_was_typed_after_words_came_back_stands_in_their_place(floor: Floor) -> None:
    reply = answered(floor)
    floor.moves_to(1)
    floor.click(buttons.UNDO, value=f"acme/{floor.case.id}/{reply}")
    floor.moves_to(2)
    floor.in_window(modals.TEXT, "Something else", view_id="V2")
    assert offered(floor) == "Something else"


# -- the same window, other words ---------------------------------------------------------------------------------


def test_other_words_of_a_window_sent_before_take_the_place_of_the_first_while_these_are_here(floor: Floor) -> None:
    first = answered(floor, "Helo, we luv you")
    for _ in range(2):
        floor.submit(modals.REPLY_VIEW, "", values={modals.TEXT: "Hello, we love you", modals.WHERE: PRIVATELY})
    replies = [floor.store.reply("acme", one) for one in floor.current.open_replies]
    assert [one.text for one in replies if one] == ["Hello, we love you"]
    undone = floor.store.reply("acme", first)
    assert undone is not None and undone.state is ReplyState.FAILED
    assert floor.facts().count(Fact.REPLY_QUEUED) == 2 and floor.facts().count(Fact.REPLY_UNDONE) == 1


def test_when_the_first_have_left_their_person_is_told_which_and_keeps_the_others(floor: Floor) -> None:
    first = floor.store.reply("acme", answered(floor, "Helo, we luv you"))
    assert first is not None
    floor.store.commit(first.claimed(NOW))
    floor.moves_to(1)
    floor.submit(modals.REPLY_VIEW, "", values={modals.TEXT: "Hello, we love you", modals.WHERE: PRIVATELY})
    assert 'those words leave: "Helo, we luv you"' in json.dumps(floor.view()).replace('\\"', '"')
    assert words(floor) == "Hello, we love you" and floor.facts().count(Fact.REPLY_QUEUED) == 1


# -- saved replies ------------------------------------------------------------------------------------------------

SORRY = Macro("sorry", "Say sorry", "Dear {contact.name}, sorry!")
THANKS = Macro("thanks", "Say thanks", "Thank you, {contact.name}.")


def choose(floor: Floor, key: str, **values: str) -> None:
    view_id, metadata = list(floor.slack.views)[-1], {"brand": "acme", "case": floor.case.id}
    shown = floor.view()
    metadata |= {name: one for name, one in json.loads(shown["private_metadata"]).items() if name in ("turn", "macro")}
    floor.in_window(modals.MACRO, key, view_id=view_id, metadata=metadata, values=values)


@pytest.fixture
def saved(floor: Floor) -> Floor:
    floor.config = replace(floor.config, macros={"sorry": SORRY, "thanks": THANKS})
    floor.click(buttons.REPLY, TOM)
    floor.click(buttons.REPLY)
    return floor


def test_choosing_a_saved_reply_keeps_place_colleagues_and_what_was_typed(saved: Floor) -> None:
    typed = {"text": "PS: call me", "where": BY_REPLY, "also": "yes", "public": "We wrote."}
    choose(saved, "sorry", **typed)
    assert words(saved) == "Dear Ana Ruiz, sorry!\n\nPS: call me"
    assert field(saved, modals.WHERE)["initial_option"]["value"] == BY_REPLY
    assert field(saved, modals.PUBLIC)["initial_value"] == "We wrote." and field(saved, modals.ALSO)["initial_options"]
    assert "Tom Becker is writing an answer" in str(saved.view())


def test_another_saved_reply_takes_the_place_of_the_one_before(saved: Floor) -> None:
    choose(saved, "sorry", text="PS: call me", where=PRIVATELY)
    choose(saved, "thanks", text=words(saved), where=PRIVATELY)
    assert words(saved) == "Thank you, Ana Ruiz.\n\nPS: call me"


def test_saved_replies_are_offered_for_their_brands_only(floor: Floor) -> None:
    floor.config = replace(floor.config, macros={"sorry": replace(SORRY, brands=("zenith",)), "thanks": THANKS})
    floor.click(buttons.REPLY)
    assert "Say thanks" in str(floor.view()) and "Say sorry" not in str(floor.view())
    choose(floor, "sorry")
    assert words(floor) == ""


# -- two at once --------------------------------------------------------------------------------------------------


def test_who_began_first_learns_that_somebody_else_begins_too(floor: Floor) -> None:
    floor.store.commit(Card("acme", floor.case.id, CARE, ROOT, 1))
    floor.click(buttons.REPLY, TOM)
    assert floor.slack.ephemeral == []
    floor.click(buttons.REPLY, MARIA)
    (told,) = floor.slack.ephemeral
    assert (told["user"], told["channel"], told["thread_ts"]) == (TOM.slack, CARE, ROOT)
    assert told["text"].startswith("Maria Silva has opened the reply window of this case, too.")
