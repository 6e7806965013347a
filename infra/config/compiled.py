"""The policy file as data, or a plain refusal with every mistake in it."""

from pathlib import Path
from typing import Any

from infra.config.check import check
from infra.config.compile import compile_config


class Mistaken(Exception):
    """The policy file has mistakes; the text names them line by line."""


def compiled(path: Path, version: int = 0) -> dict[str, Any]:
    """What ``load_config`` reads. Raises Mistaken."""
    checked = check(path)
    if not checked.ok:
        raise Mistaken("\n".join(str(problem) for problem in checked.errors))
    return compile_config(checked, version)
