"""The house: a file imports its own floor's room and anything below; never up, never sideways between channels."""

import sys
from pathlib import Path

import pytest

from tests.house.source import imports, module_of, shipped

FLOORS = {
    "domain": 0,
    "settings": 0,
    "channels": 1,
    "slack": 1,
    "service": 1,
    "storage": 2,
    "aws": 2,
    "net": 2,
    "wiring": 3,
    "handlers": 4,
    "app": 5,
}

SIDEWAYS = {("service", "channels"), ("service", "slack"), ("slack", "channels")}
"""Rooms of one floor that may look into each other: use cases speak to networks and to Slack by their contracts."""

OUTSIDERS = {
    "domain": set[str](),
    "settings": set[str](),
    "channels": set[str](),
    "slack": set[str](),
    "service": set[str](),
    "storage": {"pynamodb"},
    "aws": {"botocore"},
    "net": {"slack_sdk", "urllib3"},
    "wiring": set[str](),
    "handlers": {"aws_lambda_powertools", "chalice"},
    "app": {"chalice"},
}
"""The packages from outside that a room may import; everything else is the standard library."""


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "chalicelib" and len(parts) > 1 else parts[0]


def rooms() -> list[tuple[Path, str, list[str]]]:
    return [(file, room(module_of(file)), list(imports(tree))) for file, tree in shipped().items()]


def test_every_room_is_on_a_floor() -> None:
    assert {name for _, name, _ in rooms()} - {"chalicelib"} == set(FLOORS)


@pytest.mark.parametrize(("file", "here", "wanted"), rooms(), ids=lambda value: str(value) if value else "")
def test_no_file_imports_upwards_or_sideways(file: Path, here: str, wanted: list[str]) -> None:
    for module in wanted:
        there = room(module)
        if module.split(".")[0] not in ("chalicelib", "app") or here == there or there not in FLOORS:
            continue
        below = FLOORS[there] < FLOORS[here]
        assert below or (here, there) in SIDEWAYS, f"{file} may not import {module}"


@pytest.mark.parametrize(("file", "here", "wanted"), rooms(), ids=lambda value: str(value) if value else "")
def test_no_room_imports_a_package_that_is_another_rooms_business(file: Path, here: str, wanted: list[str]) -> None:
    outside = {module.split(".")[0] for module in wanted} - set(sys.stdlib_module_names) - {"chalicelib"}
    assert outside <= OUTSIDERS.get(here, set()), f"{file} imports {outside - OUTSIDERS.get(here, set())}"


def test_networks_do_not_know_each_other() -> None:
    from chalicelib import channels

    networks = {f"chalicelib.channels.{name}" for name in channels.names()}
    for file, tree in shipped().items():
        mine = module_of(file)
        if mine in networks:
            assert not (set(imports(tree)) & networks) - {mine}, f"{file} knows another network"


CONTRACTS = tuple(f"chalicelib.channels.{one}" for one in ("base", "parts.signatures", "parts.uploads"))


def test_use_cases_know_networks_only_by_their_contract() -> None:
    for file, here, wanted in rooms():
        if here in ("service", "slack"):
            known = {module for module in wanted if module.startswith("chalicelib.channels.")}
            assert all(module.startswith(CONTRACTS) for module in known), f"{file} knows {known}"
