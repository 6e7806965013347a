"""Acts upon messages, from the channel's request over real HTTP to what the network's double holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import channels
from chalicelib.channels.base import Credentials
from chalicelib.domain.commands import Act
from chalicelib.domain.moderation import ActionState, Outcome
from chalicelib.domain.reply import Failed, Unclear
from chalicelib.net.http import Urllib3Http
from chalicelib.service.ports import NoAnswer
from infra.doubles.networks.accounts import account_of
from infra.doubles.networks.faults import Fault
from infra.doubles.networks.server import NetworkDoubles

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
COMMENT = "1788002233445566778"
POSSIBLE = [
    *(("facebook", act) for act in Act),
    *(("instagram", act) for act in (Act.HIDE, Act.UNHIDE, Act.DELETE)),
    *(("x", act) for act in (Act.HIDE, Act.UNHIDE, Act.LIKE)),
]


@pytest.fixture
def doubles() -> Iterator[NetworkDoubles]:
    with NetworkDoubles(lambda: NOW, sleep=lambda seconds: None) as running:
        yield running


def act(doubles: NetworkDoubles, network: str, act: Act) -> Outcome:
    account, channel = account_of(network), channels.load(network)
    known = Credentials(
        secrets=(account.secret,), token=account.token, account=account.native_id, api=doubles.base(network)
    )
    request = channel.act(act, COMMENT, known)
    assert request is not None
    return channel.act_outcome(act, Urllib3Http().send(request, timedelta(seconds=5)))


def done(doubles: NetworkDoubles) -> list[tuple[str, str]]:
    return [(one.verb, one.target) for one in doubles.ledger.actions]


@pytest.mark.parametrize(("network", "what"), POSSIBLE)
def test_the_network_does_what_was_asked(network: str, what: Act, doubles: NetworkDoubles) -> None:
    assert act(doubles, network, what).state is ActionState.DONE
    assert done(doubles) == [(what.value, COMMENT)]


@pytest.mark.parametrize(("network", "what"), POSSIBLE)
def test_a_refusal_is_not_taken_for_success(network: str, what: Act, doubles: NetworkDoubles) -> None:
    for name in ("rate_limited", "server_error", "token_expired"):
        doubles.faults.add(network, Fault(name, seconds=90))
        assert act(doubles, network, what).state is not ActionState.DONE
    assert done(doubles) == []


@pytest.mark.parametrize(("network", "what"), POSSIBLE)
def test_an_answer_lost_on_its_way_proves_nothing_and_asking_again_is_harmless(
    network: str, what: Act, doubles: NetworkDoubles
) -> None:
    doubles.faults.add(network, Fault("drop_after"), Fault("not_json"))
    with pytest.raises(NoAnswer):
        act(doubles, network, what)
    again = act(doubles, network, what)
    assert isinstance(again, Unclear)
    assert set(done(doubles)) == {(what.value, COMMENT)}


@pytest.mark.parametrize("network", ["facebook", "instagram"])
def test_what_was_deleted_is_gone(network: str, doubles: NetworkDoubles) -> None:
    act(doubles, network, Act.DELETE)
    assert act(doubles, network, Act.DELETE) == Failed("gone", act_detail(act(doubles, network, Act.HIDE)))


def act_detail(outcome: Outcome) -> str:
    assert isinstance(outcome, Failed) and outcome.reason == "gone"
    return outcome.detail
