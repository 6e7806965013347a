"""The composition root: every part is built when it is first needed, once per container. Tests hand in other parts."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib import channels, settings
from chalicelib.domain.errors import Unconfigured

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from chalicelib.aws.archive import S3Archive
    from chalicelib.aws.vault import SsmVault
    from chalicelib.channels.base import Channel
    from chalicelib.domain.config import Config
    from chalicelib.domain.retention import Retention
    from chalicelib.service import ports
    from chalicelib.service.assigning import Assigning
    from chalicelib.service.bus import Bus
    from chalicelib.service.delivery import Delivery
    from chalicelib.service.edge import Edge
    from chalicelib.service.intake import Intake
    from chalicelib.service.moderation import Moderation
    from chalicelib.service.notices import Herald
    from chalicelib.service.pace import Pace, Turns
    from chalicelib.service.reapply import Reapply
    from chalicelib.service.slack_inbox.badges import Badges
    from chalicelib.service.sweeping import Run
    from chalicelib.storage import DynamoStore

CONFIG_FRESH = 30.0
"""Seconds for which a container trusts the config it has read."""
RUN, HANDS = 35.0, 8
"""Seconds after which a sweep begins nothing new (its function has 55); how many rows wait for AWS at once."""


def now() -> datetime:
    """The one place that looks at the clock."""
    return datetime.now(UTC)


class Wiring:
    """The parts of one container. Imports are inside, so that a function pays only for what it uses."""

    now: Callable[[], datetime] = staticmethod(now)

    def __init__(self) -> None:
        self._config: tuple[float, Config | None] = (0.0, None)
        self._slack: dict[str, tuple[str, ports.SlackWorkspace]] = {}

    def forget(self) -> None:
        """Build every part anew: the environment is another one now."""
        from chalicelib.aws import clients

        clients.forget()
        self.__dict__.clear()
        self.__init__()  # type: ignore[misc]

    @property
    def function(self) -> str:
        """Which function Lambda starts here; "" where nobody says so."""
        return os.environ.get("_HANDLER", "")

    def client(self, service: str) -> object:
        """The client through which this container calls that service."""
        from chalicelib.aws.clients import client

        return self.store.table.connection.client if service == "dynamodb" else client(service)

    @cached_property
    def settings(self) -> settings.Settings:
        return settings.read(os.environ)

    @cached_property
    def store(self) -> "DynamoStore":
        from chalicelib.aws.clients import session
        from chalicelib.domain.retention import Keeping
        from chalicelib.storage import DynamoStore

        return DynamoStore(self.settings.table, session(), Keeping(lambda: self.now(), self._retention))

    def _retention(self) -> "Retention":
        """As the policy file has it; before there is one, as Heed has it."""
        from chalicelib.domain.retention import Retention

        try:
            return self.config.retention
        except Unconfigured:
            return Retention()

    @cached_property
    def vault(self) -> "SsmVault":
        from chalicelib.aws.vault import SsmVault

        return SsmVault(self.settings.secrets, time.monotonic)

    @cached_property
    def archive(self) -> "S3Archive":
        from chalicelib.aws.archive import S3Archive

        return S3Archive(self.settings.bucket)

    @cached_property
    def meter(self) -> "ports.Meter":
        from chalicelib.aws.meter import EmfMeter

        return EmfMeter(self.now)

    @cached_property
    def effects(self) -> "ports.Effects":
        from chalicelib.aws.effects import AwsEffects

        return AwsEffects(self.settings, time.monotonic)

    @cached_property
    def hands(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(HANDS, thread_name_prefix="sweep")

    def run(self, *, many: bool = True) -> "Run":
        """One run of a sweep, which begins now; one thing after the other, or many at once."""
        from chalicelib.service.sweeping import Run

        ends = time.monotonic() + RUN
        return Run(lambda: time.monotonic() > ends, self.hands.map if many else map)

    @cached_property
    def http(self) -> "ports.Http":
        from chalicelib.net.http import Urllib3Http

        return Urllib3Http()

    @property
    def slack(self) -> "ports.SlackApi":
        """Slack, whatever workspace a call is about; tokens are looked up when something is asked of it."""
        from chalicelib.service.workspaces import ByChannel

        return ByChannel(self.config, lambda workspace: self.slack_at(workspace.secrets))

    def slack_in(self, team: str) -> "ports.SlackWorkspace":
        """The workspace somebody acts in; their windows belong to it."""
        from chalicelib.service.workspaces import WhenCalled

        workspace = self.config.workspace_of(team)
        return WhenCalled(lambda: self.slack_at(workspace.secrets if workspace else ""))

    def slack_at(self, secrets: str) -> "ports.SlackWorkspace":
        """One workspace; made anew when its token was rotated.

        One that is not connected yet refuses as Slack does without a token: its work is put off and not given up.
        """
        from chalicelib.service.workspaces import token_of

        token = token_of(self.vault, secrets)
        known, api = self._slack.get(secrets, ("", None))
        if api is None or known != token:
            api = self.connect(token)
            self._slack[secrets] = (token, api)
        return api

    def connect(self, token: str) -> "ports.SlackWorkspace":
        from chalicelib.net.slack import SlackWebApi

        return SlackWebApi(token, self.settings.slack_api)

    def intake(self, channel: "Channel") -> "Intake":
        from chalicelib.service.intake import Intake

        return Intake(self.store, self.config, channel)

    @cached_property
    def badges(self) -> "Badges":
        from chalicelib.service.slack_inbox.badges import Badges

        return Badges()

    @cached_property
    def errands(self) -> "ports.Errands":
        from chalicelib.aws.errands import SqsErrands

        return SqsErrands(self.settings.slack_url)

    @cached_property
    def answers(self) -> "ports.Answers":
        from chalicelib.net.answers import SlackAnswers

        return SlackAnswers(self.http, self.settings.slack_api)

    @cached_property
    def pace(self) -> "Pace":
        from chalicelib.service.pace import Pace

        return Pace(self.store, lambda: self.now(), float(self.settings.slack_rate))

    def turns(self, since: "datetime | None" = None) -> "Turns":
        """The turns of one piece of work at Slack, which may have been given a time before."""
        from chalicelib.service.pace import Turns

        return Turns(self.pace, self.config, since)

    @cached_property
    def pager(self) -> "ports.Pager":
        from chalicelib.aws.pager import SnsPager

        return SnsPager(self.settings.escalations_arn)

    def herald(self) -> "Herald":
        """Whoever tells what a chain asks for; what they tell goes ahead of other news in Slack."""
        from chalicelib.service.notices import Herald
        from chalicelib.service.pace import Paced

        slack = Paced(self.slack, self.turns())
        return Herald(self.store, slack, self.pager, self.config, self.meter, self.now())

    @cached_property
    def reapply(self) -> "Reapply":
        from chalicelib.service.reapply import Reapply
        from chalicelib.storage.config import ConfigStore

        return Reapply(self.store, ConfigStore(self.store.table), self.meter)

    @cached_property
    def edge(self) -> "Edge":
        from chalicelib.aws.fragments import SqsFragments
        from chalicelib.service.edge import Edge

        return Edge(self.vault, SqsFragments(self.settings.inbound_url), self.archive, self.meter)

    @property
    def accounts(self) -> "ports.Vault":
        """What accounts need to speak, with what the policy file says of them."""
        from chalicelib.service.accounts import PolicyVault

        return PolicyVault(self.vault, lambda: self.config)

    @cached_property
    def delivery(self) -> "Delivery":
        from chalicelib.service.delivery import Delivery

        where = (self.store, channels.load, self.accounts, self.http)
        return Delivery(*where, self.meter, self.now, lambda: self.config, self.archive)

    @property
    def moderation(self) -> "Moderation":
        from chalicelib.service.moderation import Moderation

        return Moderation(self.store, self.config, channels.load, self.accounts, self.http, self.meter, self.now)

    @property
    def assigning(self) -> "Assigning":
        from chalicelib.service.assigning import Assigning

        return Assigning(self.store, self.config)

    @property
    def bus(self) -> "Bus":
        from chalicelib.service.bus import Bus

        return Bus(self.store, self.config, channels.load)

    @property
    def config(self) -> "Config":
        """The running config, read again every half minute. Raises Unconfigured while there is none."""
        read_at, config = self._config
        if config is None or time.monotonic() - read_at > CONFIG_FRESH:
            config = self._renewed(config)
            self._config = (time.monotonic(), config)
        return config

    def _renewed(self, known: "Config | None") -> "Config":
        """While the table cannot be asked, what it said last goes on being true."""
        from chalicelib.storage.config import OutOfReach

        try:
            return self._read_config()
        except OutOfReach:
            if known is None:
                raise
            return known

    def _read_config(self) -> "Config":
        from chalicelib.domain.config import load_config
        from chalicelib.storage.config import ConfigStore

        data = ConfigStore(self.store.table).current()
        if data is None:
            raise Unconfigured("push a policy file first: heed config push care.yaml")
        return load_config(data)

    def use(self, config: "Config") -> None:
        """Run by this config from now on."""
        self._config = (float("inf"), config)


wired = Wiring()
