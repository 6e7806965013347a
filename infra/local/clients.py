"""Botocore clients, made once per service: a client costs up to 150 ms of CPU and is safe to share between threads."""

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

ClientFactory = Callable[[str], Any]

_CONFIG = Config(max_pool_connections=64, retries={"mode": "standard", "max_attempts": 3})


@lru_cache(maxsize=64)
def _client(service: str, endpoint: str | None) -> Any:
    return boto3.session.Session().client(service, endpoint_url=endpoint, config=_CONFIG)


def clients(endpoint: str | None = None) -> ClientFactory:
    """A factory of shared clients for one endpoint; without one, the environment decides, each time it is asked."""
    return lambda service: _client(service, endpoint or os.environ.get("AWS_ENDPOINT_URL"))
