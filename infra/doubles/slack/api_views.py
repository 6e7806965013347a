"""`views.*`: modals and the Home tab."""

from infra.doubles.slack.api import Api, Method, checked_view, required
from infra.doubles.slack.shapes import Json, SlackError


def _open(api: Api, args: Json) -> Json:
    trigger_id = required(args, "trigger_id", "invalid_trigger_id")
    return {"view": api.views.open(trigger_id, checked_view(args, ("modal",)))}


def _push(api: Api, args: Json) -> Json:
    trigger_id = required(args, "trigger_id", "invalid_trigger_id")
    return {"view": api.views.push(trigger_id, checked_view(args, ("modal",)))}


def _update(api: Api, args: Json) -> Json:
    view_id, external_id = str(args.get("view_id") or ""), str(args.get("external_id") or "")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments", ["[ERROR] view_id or external_id is required"])
    view = checked_view(args, ("modal",))
    return {"view": api.views.update(view_id, external_id, view, str(args.get("hash") or ""))}


def _publish(api: Api, args: Json) -> Json:
    user = required(args, "user_id", "invalid_arguments")
    if user not in api.workspace.users:
        raise SlackError("user_not_found")
    view = checked_view(args, ("home",))
    return {"view": api.views.publish(user, view, str(args.get("hash") or ""))}


METHODS: dict[str, Method] = {
    "views.open": _open,
    "views.push": _push,
    "views.update": _update,
    "views.publish": _publish,
}
