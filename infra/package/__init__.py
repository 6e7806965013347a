"""``heed package``: the deployable template and one zip with the runtime subset only, the same bytes every time."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from infra.config import compiled
from infra.package import bundle, sbom
from infra.package.version import code_version
from infra.template.resources import resources

PROJECT = Path(__file__).parents[2]
RUNTIME = Path(__file__).with_name("runtime.txt")
LARGEST = 16 * 1024 * 1024
DAY = 86_400


class NotPackaged(Exception):
    """A step of packaging failed; the text says which, and what its tool said."""


def build(stage: str, out: Path, policy: Path = PROJECT / "care.yaml") -> dict[str, Any]:
    """Write ``sam.yaml``, ``deployment.zip`` and ``sbom.json``, which says what that is made of, into ``out``.

    There is a queue for each team of the policy file.
    Returns ``{"template", "zip", "sbom", "code_version", "bytes", "unzipped", "files"}``. Raises NotPackaged.
    """
    checked = compiled(policy)
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        _stage(project, stage, checked)
        vendor = project / "vendor"
        _run("vendor the runtime packages", [*_uv(), "--target", str(vendor), "-r", str(RUNTIME)], project)
        packed = Path(scratch) / "packed"
        merge = str(project / "merge.yaml")
        chalice = [
            sys.executable,
            "-c",
            "from chalice.cli import main; main()",
            "package",
            "--stage",
            stage,
            "--template-format",
            "yaml",
        ]
        _run("chalice package", [*chalice, "--merge-template", merge, str(packed)], project)
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packed / "sam.yaml", out / "sam.yaml")
        (out / "sbom.json").write_text(sbom.text(vendor))
        facts = bundle.rebuild(packed / "deployment.zip", out / "deployment.zip", Path(scratch) / "bundle")
    if facts["bytes"] > LARGEST:
        raise NotPackaged(f"the zip has {facts['bytes']} bytes, more than the {LARGEST} we allow ourselves")
    where = {"template": str(out / "sam.yaml"), "zip": str(out / "deployment.zip")}
    where["sbom"] = str(out / "sbom.json")
    return {**where, "code_version": code_version(PROJECT), **facts}


def _stage(project: Path, stage: str, policy: Mapping[str, Any]) -> None:
    """A copy of just what the zip may hold, so that nothing of the laptop can slip in."""
    shutil.copytree(PROJECT / "chalicelib", project / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / ".chalice", project / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copyfile(PROJECT / "app.py", project / "app.py")
    (project / "requirements.txt").write_text("")
    merge = resources(stage, policy["queues"], policy["retention"]["raw"] // DAY, code_version(PROJECT))
    (project / "merge.yaml").write_text(yaml.safe_dump(merge))


def _uv() -> list[str]:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", version, "--only-binary", ":all:"]
    return [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes", *target]


def _run(step: str, command: list[str], where: Path) -> None:
    environment = {**bundle.environment(), "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPackaged(f"{step} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
