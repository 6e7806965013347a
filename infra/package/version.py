"""Which code runs: of the same sources the same word, on every machine and without git."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path


def code_version(project: Path) -> str:
    """Twelve characters that change with any file that runs on AWS, its place, and the versions of the packages."""
    digest = sha256()
    for path in sorted(_sources(project)):
        name, content = path.relative_to(project).as_posix(), path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def _sources(project: Path) -> Iterator[Path]:
    yield project / "app.py"
    yield project / "infra" / "package" / "runtime.txt"
    for path in (project / "chalicelib").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
