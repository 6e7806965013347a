"""MiniStack inside this process, or as its own with ``python -m infra.local.emulator --port N``.

It listens on 127.0.0.1 and nothing else: MiniStack's own command binds every interface, and its IoT and SFTP
listeners do so even when embedded, which is why they are switched off by name.
"""

import argparse
import asyncio
import importlib
import logging
import signal
import socket
import sys
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hypercorn.asyncio import serve
from hypercorn.config import Config

from infra.local.environment import ACCOUNT, REGION, environment, export, exported

__all__ = ["Emulator", "EmulatorError", "environment", "export"]

HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
# MiniStack names its loggers after services, not after itself.
_SERVICES = ("cloudwatch", "dynamodb", "dynamodb_streams", "events", "iam", "kms", "lambda_runtime", "s3", "scheduler")
_MORE_SERVICES = ("secretsmanager", "sns", "sqs", "ssm", "states", "sts")
_LOGGERS = ("ministack", "persistence", "container_reaper", *_SERVICES, *_MORE_SERVICES)
_LOG = logging.getLogger("infra.local.emulator")


class EmulatorError(RuntimeError):
    """The emulator did not start, or was asked for what this process cannot give any more."""


class Emulator:
    """One MiniStack per process at a time. Without ``data`` its state ends with it."""

    _running = False
    _data_of_process: Path | None = None

    def __init__(self, data: Path | None = None) -> None:
        self._data = data
        self._endpoint = ""
        self._settings = ExitStack()
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._shutdown: asyncio.Event | None = None

    def start(self, port: int = 0) -> str:
        """Listens on the port, or on a free one, and returns the endpoint once it answers."""
        self._check_process()
        listener = _listen(port)
        port = listener.getsockname()[1]
        self._endpoint = f"http://{HOST}:{port}"
        self._settings.enter_context(exported(_settings(port)))
        app = self._load()
        Emulator._running = True
        self._thread = threading.Thread(target=self._run, args=(app, listener), name="emulator", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or self._failure:
            raise EmulatorError(f"MiniStack did not start on {self._endpoint}") from self._failure
        return self._endpoint

    def stop(self) -> None:
        """Shuts down in order, so that a data directory is written; bounded in time."""
        if not self._thread or not self._loop or not self._shutdown:
            return
        if not self._data:
            self.reset()
        self._loop.call_soon_threadsafe(self._shutdown.set)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            raise EmulatorError(f"MiniStack did not stop within {_STOP_SECONDS:.0f} s")
        self._thread = None
        self._settings.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        return self._endpoint

    def _check_process(self) -> None:
        if Emulator._running:
            raise EmulatorError(
                "an emulator runs in this process already; stop it, or start this one as its own process"
            )
        if "ministack.app" in sys.modules and Emulator._data_of_process != self._data:
            raise EmulatorError("this process has loaded MiniStack with another data directory; use a new process")
        Emulator._data_of_process = self._data

    def _load(self) -> Any:
        """MiniStack reads persistence and logging settings once, when it is first imported."""
        root = logging.getLogger()
        bystander = logging.NullHandler()
        root.addHandler(bystander)  # makes its logging.basicConfig a no-op
        try:
            with exported(_import_settings(self._data)):
                app = importlib.import_module("ministack.app").app
        finally:
            root.removeHandler(bystander)
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        return app

    def _run(self, app: Any, listener: socket.socket) -> None:
        try:
            asyncio.run(self._serve(app, listener))
        except BaseException as error:  # whatever ended the thread must reach whoever waits for its start
            self._failure = error
            _LOG.debug("MiniStack ended", exc_info=error)
        finally:
            Emulator._running = False
            self._ready.set()

    async def _serve(self, app: Any, listener: socket.socket) -> None:
        self._loop, self._shutdown = asyncio.get_running_loop(), asyncio.Event()
        await serve(self._announcing(app), _server_config(listener), shutdown_trigger=self._shutdown.wait)

    def _announcing(self, app: Any) -> Any:
        """The same application, which tells us when its start-up is complete."""

        async def announced(scope: Any, receive: Any, send: Any) -> None:
            async def watched(message: Any) -> None:
                await send(message)
                if message["type"] == "lifespan.startup.complete":
                    self._ready.set()

            await app(scope, receive, watched if scope["type"] == "lifespan" else send)

        return announced

    def reset(self) -> None:
        """Forgets everything, a data directory included. Module-level state would else meet the next server."""
        request = urllib.request.Request(f"{self._endpoint}/_ministack/reset", method="POST")  # noqa: S310 - our own
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_STOP_SECONDS):
            pass


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise EmulatorError(f"port {port} on {HOST} is taken; choose another, or 0 for a free one") from error
    listener.listen(256)  # clients that come before the server accepts wait instead of being refused
    return listener


def _settings(port: int) -> Mapping[str, str]:
    """Read by MiniStack while it runs."""
    return {
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


def _import_settings(data: Path | None) -> Mapping[str, str]:
    settings = {"LOG_LEVEL": "WARNING", "PERSIST_STATE": "0", "S3_PERSIST": "0"}
    if data:
        settings |= {"PERSIST_STATE": "1", "STATE_DIR": str(data / "state")}
        settings |= {"S3_PERSIST": "1", "S3_DATA_DIR": str(data / "s3")}
    return settings


def _server_config(listener: socket.socket) -> Config:
    log = logging.getLogger("hypercorn.error")
    log.setLevel(logging.WARNING)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.backlog = 256
    config.errorlog = log
    config.graceful_timeout = 0.5
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 1_000_000
    return config


def main(arguments: list[str] | None = None) -> None:
    """Serves until SIGTERM or SIGINT; the first line on stdout is the endpoint, once it answers."""
    parser = argparse.ArgumentParser(prog="infra.local.emulator", description="An emulated AWS on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--data", type=Path, help="keep state in this directory over a clean stop")
    options = parser.parse_args(arguments)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    emulator = Emulator(options.data)
    try:
        endpoint = emulator.start(options.port)
    except EmulatorError as error:
        parser.error(str(error))
    export(endpoint)
    sys.stdout.write(f"{endpoint}\n")
    sys.stdout.flush()
    done.wait()
    emulator.stop()


if __name__ == "__main__":
    main()
