"""A world takes the container's parts; when its test is over they are nobody's again."""

from collections.abc import Iterator

import pytest

from chalicelib.wiring import wired


@pytest.fixture(autouse=True)
def unwired() -> Iterator[None]:
    yield
    wired.forget()
