"""What Slack tells of our own standing: a token that is gone, a channel that is closed to us or open again."""

from collections.abc import Mapping
from typing import Any

from chalicelib.slack.incoming import Ignored, Incoming, Standing
from chalicelib.slack.reading import at, maybe, need

LIMITED = "app_rate_limited"
"""Slack holds back what people do: more than thirty thousand events in an hour."""

_CHANNELS: Mapping[str, str] = {
    "channel_archive": "is_archived",
    "group_archive": "is_archived",
    "channel_left": "not_in_channel",
    "group_left": "not_in_channel",
    "member_left_channel": "not_in_channel",
    "channel_deleted": "channel_not_found",
    "group_deleted": "channel_not_found",
    "channel_unarchive": "",
    "group_unarchive": "",
    "member_joined_channel": "",
}
"""What a post there would be refused with from now on; nothing when it would be taken again."""
_TOKEN: Mapping[str, str] = {"tokens_revoked": "token_revoked", "app_uninstalled": "account_inactive"}
EVENTS = frozenset(_CHANNELS) | frozenset(_TOKEN)


def standing(body: Mapping[str, Any], told: Mapping[str, Any], bot: str) -> Incoming:
    about = need(told, "type")
    if about == "tokens_revoked" and not at(told, "tokens", "bot"):
        return Ignored("a token that is not ours")
    if about in ("member_left_channel", "member_joined_channel") and (not bot or maybe(told, "user") != bot):
        return Ignored("somebody came or left")
    channel = need(told, "channel") if about in _CHANNELS else ""
    when = maybe(told, "event_ts") or str(at(body, "event_time") or "")
    error = {**_CHANNELS, **_TOKEN}[about]
    return Standing(need(body, "team_id"), need(body, "api_app_id"), need(body, "event_id"), when, channel, error)


def limited(body: Mapping[str, Any]) -> Incoming:
    """Not about one event, so it has none of an event's names."""
    minute = str(at(body, "minute_rate_limited") or "")
    return Standing(need(body, "team_id"), need(body, "api_app_id"), f"{LIMITED}:{minute}", minute, error=LIMITED)
