"""Runs functions: in this process, or each in a process of its own that can be killed."""

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.local import worker
from infra.local.running import playing
from infra.local.stack import Function, Stack
from infra.local.worker import LambdaContext

Handler = Callable[[Any, Any], Any]


class FunctionError(RuntimeError):
    """A handler in another process raised; ``kind`` is the name of what it raised."""

    def __init__(self, kind: str, message: str, trace: str) -> None:
        super().__init__(f"{kind}: {message}\n{trace}")
        self.kind = kind


class WorkerKilledError(RuntimeError):
    """The process ended while it worked on an event, so what it did is unknown."""


class InProcessInvoker:
    """Calls handlers here. Events and answers pass through JSON, so nothing is shared that Lambda would not share."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def __call__(self, name: str, event: Any) -> Any:
        with playing(self._stack, name) as function:
            answer = handler(function.handler)(_copy(event), context_for(function))
        return _copy(answer)


class SubprocessInvoker:
    """Runs handlers from a directory, such as an unpacked deployment zip, with workers that are reused like Lambda's.

    ``isolated`` workers see the standard library and the directory only; otherwise this interpreter's packages too.
    ``endpoint`` says where each function finds AWS, when not where ``environ`` says.
    """

    def __init__(
        self,
        stack: Stack,
        directory: Path,
        environ: Mapping[str, str],
        *,
        isolated: bool = True,
        endpoint: Callable[[Function], str] | None = None,
    ) -> None:
        self._stack = stack
        self._directory = directory
        self._environ = dict(environ)
        self._endpoint = endpoint
        self._flags = ["-I", "-S"] if isolated else ["-P"]
        self._lock = threading.Lock()
        self._idle: dict[str, list[_Worker]] = defaultdict(list)
        self._live: dict[str, set[_Worker]] = defaultdict(set)

    def __call__(self, name: str, event: Any) -> Any:
        function = self._stack.function(name)
        process = self._take(function)
        try:
            return process.ask(event, context_for(function))
        except WorkerKilledError:
            self._forget(function.name, process)
            raise
        finally:
            self._give_back(function.name, process)

    def kill(self, name: str) -> int:
        """SIGKILL to all workers of a function, busy or idle, at once; returns how many there were."""
        function = self._stack.function(name).name
        with self._lock:
            victims = self._live.pop(function, set())
            self._idle.pop(function, None)
        for process in victims:
            process.end()
        return len(victims)

    def close(self) -> None:
        for function in list(self._live):
            self.kill(function)

    def _take(self, function: Function) -> "_Worker":
        with self._lock:
            if idle := self._idle[function.name]:
                return idle.pop()
            aws = {"AWS_ENDPOINT_URL": self._endpoint(function)} if self._endpoint else {}
            environ = {**self._environ, **function.environment, **_lambda_variables(function), **aws}
            process = _Worker(self._flags, self._directory, function.handler, environ)
            self._live[function.name].add(process)
            return process

    def _give_back(self, name: str, process: "_Worker") -> None:
        """A worker that was killed meanwhile is not handed out again."""
        with self._lock:
            if process in self._live[name]:
                self._idle[name].append(process)

    def _forget(self, name: str, process: "_Worker") -> None:
        with self._lock:
            self._live[name].discard(process)
        process.end()


class _Worker:
    """One process with one handler, used by one caller at a time."""

    def __init__(self, flags: list[str], directory: Path, handler_name: str, environ: Mapping[str, str]) -> None:
        command = [sys.executable, *flags, str(worker.__file__), str(directory.resolve()), handler_name]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(environ), text=True, encoding="utf-8"
        )

    def ask(self, event: Any, context: LambdaContext) -> Any:
        line = self._exchange(json.dumps({"event": event, "context": asdict(context)}))
        if not line:
            code = self._process.wait()
            raise WorkerKilledError(f"the worker of {context.function_name} ended with {code} while it worked")
        answer = json.loads(line)
        if error := answer.get("error"):
            raise FunctionError(error["errorType"], error["errorMessage"], error["stackTrace"])
        return answer["result"]

    def end(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):  # what was not yet written has no reader any more
                    pipe.close()

    def _exchange(self, line: str) -> str:
        if not self._process.stdin or not self._process.stdout:
            return ""
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            return self._process.stdout.readline()
        except (OSError, ValueError):  # the other end is gone, or closed here by a kill
            return ""


def handler(name: str) -> Handler:
    """The callable a handler string such as ``chalicelib.handlers.clock.wake`` names."""
    module, _, attribute = name.rpartition(".")
    found: Handler = getattr(importlib.import_module(module), attribute)
    return found


def context_for(function: Function) -> LambdaContext:
    """A context for one invocation."""
    group = f"/aws/lambda/{function.name}"
    return LambdaContext(function.name, function.arn, function.timeout, function.memory, log_group_name=group)


def _lambda_variables(function: Function) -> dict[str, str]:
    return {
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "LAMBDA_TASK_ROOT": os.curdir,
        "_HANDLER": function.handler,
    }


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))
