"""Forged requests: nearly right bytes, nearly right headers. None is taken in, none is an error of ours."""

import random
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.doubles.networks.people import WebhookRequest
from tests.attacks.kit import NETWORKS, PROOF, RIVAL, UNSIGNED_BODY, Stand, dice, message, signed

FEW, MANY = 250, 100_000

Headers = dict[str, str]
Forge = Callable[[random.Random, Headers, bytes], tuple[Headers, bytes]]

ODD = (
    *("", " ", "=", ",", "v1,", "v1", "sha256=", "sha1=", "0", "-1", "1e9", "nan", "null", "\u00e9", "\u00ff" * 40),
    *("sha256=" + "0" * 64, "v0=" + "0" * 64, "v1," + "A" * 43 + "=", "A" * 5000, "9" * 400, "{}", "[]", "%00"),
)


def _body(change: Callable[[random.Random, bytes], bytes]) -> Forge:
    return lambda roll, headers, body: (headers, change(roll, body))


def _header(change: Callable[[random.Random, str], str]) -> Forge:
    def forge(roll: random.Random, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        name = roll.choice(list(headers))
        return {**headers, name: change(roll, headers[name])}, body

    return forge


def _flip(roll: random.Random, body: bytes) -> bytes:
    place = roll.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << roll.randrange(8))]) + body[place + 1 :]


def _cut(roll: random.Random, body: bytes) -> bytes:
    start = roll.randrange(len(body))
    return body[:start] + body[start + roll.randint(1, 40) :]


def _add(roll: random.Random, body: bytes) -> bytes:
    place = roll.randint(0, len(body))
    return body[:place] + roll.randbytes(roll.randint(1, 8)) + body[place:]


def _other_character(roll: random.Random, text: str) -> str:
    place = roll.randrange(len(text))
    return text[:place] + chr(roll.choice([*range(33, 127), 233])) + text[place + 1 :]


def _drop(roll: random.Random, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    gone = roll.choice(list(headers))
    return {name: text for name, text in headers.items() if name != gone}, body


FORGERIES: dict[str, Forge] = {
    "a bit flipped": _body(_flip),
    "bytes cut out": _body(_cut),
    "bytes put in": _body(_add),
    "another end": _body(lambda roll, body: body + roll.choice([b"\n", b" ", b"\0", b"}"])),
    "nothing": _body(lambda roll, body: b""),
    "said twice": _body(lambda roll, body: body * 2),
    "one character": _header(_other_character),
    "cut short": _header(lambda roll, text: text[: roll.randrange(len(text))]),
    "too long": _header(lambda roll, text: text + roll.choice("0aA=,; \u00e9")),
    "turned around": _header(lambda roll, text: text[::-1]),
    "other letters": _header(lambda roll, text: text.swapcase()),
    "odd": _header(lambda roll, text: roll.choice(ODD)),
    "guessed": _header(lambda roll, text: roll.choice(["sha256=", "v1,", ""]) + b64encode(roll.randbytes(32)).decode()),
    "missing": _drop,
}


def forged(network: str, count: int) -> Iterator[tuple[str, WebhookRequest]]:
    """Mutants of a genuine request, each different from it in something that the network's proof covers."""
    genuine, roll = message(network), dice(network)
    proof = {name: genuine.headers[name] for name in PROOF[network]}
    ways = [way for way in FORGERIES if network not in UNSIGNED_BODY or FORGERIES[way] not in _OF_BODIES]
    while count:
        way = roll.choice(ways)
        headers, body = FORGERIES[way](roll, dict(proof), genuine.body)
        if (_said(headers), body) != (_said(proof), genuine.body):
            yield way, WebhookRequest("POST", genuine.path, headers, body)
            count -= 1


_OF_BODIES = [FORGERIES[way] for way in list(FORGERIES)[:6]]


def _said(headers: Headers) -> Headers:
    """Headers as HTTP reads them: without the spaces around a value."""
    return {name: text.strip() for name, text in headers.items()}


def attack(heed: Stand, network: str, count: int) -> Counter[int]:
    assert heed.tell(message(network)).status_code == 200, "the genuine request is refused"
    heed.parts.fragments.sent.clear()
    answers: Counter[int] = Counter()
    for way, sent in forged(network, count):
        answer = heed.tell(sent)
        answers[answer.status_code] += 1
        assert answer.status_code == 401, (way, sent.headers, sent.body)
        assert b"Traceback" not in answer.body and len(answer.body) < 300
    assert heed.parts.fragments.sent == []
    return answers


@pytest.mark.parametrize("network", NETWORKS)
def test_no_forged_webhook_is_taken_in(heed: Stand, network: str, figure: Any) -> None:
    answers = attack(heed, network, FEW)
    figure("forged", f"{network}: {answers[401]:,} of {answers.total():,} forged webhooks refused")


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_none_of_a_hundred_thousand_forged_webhooks_is_taken_in(heed: Stand, network: str, figure: Any) -> None:
    answers = attack(heed, network, MANY)
    figure("forged", f"{network}: {answers[401]:,} of {answers.total():,} forged webhooks refused")


def _against_slack(heed: Stand, count: int) -> int:
    body, roll = b'{"type":"url_verification","challenge":"c-1"}', dice("slack")
    proof = signed(body)
    assert heed.slacks(proof, body).status_code == 200
    left = count
    while left:
        headers, mutant = roll.choice(list(FORGERIES.values()))(roll, dict(proof), body)
        if (_said(headers), mutant) == (_said(proof), body):
            continue
        left -= 1
        assert heed.slacks(headers, mutant).status_code == 401, (headers, mutant)
    return count


def test_nothing_that_slack_did_not_sign_is_believed(heed: Stand, figure: Any) -> None:
    count = _against_slack(heed, FEW)
    figure("forged", f"slack: {count:,} of {count:,} forged requests refused")


@pytest.mark.slow
def test_nothing_of_a_hundred_thousand_that_slack_did_not_sign_is_believed(heed: Stand, figure: Any) -> None:
    count = _against_slack(heed, MANY)
    figure("forged", f"slack: {count:,} of {count:,} forged requests refused")


@pytest.mark.parametrize("network", NETWORKS)
def test_a_genuine_webhook_of_another_account_is_refused(heed: Stand, network: str) -> None:
    theirs, ours = message(network, brand=RIVAL), message(network)
    assert heed.tell(WebhookRequest("POST", ours.path, theirs.headers, theirs.body)).status_code == 401
    assert heed.tell(theirs).status_code == 200


@pytest.mark.parametrize("path", ["privacy/meta/harbor-facebook"])
@pytest.mark.parametrize(
    "form", ["", "signed_request=", "signed_request=a.b", "signed_request=.", "signed_request=%FF.%00"]
)
def test_no_forged_deletion_request_is_carried_out(heed: Stand, path: str, form: str) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert heed.post(f"/{path}", kind, form.encode()).status_code == 400
