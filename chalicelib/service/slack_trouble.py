"""Where Heed cannot post, kept for as long as it is so, so that those who can mend it see it on their Home tab."""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.domain.errors import Conflict
from chalicelib.domain.marks import Mark, mark
from chalicelib.service.ports import Store
from chalicelib.service.slack_outage import about

TROUBLE = "trouble/"
TOKEN = "token"  # noqa: S105 - what is wrong, not a secret
LASTS = timedelta(minutes=15)
"""What was refused is tried again every five minutes, so trouble that nobody met for so long is over."""
UNTIL_MENDED = timedelta(days=30)
"""What Slack itself told of lasts until it tells of the opposite."""
OFTEN = timedelta(minutes=4)


def met(store: Store, team: str, channel: str, error: str, now: datetime, lasts: timedelta = LASTS) -> None:
    """Slack refused a post in this channel, or says that it would. Written a few times an hour, however often met."""
    kind = about(error)
    if kind == "message":
        return
    name = f"{TROUBLE}{channel if kind == 'channel' else TOKEN}"
    known = store.mark(team, name)
    same = known if known and known.text == error and known.current(now) else None
    if same and lasts == LASTS and now - same.at < OFTEN:
        return
    fresh = mark(team, name, now, lasts, error, same.since if same else now)
    _write(store, _no_shorter(fresh, same))


def over(store: Store, team: str, channel: str, now: datetime) -> None:
    """Posts are taken there again."""
    _write(store, mark(team, f"{TROUBLE}{channel}", now, LASTS))


def known(store: Store, team: str, now: datetime) -> dict[str, Mark]:
    """What is wrong now, by channel; under ``token`` what is wrong with all of the workspace."""
    found = store.marks(team, TROUBLE)
    return {one.name.removeprefix(TROUBLE): one for one in found if one.text and one.current(now)}


def _no_shorter(fresh: Mark, same: Mark | None) -> Mark:
    ends = max(fresh.expires_at, same.expires_at if same else 0)
    return Mark(fresh.team, fresh.name, fresh.at, ends, fresh.text, fresh.since)


def _write(store: Store, one: Mark) -> None:
    with suppress(Conflict):
        store.commit(one)
