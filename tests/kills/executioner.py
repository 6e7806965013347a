"""A worker process that dies by SIGKILL the moment the other side has answered, before it can read the answer."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from threading import Condition, Lock
from typing import Any

from infra.local import worker
from infra.local.heed import PROJECT
from infra.local.invoke import FunctionError, WorkerKilledError, context_for
from infra.local.proxy import Answer, PassOn, Request, proxy
from infra.local.stack import Function

PATIENCE = 3
"""Deaths one message may see. At five receives its queue would give it up, which is another story."""
IMMORTAL = -1
WARM = "tests.kills.warm.up"
_COMMITS = ("dynamodb.TransactWriteItems", "dynamodb.PutItem", "dynamodb.UpdateItem")
_EFFECTS = ("sqs.SendMessage", "states.StartExecution", "sns.Publish", "dynamodb.UpdateItem")

Mortal = Callable[[Request], bool]
"""Whether the worker may die on the answer to this request."""


def commits(request: Request) -> bool:
    return request.call in _COMMITS


def effects(request: Request) -> bool:
    """A message published, a timer started, a reply handed over, and the note that it was done."""
    return request.call in _EFFECTS


def anything(request: Request) -> bool:
    return True


class Executioner:
    """One function's worker. It dies on mortal answers, drawn by chance, until it has died ``deaths`` times.

    ``each`` is how many mortal answers one record usually sees, so that any of them may be the last.
    """

    def __init__(self, function: Function, environ: Mapping[str, str], deaths: int, seed: int, each: int) -> None:
        self.deaths = 0
        self._wanted = deaths
        self._each = each
        self._function = function
        self._chance = random.Random(seed)
        self._one = Lock()
        self._known = Condition()
        self._pid = 0
        self._died: Counter[str] = Counter()
        self._spared = IMMORTAL
        command = [sys.executable, "-P", str(worker.__file__), str(PROJECT), function.handler, "fork", WARM]
        environ = {**environ, **function.environment, "AWS_LAMBDA_FUNCTION_NAME": function.name}
        self._worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True, encoding="utf-8"
        )

    @property
    def done(self) -> bool:
        return self.deaths >= self._wanted

    def __call__(self, name: str, event: Any) -> Any:
        with self._one:
            answers = self._each * len(event["Records"])
            self._spared = self._chance.randrange(answers) if self._may_die(event) else IMMORTAL
            answer = self._ask(event)
        if "killed" in answer:
            self.deaths += 1
            self._died.update(_names(event))
            raise WorkerKilledError(name)
        if error := answer.get("error"):
            raise FunctionError(error["errorType"], error["errorMessage"], error["stackTrace"])
        return answer["result"]

    def _may_die(self, event: Any) -> bool:
        receives = [int(one.get("attributes", {}).get("ApproximateReceiveCount", 1)) for one in event["Records"]]
        deaths = [self._died[name] for name in _names(event)]
        return not self.done and max(receives) <= PATIENCE and max(deaths) < PATIENCE

    def _ask(self, event: Any) -> dict[str, Any]:
        stdin, stdout = self._worker.stdin, self._worker.stdout
        assert stdin and stdout
        stdin.write(json.dumps({"event": event, "context": asdict(context_for(self._function))}) + "\n")
        stdin.flush()
        self._knows(json.loads(stdout.readline())["pid"])
        answer: dict[str, Any] = json.loads(stdout.readline())
        self._knows(0)
        return answer

    def _knows(self, pid: int) -> None:
        with self._known:
            self._pid = pid
            self._known.notify_all()

    def strikes(self) -> bool:
        """Called at a mortal answer: whether this is the one, and then the worker is dead."""
        with self._known:
            self._known.wait_for(lambda: self._pid, 10)
            if self._spared != 0 or not self._pid:
                self._spared -= self._spared > 0
                return False
            self._spared = IMMORTAL
            os.kill(self._pid, signal.SIGKILL)
            return True

    def close(self) -> None:
        self._worker.kill()
        self._worker.communicate()


def _names(event: Any) -> list[str]:
    return [one.get("messageId") or one["eventID"] for one in event["Records"]]


@contextmanager
def scaffold(executioner: Callable[[], Executioner | None], behind: str, mortal: Mortal) -> Iterator[str]:
    """A proxy before ``behind``; what it answers may be the last thing a worker never hears. Yields its address."""

    def served(request: Request, pass_on: PassOn) -> Answer | None:
        answer, victim = pass_on(), executioner()
        dies = victim and answer.status < 300 and mortal(request) and victim.strikes()
        return None if dies else answer

    with proxy(behind, served) as address:
        yield address
