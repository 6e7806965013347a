"""Whether anything costs more when there is more: long conversations, many open cases.

Calls and units are counted on an engine that holds all the rows; its answers are then replayed by fake endpoints, one
for each size, so that CPU is compared in turns and nothing grows while it is measured.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bench import endpoint
from bench.counts import Count
from bench.growing import long_conversation, open_cases
from bench.measure import Effort, Judged, Result, Table, Timing, alternate, ratio
from bench.story import Story
from bench.wire import Wire
from bench.world import fake_settings, on_dynamodb_local, on_ministack, silent, wired_to
from chalicelib.domain.commands import Take
from chalicelib.service.clocks import audit
from chalicelib.service.outbox import sweep
from chalicelib.storage import DynamoStore
from chalicelib.wiring import wired
from tests.build import BRAND, NOON

CALLS, CPU = 1.1, 1.2
PAGE = 5

Act = Callable[[], object]


@dataclass(slots=True)
class Sample:
    """One thing done at one size: what it called, what was answered, and how to do it again."""

    size: int
    act: Act
    count: Count = field(default_factory=Count)
    answers: list[tuple[str, str, Any]] = field(default_factory=list)


def run(effort: Effort) -> Result:
    result = Result(
        "growth",
        "Growth: the same work when there is more of everything",
        "Calls, capacity units and CPU (us) of the same work at different sizes of a conversation and of the pool of "
        "open cases. Rows are written in bulk, as copies of what intake writes.",
    )
    with on_dynamodb_local() if effort.slow else on_ministack():
        samples = {**_conversations(effort), **_pools(effort)}
    for name, found in samples.items():
        _judge(name, found, _timings(found, effort), result)
    result.notes.append(
        f"A page of a queue is its first {PAGE} cases, found through four shards of at most {PAGE} keys each."
    )
    if not effort.slow:
        result.notes.append("The sizes 100,000 messages and 1,000,000 cases run with --slow, on DynamoDB Local.")
    return result


def _sizes(effort: Effort, small: tuple[int, int], usual: tuple[int, int], large: int) -> tuple[int, ...]:
    return small if effort.smoke else (*usual, large) if effort.slow else usual


def _conversations(effort: Effort) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {"message of a known contact": [], "edit": [], "take": []}
    for number, size in enumerate(_sizes(effort, (3, 9), (10, 1_000), 100_000)):
        story = Story(author=f"72451188321904{number:02d}")
        first = f"m_{number}_0"
        with silent(), story.wire.counting():
            story.message(first)
        long_conversation(story, size)
        story.wire.close()
        found["message of a known contact"].append(_sample(size, lambda s=story, n=number: s.message(f"m_{n}_new")))  # type: ignore[misc]
        found["edit"].append(_sample(size, lambda s=story, mid=first: s.edited(mid)))  # type: ignore[misc]
        found["take"].append(_sample(size, lambda s=story: s.command(Take, "t1")))  # type: ignore[misc]
    return found


def _pools(effort: Effort) -> dict[str, list[Sample]]:
    acts: dict[str, Callable[[int], Act]] = {
        "message of a new contact": lambda size: lambda: Story.message(_teller(size), f"m_pool_{size}"),
        "page of a queue": lambda size: lambda: wired.store.queue(BRAND, "messages", PAGE),
        "auditor": lambda size: lambda: audit(wired.store, wired.meter, NOON),
        "sweeper": lambda size: lambda: sweep(wired.store, wired.effects, wired.meter, NOON),
    }
    found: dict[str, list[Sample]] = {name: [] for name in acts}
    made = 0
    for size in _sizes(effort, (4, 12), (10, 10_000), 1_000_000):
        open_cases(made, size)
        made = size
        for name, act in acts.items():
            found[name].append(_sample(size, act(size)))
    return found


def _teller(size: int) -> Story:
    story = Story(author=f"9{size:014d}")
    story.wire.close()
    return story


def _sample(size: int, act: Act) -> Sample:
    """Do it once, for its calls."""
    sample, wire = Sample(size, act), Wire(wired.store)
    with silent(), wire.counting() as sample.count:
        act()
    wire.close()
    for call in wire.calls:
        if call.service == "dynamodb":
            answer = {name: value for name, value in call.answer.items() if name != "ResponseMetadata"}
            sample.answers.append((call.operation, _marker(call.body), answer))
    return sample


def _marker(body: Any) -> str:
    """What tells this request from the others of its kind: a key, or the values of a query."""
    return json.dumps(body.get("Key") or body.get("ExpressionAttributeValues") or "")


def _timings(samples: list[Sample], effort: Effort) -> list[Timing]:
    """Each size on an endpoint of its own, which repeats what the engine said."""
    with ExitStack() as stack:
        cases = {str(sample.size): stack.enter_context(_again(sample)) for sample in samples}
        with silent():
            found = alternate(cases, effort)
    return [found[str(sample.size)] for sample in samples]


@contextmanager
def _again(sample: Sample) -> Iterator[Act]:
    with endpoint.fake() as address, wired_to(address, fake_settings(address)):
        for operation, marker, answer in sample.answers:
            endpoint.answer(address, operation, answer, marker if operation in ("Query", "GetItem") else "")
        store = DynamoStore(wired.settings.table)
        assert store.table.connection.client.meta.endpoint_url == address

        def act() -> None:
            wired.store = store
            sample.act()

        yield act


def _judge(name: str, samples: list[Sample], timings: list[Timing], result: Result) -> None:
    rows = [
        [f"{one.size:,}", one.count.calls.total(), one.count.rru, one.count.wru, *timing.cells()[:2]]
        for one, timing in zip(samples, timings, strict=True)
    ]
    columns = ["size", "calls", "RRU", "WRU", "CPU median", "best"]
    result.tables.append(Table(name, columns, rows))
    least, most = samples[0].count, samples[-1].count
    units = (most.rru + most.wru) / (least.rru + least.wru)
    result.judged += [
        Judged(f"{name}: calls, largest / smallest", most.calls.total() / least.calls.total(), CALLS),
        Judged(f"{name}: units, largest / smallest", round(units, 3), CALLS),
        Judged(f"{name}: CPU, largest / smallest", ratio(timings[-1], timings[0]), CPU),
    ]
