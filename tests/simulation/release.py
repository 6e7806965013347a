"""What one release leaves to the next: rows, letters in queues and timers, as they lie when the new code comes.

``python -m tests.simulation.release 0.1`` keeps what this code leaves, in ``tests/fixtures/releases``; once for each
release. Every later one reads the rows of all of them, and works off what their queues held.
"""

import json
import sys
from pathlib import Path
from typing import Any

from chalicelib.storage.codec import image_of, row_of
from chalicelib.storage.models import MODELS
from tests.simulation.run import CORRECT
from tests.simulation.story import LENGTH, Story
from tests.simulation.world import World

Json = dict[str, Any]

PLACE = Path(__file__).parents[1] / "fixtures" / "releases"
SEEDS = (24, 56, 96)
"""Stories in which nothing fails, so that what lies there is as it should be."""
KINDS = {kind.__name__: kind for kind in MODELS}


def left(seed: int) -> Json:
    """In the middle of a story: all rows as they stand in the table, and all that the queues were given by then."""
    world = World(seed, CORRECT)
    Story(world).begin()
    for second in range(0, LENGTH, 60):
        world.scheduler.run(second)
        world.every_minute()
    rows = [{"kind": type(row).__name__, "image": image_of(row)} for row in world.truth.rows]
    return {"rows": rows, "letters": {name: queue.taken for name, queue in world.sqs.queues.items() if queue.taken}}


def worked_off(kept: Json) -> World:
    """A world that begins with those rows, after it has worked off those letters."""
    world = World(0, CORRECT, calm=True)
    for one in kept["rows"]:
        world.truth.put_back(row_of(KINDS[one["kind"]], one["image"]))
    for name, bodies in kept["letters"].items():
        for number, body in enumerate(bodies):
            group = {"MessageGroupId": "g", "MessageDeduplicationId": str(number)} if name.endswith(".fifo") else {}
            world.sqs.send_message(QueueUrl=name, MessageBody=body, **group)
    for minute in range(60, 3600, 60):
        world.scheduler.run(minute)
        world.every_minute()
    return world


if __name__ == "__main__":
    told = json.dumps([left(seed) for seed in SEEDS], sort_keys=True, separators=(",", ":"))
    (PLACE / f"{sys.argv[1]}.json").write_text(told + "\n")
