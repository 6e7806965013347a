"""Naming a case by number or link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.slack.references import Spot, case_number, spot

HOST = "https://acme.slack.com"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"{HOST}/archives/C0CARE/p1795165140000100", Spot("C0CARE", "1795165140.000100")),
        (f" <{HOST}/archives/C0CARE/p1795165140000100|card> ", Spot("C0CARE", "1795165140.000100")),
        (
            f"{HOST}/archives/C0CARE/p1795165199000100?thread_ts=1795165140.000100&cid=C0CARE",
            Spot("C0CARE", "1795165140.000100"),
        ),
        (f"{HOST}/archives/C0CARE/p1795165199000100?thread_ts=evil", Spot("C0CARE", "1795165199.000100")),
        (f"{HOST}/archives/C0CARE", None),
        ("javascript:/archives/C0CARE/p1795165140000100", None),
        ("https://[/archives/C0CARE/p1795165140000100", None),
        ("", None),
    ],
)
def test_a_link_leads_to_a_thread(text: str, where: Spot | None) -> None:
    assert spot(text) == where


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" aaaaaaaaaaaaaaaaaaaa-2 ", "aaaaaaaaaaaaaaaaaaaa-2"),
        ("`aaaaaaaaaaaaaaaaaaaa-12`", "aaaaaaaaaaaaaaaaaaaa-12"),
        ("aaaaaaaaaaaaaaaaaaaa", None),
        ("0042", None),
        ("aaaaaaaaaaaaaaaaaaaa-2#x", None),
    ],
)
def test_a_number_is_a_number(text: str, number: str | None) -> None:
    assert case_number(text) == number


@given(st.text(max_size=80))
def test_any_text_names_something_or_nothing(text: str) -> None:
    assert spot(text) is None or "/archives/" in text
    assert case_number(text) is None or "-" in text
