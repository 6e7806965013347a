"""Conformance of listening: every fixture is read as its network means it, whatever is missing or broken in it."""

import copy
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chalicelib.channels.base import Channel, Malformed, Unreadable
from chalicelib.domain.event import Event, Kind
from tests.channels import kit

HOSTILE = "a\x00b\ud83dc"
STRANGE: tuple[Any, ...] = ([], {}, "", None, 0, -1.5, True, "text", [[]], [None], {"a": []})


def has_fixtures_and_expectations(channel: Channel, folder: Path) -> None:
    assert folder.is_dir(), f"{channel.name} needs fixtures in {folder}"
    assert {path.name for path in kit.files(folder)} == kit.expected(folder).keys()


def reads_every_fixture_as_expected(channel: Channel, folder: Path) -> None:
    wanted = kit.expected(folder)
    for name, body in kit.bodies(channel, folder).items():
        events = channel.read(body)
        assert [event.kind.value for event in events] == [one["kind"] for one in wanted[name]], name
        for event, one in zip(events, wanted[name], strict=True):
            assert event.channel == channel.name
            assert not kit.differences(event, one), name


def names_the_same_happening_the_same(channel: Channel, folder: Path) -> None:
    """A redelivery is recognised, and no two files of different happenings are taken for each other."""
    same = [frozenset(group) for group in kit.quirks(folder).get("same_happening", [])]
    known: dict[str, str] = {}
    for name, body in kit.bodies(channel, folder).items():
        first, second = ([event.identity for event in channel.read(copy.deepcopy(body))] for _ in range(2))
        assert first == second, name
        assert len(set(first)) == len(first), name
        for identity in first:
            other = known.setdefault(identity, name)
            assert other == name or {other, name} in same, f"{name} is taken for {other}"


def splits_without_loss(channel: Channel, folder: Path) -> None:
    """Every piece is a body by itself, and together they tell what the whole told, in its order."""
    for name, body in kit.bodies(channel, folder).items():
        whole = channel.read(body)
        pieces = [json.loads(json.dumps(fragment.body)) for fragment in channel.fragments(body)]
        told = {event.identity: event for piece in pieces for event in channel.read(piece)}
        assert list(told.values()) == whole, name


def fragments_keep_threads_together(channel: Channel, folder: Path) -> None:
    groups: dict[tuple[str | None, str], str] = {}
    for name, body in kit.bodies(channel, folder).items():
        fragments = list(channel.fragments(body))
        assert len({one.dedupe for one in fragments}) == len(fragments), name
        for fragment in fragments:
            event = channel.read(fragment.body)[0]
            if event.author is not None:
                assert groups.setdefault((event.account, event.author), fragment.group) == fragment.group, name


def does_not_judge_bodies_that_are_not_its_own(channel: Channel, folder: Path) -> None:
    for raw in (b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000):
        try:
            channel.decode(raw)
        except Malformed:
            continue
        raise AssertionError(f"{raw[:20]!r} was taken for a body")


def calls_the_unknown_unknown(channel: Channel, folder: Path) -> None:
    for body in ({}, {"never": {"heard": ["of", "this"]}}):
        kinds = {event.kind for event in channel.read(body)}
        assert kinds <= {Kind.UNKNOWN}, kinds
        assert len(list(channel.fragments(body))) <= 1
    assert not any(channel.capabilities(Event(Kind.UNKNOWN, channel.name, id="1")))


def survives_what_is_missing(channel: Channel, folder: Path) -> None:
    for body in kit.bodies(channel, folder).values():
        for path in leaves(body):
            holds_with(channel, without(body, path))


def survives_what_is_strange(channel: Channel, folder: Path) -> None:
    """Each leaf in turn is of another type than the network ever wrote."""
    for body in kit.bodies(channel, folder).values():
        for number, path in enumerate(leaves(body)):
            holds_with(channel, with_leaf(body, path, STRANGE[number % len(STRANGE)]))


def cleans_what_cannot_be_stored(channel: Channel, folder: Path) -> None:
    """NUL and lone surrogates are valid JSON, and no database takes them."""
    for body in kit.bodies(channel, folder).values():
        for path in leaves(body):
            if not isinstance(at(body, path), str):
                continue
            for event in holds_with(channel, with_leaf(body, path, HOSTILE)):
                storable = json.dumps(asdict(event), default=str, ensure_ascii=False)
                assert "\\u0000" not in storable
                storable.encode()


def holds_with(channel: Channel, body: Any) -> list[Event]:
    """A broken body is read or refused by name, and its fragments travel either way."""
    fragments = list(channel.fragments(body))
    assert len({one.dedupe for one in fragments}) == len(fragments)
    try:
        events = channel.read(body)
    except Unreadable as error:
        assert str(error)
        return []
    for event in events:
        assert event.identity
        channel.capabilities(event)
        channel.address(event)
    glimpses_what_it_reads(channel, body)
    return events


def glimpses_what_it_reads(channel: Channel, body: Any) -> int:
    """What a look tells of a piece is what reading all of it tells; returns how many pieces a look was enough for."""
    seen = [(piece, glimpse) for piece in channel.split(body) if (glimpse := channel.glimpse(piece))]
    for piece, glimpse in seen:
        (event,) = channel.parse(piece)
        assert glimpse == (channel.group(event), event.identity)
    return len(seen)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from leaves(one, (*path, key))


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


def without(body: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(body)
    del at(changed, path[:-1])[path[-1]]
    return changed


def with_leaf(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    at(changed, path[:-1])[path[-1]] = value
    return changed


CHECKS = (
    has_fixtures_and_expectations,
    reads_every_fixture_as_expected,
    names_the_same_happening_the_same,
    splits_without_loss,
    fragments_keep_threads_together,
    does_not_judge_bodies_that_are_not_its_own,
    calls_the_unknown_unknown,
    survives_what_is_missing,
    survives_what_is_strange,
    cleans_what_cannot_be_stored,
)
