"""The policy file people edit, ``care.yaml``: checked line by line, compiled to what ``load_config`` reads."""

from infra.config.check import Checked, check
from infra.config.compile import compile_config
from infra.config.compiled import Mistaken, compiled
from infra.config.problem import Level, Problem

__all__ = ["Checked", "Level", "Mistaken", "Problem", "check", "compile_config", "compiled"]
