"""A deployed table and archive with two people in them, and the command line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from chalicelib.aws.clients import client
from chalicelib.domain import ids
from chalicelib.service.intake import Intake
from chalicelib.storage import DynamoStore
from chalicelib.storage.config import ConfigStore
from infra.cli import app
from infra.template.table import table_definition
from tests.aws.conftest import aws
from tests.build import BRAND, config, config_data, event
from tests.fakes.channel import PlainChannel

__all__ = ["aws"]

ANA = "7245118832190456"
ANA_ID, TOM_ID = (ids.contact_id(BRAND, "facebook", one) for one in (ANA, "99"))
CASE = ids.case_id(ANA_ID, 1)
BUCKET = "heed-dev-archive-123456789012"
WHO = ("--by", "odo", "--reason", "asked by mail")


@pytest.fixture
def store(aws: None) -> DynamoStore:
    client("s3").create_bucket(Bucket=BUCKET)
    store = DynamoStore("heed-dev")
    store.table.connection.client.create_table(**table_definition("heed-dev"))
    data = config_data()
    del data["slack"]
    ConfigStore(store.table).push(data)
    intake = Intake(store, config(), PlainChannel())
    now = datetime.now(UTC) - timedelta(hours=1)
    told = event(at=now, handle="anab", phone="+49 151 12345", text="canary of Ana")
    intake.take(told, "harbor-facebook", now)
    intake.take(replace(told, id="mid-2", text="another canary"), "harbor-facebook", now)
    tom = replace(told, id="mid-3", author="99", name="Tom", handle="tom", phone=None, text="Tom asks")
    intake.take(replace(tom, conversation="104552811223344:99"), "harbor-facebook", now)
    return store


def heed(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def drop(store: DynamoStore, pk: str, sk: str) -> None:
    store.table.connection.client.delete_item(TableName="heed-dev", Key={"pk": {"S": pk}, "sk": {"S": sk}})
