"""The desk that the tests of the Slack double sit at."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.doubles.slack_kit import Desk, open_desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as stack:
        yield open_desk(stack)
