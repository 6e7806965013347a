"""The fields of our windows. Each stands in a block of the same name, so that an answer is read by that name."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.slack.blocks import Block, plain
from chalicelib.slack.mrkdwn import clip, one_line

TYPED, OPTION, VALUE, SELECTS, PLACEHOLDER = 3000, 75, 150, 100, 150

ANEW = "~"
"""Before what tells apart two that are one thing to us: Slack fills a field anew only when its block has another id."""

Choice = tuple[str, str]
"""What an option is called in the code, and what people read."""


def field(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "", at: str = "") -> Block:
    """``at`` is the block's id where it differs from its name (see ``interactions.ANEW``)."""
    block: Block = {"type": "input", "block_id": at or name, "label": plain(label), "element": element}
    return block | ({"optional": True} if optional else {}) | ({"hint": plain(hint)} if hint else {})


def text(name: str, *, multiline: bool = True, initial: str = "", size: int = TYPED, hint: str = "") -> Block:
    element: Block = {"type": "plain_text_input", "action_id": name, "multiline": multiline, "max_length": size}
    element |= {"initial_value": clip(initial, size)} if initial else {}
    return element | ({"placeholder": plain(clip(hint, PLACEHOLDER))} if hint else {})


def typed(element: Block) -> Block:
    """A text of which Slack tells with every character."""
    return element | {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}


def option(choice: Choice, description: str = "") -> Block:
    value, words = choice
    made: Block = {"text": plain(one_line(words, OPTION) or value[:OPTION]), "value": value}
    return made | ({"description": plain(one_line(description, OPTION))} if description else {})


def select(name: str, choices: Sequence[Choice], *, initial: str = "", hint: str = "Choose") -> Block:
    """A menu. Slack takes 100 options of 150 characters; what does not fit is left out."""
    options = [option(one) for one in choices if 0 < len(one[0]) <= VALUE][:SELECTS]
    return menu(name, options, next((one for one in options if one["value"] == initial), None), hint)


def menu(name: str, options: Sequence[Block], chosen: Block | None, hint: str = "Choose") -> Block:
    element: Block = {"type": "static_select", "action_id": name, "options": options, "placeholder": plain(hint)}
    return element | ({"initial_option": chosen} if chosen else {})


def person(name: str) -> Block:
    return {"type": "users_select", "action_id": name, "placeholder": plain("Choose a colleague")}


def moment(name: str, initial: datetime | None = None) -> Block:
    shown = {"initial_date_time": int(initial.timestamp())} if initial else {}
    return {"type": "datetimepicker", "action_id": name} | shown


def tick(name: str, words: str, description: str = "", *, ticked: bool = False) -> Block:
    options = [option(("yes", words), description)]
    made: Block = {"type": "checkboxes", "action_id": name, "options": options}
    return made | ({"initial_options": options} if ticked else {})


def file(name: str) -> Block:
    """One file of theirs. Slack tells its id, and holds its bytes."""
    return {"type": "file_input", "action_id": name, "max_files": 1}


def ids(brand: str, case_id: str, **more: str) -> Mapping[str, str]:
    """What a window remembers: ids only."""
    return {"brand": brand, "case": case_id, **more}
