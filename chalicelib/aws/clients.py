"""One botocore client per service and container. boto3's resource and transfer layers stay out of the hot paths."""

from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


@lru_cache(maxsize=1)
def _session() -> Session:
    return get_session()


@lru_cache(maxsize=16)
def client(service: str) -> Any:
    """A client that gives up well before the function does. One retrying layer: botocore's own, twice at most.

    The short user agent is for CPU: botocore's own is put together twice for every call, a sixth of what it costs.
    """
    config = Config(
        connect_timeout=2,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 3},
        parameter_validation=False,
        user_agent="heed",
    )
    return _session().create_client(service, config=config)
