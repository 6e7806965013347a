"""The composition root: every part is built when it is first needed, once per container. Tests hand in other parts."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib import channels, settings
from chalicelib.domain.config import Config, load_config

if TYPE_CHECKING:
    from chalicelib.aws.vault import SsmVault
    from chalicelib.service.bus import Bus
    from chalicelib.service.delivery import Delivery
    from chalicelib.service.edge import Edge
    from chalicelib.service.ports import Archive, Effects, Http, Meter, SlackApi
    from chalicelib.storage import DynamoStore

CONFIG_FRESH = 30.0
"""Seconds for which a container trusts the config it has read."""


def now() -> datetime:
    """The one place that looks at the clock."""
    return datetime.now(UTC)


class Unconfigured(Exception):
    """No policy file has been pushed yet: run ``heed config push care.yaml``."""


class Wiring:
    """The parts of one container. Imports are inside, so that a function pays only for what it uses."""

    now: Callable[[], datetime] = staticmethod(now)

    def __init__(self) -> None:
        self._config: tuple[float, Config | None] = (0.0, None)
        self._slack: tuple[str, SlackApi | None] = ("", None)

    def forget(self) -> None:
        """Build every part anew: the environment is another one now."""
        from chalicelib.aws.clients import client

        client.cache_clear()
        self.__dict__.clear()
        self.__init__()  # type: ignore[misc]

    @cached_property
    def settings(self) -> settings.Settings:
        return settings.read(os.environ)

    @cached_property
    def store(self) -> "DynamoStore":
        from chalicelib.storage import DynamoStore

        return DynamoStore(self.settings.table)

    @cached_property
    def vault(self) -> "SsmVault":
        from chalicelib.aws.vault import SsmVault

        return SsmVault(self.settings.secrets)

    @cached_property
    def archive(self) -> "Archive":
        from chalicelib.aws.archive import S3Archive

        return S3Archive(self.settings.bucket)

    @cached_property
    def meter(self) -> "Meter":
        from chalicelib.aws.meter import EmfMeter

        return EmfMeter()

    @cached_property
    def effects(self) -> "Effects":
        from chalicelib.aws.effects import AwsEffects

        return AwsEffects(self.settings)

    @cached_property
    def http(self) -> "Http":
        from chalicelib.net.http import Urllib3Http

        return Urllib3Http()

    @property
    def slack(self) -> "SlackApi":
        """Made anew when the token was rotated. Raises Unconfigured without one."""
        token = self.vault.slack().get("token", "")
        if not token:
            raise Unconfigured("Slack is not connected; run heed connect slack")
        known, api = self._slack
        if api is None or known != token:
            from chalicelib.net.slack import SlackWebApi

            api = SlackWebApi(token, self.settings.slack_api)
            self._slack = (token, api)
        return api

    @cached_property
    def edge(self) -> "Edge":
        from chalicelib.aws.fragments import SqsFragments
        from chalicelib.service.edge import Edge

        return Edge(self.vault, SqsFragments(self.settings.inbound_url), self.archive, self.meter)

    @cached_property
    def delivery(self) -> "Delivery":
        from chalicelib.service.delivery import Delivery

        return Delivery(self.store, channels.load, self.vault, self.http, self.meter, self.now)

    @property
    def bus(self) -> "Bus":
        from chalicelib.service.bus import Bus

        return Bus(self.store, self.config, channels.load)

    @property
    def config(self) -> Config:
        """The running config, read again every half minute. Raises Unconfigured while there is none."""
        read_at, config = self._config
        if config is None or time.monotonic() - read_at > CONFIG_FRESH:
            config = self._read_config()
            self._config = (time.monotonic(), config)
        return config

    def _read_config(self) -> Config:
        from chalicelib.storage.config import ConfigStore

        data = ConfigStore(self.store.table).current()
        if data is None:
            raise Unconfigured("push a policy file first: heed config push care.yaml")
        return load_config(data)

    def use(self, config: Config) -> None:
        """Run by this config from now on."""
        self._config = (float("inf"), config)


wired = Wiring()
