"""One run of the whole local pipeline: ``python -m bench.pipeline CORES MESSAGES`` prints what it took, as JSON.

Heed runs as ``make demo`` runs it; the embedded AWS and what stands for Slack have processes of their own, so that
what each spends can be told apart. All of them share the given cores.
"""

import json
import os
import sys
import time
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from bench.bodies import ACCOUNT, HOOK, PATH, messages, signed
from bench.endpoint import started
from infra.local.heed import LocalHeed
from tests.build import config_data

WARM = 4
PATIENCE = 300.0
_TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    cores, number = int(sys.argv[1]), int(sys.argv[2])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    out, sys.stdout = sys.stdout, sys.stderr
    with started("-m", "infra.local.emulator") as aws:
        aws_id = _children()[0]
        with started("-m", "bench.slackling") as slack:
            secrets = {f"hooks/facebook/{ACCOUNT}": HOOK, "slack": {"signing_secrets": ["s"], "token": "xoxb-bench"}}
            with LocalHeed(config_data(), secrets, slack_api=f"{slack}/", endpoint=aws) as heed:
                _through(heed.url, slack, 0, WARM)
                ours, theirs, began = time.process_time(), _spent(aws_id), time.perf_counter()
                _through(heed.url, slack, WARM, number)
                wall = time.perf_counter() - began
                found = {"wall": wall, "heed": time.process_time() - ours, "aws": _spent(aws_id) - theirs}
    print(json.dumps(found), file=out)


def _through(url: str, slack: str, first: int, number: int) -> None:
    """So many messages of as many people in, and each one's card out."""
    door = HTTPConnection(urlsplit(url).netloc, timeout=60)
    for place in range(first, first + number):
        raw, headers = signed(messages(1, place))
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
