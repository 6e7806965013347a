"""Ways to forge a request: other bytes under a genuine proof, a proof nearly right, a signature made otherwise."""

import json
import random
import string
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from hmac import digest
from itertools import chain
from urllib.parse import quote

from tests.attacks.kit import HARBOR, PROOF, RIVAL, SECRET, UNSIGNED_BODY, accounts, dice

Headers = dict[str, str]
Sent = tuple[Headers, bytes]


@dataclass(frozen=True)
class Signing:
    """How somebody signs: in which header, under which prefix, with which key, what of the request, and how spelt."""

    header: str
    key: bytes
    prefix: str = "sha256="
    signed: Callable[[Headers, bytes], bytes] = lambda headers, body: body
    spelt: Callable[[bytes], str] = bytes.hex

    def under(self, headers: Headers, raw: bytes, prefix: str | None = None) -> Headers:
        return {**headers, self.header: (self.prefix if prefix is None else prefix) + self.spelt(raw)}

    def made(self, headers: Headers, body: bytes, key: bytes | None = None, how: str = "sha256") -> bytes:
        return digest(self.key if key is None else key, self.signed(headers, body), how)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _by_slack(headers: Headers, body: bytes) -> bytes:
    return f"v0:{headers['X-Slack-Request-Timestamp']}:".encode() + body


def _by_the_standard(headers: Headers, body: bytes) -> bytes:
    return f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body


def signing(name: str) -> Signing:
    """Of a network that signs, or of Slack."""
    if name == "slack":
        return Signing("X-Slack-Signature", SECRET.encode(), "v0=", _by_slack)
    secret = accounts(HARBOR)[name].secret
    if name == "standard_webhooks":
        key = b64decode(secret.removeprefix("whsec_"))
        return Signing("webhook-signature", key, "v1,", _by_the_standard, _base64)
    return Signing(PROOF[name][0], secret.encode(), spelt=_base64 if name == "x" else bytes.hex)


Forge = Callable[[random.Random, Headers, bytes], Sent]

# -- other bytes ------------------------------------------------------------------------------------------------------


def _body(change: Callable[[random.Random, bytes], bytes]) -> Forge:
    return lambda roll, headers, body: (headers, change(roll, body))


def _flip(roll: random.Random, body: bytes) -> bytes:
    place = roll.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << roll.randrange(8))]) + body[place + 1 :]


def _cut(roll: random.Random, body: bytes) -> bytes:
    start = roll.randrange(len(body))
    return body[:start] + body[start + roll.randint(1, 40) :]


def _add(roll: random.Random, body: bytes) -> bytes:
    place = roll.randint(0, len(body))
    return body[:place] + roll.randbytes(roll.randint(1, 8)) + body[place:]


def _written_anew(roll: random.Random, body: bytes) -> bytes:
    """The same content, as another program writes it down."""
    separators = ("," + " " * roll.randrange(4), ":" + " " * roll.randrange(4))
    indent, order = roll.choice([None, 0, 1, 2, 4, "\t"]), roll.random() < 0.5
    return json.dumps(json.loads(body), indent=indent, separators=separators, sort_keys=order).encode()


def _in_charset(charset: str, roll: random.Random, body: bytes) -> bytes:
    return body.decode().encode(charset)


CHARSETS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037")
OF_BODIES: Mapping[str, Forge] = {
    "a bit flipped": _body(_flip),
    "bytes cut out": _body(_cut),
    "bytes put in": _body(_add),
    "another end": _body(lambda roll, body: body + roll.choice([b"\n", b" ", b"\0", b"}"])),
    "nothing": _body(lambda roll, body: b""),
    "said twice": _body(lambda roll, body: body * 2),
    "written anew": _body(_written_anew),
    **{f"in {charset}": _body(partial(_in_charset, charset)) for charset in CHARSETS},
}

# -- other headers ----------------------------------------------------------------------------------------------------

ODD = (
    *("", " ", "=", ",", "v1,", "v1", "sha256=", "sha1=", "0", "-1", "1e9", "nan", "null", "\u00e9", "\u00ff" * 40),
    *("sha256=" + "0" * 64, "v0=" + "0" * 64, "v1," + "A" * 43 + "=", "A" * 5000, "9" * 400, "{}", "[]", "%00"),
)
ELSEWHERE = ("Authorization", "X-Signature", "X-Hub-Signature", "Cookie", "X-Secret-Token", "Signature")


def _header(change: Callable[[random.Random, str], str]) -> Forge:
    def forge(roll: random.Random, headers: Headers, body: bytes) -> Sent:
        name = roll.choice(list(headers))
        return {**headers, name: change(roll, headers[name])}, body

    return forge


def _other_character(roll: random.Random, text: str) -> str:
    place = roll.randrange(len(text))
    return text[:place] + chr(roll.choice([*range(33, 127), 233])) + text[place + 1 :]


def _put_in(roll: random.Random, text: str) -> str:
    place = roll.randrange(1, len(text))
    return text[:place] + roll.choice(["\t", "\u00a0", "\u00ad", ", ", "%", "\\", "="]) + text[place:]


def _drop(roll: random.Random, headers: Headers, body: bytes) -> Sent:
    gone = roll.choice(list(headers))
    return {name: text for name, text in headers.items() if name != gone}, body


def _moved(roll: random.Random, headers: Headers, body: bytes) -> Sent:
    (without, _), gone = _drop(roll, headers, body), roll.choice(list(headers))
    return {name: text for name, text in without.items() if name != gone} | {
        roll.choice(ELSEWHERE): headers[gone]
    }, body


OF_HEADERS: Mapping[str, Forge] = {
    "one character": _header(_other_character),
    "one more within": _header(_put_in),
    "cut short": _header(lambda roll, text: text[: roll.randrange(len(text))]),
    "its end": _header(lambda roll, text: text[roll.randrange(1, len(text)) :]),
    "too long": _header(lambda roll, text: text + roll.choice("0aA=,; \u00e9")),
    "turned around": _header(lambda roll, text: text[::-1]),
    "other letters": _header(lambda roll, text: text.swapcase()),
    "twice": _header(lambda roll, text: text + roll.choice(["", ",", ";", "&"]) + text),
    "odd": _header(lambda roll, text: roll.choice(ODD)),
    "missing": _drop,
    "elsewhere": _moved,
}

# -- other signatures -------------------------------------------------------------------------------------------------

PREFIXES = (
    "",
    "sha1=",
    "sha512=",
    "sha256:",
    "SHA256=",
    "sha256",
    "v1,",
    "v1=",
    "v0=",
    "v0,",
    "v2,",
    "V1,",
    "=",
    "hmac ",
)
WRONG_KEYS: Mapping[str, Callable[[bytes], bytes]] = {
    "is empty": lambda key: b"",
    "is another": lambda key: b"another-secret-1",
    "is somebody else's": lambda key: b"rival_" + key,
    "is cut short": lambda key: key[:-1],
    "ends with a line": lambda key: key + b"\n",
    "is turned around": lambda key: key[::-1],
    "has other letters": bytes.swapcase,
    "is spelt": lambda key: _base64(key).encode(),
}
DIGESTS = ("sha1", "sha512", "sha384", "sha224", "md5", "sha3_256", "blake2s")


def of_signatures(name: str) -> Mapping[str, Forge]:
    """Somebody signs a body of their own, as that network signs but for one thing."""
    own = signing(name)

    def told(roll: random.Random, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "forged": roll.randrange(10**9)}).encode()

    def with_key(wrong: Callable[[bytes], bytes], roll: random.Random, headers: Headers, body: bytes) -> Sent:
        mine = told(roll, body)
        return own.under(headers, own.made(headers, mine, wrong(own.key))), mine

    def hashed(how: str, prefix: str, roll: random.Random, headers: Headers, body: bytes) -> Sent:
        mine = told(roll, body)
        return own.under(headers, own.made(headers, mine, how=how), prefix), mine

    def unkeyed(roll: random.Random, headers: Headers, body: bytes) -> Sent:
        mine = told(roll, body)
        return own.under(headers, sha256(own.signed(headers, mine)).digest()), mine

    def guessed(roll: random.Random, headers: Headers, body: bytes) -> Sent:
        return own.under(headers, roll.randbytes(32)), body

    made: dict[str, Forge] = {"no secret at all": unkeyed, "guessed": guessed}
    made |= {f"the secret {change}": partial(with_key, wrong) for change, wrong in WRONG_KEYS.items()}
    made |= {f"{how} under our name": partial(hashed, how, own.prefix) for how in DIGESTS}
    made |= {f"{how} under its own": partial(hashed, how, f"{how}=") for how in DIGESTS}
    return made | {f"under {one!r}": partial(hashed, "sha256", one) for one in PREFIXES if one != own.prefix}


def of_words(name: str) -> Mapping[str, Forge]:
    """Who signs nothing shows a word."""
    alphabet = string.ascii_letters + string.digits + "_-"

    def guessed(roll: random.Random, text: str) -> str:
        return "".join(roll.choices(alphabet, k=len(text)))

    def spelt(roll: random.Random, text: str) -> str:
        raw = text.encode()
        return roll.choice(
            [_base64(raw), raw.hex(), sha256(raw).hexdigest(), quote(text).replace("_", "%5F"), repr(text)]
        )

    def nearly(roll: random.Random, text: str) -> str:
        """All but a few characters are right."""
        places = roll.sample(range(len(text)), roll.randint(1, 3))
        return "".join(roll.choice(alphabet) if place in places else one for place, one in enumerate(text))

    def announced(roll: random.Random, text: str) -> str:
        return roll.choice(["Bearer ", "Token ", "token=", "sha256=", '"', "+", "0", "\u00a0"]) + text

    theirs = accounts(RIVAL)[name]
    words = (theirs.secret, theirs.token, accounts(HARBOR)[name].token, accounts(HARBOR)[name].native_id)
    ways = {"guessed": guessed, "spelt otherwise": spelt, "nearly": nearly, "announced": announced}
    ways["another word"] = lambda roll, text: roll.choice(words)
    return {way: _header(change) for way, change in ways.items()}


def ways(name: str) -> Mapping[str, Forge]:
    if name in UNSIGNED_BODY:
        return {**OF_HEADERS, **of_words(name)}
    return {**OF_BODIES, **OF_HEADERS, **of_signatures(name)}


def forged(name: str, proof: Headers, body: bytes, count: int) -> Iterator[tuple[str, Headers, bytes]]:
    """Mutants of a genuine request, each different from it, and from all before, in what its proof covers.

    Each way is gone a few times, and then one after the other as it happens.
    """
    roll, known = dice(name), ways(name)
    seen, names = {_said(proof, body)}, list(known)
    for way in chain(names * 3, iter(lambda: roll.choice(names), "")):
        headers, mutant = known[way](roll, dict(proof), body)
        if _said(headers, mutant) not in seen:
            seen.add(_said(headers, mutant))
            yield way, headers, mutant
        if len(seen) > count:
            return


def _said(headers: Headers, body: bytes) -> bytes:
    """What HTTP tells of it: names without their case, values without the spaces around them."""
    told = sorted((key.casefold(), text.strip()) for key, text in headers.items())
    return sha256(repr((told, body)).encode()).digest()
