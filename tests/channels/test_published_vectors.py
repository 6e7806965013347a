"""Signatures that vendors have published: each is accepted as it stands there, and refused with any one bit changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from chalicelib.channels import load
from chalicelib.channels.base import Inbound, Refused
from chalicelib.domain.instants import from_seconds

SIGNED_AT = from_seconds("1614265330")


@dataclass(frozen=True, slots=True)
class Vector:
    """What was signed, as the vendor's documentation has it."""

    channel: str
    secret: str
    headers: dict[str, str]
    body: bytes

    def verify(self) -> None:
        """Raises Refused."""
        load(self.channel).verify(Inbound("POST", self.headers, {}, self.body), [self.secret], SIGNED_AT)


HELLO = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
EVERYBODY = "It's a Secret to Everybody"
STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""Apart from its prefix, so that nobody takes the example for a secret of somebody's."""
VECTORS = {
    "GitHub, Validating webhook deliveries": Vector("standard_webhooks", EVERYBODY, HELLO, b"Hello, World!"),
    "the same scheme, as Facebook uses it": Vector("facebook", EVERYBODY, HELLO, b"Hello, World!"),
    "the same scheme, as Instagram uses it": Vector("instagram", EVERYBODY, HELLO, b"Hello, World!"),
    "the same scheme, as WhatsApp uses it": Vector("whatsapp", EVERYBODY, HELLO, b"Hello, World!"),
    "Standard Webhooks": Vector("standard_webhooks", f"whsec_{KEY}", STANDARD, b'{"test": 2432232314}'),
    "Svix, Verifying payloads": Vector(
        "standard_webhooks",
        f"whsec_{KEY}",
        {name.replace("webhook-", "svix-"): value for name, value in STANDARD.items()},
        b'{"test": 2432232314}',
    ),
}


def flipped(data: bytes) -> Iterator[bytes]:
    """The same with one bit changed, each in turn."""
    for place, byte in enumerate(data):
        yield from (data[:place] + bytes([byte ^ (1 << bit)]) + data[place + 1 :] for bit in range(8))


def changed(vector: Vector) -> Iterator[Vector]:
    yield from (replace(vector, body=body) for body in flipped(vector.body))
    for name, value in vector.headers.items():
        for other in flipped(value.encode()):
            yield replace(vector, headers={**vector.headers, name: other.decode("latin-1")})


@pytest.mark.parametrize("name", VECTORS)
def test_what_the_vendor_published_is_accepted(name: str) -> None:
    VECTORS[name].verify()


@pytest.mark.parametrize("name", VECTORS)
def test_with_any_one_bit_changed_it_is_refused(name: str) -> None:
    every = list(changed(VECTORS[name]))
    assert len(every) >= 8 * (len(VECTORS[name].body) + 71)
    for one in every:
        with pytest.raises(Refused):
            one.verify()


@pytest.mark.parametrize("name", VECTORS)
def test_under_another_secret_it_is_refused(name: str) -> None:
    vector = VECTORS[name]
    with pytest.raises(Refused):
        replace(
            vector, secret=vector.secret.swapcase() if vector.secret == EVERYBODY else f"whsec_{KEY[::-1]}"
        ).verify()
