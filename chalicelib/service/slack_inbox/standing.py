"""What Slack tells of our own standing is counted at once, and shown to those who can mend it."""

from datetime import datetime

from chalicelib.domain.config import Config
from chalicelib.domain.marks import Mark
from chalicelib.domain.people import Agent, Role
from chalicelib.service import slack_trouble
from chalicelib.service.ports import Meter, Store
from chalicelib.service.slack_outage import about
from chalicelib.slack.incoming import Standing
from chalicelib.slack.standing import LIMITED
from chalicelib.slack.times import moment_of
from chalicelib.slack.troubles import Trouble

MENDERS = frozenset({Role.SUPERVISOR, Role.ADMIN})


def heard(told: Standing, store: Store, config: Config, meter: Meter) -> None:
    """Channels that are no team's may come and go."""
    if told.error == LIMITED:
        meter.count("slack_events_limited")
    elif told.channel and told.channel not in _channels(config, told.team):
        return
    elif told.error:
        meter.count(f"slack_{about(told.error)}_refused")
        lasts = slack_trouble.UNTIL_MENDED if told.channel else slack_trouble.LASTS
        slack_trouble.met(store, told.team, told.channel, told.error, moment_of(told.ts), lasts)
    else:
        slack_trouble.over(store, told.team, told.channel, moment_of(told.ts))


def seen_by(agent: Agent, store: Store, config: Config, now: datetime) -> list[Trouble]:
    """What is wrong anywhere, for those who can mend it. A token that is gone shows only in another workspace."""
    if agent.role not in MENDERS:
        return []
    teams = [one.team for one in config.workspaces.values()] or [one.team for one in (config.slack,) if one]
    return [
        trouble
        for team in teams
        for place, mark in slack_trouble.known(store, team, now).items()
        if (trouble := _trouble(place, mark, _channels(config, team))) is not None
    ]


def _trouble(place: str, mark: Mark, channels: dict[str, list[str]]) -> Trouble | None:
    """Not of a channel that is no team's any more."""
    if place == slack_trouble.TOKEN:
        return Trouble(mark.team, "", mark.text, mark.since or mark.at)
    if place[:1] in "CG" and place not in channels:
        return None
    return Trouble(mark.team, place, mark.text, mark.since or mark.at, tuple(channels.get(place, ())))


def _channels(config: Config, team: str) -> dict[str, list[str]]:
    """The teams of each channel in this workspace, by what people call them."""
    found: dict[str, list[str]] = {}
    for queue in config.queues.values():
        where = config.workspace(queue)
        if queue.slack and where is not None and where.team == team:
            found.setdefault(queue.slack, []).append(queue.name)
    return found
