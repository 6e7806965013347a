"""What may go wrong: a fault site is armed with 25 % per seed and then fires with 25 % (as FoundationDB's BUGGIFY)."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from random import Random

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.aws.effects import Away
from chalicelib.domain.errors import Conflict
from tests.simulation import line, slack

ARMED = FIRES = 0.25
OF_A_WORKER = (
    "crashes",
    "clock",
    "overtaken",
    "throttled",
    "answer lost",
    "reorders",
    "delivers twice",
    "has a rival",
)
"""What may befall each worker, or each of its calls: a site of its own each time."""
KINDS = (
    *OF_A_WORKER,
    *(f"network {one}" for one in line.FAULTS),
    *(f"slack {one}" for one in slack.FAULTS),
    "slack slow",
    "slack tells twice",
    "network clock",
    "webhook overtaken",
    "webhook repeated",
    "echo missing",
    "receipt missing",
    "fails late",
    "stream off",
    "stream loses",
    "stream is late",
    "stream tells twice",
    "timer never fires",
    "timer late",
    "timer early",
    "timer fires twice",
)
"""Every kind of fault: no site is of another, and each has to strike (see ``runs``)."""
SELDOM: Mapping[str, float] = {
    "delivery has a rival": FIRES,
    "slack tells twice": 0.5,
    "echo missing": FIRES,
    "receipt missing": FIRES,
    "fails late": FIRES,
}
"""Sites that few stories come by are armed in all of them, and fire with these odds."""


class Crash(BaseException):
    """The process dies here: nothing of it may catch this."""


class Throttled(ClientError):  # type: ignore[misc]
    """AWS refused; nothing was done."""

    def __init__(self, name: str) -> None:
        super().__init__({"Error": {"Code": "ThrottlingException", "Message": "simulated"}}, name)


class AnswerLost(ReadTimeoutError):  # type: ignore[misc]
    """It was done, but nobody heard so."""

    def __init__(self, name: str) -> None:
        super().__init__(endpoint_url=name)


class OwnConflict(Conflict):
    """It was done, and the SDK's second try was refused for it."""


INJECTED = (Throttled, AnswerLost, OwnConflict, Away)
"""What a worker may die of; a service is left alone for a while after an answer was lost. Others are its own errors."""
NAMES = frozenset(one.__name__ for one in INJECTED)
UNASKED = frozenset({"NoAnswer", "NotSent", "SlackBusy", "Unsaid"})
"""What else the inbox may die of: while Slack does not say who somebody is, nothing is done in their name."""


def excused(worker: str, error: str) -> bool:
    """Whether it is a fault that was put in this worker's way, and nothing of its own."""
    return error in NAMES or (worker == "inbox" and error in UNASKED)


@cache
def kind(site: str) -> str:
    """Which one a site is of."""
    return site if site in KINDS else next(one for one in OF_A_WORKER if site.endswith(f" {one}"))


class Faults:
    """Decides by seed. ``calm`` runs have none, and neither has the drain at the end of every run."""

    def __init__(self, random: Random, *, calm: bool) -> None:
        self._random = random
        self._armed: dict[str, bool] = {}
        self.on = not calm
        self.fired: Counter[str] = Counter()

    def fires(self, site: str) -> bool:
        if not self.on:
            return False
        armed = self._armed.get(site)
        if armed is None:
            armed = self._armed[site] = site in SELDOM or self._random.random() < ARMED
        if not armed or self._random.random() >= SELDOM.get(site, FIRES):
            return False
        self.fired[site] += 1
        return True
