"""Words that end a talk: thanks and the like wait for no answer. In doubt they do; nothing is guessed.

All words must be known ones, and one of them must say it. So "thanks, but it is still broken" wants an answer.
"""

import re
import unicodedata

MOST_WORDS = 6


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
_ASKS = re.compile("[?\uff1f¿؟;\\d@]|https?:")
_PUNCTUATION = re.compile("[!.,…~*_:)\\-\u2013\u2014¡\uff01。、]+")


def closes(text: str | None) -> bool:
    """Whether these words only end the talk: thanks, ok, a kind emoji."""
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", text or "")).casefold()
    if _ASKS.search(plain):
        return False
    kind = any(character in _KIND for character in plain)
    words = _PUNCTUATION.sub(" ", "".join(" " if one in _KIND else one for one in plain)).split()
    if len(words) > MOST_WORDS or not all(word in _SAYS_IT or word in _GOES_WITH_IT for word in words):
        return False
    return any(word in _SAYS_IT for word in words) or (kind and not words)
