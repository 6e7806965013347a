"""Clients belong to an environment: when the parts are built anew, so are they."""

import pytest

from chalicelib.aws.clients import client
from chalicelib.wiring import Wiring


def test_after_forgetting_clients_go_where_the_environment_points_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    wiring = Wiring()
    for endpoint in ("http://127.0.0.1:1", "http://127.0.0.1:2"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        wiring.forget()
        assert client("sqs").meta.endpoint_url == endpoint
    wiring.forget()


def test_one_client_serves_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    Wiring().forget()
    assert client("sqs") is client("sqs")
    Wiring().forget()
