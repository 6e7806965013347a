"""Words that end a talk: thanks and the like wait for no answer. In doubt they do; nothing is guessed.

All words must be known ones, and one of them must say it. So "thanks, but it is still broken" wants an answer. A thumb
that a network sends as a picture says the same as one that is a letter. And after a question of ours nothing ends the
talk: an "ok" is the answer to it.
"""

import re
import unicodedata
from collections.abc import Sequence

from chalicelib.domain.event import Attachment

MOST_WORDS = 6
LIKES = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""Messenger's thumb, in its three sizes."""
HEART = "like_heart"
"""What Instagram calls the heart of its message field."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_SAYS_IT = _words(
    "thanks thank thx ty thankyou cheers ok okay okey k bye goodbye",
    "danke dank dankeschön tschüss tschüs merci gracias obrigado obrigada brigado brigada valeu vlw tchau",
    "grazie ciao bedankt dankjewel tack takk tak kiitos dzięki dziękuję děkuji díky hvala köszönöm mulțumesc",
    "mersi teşekkürler teşekkür sağol спасибо дякую благодаря ευχαριστώ شكرا תודה धन्यवाद ありがとう 谢谢 謝謝",
    "감사합니다 adiós adios",
)
_GOES_WITH_IT = _words(
    "you so much very many a lot for the your help again all good great perfect super nice awesome lovely everyone",
    "team and have day evening weekend too",
    "vielen schön schon sehr lieben herzlichen euch ihnen dir für fuer die hilfe alles klar gut prima und schönen tag",
    "muito muita mesmo pela pelo ajuda tudo bem bom boa dia noite tarde ótimo otimo perfeito",
    "muchas muchísimas mil por la su tu ayuda todo bien buen buena día noche perfecto genial vale",
    "beaucoup pour votre aide tout bonne journée journee soirée parfait",
    "mille tante molto hartelijk je wel u heel erg så mycket mange tusen bardzo большое",
)
_KIND = frozenset("👍👌🙏❤♥💙💚💛🧡💜🖤🤍🩷😊☺🙂😀😃😄😁🤗🥰😍😘🙌👏🤝💪🎉💯✅✌🫶🌹🌸🌷💐⭐🌟")
_INVISIBLE = re.compile("[\ufe0f\u200d\U0001f3fb-\U0001f3ff]")
_MARKS = "?\uff1f¿\u061f\u037e\u055e\u1367\u2047\u2048\u2049\u203d\u2753\u2754"
"""What ends a question in all scripts; the Greek one looks like a semicolon, and is often typed as one."""
_ASKS = re.compile(f"[{_MARKS};\\d@]|https?:")
_LINK = re.compile(r"https?:\S+")
_QUESTION = re.compile(f"[{_MARKS}]|[\u0370-\u03ff\u1f00-\u1fff]\\s*;|[か吗嗎][。\uff0e.!\uff01\\s]*$", re.MULTILINE)
_PUNCTUATION = re.compile("[!.,…~*_:)\\-\u2013\u2014¡\uff01。、]+")


def asks(text: str | None) -> bool:
    """Whether these words of ours want an answer: there is a question in them. What is in a link asks nobody."""
    return _QUESTION.search(_LINK.sub("", text or "")) is not None


def closes(text: str | None, files: Sequence[Attachment] = ()) -> bool:
    """Whether this only ends the talk: thanks, ok, a kind emoji, a thumb. Any other picture wants to be looked at."""
    return all(_approves(one) for one in files) and (_says_goodbye(text) if text or not files else True)


def _approves(file: Attachment) -> bool:
    drawn = _INVISIBLE.sub("", file.name or "") if file.kind == "sticker" else ""
    return file.kind == HEART or file.id in LIKES or (drawn != "" and all(one in _KIND for one in drawn))


def _says_goodbye(text: str | None) -> bool:
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", text or "")).casefold()
    if _ASKS.search(plain):
        return False
    kind = any(character in _KIND for character in plain)
    words = _PUNCTUATION.sub(" ", "".join(" " if one in _KIND else one for one in plain)).split()
    if len(words) > MOST_WORDS or not all(word in _SAYS_IT or word in _GOES_WITH_IT for word in words):
        return False
    return any(word in _SAYS_IT for word in words) or (kind and not words)
