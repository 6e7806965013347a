"""The embedded AWS in a process of its own, so that it has a core of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.emulator import EmulatorError

STOP_SECONDS = 20.0


@contextmanager
def emulated(data: Path | None) -> Iterator[str]:
    """Its endpoint. In a session of its own, so that the terminal's Ctrl-C leaves it to us to end it in order."""
    command = [sys.executable, "-m", "infra.local.emulator", *(["--data", str(data.resolve())] if data else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            endpoint = process.stdout.readline().strip() if process.stdout else ""
            if not endpoint:
                raise EmulatorError("the embedded AWS did not start; what it said stands above")
            yield endpoint
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
