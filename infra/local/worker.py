"""Runs one handler in a process of its own: one JSON request per line on stdin, one JSON answer per line on stdout.

Started as ``python worker.py DIRECTORY HANDLER [fork WARM]``. With ``fork`` each request runs in a child of its own,
which may be killed at once and costs little to replace; its process id is told before the answer. The callable WARM
names runs before the first of them, and must leave no socket open for them to share. It imports nothing
but the standard library and the directory, so that an unpacked deployment zip is tested with what it carries and not
with what happens to be installed here.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import uuid4

Handler = Callable[..., Any]


@dataclass
class LambdaContext:
    """As many of the attributes of Lambda's context object as handlers and Powertools read."""

    function_name: str
    invoked_function_arn: str
    timeout: int
    memory_limit_in_mb: int = 128
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    log_stream_name: str = "local"
    log_group_name: str = "/aws/lambda/local"
    client_context: None = None
    identity: None = None

    def __post_init__(self) -> None:
        self._started = time.monotonic()

    def get_remaining_time_in_millis(self) -> int:
        """Counts down the function's timeout, which nothing enforces locally."""
        return max(0, int((self.timeout - (time.monotonic() - self._started)) * 1000))


def load(directory: str, handler: str) -> Handler:
    """The callable a Lambda handler string names."""
    sys.path.insert(0, directory)
    module, _, name = handler.rpartition(".")
    found: Handler = getattr(importlib.import_module(module), name)
    return found


def answer(handler: Handler, line: str) -> str:
    """The reply to one request: ``{"result": …}`` or ``{"error": …}``, as Lambda reports function errors."""
    request = json.loads(line)
    try:
        return json.dumps({"result": handler(request["event"], LambdaContext(**request["context"]))})
    except Exception as error:  # every function error is reported, none may end the worker
        described = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return json.dumps({"error": {**described, "stackTrace": traceback.format_exc()}})


def answer_in_a_child(handler: Handler, line: str, channel: IO[str]) -> str:
    """As :func:`answer`, or ``{"killed": signal}``. The child begins when its process id has been told."""
    told, tell = os.pipe()
    answered, respond = os.pipe()
    child = os.fork()
    if not child:
        os.read(told, 1)
        with os.fdopen(respond, "w", encoding="utf-8") as out:
            out.write(answer(handler, line))
        os._exit(0)
    os.close(respond)
    channel.write(json.dumps({"pid": child}) + "\n")
    channel.flush()
    os.write(tell, b"!")
    with os.fdopen(answered, encoding="utf-8") as given:
        text = given.read()
    _, status = os.waitpid(child, 0)
    os.close(told)
    os.close(tell)
    return json.dumps({"killed": os.WTERMSIG(status)}) if os.WIFSIGNALED(status) else text


def private_stdout() -> IO[str]:
    """The answers' own channel; whatever a handler prints goes to stderr instead of between them."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def main() -> None:
    channel = private_stdout()
    handler = load(sys.argv[1], sys.argv[2])
    forks = sys.argv[3:4] == ["fork"]
    if forks:
        load(sys.argv[1], sys.argv[4])()
    for line in sys.stdin:
        done = answer_in_a_child(handler, line, channel) if forks else answer(handler, line)
        channel.write(done + "\n")
        channel.flush()


if __name__ == "__main__":
    main()
