"""What a file of a colleague's is called on its way: whatever it was named, one plain part of a path."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.service.files import LONGEST, key, plain


@given(st.text())
def test_any_name_becomes_one_plain_part_of_a_path(name: str) -> None:
    made = plain(name)
    assert 0 < len(made) <= LONGEST and not set(made) & set("/\\<>&?#%\"' \n\r\t")
    assert not made.startswith((".", "-")) and plain(made) == made


def test_a_plain_name_stays_and_a_long_one_keeps_its_ending() -> None:
    assert plain("Bill_2026-11.pdf") == "Bill_2026-11.pdf"
    assert plain("x" * 300 + ".pdf") == "x" * (LONGEST - 4) + ".pdf"
    assert plain("../../etc/passwd") == "etc-passwd"
    assert plain("") == plain("...") == "file"
    assert key("abc", "bill.pdf") == "files/abc/bill.pdf"
