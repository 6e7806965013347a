"""The windows in which agents write."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import channels
from chalicelib.domain.case import Case
from chalicelib.domain.reply import Mode
from chalicelib.slack import destinations, modals, replying
from chalicelib.slack.replying import Aids, Words
from tests.slack.checks import check_view, texts
from tests.slack.samples import NOW, case, network, thread

DM = thread("dm", public=False, ago=1)
PUBLIC_ONLY = replace(thread(), capabilities=("reply",))


def view(one: Case, now: Any = NOW) -> dict[str, Any]:
    made = replying.reply(one, network, now)
    check_view(made)
    return made


def said(made: dict[str, Any]) -> str:
    return "\n".join(texts(made, "plain_text"))


def block(made: dict[str, Any], block_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in made["blocks"] if one.get("block_id") == block_id)
    return found


def test_a_public_answer_says_public_and_to_whom() -> None:
    made = view(case(PUBLIC_ONLY))
    told = said(made)
    assert made["title"]["text"] == "Reply on Facebook" and made["submit"]["text"] == "Send publicly"
    assert "To Ana Ruiz (@ana)" in told
    assert "PUBLIC on Facebook: everyone can read it" in told
    assert "up to 8000 characters" in told


def test_a_private_answer_says_private_and_how_long_it_may_still_go() -> None:
    made = view(case(DM))
    assert made["submit"]["text"] == "Send privately"
    assert "Private message on Facebook: only they read it" in said(made)
    assert "open for 6 days 23 hours" in said(made)


def test_a_window_that_has_closed_is_said_to_be_closed() -> None:
    assert "too late here, it will be refused" in said(view(case(DM), NOW + timedelta(days=8)))


def test_the_window_holds_ids_only() -> None:
    made = view(case(PUBLIC_ONLY))
    where = f"public:{PUBLIC_ONLY.conversation_id}:{PUBLIC_ONLY.channel}"
    assert json.loads(made["private_metadata"]) == {"brand": "acme", "case": case().id, "where": where, "turn": "0"}


def test_several_places_are_a_choice_that_starts_with_the_latest() -> None:
    made = view(case(thread(), DM))
    element = block(made, modals.WHERE)["element"]
    assert element["type"] == "radio_buttons"
    assert [one["value"].partition(":")[0] for one in element["options"]] == ["private", "public", "private_reply"]
    assert element["initial_option"] == element["options"][0]
    assert made["submit"]["text"] == "Send"


def test_a_comment_offers_a_private_reply_where_the_network_has_it() -> None:
    element = block(view(case(thread())), modals.WHERE)["element"]
    assert [one["text"]["text"] for one in element["options"]] == [
        "PUBLIC on Facebook: everyone can read it",
        "Private on Facebook, about their comment: only they read it",
    ]


def test_many_places_become_a_menu() -> None:
    element = block(view(case(*(thread(f"post {number}") for number in range(9)))), modals.WHERE)["element"]
    assert element["type"] == "static_select" and len(element["options"]) == 18


def test_long_names_of_networks_fit() -> None:
    made = view(case(replace(PUBLIC_ONLY, channel="long"), replace(DM, channel="long")))
    assert "PUBLIC on A network" in said(made)
    assert len(view(case(replace(PUBLIC_ONLY, channel="long")))["title"]["text"]) <= 24


@pytest.mark.parametrize("name", ["<!channel>", "x" * 10_000, "", "\u202e\ud800"])
def test_hostile_names_stay_plain_text(name: str) -> None:
    view(case(name=name, handle=name))


def test_a_case_without_a_place_to_answer_has_no_reply_window() -> None:
    with pytest.raises(ValueError, match="no conversation"):
        replying.reply(case(replace(thread(), capabilities=())), network, NOW)


def test_a_chosen_place_is_found_again_only_while_the_case_has_it() -> None:
    one = case(thread(), DM)
    found = destinations.destination(one, f"private:{DM.conversation_id}")
    assert found is not None and (found.thread, found.mode) == (DM, Mode.PRIVATE)
    assert destinations.destination(one, f"public:{DM.conversation_id}") is None
    assert destinations.destination(one, "") is None


def test_length_is_counted_as_the_network_does() -> None:
    where = destinations.Destination(replace(thread(), channel="x"), Mode.PUBLIC)
    assert destinations.too_long(network("x"), where.outgoing("r", "a" * 140)) is None
    told = destinations.too_long(network("x"), where.outgoing("r", "a" * 145))
    assert told == "X takes 280 weighted characters and this has 290. Shorten it by 10."


def test_the_other_windows_keep_the_limits() -> None:
    for made in (modals.loading("Reply"), modals.says("Reply", "x" * 9999), modals.note("acme", case().id)):
        check_view(made)
    assert "The customer never sees them" in said(modals.note("acme", case().id))
    assert "press the button again" in said(modals.loading("Reply"))


def test_errors_keep_the_words_in_the_window() -> None:
    assert modals.errors("text", "Too long.") == {"response_action": "errors", "errors": {"text": "Too long."}}


# -- what helps while writing ---------------------------------------------------------------------------------------


def aided(text: str = "", words: Words | None = None, **aids: Any) -> dict[str, Any]:
    made = replying.reply(case(thread(), DM), network, NOW, Aids(words or Words(text), **aids))
    check_view(made)
    return made


def test_slack_tells_of_the_words_while_they_are_written() -> None:
    text = block(aided(), modals.TEXT)
    assert text["dispatch_action"] is True
    assert text["element"]["dispatch_action_config"] == {"trigger_actions_on": ["on_character_entered"]}
    assert aided()["notify_on_close"] is True


def test_a_kept_draft_stands_in_the_window_again() -> None:
    made = aided(words=Words("We are looking.", kept=modals.not_sent(NOW - timedelta(minutes=9), NOW)))
    assert block(made, modals.TEXT)["element"]["initial_value"] == "We are looking."
    assert "These are your words of 08:51 UTC; they were not sent." in said(made)
    assert "Facebook in private: 7985 left of 8000 characters." in said(made)


def room(made: dict[str, Any]) -> str:
    (found,) = (one for one in made["blocks"] if one.get("accessory", {}).get("action_id") == modals.LENGTH)
    return str(found["text"]["text"])


def test_the_room_is_told_of_the_place_that_is_chosen() -> None:
    where = [one["value"] for one in block(aided(), modals.WHERE)["element"]["options"]]
    assert room(aided()) == "Each network counts in its own way."
    assert room(aided("It is coming")) == "Facebook in private: 7988 left of 8000 characters."
    assert room(aided(words=Words("It is coming", where[1]))) == "Facebook in public: 7988 left of 8000 characters."
    assert room(aided(words=Words("x" * 8003, where[1]))) == "Facebook in public: 3 too many for 8000 characters."


def test_the_room_is_measured_as_the_network_does() -> None:
    made = replying.reply(case(replace(PUBLIC_ONLY, channel="x")), network, NOW, Aids(Words("a" * 100)))
    assert room(made) == "X in public: 80 left of 280 weighted characters."


def test_a_filled_text_stands_in_a_field_of_another_id_as_slack_needs_it() -> None:
    made = aided(text="Dear Ana", turn=2, macros=[("m1", "Thanks")], macro="m1")
    assert block(made, "text~2")["element"]["action_id"] == modals.TEXT
    assert json.loads(made["private_metadata"])["turn"] == "2"
    assert block(made, modals.MACRO)["element"]["initial_option"]["value"] == "m1"
    assert block(made, modals.MACRO)["dispatch_action"] is True


def test_without_saved_replies_there_is_no_menu_of_them() -> None:
    assert modals.MACRO not in [one.get("block_id") for one in aided()["blocks"]]


def test_who_else_writes_and_how_long_it_can_be_taken_back_is_said() -> None:
    assert "Tom is writing an answer to this case too." in said(aided(writing=["Tom"]))
    told = said(aided(writing=["Tom", "Eva"], undo=timedelta(minutes=1)))
    assert "Tom, Eva are writing" in told and "take it back for 1 minute after sending" in told


def test_a_time_that_is_named_to_the_customer_can_be_said() -> None:
    made = block(aided(), modals.PROMISED)
    assert (made["element"]["type"], made["optional"]) == ("datetimepicker", True)
    assert "initial_date_time" not in made["element"]


def test_both_ways_is_offered_only_where_a_comment_can_be_answered_both_ways() -> None:
    assert block(aided(), modals.ALSO)["element"]["options"][0]["text"]["text"].startswith("Also answer PUBLICLY")
    only = replying.reply(case(DM), network, NOW)
    assert modals.ALSO not in [one.get("block_id") for one in only["blocks"]]


@pytest.mark.parametrize("text", ["x" * 5000, "<!channel>", "\u202e", "👩‍🚒" * 2000])
def test_any_words_fit_the_window(text: str) -> None:
    aided(text=text, macros=[(str(number), text) for number in range(150)], writing=[text] * 50)


def test_the_time_that_is_left_is_that_of_the_account_by_which_it_is_sent() -> None:
    late = NOW + timedelta(hours=30)
    for options, told in (({}, "too late here"), ({"human_agent": "yes"}, "open for 5 days")):
        made = replying.reply(case(DM), channels.load, late, Aids(options={"acme-page": options}))
        assert told in said(made)


def test_a_description_is_cut_between_facts_and_never_inside_one() -> None:
    element = block(view(case(thread(), DM)), modals.WHERE)["element"]
    told = [one["description"]["text"] for one in element["options"]]
    assert all(len(one) <= 75 and "…" not in one for one in told)
    assert told[0] == "open for 6 days 23 hours; up to 8000 characters; they wrote 08:59 UTC"


def test_the_box_says_how_long_words_may_be_at_every_place() -> None:
    made = view(case(replace(thread(), channel="x"), DM))
    told = block(made, modals.TEXT)["hint"]["text"]
    assert "X in public: up to 280 weighted characters" in told and "Facebook in private: up to 8000 characters" in told
    assert "this box holds 3000" in told
    assert "this box" not in block(view(case(replace(PUBLIC_ONLY, channel="x"))), modals.TEXT)["hint"]["text"]


BENS_DM = replace(thread("dm-ben", public=False, ago=2), contact_id="b", name="Ben Stone", handle="ben")


def test_where_several_people_are_in_a_case_each_place_says_who_reads_there() -> None:
    made = view(case(DM, BENS_DM, PUBLIC_ONLY))
    told = said(made)
    assert "Several people are in this case: Ana Ruiz, Ben Stone." in told and "To Ana Ruiz" not in told
    options = [one["text"]["text"] for one in block(made, modals.WHERE)["element"]["options"]]
    assert options == [
        "Private message to Ana Ruiz on Facebook: only they read it",
        "Private message to Ben Stone on Facebook: only they read it",
        "PUBLIC to Ana Ruiz on Facebook: everyone can read it",
    ]


def test_a_place_of_a_guest_alone_names_the_guest() -> None:
    assert "To Ben Stone (@ben)" in said(view(case(BENS_DM)))


def test_who_can_read_it_is_never_cut_off_by_a_name() -> None:
    long = replace(BENS_DM, name="Maximilian-Alexander von und zu Hohenlohe-Langenburg")
    (option,) = [one for one in block(view(case(DM, long)), modals.WHERE)["element"]["options"] if "Max" in str(one)]
    assert option["text"]["text"].endswith("on Facebook: only they read it")
