"""The zip: small, lean, with bytecode, the same bytes every time, and its handlers start from it alone."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from infra.package import LARGEST, PROJECT, RUNTIME, _uv, build
from infra.package.models import OPERATIONS
from infra.package.version import code_version
from tests.house.secrets import secrets


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


def test_no_secret_is_in_our_part_of_it_or_beside_it(built: Path) -> None:
    """The rest are packages, each file of which is known by its digest."""
    with zipfile.ZipFile(built / "deployment.zip") as packed:
        ours = [one for one in packed.namelist() if one == "app.py" or one.startswith(("chalicelib/", ".chalice"))]
        read = {name: packed.read(name).decode(errors="replace") for name in ours if not name.endswith(".pyc")}
    assert len(read) > 150
    read |= {name: (built / name).read_text() for name in ("sam.yaml",)}
    assert {name: found for name, text in read.items() if (found := list(secrets(text)))} == {}


def test_two_builds_are_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build("dev", tmp_path)
    for name in ("deployment.zip", "sam.yaml", "sbom.json"):
        assert (tmp_path / name).read_bytes() == (built / name).read_bytes()


LICENCES = {
    *("MIT", "MIT License", "MIT No Attribution License (MIT-0)", "Apache-2.0", "Apache License 2.0"),
    *("Apache Software License", "BSD License", "PSF-2.0"),
}
"""What may be linked with, changed and passed on by whoever runs Heed."""


def parts(built: Path) -> dict[str, str]:
    found = json.loads((built / "sbom.json").read_text())
    assert found["bomFormat"] == "CycloneDX"
    return {one["name"]: one["version"] for one in found["components"]}


def pinned() -> dict[str, str]:
    lines = (line.split() for line in RUNTIME.read_text().splitlines() if "==" in line)
    return dict(line[0].split("==") for line in lines)


def test_the_bill_of_materials_names_all_that_is_in_the_zip_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(built / "deployment.zip") as packed:
        names = {name.split("/")[0] for name in packed.namelist()}
    told = {name.removesuffix(".dist-info").lower().replace("_", "-") for name in names if name.endswith(".dist-info")}
    assert {f"{name}-{version}" for name, version in parts(built).items() if name != "chalice"} == told
    assert pinned() == {name: version for name, version in parts(built).items() if name != "chalice"}
    own = {"app.py", "chalicelib", "chalice", "__pycache__", "six.py", "typing_extensions.py"}
    packages = {"aws_lambda_powertools", "boto3", "botocore", "dateutil", "jmespath", "pynamodb", "s3transfer"}
    assert {name for name in names if ".dist-info" not in name} <= own | packages | {
        "slack",
        "slack_sdk",
        "tzdata",
        "urllib3",
    }


def test_every_licence_is_one_we_agreed_to(built: Path) -> None:
    components = json.loads((built / "sbom.json").read_text())["components"]
    told = {one["name"]: [each["license"]["name"] for each in one["licenses"]] for one in components}
    assert {name: wrong for name, given in told.items() if not given or (wrong := set(given) - LICENCES)} == {}


def test_what_is_not_the_file_that_was_looked_at_is_not_packed(tmp_path: Path) -> None:
    """Each version of the lock has its digests, all that is needed is in it, and everybody else has the same."""
    lock = RUNTIME.read_text()
    assert lock.count("==") == len(pinned()) and all("--hash=sha256:" in one for one in lock.split("==")[1:])
    known = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    ours = dict(one.replace("_", "-").split("==") for one in known if not one.startswith("chalice"))
    assert ours.items() <= pinned().items()
    forged = tmp_path / "runtime.txt"
    forged.write_text(re.sub("sha256:[0-9a-f]{8}", "sha256:00000000", "\n".join(lock.splitlines()[-3:])))
    done = subprocess.run(
        [*_uv(), "--target", str(tmp_path / "v"), "-r", str(forged)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0 and "hash" in done.stderr.lower()


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
