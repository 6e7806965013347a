"""Bundles and the tally of broken promises, on every engine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import bundling
from chalicelib.domain.bundling import Bundle
from chalicelib.domain.errors import Conflict
from chalicelib.service.ports import Store
from tests.storage.samples import BRAND, NOON, minutes

MANY = 100


def bundle(queue: str = "care", target: str = "") -> Bundle:
    return Bundle(BRAND, queue, "team", NOON, target)


def test_two_who_gather_at_once_do_not_lose_one_another(store: Store) -> None:
    store.commit(bundle())
    seen = store.bundle(BRAND, "care", "team", "")
    assert seen is not None
    store.commit(bundling.gathered(seen, "a", NOON, NOON))
    with pytest.raises(Conflict):
        store.commit(bundling.gathered(seen, "b", NOON, NOON))
    again = store.bundle(BRAND, "care", "team", "")
    assert again is not None and again.open is not None and again.open.cases == ("a",)


def test_the_bundles_of_a_brand_are_its_own(store: Store) -> None:
    for one in (bundle(), bundle("vip"), bundle(target="x"), replace(bundle(), brand="other")):
        store.commit(one)
    assert [(one.queue, one.target) for one in store.bundles(BRAND)] == [("care", ""), ("care", "x"), ("vip", "")]
    assert store.bundles("nobody") == []


def test_broken_promises_are_counted_by_queue_and_minute(store: Store) -> None:
    for number, seconds in enumerate((0, 59, 61, 600)):
        store.broke(BRAND, "care", NOON + timedelta(seconds=seconds), f"a-1-{number}")
    store.broke(BRAND, "vip", NOON, "b-1-1")
    assert store.broken(BRAND, "care", NOON + minutes(10), minutes(10), MANY) == 4
    assert store.broken(BRAND, "care", NOON + minutes(10), minutes(9), MANY) == 2
    assert store.broken(BRAND, "care", NOON, minutes(1), MANY) == 2
    assert store.broken(BRAND, "vip", NOON + minutes(1), minutes(1), MANY) == 1
    assert store.broken("other", "care", NOON, minutes(60), MANY) == 0


def test_a_promise_that_is_told_again_as_broken_counts_once(store: Store) -> None:
    for name in ("a-1-7", "a-1-7", "a-1-8", "a-1-7"):
        store.broke(BRAND, "care", NOON, name)
    assert store.broken(BRAND, "care", NOON, minutes(1), MANY) == 2


def test_no_more_are_counted_than_asked_for(store: Store) -> None:
    for number in range(5):
        store.broke(BRAND, "care", NOON + minutes(number), f"a-1-{number}")
    assert [store.broken(BRAND, "care", NOON + minutes(9), minutes(9), most) for most in (1, 3, 5, 6)] == [1, 3, 5, 5]
