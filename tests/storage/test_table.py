"""The one declaration of the table, in its two forms."""

from chalicelib.storage.indexes import INDEXES
from infra.template.table import table_definition, table_resource


def test_both_forms_declare_the_same_keys_and_indexes() -> None:
    created, deployed = table_definition("any"), table_resource()["Properties"]
    for part in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"):
        assert created[part] == deployed[part]
    assert {index["IndexName"] for index in created["GlobalSecondaryIndexes"]} == {index.name for index in INDEXES}


def test_the_deployed_table_is_encrypted_recoverable_and_hard_to_lose() -> None:
    table = table_resource()
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = table["Properties"]
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_stream_carries_the_row_as_it_is_now() -> None:
    assert table_resource()["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert table_definition()["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
