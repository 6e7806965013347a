"""What Slack posts, read into small values. Hostile input raises Malformed and nothing else."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from chalicelib.channels.base import Malformed
from chalicelib.slack.events import event
from chalicelib.slack.incoming import Asked, Incoming, Probe
from chalicelib.slack.interactions import interaction
from chalicelib.slack.reading import maybe, need, parsed, wellformed

FIELDS = 200


def parse(body: bytes) -> Incoming:
    """What this request says. JSON carries events, a form everything else. Raises Malformed."""
    if body.lstrip()[:1] == b"{":
        return event(parsed(body))
    return _form(_fields(body))


def _fields(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except ValueError as error:
        raise Malformed("the body is not a form") from error
    return {name: values[0] for name, values in fields.items()}


def _form(fields: Mapping[str, str]) -> Incoming:
    if "ssl_check" in fields:
        return Probe()
    if "command" in fields:
        return _asked(fields)
    if "payload" in fields:
        return interaction(parsed(fields["payload"]))
    raise Malformed("the form is none of Slack's")


def _asked(fields: Mapping[str, str]) -> Asked:
    return Asked(
        user=need(fields, "user_id"),
        team=need(fields, "team_id"),
        app=need(fields, "api_app_id"),
        text=wellformed(fields.get("text", "")).strip(),
        channel=need(fields, "channel_id"),
        id=need(fields, "trigger_id"),
        response_url=maybe(fields, "response_url"),
    )
