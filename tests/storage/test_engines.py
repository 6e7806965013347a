"""The lane on AWS's own engine may be missing on a laptop, but never in silence and never on CI."""

import pytest

from tests.storage import dynamodb_local


def test_without_its_tools_the_engine_is_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.skip.Exception, match="javac is not installed"), dynamodb_local.running():
        pass


def test_on_ci_a_missing_engine_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="must run"), dynamodb_local.running():
        pass
