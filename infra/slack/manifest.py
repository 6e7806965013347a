"""The manifest from which Slack makes the app: every address, permission, event and button, none forgotten."""

from typing import Any
from urllib.parse import urlsplit

from infra.slack.scopes import EVENTS, needed

PATH = "/slack"
COMMAND = "/heed"
SHORTCUTS = {"reply_to_this": "Reply to this", "add_to_case": "Add to case"}
"""Entries of a message's menu, by callback id."""


class NoAddress(ValueError):
    """Slack cannot send anything there; the text says why."""


def endpoint(url: str) -> str:
    """Where Slack is to send everything, from the API's address with or without that path. Raises NoAddress."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise NoAddress(f"{url!r} is no https address")
    if parts.query or parts.fragment:
        raise NoAddress(f"{url!r} has a query or a fragment")
    return url.rstrip("/").removesuffix(PATH) + PATH


def manifest(url: str, name: str = "Heed") -> dict[str, Any]:
    """What to paste at api.slack.com under "From a manifest". Raises NoAddress."""
    where = endpoint(url)
    return {
        "display_information": {"name": name, "description": "Social customer care for the whole team"},
        "features": _features(where, name),
        "oauth_config": {"scopes": {"bot": needed()}},
        "settings": {
            "event_subscriptions": {"request_url": where, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": where},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def _features(where: str, name: str) -> dict[str, Any]:
    command = {
        "command": COMMAND,
        "url": where,
        "description": "Find and work on customer cases",
        "usage_hint": "help",
        "should_escape": False,
    }
    shortcuts = [
        {"name": words, "type": "message", "callback_id": key, "description": f"{words}, in Heed"}
        for key, words in SHORTCUTS.items()
    ]
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True},
        "bot_user": {"display_name": name, "always_online": True},
        "slash_commands": [command],
        "shortcuts": shortcuts,
    }
