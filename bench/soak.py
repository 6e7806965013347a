"""Whether a warm container grows: ``python -m bench.soak EVENTS`` prints what its memory and its files did, as JSON.

Webhook, intake, publisher and desk take turns in one process on the fake endpoint, which answers for ever and keeps
nothing; so whatever grows is ours, or our packages'.
"""

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.bodies import ACCOUNT, api_event, body_of, item, messages, queue_event, signed
from bench.firsts import first_events
from bench.world import heed_app, on_fake, silent
from chalicelib.domain.instants import iso
from chalicelib.handlers.desk import desk
from chalicelib.handlers.intake import intake
from chalicelib.handlers.publisher import publisher
from chalicelib.wiring import now

WARM = 300
DESK = 5
"""The desk is the slowest, so it shows only every so many."""
_PAGE = os.sysconf("SC_PAGE_SIZE")

Event = dict[str, Any]


def main() -> None:
    number = int(sys.argv[1])
    out, sys.stdout = sys.stdout, sys.stderr
    with on_fake() as address, silent():
        events = first_events(address)
        work = _work(events)
        _do(work, WARM)
        before = _state()
        _do(work, number)
        after = _state()
    print(json.dumps({"events": number, "before": before, "after": after}), file=out)


def _work(events: dict[str, Event]) -> Iterator[Callable[[], Any]]:
    """One event after the other, no two alike."""
    app, number = heed_app(), 0
    while True:
        number += 1
        yield partial(app, api_event(*signed(messages(1, number))), None)
        yield partial(intake, _message(number), None)
        yield partial(publisher, events["publisher"], None)
        if not number % DESK:
            yield partial(desk, events["desk"], None)


def _message(number: int) -> Event:
    told = item(f"m_soak{number:012d}", str(8_000_000_000_000_000 + number))
    body = body_of({**told, "timestamp": int(now().timestamp() * 1000)})
    fragment = {"channel": "facebook", "hook": ACCOUNT, "received_at": iso(now()), "body": body}
    return queue_event("heed-bench-inbound.fifo", json.dumps(fragment))


def _do(work: Iterator[Callable[[], Any]], number: int) -> None:
    for _ in range(number):
        answer = next(work)()
        assert not answer.get("batchItemFailures") and answer.get("statusCode", 200) == 200, answer


def _state() -> dict[str, int]:
    """Resident bytes, Python's blocks, open files."""
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    return {"rss": resident, "blocks": sys.getallocatedblocks(), "files": len(list(Path("/proc/self/fd").iterdir()))}


if __name__ == "__main__":
    main()
