"""What each function imports, seen in fresh processes: a cold start pays for its own work only."""

import json
import os
import subprocess
import sys
from dataclasses import fields

import pytest

from chalicelib.handlers.ready import NEEDS
from chalicelib.settings import PREFIX, Settings
from infra.local.environment import environment
from infra.template.render import render
from tests.house.source import PROJECT

PROBE = "import json,sys; import {module}; print(json.dumps(sorted(sys.modules)))"

HEAVY = {"boto3", "botocore", "pynamodb", "slack_sdk", "pydantic", "yaml", "jinja2", "typer", "rich", "moto", "infra"}
HEAVY |= {"zoneinfo", "tzdata", "holidays", "icalendar"}
NETWORKS = {"facebook", "instagram", "whatsapp", "x", "telegram", "standard_webhooks"}


def modules(module: str) -> set[str]:
    """What a fresh interpreter has loaded after importing one module."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(module=module)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", ["intake", "publisher", "clock", "delivery", "desk", "inbox", "sweeps"])
def test_a_worker_starts_without_the_application(name: str) -> None:
    loaded = modules(f"chalicelib.handlers.{name}")
    assert "app" not in loaded
    others = {"intake", "publisher", "clock", "delivery", "desk", "inbox", "sweeps", "hooks", "slack"} - {name}
    assert not {f"chalicelib.handlers.{other}" for other in others} & loaded


@pytest.mark.parametrize("name", ["app", "chalicelib.handlers.intake", "chalicelib.handlers.publisher"])
def test_importing_a_door_loads_no_network_no_storage_and_nothing_of_the_laptop(name: str) -> None:
    loaded = modules(name)
    allowed = {"botocore"}  # Chalice and Powertools look at it
    assert not loaded & (HEAVY - allowed)
    assert not {f"chalicelib.channels.{network}" for network in NETWORKS} & loaded


def test_one_network_speaking_does_not_load_the_others() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from chalicelib import channels; channels.load('telegram'); print(*sorted(sys.modules))",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.rpartition(".")[2] for name in done.stdout.split() if name.startswith("chalicelib.channels.")}
    assert loaded & NETWORKS == {"telegram"}


def test_the_webhooks_function_starts_without_the_work_of_the_others() -> None:
    """All doors are registered there, so each imports what it does only when it does it."""
    loaded = modules("app")
    work = {f"chalicelib.service.{name}" for name in ("clocks", "intake", "outbox", "desk", "bus", "delivery")}
    work |= {f"chalicelib.domain.{name}" for name in ("lifecycle", "config", "case", "commands", "timeline")}
    assert not (work | {"aws_lambda_powertools"}) & loaded


def test_slacks_door_starts_without_the_work_behind_its_queue() -> None:
    """Slack waits three seconds, a cold start included."""
    loaded = modules("chalicelib.service.slack_inbox.door")
    work = {f"chalicelib.service.{name}" for name in ("bus", "assigning", "slack_inbox.worker", "slack_inbox.windows")}
    assert not (work | {"chalicelib.domain.lifecycle", "chalicelib.storage"}) & loaded
    assert not loaded & HEAVY - {"zoneinfo"}


def test_every_function_of_the_template_says_what_it_needs() -> None:
    found = render("dev", PROJECT)["Resources"].values()
    assert {one["Properties"]["Handler"] for one in found if one["Type"] == "AWS::Serverless::Function"} == set(NEEDS)


CLIENTS = """
import json, sys
from importlib import import_module
import_module({module!r})
from chalicelib.aws.clients import client
from chalicelib.wiring import wired
store = wired.__dict__.get("store")
table = store is not None and store.table.connection._client is not None
print(json.dumps([table, client.cache_info().currsize, sorted(sys.modules)]))
"""


@pytest.mark.parametrize("handler", NEEDS)
def test_lambda_starts_a_function_with_its_clients_made(handler: str) -> None:
    """And only a function that Lambda starts under that name: everybody else waits until something is needed."""
    module = handler.rpartition(".")[0]
    settings = {PREFIX + field.name.upper(): "x" for field in fields(Settings)}
    for name, expected in ((handler, NEEDS[handler].services), ("", ())):
        command = [sys.executable, "-c", CLIENTS.format(module=module)]
        env = {**os.environ, **environment("http://127.0.0.1:1"), **settings, "_HANDLER": name}
        done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=True)
        table, clients, modules = json.loads(done.stdout)
        assert table == ("dynamodb" in expected)
        assert clients == len(set(expected) - {"dynamodb"})
        assert not name or set(NEEDS[handler].modules) <= set(modules)
