"""One botocore client per service and container, all of one session."""

from functools import lru_cache
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

_MAKING = Lock()
"""botocore makes clients for one thread at a time."""
_PATIENCE = {"stepfunctions": (1, 2, 1)}
"""Seconds for a connection and for an answer, and attempts. A timer that is not started now is started by the sweeper,
so nobody waits for one."""
_USUAL = (1, 3, 3)

_OWN = {"s3": {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}}
"""Left to itself, botocore signs a link in the old manner in old regions, and by way of another region in all."""

given: dict[str, Any] = {}
"""Clients that stand in for botocore's, by service: a whole AWS in memory plays them. Looked at when one is made."""


@lru_cache(maxsize=1)
def session() -> Session:
    """Where every client of this container comes from, the table's too: what a session finds out, it finds out once.

    The short user agent is for CPU: botocore's own is put together twice for every call, a sixth of what it costs.
    """
    made = get_session()
    made.set_default_client_config(Config(user_agent="heed"))
    return made


@lru_cache(maxsize=16)
def client(service: str) -> Any:
    """A client that gives up well before the function does. One retrying layer: botocore's own, twice at most."""
    if service in given:
        return given[service]
    connecting, answering, attempts = _PATIENCE.get(service, _USUAL)
    config = Config(
        connect_timeout=connecting,
        read_timeout=answering,
        retries={"mode": "standard", "total_max_attempts": attempts},
        parameter_validation=False,
        **_OWN.get(service, {}),
    )
    with _MAKING:
        return session().create_client(service, config=config)


def forget() -> None:
    """Nothing that was made or given counts any more."""
    given.clear()
    client.cache_clear()
    session.cache_clear()
