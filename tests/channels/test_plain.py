"""Plain happenings are told at a look, and never otherwise than by reading all of them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import channels
from tests.channels import kit, reading
from tests.channels.fuzzing import VALUES

PLAIN = (
    ("facebook", "messenger_text"),
    ("facebook", "feed_comment_add"),
    ("instagram", "message_text"),
    ("instagram", "comment_changes"),
    ("whatsapp", "text"),
)
ODD: tuple[Any, ...] = (
    *reading.STRANGE,
    *("0", "a\x00b\ud83d", "1" * 9, "1" * 14, "\u0661" * 10, "-178030524"),
    *(10**9 - 1, 10**13, -(10**9), 1e9, False, "\ud83d", " "),
)


def body(network: str, name: str) -> Any:
    return json.loads((kit.FIXTURES / network / f"{name}.json").read_text("utf-8"))


def without_ids_of_businesses(told: Any) -> Any:
    """As WhatsApp writes it where people have no username."""
    (value,) = (change["value"] for change in told["entry"][0]["changes"])
    del value["contacts"][0]["user_id"], value["messages"][0]["from_user_id"]
    return told


def spoilt(told: Any) -> Iterator[Any]:
    """Every leaf and every branch in turn dropped, made odd, and given company."""
    for path in reading.leaves(told):
        yield reading.without(told, path)
        yield from (reading.with_leaf(told, path, odd) for odd in ODD)
        where = reading.at(told, path)
        if isinstance(where, dict):
            words = ("is_echo", "is_deleted", "user_ref", "attachments", "standby", "changes", "verb", "user_id", "x")
            yield from (reading.with_leaf(told, (*path, word), True) for word in words if word not in where)
        if isinstance(where, list):
            yield reading.with_leaf(told, path, [*where, *copy.deepcopy(where)])


@pytest.mark.parametrize(("network", "name"), PLAIN)
def test_the_commonest_happenings_are_plain(network: str, name: str) -> None:
    assert reading.glimpses_what_it_reads(channels.load(network), body(network, name)) == 1


def test_a_number_is_enough_on_whatsapp() -> None:
    told = without_ids_of_businesses(body("whatsapp", "text"))
    assert reading.glimpses_what_it_reads(channels.load("whatsapp"), told) == 1


@pytest.mark.parametrize(("network", "name"), PLAIN)
def test_whatever_is_odd_about_one_a_look_tells_what_reading_tells(network: str, name: str) -> None:
    channel, told = channels.load(network), body(network, name)
    tried = [reading.holds_with(channel, one) for one in spoilt(told)]
    assert len(tried) > 200
    if network == "whatsapp":
        for one in spoilt(without_ids_of_businesses(told)):
            reading.holds_with(channel, one)


@given(st.sampled_from(PLAIN), st.data())
def test_whatever_two_things_are_odd_about_one(plain: tuple[str, str], data: st.DataObject) -> None:
    channel, told = channels.load(plain[0]), body(*plain)
    for _ in range(2):
        path = data.draw(st.sampled_from(list(reading.leaves(told))))
        told = reading.with_leaf(told, path, data.draw(VALUES | st.sampled_from(ODD)))
    reading.holds_with(channel, told)


def test_networks_that_send_one_thing_at_a_time_read_it_whole() -> None:
    for network in set(channels.names()) - {network for network, _ in PLAIN}:
        channel = channels.load(network)
        for told in kit.bodies(channel, kit.FIXTURES / network).values():
            assert reading.glimpses_what_it_reads(channel, told) == 0
