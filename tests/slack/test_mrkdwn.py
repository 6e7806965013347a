"""Text into Slack and back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.slack import mrkdwn
from tests.slack.checks import check_mrkdwn

FAMILY = "👨‍👩‍👧"
NAMES = {"U1": "Ana", "U2": "Tom"}.get


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("&amp;", "&amp;amp;"),
        ("<https://evil.example|bank.example>", "&lt;https://evil.example|bank.example&gt;"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("\u202egnp.exe\u202c\x00", "gnp.exe"),
        ("\ud800half", "half"),
        ("\u05d0\u05d1\u05d2", "\u05d0\u05d1\u05d2"),
        ("*bold* ~gone~ `code`", "∗bold∗ ∼gone∼ ˋcodeˋ"),
        ("_slanted_ order_no_4", "ˍslantedˍ order_no_4"),
        (":rotating_light: Breach: now", "∶rotating_light: Breach: now"),
        ("> quote > more", "› quote &gt; more"),
        ("A\u200bn\u2060a\u00ad \ufeffR", "Ana R"),
        (f"{FAMILY} می\u200cروم", f"{FAMILY} می\u200cروم"),
    ],
)
def test_what_people_write_is_shown_literally(written: str, shown: str) -> None:
    assert mrkdwn.literal(written, 100) == shown


@pytest.mark.parametrize(
    "unseen",
    [
        "",
        " \u3164\n\t ",
        "\u200b",
        "\u200d\u200c",
        "\ufeff\u2060",
        "\u2800\uffa0\u115f\u1160",
        "\ufe0f",
        "\U000e0041",
        "\u0301",
    ],
)
def test_a_name_nobody_can_see_is_no_name(unseen: str) -> None:
    assert mrkdwn.literal(unseen, 80) == ""
    assert mrkdwn.one_line(unseen * 100 + "A", 80) in ("", "A"), "nothing is seen, or the letter"


@pytest.mark.parametrize("seen", ["A", "👍🏽", "☎\ufe0f", "🇩🇪", "é", "e\u0301", "한", "…!"])
def test_what_a_reader_sees_is_a_name(seen: str) -> None:
    assert mrkdwn.literal(seen, 80) == seen


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Hi Ana &amp; team &lt;3", "Hi Ana & team <3"),
        ("&amp;lt; stays", "&lt; stays"),
        ("ask <@U2>", "ask Tom"),
        ("ask <@U9|nina>", "ask nina"),
        ("ask <@U9>", "ask somebody"),
        ("see <#C1|care> or <#C2>", "see #care or #channel"),
        ("<!here> and <!channel>", "here and channel"),
        ("<!subteam^S1|@billing>", "billing"),
        ("<!subteam^S1>", "subteam"),
        ("until <!date^1795165200^{time}|09:00 UTC>", "until 09:00 UTC"),
        ("<https://acme.example/help|our guide>", "our guide (https://acme.example/help)"),
        ("<https://acme.example/?a=1&amp;b=2>", "https://acme.example/?a=1&b=2"),
        ("<http://acme.example|acme.example>", "http://acme.example"),
        ("<mailto:a@acme.example|a@acme.example>", "a@acme.example"),
        ("<tel:+49301234>", "+49301234"),
        ("<>", "<>"),
    ],
)
def test_what_agents_write_is_read_as_they_meant_it(written: str, meant: str) -> None:
    assert mrkdwn.plain(written, NAMES) == meant


@pytest.mark.parametrize(
    ("text", "size", "cut"),
    [
        ("short", 10, "short"),
        ("exactly 10", 10, "exactly 10"),
        ("more than ten", 10, "more than…"),
        (f"abc{FAMILY}", 6, "abc…"),
        ("abe\u0301def", 4, "ab…"),
        ("ab👍🏽cd", 4, "ab…"),
        ("a🇩🇪🇫🇷b", 5, "a🇩🇪…"),
        ("a🇩🇪🇫🇷b", 4, "a🇩🇪…"),
        ("a🇩🇪🇫🇷b", 3, "a…"),
        ("ab☎\ufe0fcd", 4, "ab…"),
    ],
)
def test_a_cut_never_goes_through_what_a_reader_sees_as_one_character(text: str, size: int, cut: str) -> None:
    assert mrkdwn.clip(text, size) == cut


def test_a_heap_of_accents_is_cut_anyway() -> None:
    assert len(mrkdwn.clip("a" + "\u0301" * 10_000, 100)) == 100


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_no_text_is_longer_than_asked_or_means_anything_to_slack(text: str, size: int) -> None:
    assert len(mrkdwn.clip(text, size)) <= max(size, 1)
    check_mrkdwn(mrkdwn.literal(text, size))


@given(st.text())
def test_escaping_loses_nothing(text: str) -> None:
    assert mrkdwn.plain(mrkdwn.escape(text), NAMES) == text


@given(st.text(alphabet=st.sampled_from("*_~`:>ab1 ")), st.integers(min_value=1, max_value=50))
def test_nothing_written_formats_or_shows_an_emoji(text: str, size: int) -> None:
    shown = mrkdwn.literal(text, size)
    assert not re.search(r"[*~`]|(?<![A-Za-z0-9])_|:[^\s:∶]+:|^&gt;", shown)
