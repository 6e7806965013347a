"""What a refusal of Slack's is about, and so who has to do something. See docs/runbooks/slack.md."""

_WORKSPACE = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_authed", "org_login_required", "token_expired"}
    | {"team_access_not_granted", "token_revoked", "two_factor_setup_required", "access_denied", "no_permission"}
    | {"no_workspace", "message_limit_exceeded", "edit_window_closed", "ekm_access_denied", "enterprise_is_restricted"}
)
_CHANNEL = frozenset({"channel_not_found", "is_archived", "not_in_channel", "is_inactive", "no_channel"})
_RESTRICTED = "restricted_action"
"""Who may post in a channel is set there; Slack has a word for each of those settings that begins like this."""


def about(error: str) -> str:
    """``token``: nothing works in that workspace. ``channel``: one team sees nothing. ``message``: ours was wrong."""
    if error in _WORKSPACE:
        return "token"
    return "channel" if error in _CHANNEL or error.startswith(_RESTRICTED) else "message"
