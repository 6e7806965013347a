"""The zip: small, lean, with bytecode, the same bytes every time, and its handlers start from it alone."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.package import LARGEST, build
from infra.package.models import OPERATIONS


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("package")
    build("dev", out)
    return out


def test_it_is_small_and_holds_the_runtime_subset_only(built: Path) -> None:
    with zipfile.ZipFile(built / "deployment.zip") as packed:
        tops = {name.split("/")[0] for name in packed.namelist()}
    assert (built / "deployment.zip").stat().st_size <= LARGEST
    assert {"app.py", "chalicelib", "chalice", "botocore", "pynamodb", "slack_sdk"} <= tops
    laptop = {"tests", "infra", "moto", "ministack", "typer", "rich", "pydantic", "yaml", "pip", "setuptools", "bin"}
    assert not tops & laptop


def test_nothing_in_it_is_made_for_one_processor(built: Path) -> None:
    """So it runs on arm64, and this machine proves what that runs."""
    with zipfile.ZipFile(built / "deployment.zip") as packed:
        assert [name for name in packed.namelist() if name.endswith((".so", ".pyd", ".dylib", ".abi3.so"))] == []
    assert "arm64" in (built / "sam.yaml").read_text() and "x86_64" not in (built / "sam.yaml").read_text()


def test_it_ships_bytecode_for_every_source(built: Path) -> None:
    with zipfile.ZipFile(built / "deployment.zip") as packed:
        names = set(packed.namelist())
    tag = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
    for name in names:
        if name.endswith(".py"):
            folder, _, file = name.rpartition("/")
            cached = f"{folder + '/' if folder else ''}__pycache__/{file[:-3]}.{tag}.pyc"
            assert cached in names, cached


def test_two_builds_are_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build("dev", tmp_path)
    for name in ("deployment.zip", "sam.yaml"):
        assert (tmp_path / name).read_bytes() == (built / name).read_bytes()


@pytest.mark.parametrize(
    "module", ["app", "chalicelib.handlers.delivery", "chalicelib.storage", "chalicelib.net.slack"]
)
def test_every_part_starts_from_the_zip_alone(built: Path, module: str) -> None:
    probe = f"import sys, json; sys.path.insert(0, sys.argv[1]); import {module}; print(json.dumps(sys.path))"
    zipped = str(built / "deployment.zip")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe, zipped], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "site-packages" not in json.dumps(json.loads(done.stdout)[1:])


def test_the_models_it_ships_are_those_of_the_services_it_calls(built: Path) -> None:
    with zipfile.ZipFile(built / "deployment.zip") as packed:
        parts = [name.split("/") for name in packed.namelist()]
    models = {part[2] for part in parts if part[:2] == ["botocore", "data"] and len(part) > 3}
    assert models == OPERATIONS.keys()
