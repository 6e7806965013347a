"""The process environment that points every AWS client at a local endpoint, and nowhere else."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

REGION = "us-east-1"
ACCOUNT = "123456789012"

# These would send some or all requests elsewhere, whatever AWS_ENDPOINT_URL says.
_DANGEROUS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


def environment(endpoint: str) -> dict[str, str]:
    """Dummy credentials, region and endpoint; no metadata service, no configuration files, no proxy; time is UTC."""
    return {
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # MiniStack takes a key of twelve digits for the account
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint.replace("//localhost", "//127.0.0.1"),  # by name a bucket would be a host below it
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "TZ": "UTC",
    }


def export(endpoint: str) -> None:
    """Makes this process use the endpoint. Call it before any AWS client is made."""
    for name in [name for name in os.environ if name in _DANGEROUS or name.startswith("AWS_ENDPOINT_URL_")]:
        del os.environ[name]
    os.environ.update(environment(endpoint))
    time.tzset()


@contextmanager
def exported(variables: Mapping[str, str]) -> Iterator[None]:
    """The variables for a while; afterwards they are what they were before, and all others are left alone."""
    before = {name: os.environ[name] for name in variables if name in os.environ}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)
        os.environ.update(before)
