"""Thanks need no answer; whatever might need one does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.closing import MOST_WORDS, closes


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "Thank you so much!!",
        "ok",
        "OK, thanks :)",
        "👍",
        "👍🏽",
        "❤️🙏",
        "danke!",
        "Vielen Dank für die Hilfe",
        "Dankeschön 😊",
        "obrigado",
        "Muito obrigada 🙏🏼",
        "gracias",
        "¡Muchas gracias!",
        "merci",
        "Merci beaucoup, bonne journée !",
        "grazie mille",
        "dank je wel, bedankt",
        "tack så mycket",
    ],
)
def test_words_that_end_a_talk(text: str) -> None:
    assert closes(text)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "!!!",
        "thanks?",
        "thanks, but it is still broken",
        "no thanks",
        "great",
        "ok 2",
        "danke für nichts",
        "👎",
        "😡 thanks",
        "🙏 where is it",
        "thanks https://example.com",
        "ok und wann kommt es",
        "thanks thanks thanks thanks thanks thanks thanks",
        "gracias por nada, no funciona",
    ],
)
def test_words_that_may_want_an_answer(text: str | None) -> None:
    assert not closes(text)


@given(st.text(max_size=40), st.sampled_from("?\uff1f¿؟"), st.text(max_size=40))
def test_a_question_mark_anywhere_wants_an_answer(before: str, mark: str, after: str) -> None:
    assert not closes(f"{before}{mark}{after}")


@given(st.lists(st.sampled_from(["thanks", "you", "so", "much"]), min_size=MOST_WORDS + 1, max_size=30))
def test_a_long_message_wants_an_answer(words: list[str]) -> None:
    assert not closes(" ".join(words))
