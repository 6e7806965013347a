"""The forms keep Slack's limits whatever people wrote, and offer only what can be done."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.slack import answers, buttons, forms, home
from infra.doubles.slack.limits import message_problems, view_problems
from tests.slack.checks import check_mrkdwn, check_view, texts
from tests.slack.samples import NOW, case, message, thread
from tests.slack.test_cards import HOSTILE

QUEUES = [(f"queue-{number}", HOSTILE) for number in range(150)]
FULL = replace(
    case(replace(thread(), capabilities=("hide", "delete", "like", "reply")), name=HOSTILE, handle="x" * 9000),
    tags=tuple(f"tag {number} {HOSTILE}" for number in range(60)),
    assignee="maria",
)
MADE = {
    "menu": forms.menu(FULL),
    "assign": forms.assign(FULL),
    "move": forms.move(FULL, QUEUES),
    "priority": forms.priority(FULL),
    "snooze": forms.snooze(FULL, NOW),
    "tags": forms.tags(case()),
    "merge": forms.merge(FULL),
    "link": forms.link(FULL),
    "dismiss": forms.dismiss(FULL),
    "escalate": forms.escalate(FULL),
    "reject": forms.reject(FULL, "r1"),
    "moderate": forms.moderate(FULL, [message(HOSTILE), message("x" * 9000, id="m2")], NOW),
    "add": forms.add_to_case(HOSTILE * 100, [(f"aaaaaaaaaaaaaaaaaaaa-{number}", HOSTILE) for number in range(150)]),
}


@pytest.mark.parametrize("name", MADE)
def test_every_form_keeps_the_limits(name: str) -> None:
    check_view(MADE[name])


@pytest.mark.parametrize("name", forms.MAIN)
def test_the_field_that_carries_refusals_is_in_its_form(name: str) -> None:
    assert forms.MAIN[name] in [block.get("block_id") for block in MADE[name]["blocks"]]
    assert MADE[name]["callback_id"] == name


def test_many_tags_do_not_break_their_form() -> None:
    check_view(forms.tags(replace(FULL, tags=tuple(f"tag{number}" for number in range(300)))))


def field(view: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(block for block in view["blocks"] if block.get("block_id") == name)["element"]
    return found


def test_a_case_moves_to_other_teams_only() -> None:
    view = forms.move(case(), [("care", "Customer care"), ("quiet", "Quiet")])
    assert [one["value"] for one in field(view, forms.QUEUE)["options"]] == ["quiet"]
    alone = forms.move(case(), [("care", "Customer care")])
    assert "There is no other team." in str(alone) and "submit" not in alone


def test_the_present_priority_is_chosen_at_first() -> None:
    assert field(forms.priority(case()), forms.PRIORITY)["initial_option"]["value"] == "high"


def test_only_what_the_network_can_do_is_offered() -> None:
    one = case(replace(thread(), capabilities=("like", "reply")), thread("dm", public=False))
    offered = forms.offers(one)
    assert offered == [("like", "Like it")]
    assert buttons.MODERATE not in str(forms.menu(case()))
    assert "offers nothing" in str(forms.moderate(case(), [message()], NOW))
    assert "offers nothing" in str(forms.moderate(one, [], NOW))


PLAIN = HOSTILE.replace("<", "").replace(">", "").replace("&", "")
LATEST = {message().id: message(HOSTILE)}


def test_lists_name_what_was_written_last_and_every_case() -> None:
    many = answers.Found([case()] * 50, {message().id: message("Where is it?")}, more=True)
    told = answers.cases("Yours", many, {}, NOW)
    shown = "\n".join(texts(told, "mrkdwn"))
    counts = shown.count(case().id), shown.count(":speech_balloon: Where is it?")
    assert (told["text"], *counts) == ("Yours: 50+", 50, 10)
    assert "and more" in shown and len(told["blocks"]) <= 50
    few = "\n".join(texts(answers.cases("Yours", answers.Found([case()] * 115), {}, NOW), "mrkdwn"))
    assert (few.count(case().id), "and 5 more" in few) == (110, True)


def test_a_list_shows_every_promise_and_what_can_be_done_at_once() -> None:
    entry = str(answers.entry(case(), {}, NOW))
    assert all(one in entry for one in (buttons.REPLY, buttons.NOTE, buttons.RESOLVE, buttons.MORE))
    assert "answer by" in entry and "Resolve by" in entry


def test_lists_and_home_ping_nobody() -> None:
    load = answers.Load(HOSTILE, 50, 3, 2, more=True)
    shown: list[Any] = [
        answers.cases(PLAIN, answers.Found([FULL] * 130, LATEST, more=True), {"care": HOSTILE}, NOW),
        answers.report([load]),
        home.home(answers.Found([FULL] * 160), [load] * 40, {"care": HOSTILE}, NOW, away=True, can_take=True),
        home.home(answers.Found([]), [], {}, NOW, away=False),
    ]
    for one in shown:
        for text in texts(one, "mrkdwn"):
            check_mrkdwn(text)
    assert view_problems(shown[2]) == [] == view_problems(shown[3])
    assert all(message_problems(one["blocks"]) == [] for one in shown[:2])
    assert "50+ open" in str(shown[1]) and "2+ late" in str(shown[1])
    assert buttons.BACK in str(shown[2]) and buttons.AWAY in str(shown[3]) and buttons.NEXT not in str(shown[3])
