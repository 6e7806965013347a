"""The project's own source, parsed once for the rules about it."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]


@lru_cache(maxsize=1)
def shipped() -> dict[Path, ast.Module]:
    """What goes into the zip: app.py and chalicelib."""
    return _parsed(["app.py", "chalicelib"])


@lru_cache(maxsize=1)
def everything() -> dict[Path, ast.Module]:
    return _parsed(["app.py", "chalicelib", "infra", "tests"])


def _parsed(roots: list[str]) -> dict[Path, ast.Module]:
    found: dict[Path, ast.Module] = {}
    for root in roots:
        path = PROJECT / root
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            found[file.relative_to(PROJECT)] = ast.parse(file.read_text(), str(file))
    return found


def module_of(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module a file names in an import, wherever in the file; type-checking blocks too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
