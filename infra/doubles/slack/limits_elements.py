"""The limits of interactive elements: buttons, menus, inputs."""

from collections.abc import Callable
from typing import Any

from infra.doubles.slack.limits_found import Found
from infra.doubles.slack.shapes import Json

SELECT_OPTIONS = 100
CHOICE_OPTIONS = 10
OVERFLOW_OPTIONS = 5
INPUT_LENGTH = 3000


def _button(found: Found, element: Json, path: str) -> None:
    found.text(element.get("text"), f"{path}/text", 75, plain=True)
    found.length(element.get("value"), f"{path}/value", 2000, least=0)
    found.length(element.get("url"), f"{path}/url", 3000, least=0)
    if element.get("style") not in (None, "primary", "danger"):
        found.add(f"{path}/style", "must be one of: primary, danger")


def _option(found: Found, option: Json, path: str, plain: bool) -> None:
    found.text(option.get("text"), f"{path}/text", 75, plain=plain)
    found.length(option.get("value"), f"{path}/value", 150)
    if option.get("description"):
        found.text(option["description"], f"{path}/description", 75)


def _options(found: Found, node: Json, path: str, most: int, plain: bool = True) -> None:
    values: set[str] = set()
    for where, option in found.items(node.get("options"), f"{path}/options", most):
        _option(found, option, where, plain)
        if option.get("value") in values:
            found.add(where, f"`value` `{option['value']}` is given twice")
        values.add(str(option.get("value")))


def _select(found: Found, element: Json, path: str) -> None:
    if "option_groups" not in element:
        _options(found, element, path, SELECT_OPTIONS)
    else:
        for where, group in found.items(element["option_groups"], f"{path}/option_groups", SELECT_OPTIONS):
            found.text(group.get("label"), f"{where}/label", 75, plain=True)
            _options(found, group, where, SELECT_OPTIONS)
    _initial(found, element, path)


def _choice(found: Found, element: Json, path: str) -> None:
    _options(found, element, path, CHOICE_OPTIONS, plain=False)
    _initial(found, element, path)


def _overflow(found: Found, element: Json, path: str) -> None:
    _options(found, element, path, OVERFLOW_OPTIONS)


def _initial(found: Found, element: Json, path: str) -> None:
    """What is chosen at first must be one of the options, letter by letter."""
    chosen = [element["initial_option"]] if element.get("initial_option") else element.get("initial_options") or []
    offered = all_options(element)
    if any(one not in offered for one in chosen):
        found.add(path, "initial option must exactly match one of the provided options")


def all_options(element: Json) -> list[Any]:
    groups = element.get("option_groups") or [element]
    return [option for group in groups for option in group.get("options") or []]


def _plain_text_input(found: Found, element: Json, path: str) -> None:
    for key, least in (("min_length", 0), ("max_length", 1)):
        value = element.get(key)
        if value is not None and not (isinstance(value, int) and least <= value <= INPUT_LENGTH):
            found.add(f"{path}/{key}", f"must be between {least} and {INPUT_LENGTH}")
    wanted = (element.get("dispatch_action_config") or {}).get("trigger_actions_on", ["on_enter_pressed"])
    if not wanted or not set(wanted) <= {"on_enter_pressed", "on_character_entered"}:
        found.add(f"{path}/dispatch_action_config/trigger_actions_on", "must name what triggers an action")
    longest = element.get("max_length") or INPUT_LENGTH
    found.length(element.get("initial_value"), f"{path}/initial_value", longest, least=0)


def _image(found: Found, element: Json, path: str) -> None:
    if "slack_file" not in element:
        found.length(element.get("image_url"), f"{path}/image_url", 3000)
    found.length(element.get("alt_text"), f"{path}/alt_text", 2000)


def _datetimepicker(found: Found, element: Json, path: str) -> None:
    """A moment in whole seconds, of ten digits."""
    initial = element.get("initial_date_time")
    if initial is not None and not (isinstance(initial, int) and len(str(initial)) == 10):
        found.add(f"{path}/initial_date_time", "must be a UNIX timestamp of 10 digits")


def _users_select(found: Found, element: Json, path: str) -> None:
    initial = element.get("initial_user")
    if initial is not None and not str(initial).startswith(("U", "W")):
        found.add(f"{path}/initial_user", "must be a user id")


def _free(found: Found, element: Json, path: str) -> None:
    """Pickers without lists of their own: only the common limits hold."""


FREE = (
    "multi_users_select",
    "conversations_select",
    "channels_select",
    "external_select",
    "datepicker",
    "timepicker",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)
ELEMENTS: dict[str, Callable[[Found, Json, str], None]] = {
    "button": _button,
    "workflow_button": _button,
    "overflow": _overflow,
    "static_select": _select,
    "multi_static_select": _select,
    "radio_buttons": _choice,
    "checkboxes": _choice,
    "plain_text_input": _plain_text_input,
    "datetimepicker": _datetimepicker,
    "users_select": _users_select,
    "image": _image,
    **dict.fromkeys(FREE, _free),
}
