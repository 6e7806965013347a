"""One botocore client per service and container, all of one session."""

from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


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
    config = Config(
        connect_timeout=2,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 3},
        parameter_validation=False,
    )
    return session().create_client(service, config=config)
