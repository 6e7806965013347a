"""Forged requests: nearly right bytes, nearly right headers. None is taken in, none is an error of ours."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import app
from infra.doubles.networks.people import WebhookRequest
from tests.attacks.forgeries import OF_BODIES, forged, signing, ways
from tests.attacks.kit import NETWORKS, PROOF, RIVAL, UNSIGNED_BODY, Stand, dice, message, signed
from tests.handlers.test_doors import Context
from tests.simulation.gateway import proxied

FEW, MANY = 250, 100_000
PROBE = b'{"type":"url_verification","challenge":"c-1"}'


def attack(heed: Stand, network: str, count: int) -> tuple[int, int]:
    """How many were refused, and how many of them differ from each other."""
    genuine = message(network)
    assert heed.tell(genuine).status_code == 200, "the genuine request is refused"
    heed.parts.fragments.sent.clear()
    proof = {name: genuine.headers[name] for name in PROOF[network]}
    told, kinds = set(), Counter[str]()
    for way, headers, body in forged(network, proof, genuine.body, count):
        answer = heed.tell(WebhookRequest("POST", genuine.path, headers, body))
        assert answer.status_code == 401, (way, headers, body)
        assert b"Traceback" not in answer.body and len(answer.body) < 300
        told.add((tuple(headers.items()), body))
        kinds[way] += 1
    assert heed.parts.fragments.sent == []
    assert len(told) >= 0.9 * count and set(kinds) == set(ways(network))
    return kinds.total(), len(told)


def _figure(name: str, what: str, refused: int, distinct: int) -> str:
    return f"{name}: {refused:,} of {refused:,} forged {what} refused, {distinct:,} of them distinct"


@pytest.mark.parametrize("network", NETWORKS)
def test_no_forged_webhook_is_taken_in(heed: Stand, network: str, figure: Any) -> None:
    figure("forged", _figure(network, "webhooks", *attack(heed, network, FEW)))


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_none_of_a_hundred_thousand_forged_webhooks_is_taken_in(heed: Stand, network: str, figure: Any) -> None:
    figure("forged", _figure(network, "webhooks", *attack(heed, network, MANY)))


def _against_slack(heed: Stand, count: int) -> tuple[int, int]:
    proof, told, kinds = signed(PROBE), set(), set()
    assert heed.slacks(proof, PROBE).status_code == 200
    for way, headers, body in forged("slack", proof, PROBE, count):
        assert heed.slacks(headers, body).status_code == 401, (way, headers, body)
        told.add((tuple(headers.items()), body))
        kinds.add(way)
    assert len(told) >= 0.9 * count and kinds == set(ways("slack"))
    return count, len(told)


def test_nothing_that_slack_did_not_sign_is_believed(heed: Stand, figure: Any) -> None:
    figure("forged", _figure("slack", "requests", *_against_slack(heed, FEW)))


@pytest.mark.slow
def test_nothing_of_a_hundred_thousand_that_slack_did_not_sign_is_believed(heed: Stand, figure: Any) -> None:
    figure("forged", _figure("slack", "requests", *_against_slack(heed, MANY)))


SIGNED = sorted(set(NETWORKS) - UNSIGNED_BODY)


@pytest.mark.parametrize("network", SIGNED)
def test_what_the_forgers_sign_is_believed_when_they_know_the_secret(heed: Stand, network: str) -> None:
    """Were they clumsy, their forgeries would be refused for that."""
    genuine, own = message(network), signing(network)
    proof = {name: genuine.headers[name] for name in PROOF[network]}
    for body in (genuine.body, OF_BODIES["written anew"](dice(network), proof, genuine.body)[1]):
        sent = WebhookRequest("POST", genuine.path, own.under(proof, own.made(proof, body)), body)
        assert heed.tell(sent).status_code == 200


def test_the_forgers_sign_as_slack_does(heed: Stand) -> None:
    own = signing("slack")
    assert own.under(signed(PROBE), own.made(signed(PROBE), PROBE)) == signed(PROBE)


CASES: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.title, str.swapcase)


@pytest.mark.usefixtures("heed")
@pytest.mark.parametrize("case", CASES)
def test_names_of_headers_may_be_written_in_any_case(case: Callable[[str], str]) -> None:
    """That is how HTTP has it, and proxies on the way make use of it: no forgery. Told as the gateway tells it."""
    genuine = [message(network) for network in NETWORKS] + [WebhookRequest("POST", "", signed(PROBE), PROBE)]
    for sent in genuine:
        path = f"/hooks/{sent.path}" if sent.path else "/slack"
        headers = {case(name): text for name, text in {"Content-Type": "application/json", **sent.headers}.items()}
        assert app.app(proxied(path, headers, sent.body.decode()), Context())["statusCode"] == 200, path


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
