"""The environment is read once and complains about everything at once."""

import pytest

from chalicelib.settings import Unset, read
from tests.aws.conftest import settings

FULL = {f"HEED_{name.upper()}": str(getattr(settings(), name)) for name in settings().__slots__}


def test_a_full_environment_is_read() -> None:
    assert read(FULL) == settings()


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(Unset) as unset:
        read({name: value for name, value in FULL.items() if name not in ("HEED_TABLE", "HEED_BUCKET")})
    assert str(unset.value) == "set in the environment: HEED_TABLE, HEED_BUCKET"
