"""Thanks need no answer; whatever might need one does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.closing import HEART, LIKES, MOST_WORDS, asks, closes
from chalicelib.domain.event import Attachment


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


def thumb(**facts: str) -> Attachment:
    return Attachment(**{"kind": "sticker", "id": min(LIKES), **facts})


@pytest.mark.parametrize(
    "file", [*(thumb(id=one) for one in LIKES), thumb(kind="image"), Attachment(HEART), thumb(id="1", name="👍🏽")]
)
def test_a_thumb_that_is_a_picture_ends_a_talk_as_well(file: Attachment) -> None:
    assert closes(None, [file])
    assert closes("thanks", [file])
    assert not closes("where is it", [file])


@pytest.mark.parametrize(
    "file",
    [thumb(id="1"), thumb(id="1", name="👎"), thumb(id="1", kind="image", name="👍"), Attachment("image", id="369")],
)
def test_any_other_picture_wants_to_be_looked_at(file: Attachment) -> None:
    assert not closes(None, [file])
    assert not closes("thanks", [thumb(), file])


@pytest.mark.parametrize(
    "text",
    [
        "Shall we refund you?",
        "Sollen wir erstatten? Sagen Sie Bescheid.",
        "¿Le devolvemos el dinero?",
        "هل نعيد المبلغ؟",
        "退款给您，好吗？",
        "返金しますか？",
        "返金してもよろしいでしょうか。",
        "要退款吗",
        "Να σας επιστρέψουμε τα χρήματα;",
        "Να σας επιστρέψουμε τα χρήματα\u037e",
        "Վերադարձնե՞նք",
        "Really⁉",
    ],
)
def test_a_question_of_ours_wants_an_answer_in_any_script(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "It is on its way.",
        "We have sent it; please wait.",
        "Track it: https://example.com/?id=1",
        "Τα στείλαμε· περιμένετε.",
    ],
)
def test_words_that_ask_nothing(text: str | None) -> None:
    assert not asks(text)
