"""All of Heed in one process: provisioned from the template that is deployed, its event sources played by pumps."""

import importlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from infra.local.clients import clients
from infra.local.emulator import Emulator
from infra.local.environment import export
from infra.local.front import Front
from infra.local.invoke import InProcessInvoker
from infra.local.provision import provision
from infra.local.pumps.base import Invoke
from infra.local.running import playing
from infra.local.runtime import Runtime
from infra.local.stack import Stack
from infra.template.render import render
from infra.template.resources import resources

PROJECT = Path(__file__).parents[2]
STAGE = "local"
API = "api_handler"
QUIET = {"POWERTOOLS_LOG_LEVEL": "CRITICAL"}
QUICK = 100
"""Messages a second: the double of Slack takes what it gets, and people do not want to wait for a storm's last card."""


class Tally:
    """The metrics of this process, added up instead of printed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, name: str, amount: int = 1, **dimensions: str) -> None:
        with self._lock:
            self.counts[name] += amount


class LocalHeed:
    """Starts everything or nothing; ``stop`` leaves nothing behind. ``url`` is the HTTP front.

    ``policy`` is a compiled policy file, ``secrets`` maps parameter names below the stage's prefix (``slack``,
    ``hooks/{channel}/{account}``) to their data, ``endpoint`` is an AWS that runs already, ``slack_rate`` is how many
    messages a second a channel of this Slack takes.
    """

    def __init__(
        self,
        policy: Mapping[str, Any],
        secrets: Mapping[str, Mapping[str, Any]],
        *,
        slack_api: str,
        endpoint: str | None = None,
        data: Path | None = None,
        port: int = 0,
        slack_rate: int = QUICK,
    ) -> None:
        self._policy = dict(policy)
        self._secrets = dict(secrets)
        self._slack = {"HEED_SLACK_API": slack_api, "HEED_SLACK_RATE": str(slack_rate)}
        self._endpoint = endpoint
        self._data = data
        self._port = port
        self._cleanup = ExitStack()
        self.meter = Tally()
        self.url = ""
        self.stack: Stack
        self.runtime: Runtime

    def start(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def stop(self) -> None:
        self._cleanup.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _start(self) -> None:
        before = dict(os.environ)
        self._cleanup.callback(_restore, before)
        export(self._endpoint or self._emulate())
        template = render(STAGE, PROJECT, resources(STAGE, self._policy["queues"]))
        self.stack = provision(template, clients(), f"heed-{STAGE}", directory=PROJECT)
        os.environ.update({**self.stack.environment(), **QUIET, **self._slack})
        self._hand_over()
        self.runtime = Runtime(self.stack, self.invoker())
        front = Front(_app(), plays=lambda: playing(self.stack, API))
        self.url = front.start(self._port)
        self._cleanup.callback(front.stop)
        self.runtime.start()
        self._cleanup.callback(self.runtime.stop)

    def invoker(self) -> Invoke:
        """How functions run; a subclass may run them elsewhere."""
        return InProcessInvoker(self.stack)

    def _emulate(self) -> str:
        emulator = Emulator(self._data)
        endpoint = emulator.start()
        self._cleanup.callback(emulator.stop)
        return endpoint

    def _hand_over(self) -> None:
        """What an operator does after a deployment: secrets into the vault, the policy file into force."""
        from chalicelib.storage.config import ConfigStore
        from chalicelib.wiring import wired

        wired.forget()
        wired.meter = self.meter
        self._cleanup.callback(wired.forget)
        for name, secret in self._secrets.items():
            path = f"{os.environ['HEED_SECRETS']}/{name}"
            value = json.dumps(secret)
            clients()("ssm").put_parameter(Name=path, Value=value, Type="SecureString", Overwrite=True)
        ConfigStore(wired.store.table).push(self._policy)

    def depths(self) -> dict[str, int]:
        """How many messages each queue holds, seen, unseen and delayed; all zero means at rest."""
        sqs = clients()("sqs")
        names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
        return {
            logical: sum(
                int(value)
                for value in sqs.get_queue_attributes(QueueUrl=resource.ref, AttributeNames=names)[
                    "Attributes"
                ].values()
            )
            for logical, resource in self._queues()
        }

    def _queues(self) -> Iterable[tuple[str, Any]]:
        return [(name, one) for name, one in self.stack.resources.items() if one.kind == "AWS::SQS::Queue"]


def _app() -> Any:
    """The project's ``app.py``, which stands beside the packages and is no part of an installation."""
    if str(PROJECT) not in sys.path:
        sys.path.append(str(PROJECT))
    return importlib.import_module("app").app


def _restore(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
