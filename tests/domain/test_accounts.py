"""Whose account an event is about: the one it names, within the brand whose webhook it came to."""

from chalicelib.domain.config import load_config
from tests.build import config_data

ACCOUNT = {"channel": "x", "name": "on X"}


def test_a_webhook_speaks_for_its_own_brand_only() -> None:
    data = config_data()
    (ours, *_) = data["brands"]
    data["brands"]["rival"] = {**data["brands"][ours]}
    data["accounts"] = {
        "ours-a": {**ACCOUNT, "brand": ours, "native_id": "1"},
        "ours-b": {**ACCOUNT, "brand": ours, "native_id": "2"},
        "theirs": {**ACCOUNT, "brand": "rival", "native_id": "3"},
    }
    config = load_config({"version": 1, **data})
    assert config.account("x", "2", "ours-a") == config.accounts["ours-b"]
    assert config.account("x", None, "ours-a") == config.accounts["ours-a"]
    assert config.account("x", "3", "ours-a") is None
    assert config.account("x", "1", "theirs") is None
    assert config.account("facebook", None, "ours-a") is None
    assert config.account("x", "1", "nobody") is None
