"""The retention section of ``care.yaml``: days, each class long enough for what hangs on it."""

from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.domain.config import load_config
from chalicelib.domain.retention import Retention
from infra.config import check
from infra.config.compile import compile_config

SAMPLE = Path("care.yaml").read_text().partition("\nretention:\n")[0]


def checked(tmp_path: Path, *lines: str) -> list[str]:
    file = tmp_path / "care.yaml"
    file.write_text(SAMPLE + "\nretention:\n" + "".join(f"  {line}\n" for line in lines))
    return [problem.what for problem in check(file).errors]


def test_the_sample_says_what_is_kept_anyway() -> None:
    assert load_config(compile_config(check("care.yaml"), 1)).retention == Retention()


def test_what_is_given_reaches_the_running_system(tmp_path: Path) -> None:
    assert checked(tmp_path, "messages: 30d") == []
    policy = load_config(compile_config(check(tmp_path / "care.yaml"), 1))
    assert policy.retention == Retention(messages=timedelta(days=30))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("messages: 4h", "is no number of days"),
        ("messages: 0d", "is no number of days"),
        ("cases: 10d", "keeps cases shorter than messages"),
        ("audit: 401d", "keeps audit shorter than cases"),
        ("contacts: 401d", "keeps contacts shorter than audit"),
        ("audit: 3000d", "keeps contacts shorter than audit"),
        ("tokens: 1d", 'unknown key "tokens"'),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, line: str, what: str) -> None:
    assert what in checked(tmp_path, line)[0]
