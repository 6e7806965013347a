"""What a refusal of Slack's is about, and so who has to do something. See docs/runbooks/slack.md."""

_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_authed", "org_login_required", "token_expired"}
    | {"team_access_not_granted", "token_revoked", "two_factor_setup_required", "access_denied", "no_permission"}
)
_CHANNEL = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action", "is_inactive"})


def about(error: str) -> str:
    """``token``: nothing works in that workspace. ``channel``: one team sees nothing. ``message``: ours was wrong."""
    if error in _TOKEN:
        return "token"
    return "channel" if error in _CHANNEL else "message"
