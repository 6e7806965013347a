"""Rounds through the whole local pipeline: ``python -m bench.pipeline CORES ROUNDS MESSAGES`` prints each, as JSON.

Heed runs as ``make demo`` runs it; the embedded AWS and what stands for Slack have processes of their own, so that
what each spends can be told apart. All of them share the given cores.
"""

import json
import os
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.bodies import ACCOUNT, HOOK, PATH, just_now, messages, signed
from bench.endpoint import started
from infra.local.heed import LocalHeed
from infra.local.invoke import InProcessInvoker
from infra.local.pumps.base import Invoke
from tests.build import config_data

WARM = 4
PATIENCE = 300.0
WEBHOOKS, SOURCES, REST = "webhooks: front and function", "event sources: polls, shaping, deletes", "everything else"
_TICK = os.sysconf("SC_CLK_TCK")


class Profiled(LocalHeed):
    """Adds up what each function's own work costs."""

    def invoker(self) -> Invoke:
        self.spent: defaultdict[str, float] = defaultdict(float)
        call, lock = InProcessInvoker(self.stack), threading.Lock()

        def invoke(name: str, event: Any) -> Any:
            begun = time.thread_time()
            try:
                return call(name, event)
            finally:
                with lock:
                    self.spent[self.stack.function(name).logical_id] += time.thread_time() - begun

        return invoke

    def parts(self) -> dict[str, float]:
        """Seconds of CPU of this process so far, by what they went into. The bench drives from the main thread."""
        found: defaultdict[str, float] = defaultdict(float)
        found |= {f"{name.lower()}: function": spent for name, spent in self.spent.items()}
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and thread.ident:
                found[_part(thread.name)] += time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        found[SOURCES] -= sum(self.spent.values())
        found[REST] += time.process_time() - time.thread_time() - sum(found.values())
        return found


def _part(thread: str) -> str:
    if thread.startswith(("waitress", "front")):
        return WEBHOOKS
    return SOURCES if thread.startswith(("pump-", "sqs-")) else REST


def main() -> None:
    cores, rounds, number = map(int, sys.argv[1:])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    out, sys.stdout = sys.stdout, sys.stderr
    with started("-m", "infra.local.emulator") as aws:
        aws_id = _children()[0]
        with started("-m", "bench.slackling") as slack:
            secrets = {f"hooks/facebook/{ACCOUNT}": HOOK, "slack": {"signing_secrets": ["s"], "token": "xoxb-bench"}}
            with Profiled(config_data(), secrets, slack_api=f"{slack}/", endpoint=aws) as heed:
                _through(heed.url, slack, 0, WARM)
                firsts = range(WARM, WARM + rounds * number, number)
                found = [_round(heed, slack, aws_id, first, number) for first in firsts]
    print(json.dumps(found), file=out)


def _round(heed: Profiled, slack: str, aws_id: int, first: int, number: int) -> dict[str, Any]:
    """Milliseconds a message: wall, CPU of ours by part, CPU of the embedded AWS."""
    parts, theirs, began = heed.parts(), _spent(aws_id), time.perf_counter()
    _through(heed.url, slack, first, number)
    wall = time.perf_counter() - began
    after = heed.parts()
    each = 1e3 / number
    ours = {name: (spent - parts.get(name, 0.0)) * each for name, spent in after.items()}
    return {"wall": wall * each, "aws": (_spent(aws_id) - theirs) * each, "parts": ours}


def _through(url: str, slack: str, first: int, number: int) -> None:
    """So many messages of as many people in, and each one's card out."""
    door = HTTPConnection(urlsplit(url).netloc, timeout=60)
    for place in range(first, first + number):
        raw, headers = signed(just_now(messages(1, place)))
        door.request("POST", PATH, raw, headers)
        answer = door.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the edge answered {answer.status}")
    door.close()
    until = time.monotonic() + PATIENCE
    while _cards(slack) < first + number:
        if time.monotonic() > until:
            raise TimeoutError(f"{_cards(slack)} of {first + number} cards came out")
        time.sleep(0.05)


def _cards(slack: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(slack, timeout=10) as answer:
        return int(json.load(answer)["cards"])


def _children() -> list[int]:
    return [int(one) for one in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _spent(process: int) -> float:
    """CPU seconds of another process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


if __name__ == "__main__":
    main()
