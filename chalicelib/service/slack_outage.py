"""What a refusal of Slack's is about, and so who has to do something. See docs/runbooks/slack.md."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from chalicelib.domain.errors import Later
from chalicelib.service.ports import Meter, NoAnswer, NotSent, SlackBusy, SlackRefused
from chalicelib.service.slack_once import LEASE

UNREACHABLE_PAUSE = timedelta(seconds=15)
REFUSED_PAUSE = timedelta(minutes=5)
"""A refusal (archived channel, revoked token, ...) needs a person, so the next try can wait."""

NO_TOKEN, UNREADABLE = "no_token", "unreadable_secret"
"""Our own words, for what is wrong before Slack can be asked."""
_WORKSPACE = frozenset(
    {NO_TOKEN, UNREADABLE}
    | {"account_inactive", "invalid_auth", "missing_scope", "not_authed", "org_login_required", "token_expired"}
    | {"team_access_not_granted", "token_revoked", "two_factor_setup_required", "access_denied", "no_permission"}
    | {"no_workspace", "message_limit_exceeded", "edit_window_closed", "ekm_access_denied", "enterprise_is_restricted"}
)
_CHANNEL = frozenset(
    {"channel_not_found", "is_archived", "not_in_channel", "is_inactive", "no_channel", "messages_tab_disabled"}
)
PASSING = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Trouble of Slack's own, which is over by itself."""
_RESTRICTED = "restricted_action"
"""Who may post in a channel is set there; Slack has a word for each of those settings that begins like this."""


def about(error: str) -> str:
    """``token``: nothing works in that workspace. ``channel``: one team sees nothing. ``message``: ours was wrong."""
    if error in _WORKSPACE:
        return "token"
    return "channel" if error in _CHANNEL or error.startswith(_RESTRICTED) else "message"


@contextmanager
def offered_again(meter: Meter) -> Iterator[None]:
    """What Slack answers, as when to offer the work again."""
    try:
        yield
    except SlackBusy as busy:
        raise Later(busy.after, "Slack asks to wait") from busy
    except NotSent as error:
        raise Later(UNREACHABLE_PAUSE, "Slack cannot be reached") from error
    except NoAnswer as error:
        raise Later(LEASE, "Slack did not answer; what it did is looked up then") from error
    except SlackRefused as refused:
        meter.count("slack_refused", error=refused.error)
        raise Later(REFUSED_PAUSE, str(refused)) from refused
