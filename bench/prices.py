"""List prices, and what a count costs by them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from bench.counts import Count

FILE = Path(__file__).with_name("prices.json")
TIMER_TRANSITIONS = 3
"""What Step Functions bills for a timer that runs out: into the wait, to the message that wakes, to the end.

AWS "counts a state transition each time a step of your workflow is executed" (aws.amazon.com/step-functions/pricing),
which would be two for our two steps; the examples there count every arrow from start to end, which are three. The
dearer reading is taken.
"""
STOP_SPARES = 2
"""Of these, what a timer never makes that is stopped while it waits. The stop itself is free."""

_CALLS = {
    "sqs.SendMessageBatch": "sqs_fifo",
    "sqs.SendMessage": "sqs_standard",
    "sqs.SendMessageToFifo": "sqs_fifo",
    "sns.Publish": "sns_publish",
    "ssm.GetParameter": "ssm_standard",
    "s3.PutObject": "s3_put",
    "s3.GetObject": "s3_get",
    "s3.ListObjectsV2": "s3_put",
}


def prices() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(FILE.read_text())
    return table


def dollars(count: Count) -> Counter[str]:
    """By service, for what is counted: neither compute nor what brings work to a function."""
    table = prices()
    each = table["per_million"]
    found: Counter[str] = Counter()
    for name, number in count.calls.items():
        service = name.partition(".")[0]
        if name in _CALLS:
            found[service] += number * each[_CALLS[name]] / 1e6
        elif name == "sfn.StartExecution":
            found[service] += number * TIMER_TRANSITIONS * each["sfn_transition"] / 1e6
        elif name == "sfn.StopExecution":
            found[service] -= number * STOP_SPARES * each["sfn_transition"] / 1e6
        elif service not in ("dynamodb", "slack", "network"):
            raise ValueError(f"no price known for {name}")
    found["dynamodb"] += (count.rru * each["dynamodb_rru"] + count.wru * each["dynamodb_wru"]) / 1e6
    found["logs"] += count.log_bytes / 1e9 * table["logs_per_gb"]
    return found
