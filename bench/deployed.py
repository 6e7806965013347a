"""The function as Lambda has it: the unpacked zip with its bytecode, and a floor of the same packages as they come."""

import compileall
import shutil
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory

from infra.package import build

FLOOR = ("botocore", "urllib3", "jmespath", "dateutil", "six")
"""What one botocore client needs, all of its data included."""


@contextmanager
def unpacked() -> Iterator[tuple[Path, Path]]:
    """The zip of ``heed package``, unpacked, and the floor beside it."""
    with TemporaryDirectory() as scratch:
        task, floor = Path(scratch) / "task", Path(scratch) / "floor"
        with zipfile.ZipFile(build("bench", Path(scratch))["zip"]) as packed:
            packed.extractall(task)
        _lay(floor)
        yield task, floor


def _lay(floor: Path) -> None:
    """Chalice's runtime and stock botocore, compiled as the zip is."""
    for name in FLOOR:
        _copied(_place(name), floor)
    chalice = _place("chalice")
    (floor / "chalice").mkdir()
    for name in ("__init__.py", "app.py"):
        shutil.copyfile(chalice / name, floor / "chalice" / name)
    shutil.copyfile(Path(__file__).with_name("floors.py"), floor / "floors.py")
    compileall.compile_dir(floor, quiet=2, force=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)


def _place(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed in {sys.prefix}")
    file = Path(spec.origin)
    return file.parent if spec.submodule_search_locations else file


def _copied(source: Path, floor: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, floor / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        floor.mkdir(exist_ok=True)
        shutil.copyfile(source, floor / source.name)
