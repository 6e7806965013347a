"""Sends the planned webhooks over real HTTP, at their time, and sends again what was not accepted, as networks do."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock

import urllib3

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people import WebhookRequest, fresh
from infra.doubles.networks.storm import Planned, storm
from infra.local.demo.assembly import now

THREADS = 4
TRIES = 3
TIMEOUT = 10.0
PLAYED_SECONDS = 720
"""What a storm's ten minutes last at pace 1, its last edits and repeats included."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request. ``status`` 0 means that no answer came."""

    planned: Planned
    status: int

    @property
    def accepted(self) -> bool:
        return self.status == 200


def plan(customers: int, seed: int, accounts: Sequence[Account], seconds: float, first: int = 0) -> list[Planned]:
    """What these customers do from now on, told within that time."""
    return storm(customers, seed, accounts, now(), first=first, pace=PLAYED_SECONDS / seconds)


class Sender:
    """Plays plans until told to stop. ``deliveries`` is everything it sent."""

    def __init__(self, url: str, accounts: Sequence[Account], stop: Event) -> None:
        self.deliveries: list[Delivery] = []
        self._url = url
        self._accounts = {account.key: account for account in accounts}
        self._stop = stop
        self._lock = Lock()
        self._pool = urllib3.PoolManager(maxsize=THREADS, retries=False, timeout=TIMEOUT)

    def play(self, planned: Sequence[Planned], told: Callable[[], None] = lambda: None) -> None:
        """Returns when all was sent; ``told`` is called after each."""
        waiting = iter(planned)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="storm") as threads:
            for work in [threads.submit(self._work, waiting, told) for _ in range(THREADS)]:
                work.result()
        self._pool.clear()

    def _work(self, waiting: Iterator[Planned], told: Callable[[], None]) -> None:
        while (one := self._next(waiting)) is not None:
            if self._stop.wait(max(0.0, (one.at - now()).total_seconds())):
                return
            self._deliver(one)
            told()

    def _next(self, waiting: Iterator[Planned]) -> Planned | None:
        with self._lock:
            return next(waiting, None)

    def _deliver(self, planned: Planned) -> None:
        for _ in range(TRIES):
            delivery = Delivery(planned, self._send(planned))
            self.deliveries.append(delivery)
            if delivery.status and delivery.status < 500:
                return

    def _send(self, planned: Planned) -> int:
        request: WebhookRequest = fresh(self._accounts[planned.account_key], planned.request, now())
        address = f"{self._url}/hooks/{request.path}"
        try:
            return self._pool.request(request.method, address, body=request.body, headers=dict(request.headers)).status
        except (urllib3.exceptions.HTTPError, OSError):
            return 0
