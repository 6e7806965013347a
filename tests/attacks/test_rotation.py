"""Secrets that change: for a while two hold, afterwards the old one is worth nothing; without any, nobody is let in."""

from dataclasses import replace
from typing import Any

import pytest

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people import Event, build
from tests.attacks.kit import CUSTOMER, FORGED_KEY, HARBOR, NETWORKS, Stand, accounts, message, signed
from tests.build import NOON

BODY = b'{"type":"url_verification","challenge":"c-1"}'


def other(network: str) -> Account:
    """The same account with its next secret."""
    secret = FORGED_KEY if network == "standard_webhooks" else "next-secret_2"
    return replace(accounts(HARBOR)[network], secret=secret)


@pytest.mark.parametrize("network", NETWORKS)
def test_both_secrets_hold_while_they_change_and_only_the_new_one_afterwards(heed: Stand, network: str) -> None:
    old, new = accounts(HARBOR)[network], other(network)
    said = [build(account, Event("message", CUSTOMER, "7001", NOON, "Hello")) for account in (old, new)]
    expected = {
        (old.secret,): [200, 401],
        (new.secret, old.secret): [200, 200],
        (old.secret, new.secret): [200, 200],
        ("", new.secret): [401, 200],
        (new.secret,): [401, 200],
    }
    for secrets, statuses in expected.items():
        heed.connect({network: secrets})
        assert [heed.tell(one).status_code for one in said] == statuses, secrets


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_secret_nobody_is_let_in(heed: Stand, network: str, secrets: tuple[str, ...], figure: Any) -> None:
    heed.connect({network: secrets})
    nobody = replace(accounts(HARBOR)[network], secret="")
    attempts = [message(network)]
    if network != "standard_webhooks":  # whose double cannot sign with nothing
        attempts.append(build(nobody, Event("message", CUSTOMER, "7001", NOON, "Hello")))
    attempts += [replace(attempts[0], headers={})]
    assert {heed.tell(one).status_code for one in attempts} == {401}
    assert heed.parts.fragments.sent == []


def test_slacks_signing_secret_changes_the_same_way(heed: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    for secrets, statuses in {
        ("slack-secret",): [200, 401],
        ("next", "slack-secret"): [200, 200],
        ("next",): [401, 200],
        ("",): [401, 401],
        (): [401, 401],
    }.items():
        known = {"signing_secrets": list(secrets), "token": "xoxb-test"}
        monkeypatch.setattr(heed.parts.vault, "slack", lambda name="slack", known=known: known)
        answers = [heed.slacks(signed(BODY, NOON, secret), BODY) for secret in ("slack-secret", "next")]
        assert [one.status_code for one in answers] == statuses, secrets
        assert heed.slacks(signed(BODY, NOON, ""), BODY).status_code == 401
