"""Heed's own parts, wired to an endpoint in another process: the fake, or MiniStack with everything provisioned."""

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import endpoint
from bench.bodies import ACCOUNT, HOOK
from bench.presses import SECRET
from chalicelib.domain.config import load_config
from chalicelib.wiring import now, wired
from infra.local.clients import clients
from infra.local.environment import export
from infra.local.provision import provision
from infra.local.stack import Stack
from infra.template.render import render
from infra.template.resources import resources
from infra.template.table import table_definition
from tests.build import NOON, config_data

PROJECT = Path(__file__).parents[1]
SETTINGS = {
    "HEED_STAGE": "bench",
    "HEED_TABLE": "heed-bench",
    "HEED_BUCKET": "heed-bench-archive",
    "HEED_SECRETS": "/heed/bench",
    "HEED_CASE_EVENTS_ARN": "arn:aws:sns:us-east-1:123456789012:case-events",
    "HEED_SLA_BREACHES_ARN": "arn:aws:sns:us-east-1:123456789012:sla-breaches",
    "HEED_ESCALATIONS_ARN": "arn:aws:sns:us-east-1:123456789012:escalations",
    "HEED_STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:sla",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}
MEMORY = Path("/dev/shm")
"""Where a file costs no disk, if there is such a place."""
PARAMETER = f"hooks/facebook/{ACCOUNT}"
SLACK = {"signing_secrets": [SECRET], "token": "xoxb-bench"}


def fake_settings(address: str) -> dict[str, str]:
    """The environment of a function whose AWS is the fake."""
    queues = {"INBOUND": "inbound.fifo", "OUTBOUND": "outbound", "TIMERS": "timers", "SLACK": "slack.fifo"}
    urls = {f"HEED_{name}_URL": f"{address}/1/{queue}" for name, queue in queues.items()}
    return {**SETTINGS, **urls, "HEED_SLACK_API": f"{address}/slack/"}


@contextmanager
def on_fake() -> Iterator[str]:
    """Heed in this process on the fake endpoint; yields its address."""
    with endpoint.fake() as address, wired_to(address, fake_settings(address)):
        prepare(address)
        yield address


def prepare(address: str) -> None:
    """What every function asks for first: the account's secret and the policy file."""
    parameter = {"Name": PARAMETER, "Type": "SecureString", "Value": json.dumps(HOOK), "Version": 1}
    endpoint.answer(address, "GetParameter", {"Parameter": parameter})
    key = {"pk": {"S": "config"}, "sk": {"S": "CURRENT"}}
    stored = {**key, "body": {"S": json.dumps(config_data())}}
    endpoint.answer(address, "GetItem", {"Item": stored}, marker=json.dumps(key))


@contextmanager
def on_ministack(policy: Mapping[str, Any] | None = None) -> Iterator[Stack]:
    """Heed in this process on an empty MiniStack, provisioned from the template; nothing plays Lambda."""
    policy = policy or config_data()
    with endpoint.started("-m", "infra.local.emulator") as address:
        before = dict(os.environ)
        try:
            export(address)
            template = render("local", PROJECT, resources("local", policy["queues"]))
            stack = provision(template, clients(), "heed-local", directory=PROJECT)
        finally:
            _restore(before)
        with wired_to(address, {**stack.environment(), "POWERTOOLS_LOG_LEVEL": "CRITICAL"}, policy):
            for name, secret in ((PARAMETER, HOOK), ("slack", SLACK)):
                path = f"{os.environ['HEED_SECRETS']}/{name}"
                clients()("ssm").put_parameter(Name=path, Value=json.dumps(secret), Type="SecureString")
            yield stack


@contextmanager
def on_dynamodb_local(policy: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Heed in this process on AWS's own DynamoDB engine, with an empty table and nothing else."""
    from tests.storage import dynamodb_local

    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None))
        address = stack.enter_context(dynamodb_local.running(folder))
        stack.enter_context(wired_to(address, fake_settings(address), policy))
        clients()("dynamodb").create_table(**table_definition(SETTINGS["HEED_TABLE"]))
        yield


@contextmanager
def wired_to(address: str, settings: Mapping[str, str], policy: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Heed's parts made anew for this endpoint, under that policy; noon stands still."""
    before = dict(os.environ)
    export(address)
    os.environ.update(settings)
    wired.forget()
    wired.use(load_config(policy or config_data()))
    wired.now = lambda: NOON
    try:
        yield
    finally:
        wired.forget()
        wired.now = now
        _restore(before)


def _restore(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)


@contextmanager
def hushed() -> Iterator[io.StringIO]:
    """Metrics are lines on stdout; here they are kept, to be counted or forgotten."""
    kept = io.StringIO()
    with redirect_stdout(kept):
        yield kept


@contextmanager
def silent() -> Iterator[None]:
    """Metrics go where they cost a write and nothing else."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


def heed_app() -> Any:
    """The project's ``app.py``."""
    if str(PROJECT) not in sys.path:
        sys.path.append(str(PROJECT))
    from app import app

    return app
