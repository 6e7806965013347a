"""Conformance of trust: a request is genuine or it is refused, and nothing else ever happens."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from chalicelib.channels.base import Channel, Inbound, Refused
from tests.channels import kit

MALFORMED = (
    "", " ", "x", "sha256=", "sha1=abc", "sha256", "v1,", "v1", ",", "v1,,", "=", "0", "-1", "1e9", "9" * 400, "nan",
    "sha256=\u00e9", "\ud800", "v1,\u00e9\u00e8", "\u0660", "\x00", "null", "[]", "a b  c", "v1,AAAA v1,AAAA",
    "sha256=" + "0" * 64, "v1," + "A" * 43 + "=", "A" * 100_000,
)  # fmt: skip
POSITIONS = 50


def accepts(channel: Channel, request: Inbound, secrets: list[str], now: datetime) -> bool:
    """Whether it is let in. Anything but a refusal fails the check by itself."""
    try:
        channel.verify(request, secrets, now)
    except Refused as refusal:
        assert str(refusal)
        assert not any(secret and secret in str(refusal) for secret in secrets), "the reason tells a secret"
        return False
    return True


def judges_every_vector_right(channel: Channel, folder: Path) -> None:
    for vector in kit.vectors(folder):
        judged = accepts(channel, vector.inbound(folder), [vector.secret], vector.clock())
        assert judged == (vector.expect == "accept"), vector


def takes_any_of_several_secrets(channel: Channel, folder: Path) -> None:
    for vector in kit.genuine(folder):
        request, now, other = vector.inbound(folder), vector.clock(), another(vector.secret)
        assert accepts(channel, request, [vector.secret, other], now)
        assert accepts(channel, request, [other, vector.secret], now)
        assert accepts(channel, request, ["", vector.secret], now)


def refuses_other_secrets(channel: Channel, folder: Path) -> None:
    for vector in kit.genuine(folder):
        request, now = vector.inbound(folder), vector.clock()
        prefix = vector.secret[: vector.secret.find("_") + 1]
        for secrets in ([], [""], [prefix], [another(vector.secret)], [vector.secret[:-1]], [vector.secret + "x"]):
            assert not accepts(channel, request, secrets, now), secrets


def refuses_what_is_missing(channel: Channel, folder: Path) -> None:
    """Without any header of the proof there is none; with a part of it there is none either."""
    for vector in kit.genuine(folder):
        request = vector.inbound(folder)
        for name in proving(channel, vector, folder):
            blank = replace(request, headers={**request.headers, name: ""})
            assert not accepts(channel, blank, [vector.secret], vector.clock()), name
        assert not accepts(channel, replace(request, headers={}), [vector.secret], vector.clock())


def refuses_what_is_malformed(channel: Channel, folder: Path) -> None:
    for vector in kit.genuine(folder):
        request = vector.inbound(folder)
        for name in proving(channel, vector, folder):
            for value in (*MALFORMED, *near(request.headers[name])):
                changed = replace(request, headers={**request.headers, name: value})
                assert not accepts(channel, changed, [vector.secret], vector.clock()), (name, value[:80])


def refuses_what_was_tampered_with(channel: Channel, folder: Path) -> None:
    unsigned = "signature_ignores_body" in kit.quirks(folder)
    for vector in kit.genuine(folder):
        request = vector.inbound(folder)
        for body in flipped(request.body):
            assert accepts(channel, replace(request, body=body), [vector.secret], vector.clock()) == unsigned
        assert accepts(channel, replace(request, body=b""), [vector.secret], vector.clock()) == unsigned


def refuses_what_is_too_old_or_too_new(channel: Channel, folder: Path) -> None:
    """Only schemes that sign a time can tell; for the others a repeat is told by its identity."""
    tolerance = kit.quirks(folder).get("tolerance")
    for vector in timed(channel, folder):
        assert tolerance is not None, "this scheme signs a time: say its tolerance in quirks.json"
        for seconds in (tolerance - 1, tolerance, tolerance + 1):
            for late in (seconds, -seconds):
                judged = accepts(channel, vector.inbound(folder), [vector.secret], vector.clock(late))
                assert judged == (seconds <= tolerance), late


def timed(channel: Channel, folder: Path) -> Iterator[kit.Vector]:
    day = 86_400
    for vector in kit.genuine(folder):
        if not accepts(channel, vector.inbound(folder), [vector.secret], vector.clock(day)):
            yield vector


def proving(channel: Channel, vector: kit.Vector, folder: Path) -> list[str]:
    """The headers whose change makes the request a forgery."""
    request, secrets, now = vector.inbound(folder), [vector.secret], vector.clock()
    proof = [name for name in request.headers if not accepts(channel, _without(request, name), secrets, now)]
    assert proof, "no header takes part in the signature"
    return proof


def _without(request: Inbound, name: str) -> Inbound:
    headers: Mapping[str, str] = {key: value for key, value in request.headers.items() if key != name}
    return replace(request, headers=headers)


def another(secret: str) -> str:
    """As long and of the same alphabet, but not the secret."""
    middle = len(secret) // 2
    return secret[:middle] + ("A" if secret[middle] != "A" else "B") + secret[middle + 1 :]


def near(value: str) -> Iterator[str]:
    """What differs by one character, or by where it begins and ends."""
    changed = (value[:-1], value[1:], value + "0", f"{value}\u00e9", value.swapcase(), f"x{value}", f"\u200b{value}")
    yield from (one for one in changed if one != value)
    for position in range(0, len(value), max(1, len(value) // POSITIONS)):
        swapped = "0" if value[position] != "0" else "1"
        yield value[:position] + swapped + value[position + 1 :]


def flipped(body: bytes) -> Iterator[bytes]:
    for position in range(0, len(body), max(1, len(body) // POSITIONS)):
        yield body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]


CHECKS = (
    judges_every_vector_right,
    takes_any_of_several_secrets,
    refuses_other_secrets,
    refuses_what_is_missing,
    refuses_what_is_malformed,
    refuses_what_was_tampered_with,
    refuses_what_is_too_old_or_too_new,
)
