"""Whether a member of a workspace is the person the policy file takes them for, by what Slack itself says of them.

The address is the one Slack has confirmed. It proves that whoever holds this account could read mail sent there, and
that the workspace has not made them a guest. It is no single sign-on: it says nothing of who sits at the keyboard.
"""

from collections.abc import Callable, Mapping
from typing import Any

GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_invited_user")

Member = Mapping[str, Any]

_PROBLEMS: Mapping[str, Callable[[Member, str, str], bool]] = {
    "this account was deactivated in Slack": lambda user, email, team: bool(user.get("deleted")),
    "this is a bot": lambda user, email, team: bool(user.get("is_bot") or user.get("is_workflow_bot")),
    "this is a guest of the workspace, or of another company": lambda user, email, team: (
        any(user.get(one) for one in GUEST) or user.get("team_id") not in (None, team)
    ),
    "Slack does not tell the e-mail address": lambda user, email, team: not _address(user),
    "Slack has not confirmed the e-mail address": lambda user, email, team: user.get("is_email_confirmed") is False,
    "the e-mail address in Slack is another one than in care.yaml": lambda user, email, team: (
        _address(user) != email.strip().casefold()
    ),
}


def problem(user: Member, email: str, team: str) -> str:
    """Why this account is not that person; empty when it is."""
    return next((words for words, holds in _PROBLEMS.items() if holds(user, email, team)), "")


def _address(user: Member) -> str:
    profile = user.get("profile")
    found = profile.get("email") if isinstance(profile, Mapping) else None
    return found.strip().casefold() if isinstance(found, str) else ""
