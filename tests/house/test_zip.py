"""The zip: small, lean, with bytecode, the same bytes every time, and its handlers start from it alone."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from infra.package import LARGEST, PROJECT, build
from infra.package.models import OPERATIONS
from infra.package.version import code_version


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


def test_every_function_knows_which_code_it_is(built: Path) -> None:
    template = yaml.safe_load((built / "sam.yaml").read_text())
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    assert shared["HEED_CODE_VERSION"] == code_version(PROJECT) != "dev"
    own = [one["Properties"].get("Environment", {}) for one in template["Resources"].values()]
    assert not any("HEED_CODE_VERSION" in str(one) for one in own), "a function's own would win"


def test_the_version_is_that_of_all_that_runs_and_of_nothing_else(tmp_path: Path) -> None:
    files = ["app.py", "infra/package/runtime.txt", "chalicelib/a.py", "chalicelib/words/en.json"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    seen = [code_version(tmp_path)]
    for aside in ("chalicelib/__pycache__/a.pyc", "tests/test_a.py", "README.md"):
        (tmp_path / aside).parent.mkdir(exist_ok=True)
        (tmp_path / aside).write_text("x")
        assert code_version(tmp_path) == seen[0], aside
    for name in files:
        (tmp_path / name).write_text("changed")
        seen.append(code_version(tmp_path))
    (tmp_path / "chalicelib/a.py").rename(tmp_path / "chalicelib/b.py")
    seen.append(code_version(tmp_path))
    assert len(set(seen)) == len(files) + 2


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
