"""Secrets that change: for a while two hold, afterwards the old one is worth nothing; without any, nobody is let in."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.aws.clients import client
from chalicelib.aws.vault import MAX_AGE, SsmVault
from chalicelib.service.edge import Edge
from chalicelib.wiring import wired
from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people import Event, build
from tests.attacks.kit import CUSTOMER, FORGED_KEY, HARBOR, NETWORKS, Stand, accounts, dice, message, signed
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


# -- a day of it ------------------------------------------------------------------------------------------------------

FEW, MANY = 300, 10_000
TIMES, APART = 4, timedelta(hours=5)
"""So often a secret changes within a day."""
SWITCH, LEAVE = timedelta(minutes=10), timedelta(minutes=40)
"""After the new secret is known the network begins to use it; what it sends again with the old one comes until then."""
SOON = timedelta(seconds=MAX_AGE)
"""No answer of SSM is trusted for longer."""
SLACK = "slack"


def keys(door: str) -> list[str]:
    """The first secret, and those that follow."""
    first = "slack-secret" if door == SLACK else accounts(HARBOR)[door].secret
    kind = "whsec_cm90YXRlZC1zZWNyZXQtbnVtYmVy{}" if door == "standard_webhooks" else "rotated-{}"
    return [first, *(kind.format(f"MDA{number}") for number in range(TIMES))]


class Day:
    """The real vault before SSM, whose parameter is changed as docs/connect.md says."""

    def __init__(self, heed: Stand, door: str) -> None:
        self.heed, self.door, self.keys = heed, door, keys(door)
        vault = SsmVault("/heed", lambda: heed.parts.clock().timestamp())
        parts = heed.parts
        wired.__dict__.update(vault=vault, edge=Edge(vault, parts.fragments, parts.archive, parts.meter))

    def puts(self, *secrets: str) -> None:
        one = accounts(HARBOR).get(self.door)
        name = f"/heed/hooks/{self.door}/{one.key}" if one else "/heed/slack"
        told = {"secrets": secrets} if one else {"signing_secrets": secrets, "token": "xoxb-test"}
        client("ssm").put_parameter(Name=name, Value=json.dumps(told), Type="SecureString", Overwrite=True)

    def tells(self, key: str, at: datetime) -> int:
        """The status that a call signed with this secret at this time gets."""
        self.heed.parts.clock.at = at
        self.heed.parts.fragments.sent.clear()
        if self.door == SLACK:
            return int(self.heed.slacks(signed(BODY, at, key), BODY).status_code)
        account = replace(accounts(HARBOR)[self.door], secret=key)
        return int(self.heed.tell(build(account, Event("message", CUSTOMER, "7001", at, "Hello"))).status_code)

    def moments(self, count: int) -> Iterator[tuple[datetime, Callable[[], None] | str]]:
        """All that happens, in order: changes of the parameter, and calls by the secret they are signed with."""
        random, happens = dice(f"rotation:{self.door}"), list[tuple[datetime, Callable[[], None] | str]]()
        for turn in range(1, TIMES + 1):
            begins, old, new = NOON + turn * APART, self.keys[turn - 1], self.keys[turn]
            happens.append((begins, lambda new=new, old=old: self.puts(new, old)))  # type: ignore[misc]
            happens.append((begins + LEAVE, lambda new=new: self.puts(new)))  # type: ignore[misc]
        for _ in range(count):
            after = random.choice((timedelta(), SWITCH, LEAVE)) + timedelta(seconds=random.randint(-300, 299))
            at = NOON + random.randint(1, TIMES) * APART + after
            happens.append((at, self._used(at, late=random.random() < 0.3)))
        return iter(sorted(happens, key=lambda one: one[0]))

    def _used(self, at: datetime, *, late: bool) -> str:
        """What the network signs with then; ``late`` for what it sends once more."""
        ends = LEAVE if late else SWITCH
        return self.keys[sum(at >= NOON + turn * APART + ends for turn in range(1, TIMES + 1))]


def _a_day(heed: Stand, door: str, count: int, figure: Any) -> None:
    day, refused, calls = Day(heed, door), 0, 0
    day.puts(day.keys[0])
    for at, what in day.moments(count):
        if callable(what):
            what()
        else:
            calls, refused = calls + 1, refused + (day.tells(what, at) != 200)
    assert (calls, refused) == (count, 0)
    after = NOON + TIMES * APART + LEAVE + SOON
    assert [day.tells(key, after) for key in day.keys] == [*[401] * TIMES, 200], "old ones are worth nothing"
    figure("rotated", f"{door}: {calls:,} genuine calls over {TIMES} changes of the secret, {refused} refused")


@pytest.mark.parametrize("door", [*NETWORKS, SLACK])
def test_no_genuine_call_is_refused_while_secrets_change(aws: None, heed: Stand, door: str, figure: Any) -> None:
    _a_day(heed, door, FEW, figure)


@pytest.mark.slow
@pytest.mark.parametrize("door", [*NETWORKS, SLACK])
def test_none_of_ten_thousand_genuine_calls_is_refused(aws: None, heed: Stand, door: str, figure: Any) -> None:
    _a_day(heed, door, MANY, figure)
