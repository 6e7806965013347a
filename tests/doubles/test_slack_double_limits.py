"""Block Kit's limits as the double enforces them: at the limit accepted, one beyond it refused."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from infra.doubles.slack.limits import message_problems, view_problems
from tests.doubles.slack_kit import CARE, Desk, Json, button, modal, option, plain

DIVIDER: Json = {"type": "divider"}


def section(**more: Any) -> list[Json]:
    return [{"type": "section", **more}]


def mrkdwn(length: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * length}


def words(length: int) -> Json:
    return plain("x" * length)


def actions(*elements: Json) -> list[Json]:
    return [{"type": "actions", "elements": list(elements)}]


def many(kind: str, count: int) -> Json:
    return {"type": kind, "action_id": "a", "options": [option(f"o{n}") for n in range(count)]}


def one(kind: str, **more: Any) -> Json:
    return {"type": kind, "action_id": "a", "options": [{"text": plain("A"), "value": "a"} | more]}


LIMITS = [
    (lambda n: [DIVIDER] * n, 50, "/blocks"),
    (lambda n: section(text=mrkdwn(n)), 3000, "/blocks/0/text/text"),
    (lambda n: section(fields=[mrkdwn(1)] * n), 10, "/blocks/0/fields"),
    (lambda n: section(fields=[mrkdwn(n)]), 2000, "/blocks/0/fields/0/text"),
    (lambda n: section(text=mrkdwn(1), block_id="b" * n), 255, "/blocks/0/block_id"),
    (lambda n: [{"type": "header", "text": words(n)}], 150, "/blocks/0/text/text"),
    (lambda n: [{"type": "context", "elements": [mrkdwn(1)] * n}], 10, "/blocks/0/elements"),
    (lambda n: actions(*[button(f"b{k}") for k in range(n)]), 25, "/blocks/0/elements"),
    (lambda n: actions(button("a", text=words(n))), 75, "/blocks/0/elements/0/text/text"),
    (lambda n: actions(button("a", value="v" * n)), 2000, "/blocks/0/elements/0/value"),
    (lambda n: actions(button("a", url="u" * n)), 3000, "/blocks/0/elements/0/url"),
    (lambda n: actions(button("a" * n, text=words(1))), 255, "/blocks/0/elements/0/action_id"),
    (lambda n: actions(many("static_select", n)), 100, "/blocks/0/elements/0/options"),
    (lambda n: actions(many("overflow", n)), 5, "/blocks/0/elements/0/options"),
    (lambda n: actions(many("radio_buttons", n)), 10, "/blocks/0/elements/0/options"),
    (lambda n: actions(many("checkboxes", n)), 10, "/blocks/0/elements/0/options"),
    (lambda n: actions(one("static_select", value="v" * n)), 150, "/blocks/0/elements/0/options/0/value"),
    (lambda n: actions(one("static_select", text=words(n))), 75, "/blocks/0/elements/0/options/0/text/text"),
    (
        lambda n: actions(one("radio_buttons", description=words(n))),
        75,
        "/blocks/0/elements/0/options/0/description/text",
    ),
    (
        lambda n: actions(button("a", confirm=confirm(n))),
        100,
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (lambda n: [{"type": "image", "image_url": "https://x.y/z", "alt_text": "a" * n}], 2000, "/blocks/0/alt_text"),
    (lambda n: [{"type": "markdown", "text": "m" * n}], 12_000, "/blocks/0/text"),
    (lambda n: [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n}], 100, "/blocks/0/rows"),
]


def confirm(length: int) -> Json:
    return {"title": words(length), "text": mrkdwn(300), "confirm": words(30), "deny": words(30)}


@pytest.mark.parametrize(("blocks", "most", "pointer"), LIMITS, ids=[f"{p} {m}" for _, m, p in LIMITS])
def test_a_message_may_reach_each_limit_and_not_pass_it(blocks: Any, most: int, pointer: str) -> None:
    assert message_problems(blocks(most)) == []
    problems = message_problems(blocks(most + 1))
    assert any(problem.endswith(f"[json-pointer:{pointer}]") for problem in problems)


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        (section(text=mrkdwn(0)), "must be more than 0 characters"),
        (section(), "must provide an object"),
        ([{"type": "header", "text": mrkdwn(1)}], "must be one of: plain_text"),
        ([{"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": ""}]}]}],
         "must be more than 0 characters"),
        (section(text=mrkdwn(1), block_id="twice") * 2, "`block_id` `twice` already exists"),
        (actions(button("same"), button("same")), "`action_id` `same` already exists"),
        (actions(many("static_select", 0)), "must have at least 1 items"),
        (actions({"type": "static_select", "action_id": "a", "options": [option("x"), option("x")]}), "given twice"),
        (actions(one("static_select") | {"initial_option": option("other")}), "must exactly match"),
        (actions(button("a", style="green")), "must be one of: primary, danger"),
        (actions({"type": "slider"}), "unsupported type: slider"),
        ([{"type": "carousel"}], "unsupported type: carousel"),
        (["text"], "unsupported type: None"),
        ({"type": "section"}, "must provide an array"),
        ([{"type": "markdown", "text": "m" * 7000}] * 2, "characters together"),
    ],
)  # fmt: skip
def test_what_slack_does_not_take(blocks: Any, complaint: str) -> None:
    assert any(complaint in problem for problem in message_problems(blocks))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": words(25)}, "/view/title/text"),
        ({"submit": words(25)}, "/view/submit/text"),
        ({"close": words(25)}, "/view/close/text"),
        ({"private_metadata": "m" * 3001}, "/view/private_metadata"),
        ({"callback_id": "c" * 256}, "/view/callback_id"),
        ({"blocks": [DIVIDER] * 101}, "/view/blocks"),
        ({"blocks": None}, "/view/blocks"),
        ({"submit": None}, "/view"),
    ],
)
def test_a_modal_past_a_limit(change: Json, pointer: str) -> None:
    assert view_problems(modal(title=words(24), private_metadata="m" * 3000)) == []
    assert any(problem.endswith(f"[json-pointer:{pointer}]") for problem in view_problems(modal(**change)))


def field(**more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "text"} | more
    return modal(blocks=[{"type": "input", "label": plain("Text"), "element": element}])


def test_a_text_field_takes_at_most_three_thousand_characters() -> None:
    assert view_problems(field(max_length=3000, placeholder=words(150))) == []
    assert len(view_problems(field(max_length=3001))) == 1
    assert len(view_problems(field(placeholder=words(151)))) == 1
    assert len(view_problems(field(max_length=5, initial_value="longer"))) == 1


def test_a_message_past_a_limit_is_refused_whole(desk: Desk) -> None:
    with pytest.raises(SlackApiError) as error:
        desk.client.chat_postMessage(channel=CARE, text="x", blocks=section(text=mrkdwn(3001)))
    body = error.value.response
    assert body["error"] == "invalid_blocks"
    assert body["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert desk.control("state")["messages"] == []


def test_an_update_past_a_limit_leaves_the_message_as_it_was(desk: Desk) -> None:
    ts = desk.card()
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        desk.client.chat_update(channel=CARE, ts=ts, text="x", blocks=[DIVIDER] * 51)
    assert desk.control("state")["messages"][0]["message"]["text"] == "Case 0042"


def test_a_view_past_a_limit_is_refused_and_nothing_opens(desk: Desk) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        desk.client.views_open(trigger_id=desk.trigger(desk.card()), view=modal(title=words(25)))
    assert desk.control("state")["views"] == {}
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        desk.client.views_publish(user_id="U0ANA", view=modal())
