"""Chalice's zip made lean and repeatable: only what we call of AWS, bytecode inside, fixed times, sorted names."""

import compileall
import os
import shutil
import zipfile
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

from infra.package import models

_EPOCH = (1980, 1, 1, 0, 0, 0)
_DEAD_WEIGHT = ("boto3/examples", "bin")


def environment() -> dict[str, str]:
    """The caller's environment with a region, which Chalice asks for even when nothing is called."""
    return {"AWS_DEFAULT_REGION": "us-east-1", **os.environ}


def rebuild(source: Path, target: Path, scratch: Path) -> dict[str, Any]:
    """Write the lean zip; returns ``{"bytes", "unzipped", "files"}``."""
    with zipfile.ZipFile(source) as packed:
        packed.extractall(scratch)
    _prune(scratch)
    compileall.compile_dir(
        scratch,
        quiet=2,
        force=True,
        stripdir=str(scratch),
        prependdir="/var/task",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    files = sorted(path for path in scratch.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in files:
            entry = zipfile.ZipInfo(str(path.relative_to(scratch)), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, path.read_bytes())
    return {
        "bytes": target.stat().st_size,
        "unzipped": sum(path.stat().st_size for path in files),
        "files": len(files),
    }


def _prune(root: Path) -> None:
    models.trim(root / "botocore" / "data")
    for name in _DEAD_WEIGHT:
        shutil.rmtree(root / name, ignore_errors=True)
    for hidden in root.glob(".*"):
        hidden.unlink()
    for cache in list(root.rglob("__pycache__")):
        shutil.rmtree(cache)
