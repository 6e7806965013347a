"""A hundred records of the table's stream, one of which is poison: Lambda's rules are the local pump's."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.effects import Effect, Publish
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.handlers import publisher
from chalicelib.storage.codec import image_of
from chalicelib.wiring import wired
from infra.local.pumps.batches import Batch, Record, RetryPolicy
from tests.aws.conftest import queue, received, settings
from tests.domain.test_small_words import timeline_event
from tests.handlers.conftest import Parts
from tests.handlers.test_doors import Context, inserted
from tests.house.test_template import sources

ROWS, CASES, POISON = 100, 10, 36
HALVINGS = 7
"""By then one of a hundred stands alone."""


class Killed(BaseException):
    """The function's process ended."""


def events(parts: Parts) -> list[TimelineEvent]:
    """Of ten cases in turn, as a stream brings them."""
    found = []
    for number in range(ROWS):
        case_id, seq = f"{'c' * 20}-{number % CASES + 1}", number // CASES + 1
        event = timeline_event(Fact.NOTE_ADDED, case_id=case_id, seq=seq)
        parts.store.commit(event)
        found.append(event)
    return found


def policy() -> RetryPolicy:
    """The deployed mapping's, with a batch of a hundred."""
    [properties] = [one for function, _, one in sources() if function == "Publisher"]
    return replace(RetryPolicy.of(properties), batch_size=ROWS)


def played(rules: RetryPolicy, records: list[Record]) -> tuple[list[list[int]], list[list[Record]]]:
    """What each invocation was given, by the records' numbers, and the batches that were given up."""
    left, invoked, given_up = [Batch(records)], list[list[int]](), list[list[Record]]()
    while left:
        batch, *left = left
        invoked.append([int(one["dynamodb"]["SequenceNumber"]) for one in batch.records])
        try:
            failed = publisher.publisher({"Records": batch.records}, Context())["batchItemFailures"]
            assert failed == []
            continue
        except Killed:
            again = rules.after_failure(batch, 0, 0.0)
        if not again:
            given_up.append(list(batch.records))
        left = [*again, *left]
    return invoked, given_up


def told(parts: Parts) -> dict[str, list[int]]:
    """The news of each case, in the order in which they were first told."""
    found = defaultdict[str, list[int]](list)
    for one in parts.effects.done:
        if isinstance(one, Publish) and one.event.seq not in found[one.event.case_id]:
            found[one.event.case_id].append(one.event.seq)
    return found


def test_the_one_at_which_the_function_dies_ends_alone_and_the_others_are_told_in_their_order(parts: Parts) -> None:
    rows = events(parts)
    poison = rows[POISON]

    def dies(effect: Effect) -> bool:
        if isinstance(effect, Publish) and (effect.event.case_id, effect.event.seq) == (poison.case_id, poison.seq):
            raise Killed
        return False

    parts.effects.failing = dies
    rules = policy()
    invoked, given_up = played(rules, inserted(*map(image_of, rows))["Records"])
    [[alone]] = given_up
    assert alone["dynamodb"]["SequenceNumber"] == str(POISON)
    halvings = [batch for batch in invoked if POISON in batch and len(batch) > 1]
    assert len(halvings) <= HALVINGS and invoked.count([POISON]) == rules.retries + 1
    assert len(invoked) == 1 + 2 * len(halvings) + rules.retries, "two halves of each, and it alone again"
    expected = {one.case_id: [seq for seq in range(1, 11) if (one.case_id, seq) != key(poison)] for one in rows}
    assert told(parts) == expected
    owing = [one for one in rows if (found := parts.store.event(one.brand, one.case_id, one.seq)) and found.pending]
    assert owing == [poison], "the sweeper's"


def key(event: TimelineEvent) -> tuple[str, int]:
    return event.case_id, event.seq


@pytest.mark.usefixtures("aws")
def test_one_that_nobody_understands_costs_no_further_invocation(parts: Parts) -> None:
    url = queue("heed-dev-publisher-dead")
    wired.__dict__["settings"] = settings(stage="dev", code_version="v1")
    rows = events(parts)
    records: list[Any] = inserted(*map(image_of, rows))["Records"]
    del records[POISON]["dynamodb"]["NewImage"]["fact"]
    invoked, given_up = played(policy(), records)
    assert (len(invoked), given_up) == (1, [])
    assert sum(map(len, told(parts).values())) == ROWS - 1
    assert len(received(url)) == 1
