"""Every channel there is passes every check there is; a new one only needs its file and its fixture folder."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib import channels
from chalicelib.channels.base import Capability, Channel, Credentials, Inbound, Request, Response
from chalicelib.channels.telegram import Telegram
from chalicelib.domain import moderation
from chalicelib.domain.commands import Act
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.reply import Outcome, Outgoing, Sent
from tests.channels import kit, moderating, reading, signing, speaking
from tests.channels.conformance import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", channels.names())
def test_a_channel(name: str, check: Check) -> None:
    check(channels.load(name), kit.FIXTURES / name)


def test_no_fixtures_are_left_of_channels_that_are_gone() -> None:
    assert {path.name for path in kit.FIXTURES.iterdir()} == set(channels.names())


@pytest.mark.parametrize("name", ["", "..", "base", "x.y", "X", "no_such", "os", "reading", "\ud800", "x\n"])
def test_no_other_name_loads_anything(name: str) -> None:
    with pytest.raises(LookupError, match="no channel"):
        channels.load(name)


class Gullible(Telegram):
    def signed(self, request: Inbound, secrets: Sequence[str], now: datetime) -> bool:
        return True


class Rash(Telegram):
    def parse(self, body: Any) -> Iterable[Event]:
        return [Event(Kind.MESSAGE, self.name, id=body["message"]["message_id"])]


class Hopeful(Telegram):
    def outcome(self, outgoing: Outgoing, response: Response) -> Outcome:
        return Sent("1")


class Talkative(Telegram):
    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        request = super().render(outgoing, credentials)
        return replace(request, body=json.dumps({"token": credentials.token}).encode())


class Wordy(Telegram):
    def render(self, outgoing: Outgoing, credentials: Credentials) -> Request:
        return super().render(replace(outgoing, file=None), credentials)


class Boastful(Telegram):
    def capabilities(self, event: Event) -> frozenset[Capability]:
        return super().capabilities(event) | ({Capability.HIDE} if event.kind is Kind.MESSAGE else set())


class Credulous(Boastful):
    def act(self, act: Act, native_id: str, credentials: Credentials) -> Request | None:
        return Request("POST", f"{credentials.api}/{native_id}", {})

    def act_outcome(self, act: Act, response: Response) -> moderation.Outcome:
        return moderation.Done()


SABOTEURS: list[tuple[Channel, Check]] = [
    (Gullible(), signing.refuses_other_secrets),
    (Gullible(), signing.refuses_what_is_malformed),
    (Rash(), reading.survives_what_is_missing),
    (Rash(), reading.reads_every_fixture_as_expected),
    (Hopeful(), speaking.calls_sent_only_what_is_proven),
    (Talkative(), speaking.renders_every_answer_it_offers),
    (Wordy(), speaking.renders_every_file_it_takes),
    (Boastful(), moderating.can_do_what_it_offers),
    (Credulous(), moderating.can_do_what_it_offers),
    (Credulous(), moderating.does_nothing_that_no_event_offers),
    (Credulous(), moderating.hides_and_shows_in_different_words),
    (Credulous(), moderating.calls_done_only_what_is_proven),
    (Credulous(), moderating.survives_odd_answers_to_acts),
]


@pytest.mark.parametrize(("channel", "check"), SABOTEURS, ids=lambda one: getattr(one, "__name__", type(one).__name__))
def test_the_checks_find_what_is_wrong(channel: Channel, check: Check) -> None:
    with pytest.raises((AssertionError, KeyError)):
        check(channel, kit.FIXTURES / "telegram")
