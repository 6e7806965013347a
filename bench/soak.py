"""Whether a warm container grows: ``python -m bench.soak EVENTS`` prints what its memory and its files did, as JSON.

All functions take turns in one process on the fake endpoint, which answers for ever and keeps nothing; so whatever
grows is ours, or our packages'. A share of all calls fails, so that what is left behind by failures shows as well.
"""

import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from bench import endpoint
from bench.bodies import ACCOUNT, api_event, body_of, item, messages, queue_event, signed
from bench.firsts import first_events
from bench.world import heed_app, on_fake, silent
from chalicelib.domain.instants import iso
from chalicelib.handlers.clock import clock
from chalicelib.handlers.delivery import delivery
from chalicelib.handlers.desk import desk
from chalicelib.handlers.inbox import inbox
from chalicelib.handlers.intake import intake
from chalicelib.handlers.privacy import eraser
from chalicelib.handlers.publisher import publisher
from chalicelib.handlers.sweeps import auditor, herald, sweeper
from chalicelib.wiring import now

WARM = 500
OTHERS = 3
"""Every so many rounds it is the turn of one of the functions that are slow, or come by the minute."""
TROUBLE, SEED = 1 / 16, 1
"""Which share of calls fails."""
LOOK = 100
"""After so many events files are counted."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
EXCUSED = (ClientError, BotoCoreError, PynamoDBException, ExceptionGroup)
_OTHERS: dict[str, Callable[[Any, Any], Any]] = {
    "desk": desk,
    "clock": clock,
    "delivery": delivery,
    "inbox": inbox,
    "sweeper": sweeper,
    "auditor": auditor,
    "herald": herald,
    "eraser": eraser,
}

Event = dict[str, Any]


def main() -> None:
    number = int(sys.argv[1])
    out, sys.stdout = sys.stdout, sys.stderr
    time.sleep = lambda seconds: None
    with on_fake() as address, silent():
        events = first_events(address)
        endpoint.trouble(address, TROUBLE, SEED)
        work = _work(events)
        _do(work, WARM)
        before = _state()
        failed, files = _do(work, number)
        after = _state()
    told = {"events": number, "failed": failed, "files": files, "before": before, "after": after}
    print(json.dumps(told), file=out)


def _work(events: dict[str, Event]) -> Iterator[Callable[[], Any]]:
    """One event after the other, no two of the first kinds alike."""
    app, number = heed_app(), 0
    others = list(_OTHERS.items())
    while True:
        number += 1
        yield partial(app, api_event(*signed(messages(1, number))), None)
        yield partial(intake, _message(number), None)
        yield partial(publisher, events["publisher"], None)
        if not number % OTHERS:
            name, function = others[number // OTHERS % len(others)]
            yield partial(function, events[name], None)


def _message(number: int) -> Event:
    told = item(f"m_soak{number:012d}", str(8_000_000_000_000_000 + number))
    body = body_of({**told, "timestamp": int(now().timestamp() * 1000)})
    fragment = {"channel": "facebook", "hook": ACCOUNT, "received_at": iso(now()), "body": body}
    return queue_event("heed-bench-inbound.fifo", json.dumps(fragment))


def _do(work: Iterator[Callable[[], Any]], number: int) -> tuple[Counter[str], list[int]]:
    """So many events. How they failed, and how many files were open now and then."""
    failed: Counter[str] = Counter()
    files = []
    for done in range(number):
        failed.update(_failures(next(work)))
        if not done % LOOK:
            files.append(_files())
    return failed, files


def _failures(work: Callable[[], Any]) -> list[str]:
    """Why an event was not worked off; only what AWS did to it excuses that."""
    try:
        answer = work() or {}
    except EXCUSED as error:
        return [type(error).__name__]
    if answer.get("batchItemFailures"):
        return ["comes again"]
    return [] if answer.get("statusCode", 200) == 200 else [f"answered with {answer['statusCode']}"]


def _state() -> dict[str, int]:
    """Resident bytes, Python's blocks."""
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    return {"rss": resident, "blocks": sys.getallocatedblocks()}


def _files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


if __name__ == "__main__":
    main()
