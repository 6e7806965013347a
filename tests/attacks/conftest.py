"""The stand every attack is run against."""

from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client

import app
from tests.attacks.kit import Stand, stand
from tests.aws.conftest import aws
from tests.handlers.conftest import Parts, parts

__all__ = ["aws", "parts"]


@pytest.fixture
def heed(parts: Parts) -> Iterator[Stand]:
    with Client(app.app) as client:
        yield stand(parts, client)


@pytest.fixture
def figure(record_property: Any) -> Any:
    """``figure("forged", "1,000 of 1,000 refused")``: kept for the page of figures."""
    return record_property
