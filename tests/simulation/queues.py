"""Lambda's event sources: queues and the table's stream, with the promises they make and the habits they have."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain.timeline import TimelineEvent
from chalicelib.storage.codec import image_of
from infra.local.pumps.batches import Batch, RetryPolicy
from infra.local.pumps.sqs_event import sqs_record
from tests.simulation.aws import ACCOUNT, STAGE
from tests.simulation.scheduler import moment

if TYPE_CHECKING:
    from tests.simulation.world import World

Json = dict[str, Any]
Function = Callable[[Json, None], Json]

DEDUPED_FOR = 300
RIVALS = 3
"""So many a worker at most in one story."""


@dataclass(slots=True, eq=False)
class Letter:
    """``until`` is when it can be seen again."""

    id: str
    body: str
    sent: int
    attributes: Json = field(default_factory=dict)
    group: str = ""
    receives: int = 0
    until: int = 0
    gone: bool = False


class Queue:
    """At least once, in any order; what is received and not deleted comes again, so many times at most."""

    acks_first = False
    shares = True
    partial = True
    """Whether the answer of a function counts that names single letters as failed."""

    def __init__(self, world: "World", properties: Json, worker: str, function: Function, batch: int) -> None:
        self.name: str = properties["QueueName"]
        self._world = world
        self._worker, self._function, self._batch = worker, function, batch
        self._visibility: int = properties["VisibilityTimeout"]
        self._most: int = properties["RedrivePolicy"]["maxReceiveCount"]
        self._arn = f"arn:aws:sqs:{STAGE}:{ACCOUNT}:{self.name}"
        self._letters: dict[str, Letter] = {}
        self._ready: list[Letter] = []
        self.taken: list[str] = []
        """Every body that was ever sent here."""

    # -- what SQS's client asks -----------------------------------------------------------------------------------

    def send(self, body: str, *, DelaySeconds: int = 0, MessageAttributes: Json | None = None) -> None:
        self._offer(self._letter(body, MessageAttributes), DelaySeconds)

    def delete(self, receipt: str) -> None:
        letter = self._letters.pop(receipt, None)
        if letter is not None:
            letter.gone = True

    def hide(self, receipt: str, seconds: int) -> None:
        if receipt in self._letters:
            self._hide(self._letters[receipt], seconds)

    # -- what becomes of a letter ---------------------------------------------------------------------------------

    def _letter(self, body: str, attributes: Json | None = None, group: str = "") -> Letter:
        letter = Letter(self._world.network.fresh("letter"), body, self._world.scheduler.now, attributes or {}, group)
        self._letters[letter.id] = letter
        self.taken.append(body)
        return letter

    def _offer(self, letter: Letter, delay: int) -> None:
        slow = 20 if self._world.faults.fires(f"{self._worker} reorders") else 1
        self._world.scheduler.between(delay, delay + slow, lambda: self._seen(letter))
        if self._world.faults.fires(f"{self._worker} delivers twice"):
            twin = replace(letter, id=f"{letter.id}-again")
            self._letters[twin.id] = twin
            # Most copies come at once, when the first one is still being worked on.
            late = self._world.random.choice((1, 1, 200))
            self._world.scheduler.between(delay, delay + late, lambda: self._seen(twin))

    def _seen(self, letter: Letter) -> None:
        if letter.gone or letter.until > self._world.scheduler.now or letter in self._ready:
            return
        self._ready.append(letter)
        self._world.scheduler.between(0, 1, self._poll)

    def _hide(self, letter: Letter, seconds: int) -> None:
        letter.until = self._world.scheduler.now + seconds
        self._world.scheduler.after(seconds, lambda: self._seen(letter))

    def _poll(self) -> None:
        size = self._world.random.randint(1, self._batch)
        taken, self._ready = self._ready[:size], self._ready[size:]
        batch = [letter for letter in taken if not letter.gone and self._received(letter)]
        if batch:
            self._world.run(self._worker, lambda: self._work(batch), self._rival(batch))

    def _rival(self, batch: list[Letter]) -> Callable[[], object] | None:
        """A second worker that has the same letters in hand, as a standard queue may give them.

        It is seldom: what both put off is in the queue twice from then on.
        """
        fault = f"{self._worker} has a rival"
        seldom = self._world.faults.fired[fault] < RIVALS
        if not self.shares or not seldom or not self._world.faults.fires(fault):
            return None
        return lambda: self._world.run(self._worker, lambda: self._work(batch))

    def _received(self, letter: Letter) -> bool:
        letter.receives += 1
        if letter.receives > self._most:
            self._world.sqs.gives_up(self.name, letter)
            self.delete(letter.id)
            return False
        self._hide(letter, self._visibility)
        return True

    def _work(self, batch: list[Letter]) -> None:
        """As Lambda does it: what the function does not name as failed is deleted."""
        if self.acks_first:
            self._delete(batch)
        answer = self._function({"Records": [self._record(letter) for letter in batch]}, None)
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"] if self.partial}
        self._world.call("lambda.acknowledge", lambda: self._delete([one for one in batch if one.id not in failed]))

    def _delete(self, letters: list[Letter]) -> None:
        for letter in letters:
            self.delete(letter.id)

    def _record(self, letter: Letter) -> Json:
        told = {
            "ApproximateReceiveCount": str(letter.receives),
            "SentTimestamp": str(int(moment(letter.sent).timestamp() * 1000)),
            **({"MessageGroupId": letter.group} if letter.group else {}),
        }
        message = {"MessageId": letter.id, "ReceiptHandle": letter.id, "Body": letter.body, "MD5OfBody": ""}
        return sqs_record({**message, "Attributes": told, "MessageAttributes": letter.attributes}, self._arn)


class Fifo(Queue):
    """In order within a group: while one letter of it is neither handled nor dead, the next ones wait."""

    shares = False

    def __init__(self, world: "World", properties: Json, worker: str, function: Function, batch: int) -> None:
        super().__init__(world, properties, worker, function, batch)
        self._groups: dict[str, deque[Letter]] = defaultdict(deque)
        self._known: dict[tuple[str, str], int] = {}

    def send(  # type: ignore[override]
        self,
        body: str,
        *,
        MessageGroupId: str,
        MessageDeduplicationId: str,
        **more: Any,
    ) -> None:
        now, name = self._world.scheduler.now, (MessageGroupId, MessageDeduplicationId)
        if now - self._known.get(name, -DEDUPED_FOR) < DEDUPED_FOR:
            return
        self._known[name] = now
        waiting = self._groups[MessageGroupId]
        waiting.append(self._letter(body, more.get("MessageAttributes"), MessageGroupId))
        if len(waiting) == 1:
            self._next(waiting)

    def delete(self, receipt: str) -> None:
        letter = self._letters.get(receipt)
        super().delete(receipt)
        if letter is not None:
            waiting = self._groups[letter.group]
            waiting.remove(letter)
            if waiting:
                self._next(waiting)

    def _next(self, waiting: deque[Letter]) -> None:
        head = waiting[0]
        self._world.scheduler.between(0, 1, lambda: self._seen(head))


LATE = (40, 150)
"""Seconds after which the sweeper may have done what a record owes."""


class Stream:
    """New timeline rows, in order for each case. It may be off for a whole story, be late, lose or repeat records."""

    def __init__(self, world: "World", properties: Json) -> None:
        self._world = world
        self._policy = RetryPolicy.of(properties)
        self._shards: dict[str, list[Batch]] = defaultdict(list)

    def inserted(self, event: TimelineEvent) -> None:
        faults = self._world.faults
        self._world.written[event.case_id, event.seq] = moment(self._world.scheduler.now)
        if not event.pending or self._world.stream_off or faults.fires("stream loses"):
            return
        shard = self._shards[event.case_id]
        idle = not shard
        record = self._record(event)
        twice = [record, record] if faults.fires("stream tells twice") else [record]
        if len(shard) > 1 and len(shard[-1].records) < self._policy.batch_size:
            shard[-1] = replace(shard[-1], records=[*shard[-1].records, *twice])
        else:
            shard.append(Batch(twice))
        if idle:
            self._next(event.case_id)

    def _next(self, case_id: str) -> None:
        late = LATE if self._world.faults.fires("stream is late") else (0, 2)
        self._world.scheduler.between(*late, lambda: self._publish(case_id))

    def _publish(self, case_id: str) -> None:
        shard = self._shards[case_id]
        first = shard[0]
        failed: list[int] = []
        lived = self._world.run("publisher", lambda: failed.extend(self._failed(first)))
        if not lived or failed:
            done = min(failed, default=0)
            self._world.tally.redone += len(first.records) - done
            shard[:1] = self._policy.after_failure(first, done, 0)
        else:
            shard.pop(0)
        if shard:
            self._next(case_id)

    def _failed(self, batch: Batch) -> list[int]:
        answer = self._world.doors["publisher"]({"Records": list(batch.records)}, None)
        numbers = [one["dynamodb"]["SequenceNumber"] for one in batch.records]
        failed = [numbers.index(one["itemIdentifier"]) for one in answer["batchItemFailures"]]
        self._world.call("lambda.checkpoint", lambda: None)
        return failed

    def _record(self, event: TimelineEvent) -> Json:
        image = image_of(event)
        number = self._world.network.fresh("record")
        told = {"Keys": {"pk": image["pk"], "sk": image["sk"]}, "NewImage": image, "SequenceNumber": number}
        when = moment(self._world.scheduler.now).timestamp()
        arn = f"arn:aws:dynamodb:{STAGE}:{ACCOUNT}:table/t/stream/l"
        dynamodb = {**told, "ApproximateCreationDateTime": when, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        return {"eventID": number, "eventName": "INSERT", "eventSourceARN": arn, "dynamodb": dynamodb}
