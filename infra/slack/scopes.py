"""Which of Slack's permissions Heed needs, by what it calls and listens to (docs.slack.dev, one page per method)."""

from collections.abc import Iterable

METHODS: dict[str, frozenset[str]] = {
    "auth.test": frozenset(),
    "chat.delete": frozenset({"chat:write"}),
    "chat.getPermalink": frozenset(),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history"}),
    "conversations.info": frozenset({"channels:read", "groups:read"}),
    "conversations.replies": frozenset({"channels:history", "groups:history"}),
    "files.info": frozenset({"files:read"}),
    "users.info": frozenset({"users:read", "users:read.email"}),
    "views.open": frozenset(),
    "views.publish": frozenset(),
    "views.update": frozenset(),
}
"""Every method that Heed and its check call, and nothing else: a permission nobody uses is a danger nobody needs."""

CHANNELS, GROUPS = frozenset({"channels:read"}), frozenset({"groups:read"})
EVENTS: dict[str, frozenset[str]] = {
    "app_home_opened": frozenset(),
    "app_mention": frozenset({"app_mentions:read"}),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "app_uninstalled": frozenset(),
    "tokens_revoked": frozenset(),
    **dict.fromkeys(("channel_archive", "channel_deleted", "channel_left", "channel_unarchive"), CHANNELS),
    **dict.fromkeys(("group_archive", "group_deleted", "group_left", "group_unarchive"), GROUPS),
    **dict.fromkeys(("member_joined_channel", "member_left_channel"), CHANNELS | GROUPS),
}
"""What is listened to: people's words and doings, and what becomes of our token and our channels."""
COMMANDS = frozenset({"commands"})
"""Slash commands and shortcuts."""


def needed(methods: Iterable[str] = METHODS, events: Iterable[str] = EVENTS) -> list[str]:
    """The bot scopes for all of these, in order. Raises KeyError for a method or event that is not in the tables."""
    by_method = frozenset[str]().union(*(METHODS[one] for one in methods))
    by_event = frozenset[str]().union(*(EVENTS[one] for one in events))
    return sorted(by_method | by_event | COMMANDS)
