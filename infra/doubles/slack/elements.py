"""Finds interactive elements in blocks and says what using one of them looks like in a payload."""

from collections.abc import Iterator
from typing import Any

from infra.doubles.slack.limits_elements import all_options
from infra.doubles.slack.shapes import CannotDoError, Json

STATELESS = {"button", "workflow_button", "overflow", "image"}
ONE_OPTION = {"static_select", "radio_buttons", "overflow", "external_select"}
FILES = "file_input"
MANY_OPTIONS = {"checkboxes", "multi_static_select"}
FIELDS = {
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every (block, element) that a person can use."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
        for element in inside:
            if isinstance(element, dict) and element.get("action_id"):
                yield block, element


def find(blocks: list[Json], action_id: str, block_id: str = "") -> tuple[Json, Json]:
    found = [
        (block, element)
        for block, element in interactive(blocks)
        if element["action_id"] == action_id and block_id in ("", block["block_id"])
    ]
    if not found:
        there = ", ".join(element["action_id"] for _, element in interactive(blocks)) or "nothing"
        raise CannotDoError(f"no element {action_id} here; there is {there}")
    if len(found) > 1:
        raise CannotDoError(f"several elements are called {action_id}; say which block_id")
    return found[0]


def action(block: Json, element: Json, value: Any, action_ts: str) -> Json:
    """One entry of `actions` in a block_actions payload."""
    kept = {key: element[key] for key in ("type", "action_id", "text", "value", "style", "url") if key in element}
    entry = kept | {"block_id": block["block_id"], "action_ts": action_ts}
    return entry if element["type"] == "button" else entry | chosen(element, value)


def chosen(element: Json, value: Any) -> Json:
    """The field that carries what a person chose or typed, e.g. `{"selected_option": {...}}`."""
    kind = element["type"]
    if kind in ONE_OPTION:
        return {"selected_option": _option(element, value) if value not in (None, "") else None}
    if kind in MANY_OPTIONS:
        return {"selected_options": [_option(element, one) for one in value or []]}
    if kind == FILES:
        return {"files": list(value or [])}
    return {FIELDS.get(kind, "value"): None if value in (None, "") else value}


def _option(element: Json, value: Any) -> Json:
    for option in all_options(element):
        if option.get("value") == value:
            return dict(option)
    raise CannotDoError(f"{element['action_id']} has no option {value!r}")


def initial(element: Json) -> Any:
    """What an untouched element holds."""
    if element["type"] in MANY_OPTIONS:
        return [option["value"] for option in element.get("initial_options", [])]
    if element["type"] in ONE_OPTION:
        return (element.get("initial_option") or {}).get("value")
    field = FIELDS.get(element["type"], "value").replace("selected_", "")
    return element.get(f"initial_{field}")


def state_values(blocks: list[Json], given: Json) -> Json:
    """`state.values` as `{block_id: {action_id: {...}}}`. `given` has the same shape with plain values."""
    values: Json = {}
    known = {(block["block_id"], element["action_id"]) for block, element in interactive(blocks)}
    for block_id, inside in given.items():
        for action_id in inside:
            if (block_id, action_id) not in known:
                raise CannotDoError(f"no field {block_id}/{action_id} in this view")
    for block, element in interactive(blocks):
        if element["type"] not in STATELESS:
            typed = given.get(block["block_id"], {}).get(element["action_id"], initial(element))
            entry = {"type": element["type"]} | chosen(element, typed)
            values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def unmet(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack's client itself complains about before it sends a form: `{block_id: words}`."""
    problems: dict[str, str] = {}
    for block, element in interactive(blocks):
        if block["type"] == "input":
            words = _complaint(block, element, values[block["block_id"]][element["action_id"]])
            if words:
                problems[block["block_id"]] = words
    return problems


def _complaint(block: Json, element: Json, entry: Json) -> str:
    value = next((item for key, item in entry.items() if key != "type"), None)
    if not value:
        return "" if block.get("optional") else "Please complete this required field."
    if isinstance(value, str) and len(value) > (element.get("max_length") or 3000):
        return f"Must be at most {element.get('max_length') or 3000} characters."
    if isinstance(value, str) and len(value) < (element.get("min_length") or 0):
        return f"Must be at least {element['min_length']} characters."
    return ""
