"""Where this installation's parts are: typed, read once from the environment, all that is missing named at once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

PREFIX = "HEED_"


class Unset(Exception):
    """The environment lacks settings. The text names every one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``HEED_TABLE``, ``HEED_INBOUND_URL``, ...: one environment variable per field, set by the template.

    ``slack_rate`` is how many messages a second a channel of Slack takes; a double of Slack may take more than one.
    """

    stage: str
    table: str
    bucket: str
    secrets: str
    inbound_url: str
    outbound_url: str
    timers_url: str
    slack_url: str
    case_events_arn: str
    sla_breaches_arn: str
    escalations_arn: str
    state_machine_arn: str
    slack_api: str = "https://slack.com/api/"
    slack_rate: str = "1"
    code_version: str = "dev"


def read(environ: Mapping[str, str]) -> Settings:
    """The settings. Raises Unset naming everything that is missing."""
    found = {field.name: environ.get(PREFIX + field.name.upper()) for field in fields(Settings)}
    given = {name: value for name, value in found.items() if value}
    try:
        return Settings(**given)
    except TypeError:
        missing = [PREFIX + field.name.upper() for field in fields(Settings) if field.name not in given]
        optional = {PREFIX + "SLACK_API", PREFIX + "SLACK_RATE", PREFIX + "CODE_VERSION"}
        raise Unset(f"set in the environment: {', '.join(one for one in missing if one not in optional)}") from None
