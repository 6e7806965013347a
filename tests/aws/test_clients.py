"""Clients belong to an environment: when the parts are built anew, so are they."""

from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.aws.archive import S3Archive
from chalicelib.aws.clients import client
from chalicelib.wiring import Wiring
from infra.local.environment import environment


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


def signing(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    about = {"AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x" * 40}
    for name, value in about.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-central-1"])
def test_a_link_leads_to_the_buckets_own_region_and_is_signed_as_every_region_takes_it(
    monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    signing(monkeypatch, region)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    Wiring().forget()
    link = urlsplit(S3Archive("heed-prod-archive").link("files/1/the bill ä.pdf"))
    Wiring().forget()
    where = "s3" if region == "us-east-1" else f"s3.{region}"
    assert (link.scheme, link.netloc) == ("https", f"heed-prod-archive.{where}.amazonaws.com")
    assert link.path == "/files/1/the%20bill%20%C3%A4.pdf"
    assert {"X-Amz-Signature", "X-Amz-Expires"} <= parse_qs(link.query).keys()
    assert parse_qs(link.query)["X-Amz-Expires"] == ["3600"]


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://localhost:4566"])
def test_where_aws_is_played_a_link_needs_no_name_of_its_own(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    signing(monkeypatch, "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", environment(endpoint)["AWS_ENDPOINT_URL"])
    Wiring().forget()
    assert S3Archive("heed").link("files/1/a.pdf").startswith("http://127.0.0.1:4566/heed/files/1/a.pdf?")
    Wiring().forget()
