"""Too much: bodies too large, too deep, too wide, or packed so that they grow. Refused at once, at hardly any cost."""

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import channels
from chalicelib.channels.base import TooMany
from chalicelib.domain.fitting import LONGEST
from chalicelib.service.edge import LARGEST
from infra.doubles.networks.people import Event, Person, WebhookRequest, build
from tests.attacks.kit import CUSTOMER, HARBOR, NETWORKS, PROOF, UNSIGNED_BODY, Stand, accounts, message, signed
from tests.build import NOON
from tests.cost import Cost, measured

MOST_CALLS = 300_000
"""Of functions, for any of them; the worst is one whose every byte has to be decoded by itself."""
READINGS = 8
"""And the CPU, of which that body takes one, in what it takes to parse the largest honest body."""
MB = 1_000_000
CALLS_FOR_A_STRANGER = 3_000


def signed_by(network: str, body: bytes) -> WebhookRequest:
    """These bytes with the network's own proof: somebody who knows the secret, or a network gone mad."""
    from infra.doubles.networks.people import VOICES

    account = accounts(HARBOR)[network]
    event = Event("message", CUSTOMER, "7001", NOON, "Hello")
    return WebhookRequest("POST", f"{network}/{account.key}", VOICES[network].sign(account, event, body), body)


def deep(levels: int, opening: str, closing: str) -> bytes:
    return (f'{{"a":{opening * levels}' + "1" + f"{closing * levels}}}").encode()


def little(cost: Cost) -> bool:
    return cost.calls <= MOST_CALLS and cost.readings <= READINGS


def bomb(size: int) -> bytes:
    return gzip.compress(b'{"a":"' + b"0" * size + b'"}')


BODIES: dict[str, tuple[Callable[[], bytes], int]] = {
    "11 MB": (lambda: b'{"a":"' + b"0" * (LARGEST + 1) + b'"}', 413),
    "lists 10,000 deep": (lambda: deep(10_000, "[", "]"), 400),
    "lists 1,000,000 deep": (lambda: deep(1_000_000, "[", "]"), 413),
    "objects 10,000 deep": (lambda: deep(10_000, '{"a":', "}"), 400),
    "deep and never closed": (lambda: b'{"a":' + b"[" * 1_000_000, 413),
    "just too deep": (lambda: deep(101, "[", "]"), 400),
    "a gzip bomb of 100 MB": (lambda: bomb(100 * MB), 400),
    "a deflate bomb of 100 MB": (lambda: zlib.compress(b"0" * 100 * MB), 400),
    "1,000 keys": (lambda: json.dumps({f"k{number}": number for number in range(1_000)}).encode(), 200),
    "a number of 5,000 digits": (lambda: b'{"a":' + b"9" * 5_000 + b"}", 400),
    "numbers that overflow": (lambda: b'{"a":[' + b"1e999," * 1000 + b"-1e999]}", 200),
    "not UTF-8": (lambda: b'{"a":"\xff\xfe\xfa"}', 400),
    "half a surrogate": (lambda: b'{"a":"\\ud800"}', 200),
    "the same key twice": (lambda: b'{"object":"page","object":1,"entry":[],"entry":{}}', 200),
    "a list": (lambda: b"[" + b"1," * 1000 + b"1]", 400),
    "300,000 entries": (lambda: b'{"object":"page","entry":[' + b'{"id":"1","x":{}},' * 300_000 + b"{}]}", 413),
    "2,900,000 numbers": (lambda: b'{"a":[' + b"1," * 2_900_000 + b"1]}", 413),
    "1,400,000 texts": (lambda: b'{"a":[' + b'"x",' * 1_400_000 + b"1]}", 413),
}
GROWS = 50
"""MB that a process may grow by for any body, taken or refused."""
WIDE: dict[str, Callable[[], bytes]] = {
    **{name: make for name, (make, _) in BODIES.items()},
    "as many keys as fit": lambda: json.dumps({f"k{n}": n for n in range(300_000)}).encode(),
    "as many objects as are read": lambda: b'{"object":"page","entry":[' + b'{"id":"1"},' * 190_000 + b"{}]}",
    "as many texts as are read": lambda: b'{"a":[' + b'"x",' * 990_000 + b"1]}",
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", BODIES)
def test_what_is_too_much_is_refused_at_little_cost(heed: Stand, network: str, name: str, figure: Any) -> None:
    make, status = BODIES[name]
    sent = signed_by(network, make())
    packed = {"Content-Encoding": "gzip"} if "bomb" in name else {}
    with measured() as cost:
        answer = heed.post(f"/hooks/{sent.path}", {**sent.headers, **packed}, sent.body)
    assert answer.status_code == status, answer.body[:200]
    assert little(cost), cost
    assert status == 200 or heed.parts.fragments.sent == []
    figure("sizes", f"{network}: {name} answered {status} after {cost.calls:,} calls")


PROBE = """
import resource, sys
from chalicelib import channels
from chalicelib.channels.base import Malformed, TooMany
from chalicelib.service.edge import LARGEST, Edge
from datetime import UTC, datetime

class Nothing:
    def __getattr__(self, name):
        return lambda *given, **named: None

body, network = sys.stdin.buffer.read(), channels.load(sys.argv[1])
edge = Edge(*[Nothing()] * 4)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    if len(body) <= LARGEST:
        edge._accept(network, "x", body, datetime.now(UTC))
except (Malformed, TooMany):
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000)
"""


@pytest.mark.parametrize("name", WIDE)
def test_no_body_makes_a_process_grow_much(name: str, figure: Any) -> None:
    """Each in a process of its own, whose highest tide is looked at."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, "facebook"], input=WIDE[name](), capture_output=True, check=True
    )
    grown = float(done.stdout)
    assert grown <= GROWS, f"{grown:.0f} MB"
    figure("memory", f"{name}: {grown:.0f} MB")


@pytest.mark.parametrize("network", NETWORKS)
def test_updates_are_counted_before_one_of_them_is_read(heed: Stand, network: str) -> None:
    """400,000 alike are one when they are read; that they are too many is seen before."""
    account, read = accounts(HARBOR)[network], 0
    channel = type(channels.load(network))()

    def parse(piece: Any) -> Iterator[Any]:
        nonlocal read
        read += 1
        return iter(())

    channel.parse = parse  # type: ignore[method-assign]
    channel.split = lambda body: iter(range(1_000_000))  # type: ignore[method-assign]
    with pytest.raises(TooMany):
        list(channel.fragments({}))
    assert (read, bool(account)) == (0, True)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_hundred_thousand_keys_cost_little(heed: Stand, network: str) -> None:
    """A handful of calls for each, where as many pieces would take a hundred."""
    sent = signed_by(network, json.dumps({f"k{number}": number for number in range(100_000)}).encode())
    with measured() as cost:
        answer = heed.tell(sent)
    assert answer.status_code in (200, 413)
    assert cost.calls <= 10 * 100_000, cost
    assert len(heed.parts.fragments.sent) <= 1


def test_a_body_of_many_people_does_not_grow_to_the_square_of_its_size(heed: Stand) -> None:
    account = accounts(HARBOR)["x"]
    said = [
        {
            "type": "message_create",
            "id": f"8{number}",
            "created_timestamp": "1780315200000",
            "message_create": {
                "target": {"recipient_id": account.native_id},
                "sender_id": f"9{number}",
                "message_data": {"text": "Hello"},
            },
        }
        for number in range(1000)
    ]
    users = {
        f"9{number}": {"id": f"9{number}", "name": f"Person {number}", "screen_name": "p"} for number in range(1000)
    }
    body = {"for_user_id": account.native_id, "direct_message_events": said, "users": users}
    sent = signed_by("x", json.dumps(body).encode())
    assert heed.tell(sent).json_body == {"accepted": 1000}
    assert sum(len(wire) for _, _, wire in heed.parts.fragments.sent) < 3 * len(sent.body)
    assert heed.parts.archive.kept == {}
    heed.take_in()
    assert {case.contact_name for case in heed.cases()} == {f"Person {number}" for number in range(1000)}


@pytest.mark.parametrize("network", sorted(set(NETWORKS) - UNSIGNED_BODY))
@pytest.mark.parametrize("name", ["11 MB", "lists 1,000,000 deep", "1,000 keys"])
def test_of_a_stranger_nothing_is_even_read(heed: Stand, network: str, name: str) -> None:
    sent = signed_by(network, BODIES[name][0]())
    forged = dict.fromkeys(PROOF[network], "x")
    with measured() as cost:
        answer = heed.post(f"/hooks/{sent.path}", forged, sent.body)
    assert answer.status_code in (401, 413)
    assert cost.calls <= CALLS_FOR_A_STRANGER, cost
    assert cost.readings <= READINGS


def test_a_thousand_updates_in_one_body_are_all_taken(heed: Stand) -> None:
    account = accounts(HARBOR)["facebook"]
    people = [replace(CUSTOMER, id=f"{9000 + number}") for number in range(1000)]
    one = [build(account, Event("message", who, f"m{who.id}", NOON, "Hello")) for who in people]
    entries = [json.loads(each.body)["entry"][0] for each in one]
    sent = signed_by("facebook", json.dumps({"object": "page", "entry": entries}).encode())
    assert heed.tell(sent).json_body == {"accepted": 1000}
    assert heed.take_in() == 1000
    assert len(heed.cases()) == 1000


def test_a_message_of_two_megabytes_is_taken_by_reference(heed: Stand) -> None:
    big = Person("77", "Ana " * 10)
    sent = build(accounts(HARBOR)["facebook"], Event("message", big, "m1", NOON, "0" * 2 * MB))
    assert heed.tell(sent).status_code == 200
    assert len(heed.parts.archive.kept) == 1
    assert heed.take_in() == 1
    [case] = heed.cases()
    message = heed.parts.store.message(HARBOR, next(iter(case.threads.values())).last_message_id)
    assert message and message.text and len(message.text) < LONGEST + 100
    [(key, raw)] = heed.parts.archive.kept.items()
    assert key.startswith("unknown/") and len(raw) > 2 * MB, "and whole among what is kept raw"


SLACKS: dict[str, Callable[[], bytes]] = {
    "deep JSON": lambda: deep(1_000_000, "[", "]"),
    "a deep payload": lambda: b"payload=" + b"%5B" * 100_000,
    "100,000 fields": lambda: b"&".join(b"a%d=1" % number for number in range(100_000)),
    "6 MB of JSON": lambda: json.dumps({"type": "event_callback", "a": ["x" * 10] * 400_000}).encode(),
    "6 MB of one field": lambda: b"payload=" + b"%22" * (2 * MB),
    "not UTF-8": lambda: b"payload=\xff\xfe",
}


@pytest.mark.parametrize("name", SLACKS)
@pytest.mark.parametrize("genuine", [True, False])
def test_slacks_door_is_as_narrow(heed: Stand, name: str, genuine: bool, figure: Any) -> None:
    body = SLACKS[name]()
    proof = signed(body) if genuine else signed(body, secret="guessed")
    with measured() as cost:
        answer = heed.slacks(proof, body)
    assert answer.status_code in ((400, 413, 200) if genuine else (401, 413)), answer.body[:200]
    assert little(cost), cost
    figure("sizes", f"slack: {name} answered {answer.status_code} after {cost.calls:,} calls")


def test_what_is_taken_in_was_message_and_nothing_else(heed: Stand) -> None:
    """The stand itself works: the same door takes what is right."""
    assert [heed.tell(message(network)).status_code for network in NETWORKS] == [200] * len(NETWORKS)
