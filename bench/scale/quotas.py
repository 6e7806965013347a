"""What AWS, Slack and our own template allow, as shipped and as it would have to be for the storm."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib.storage.indexes import BY_PENDING, BY_QUEUE


class Quota(NamedTuple):
    """One row of the table: who sets it, what it is by default, what the storm needs, and how to ask for it."""

    name: str
    shipped: str
    storm: str
    where: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to run Heed. Rates are a second; fleets in environments.

    ``card_digests``: of the cards that wait for a channel, one post a minute tells. Heed makes digests of the lines
    that wait in the thread of one case; of cards it does not yet.
    """

    name: str
    api_rate: float = 500
    api_burst: float = 1000
    concurrency: int = 1000
    scaling: int = 100
    pollers: int = 5
    intake_most: int = 1000
    fifo_calls: float = 70_000
    in_flight: int = 120_000
    table_units: float = 40_000
    partitions: int = 4
    parallelization: int = 4
    index_shards: int = BY_PENDING.shards
    queue_shards: int = BY_QUEUE.shards
    starts: float = 300
    starts_burst: float = 1300
    executions: int = 1_000_000
    news: float = 30_000
    slack_channels: int = 4
    card_digests: bool = False


SHIPPED = Plan("as shipped, default quotas")
RAISED = Plan(
    "quotas raised",
    api_rate=10_000,
    api_burst=5_000,
    concurrency=10_000,
    pollers=16,
    intake_most=5_000,
    table_units=300_000,
    partitions=300,
    parallelization=10,
    starts=3_000,
    starts_burst=10_000,
    executions=10_000_000,
)
CHANGED = replace(
    RAISED,
    name="quotas raised, 64 index shards, cards in digests",
    index_shards=64,
    queue_shards=16,
    card_digests=True,
    starts=10_000,
)
PLANS = (SHIPPED, RAISED, CHANGED)

QUOTAS = (
    Quota("our own throttle of the API", "500/s, burst 1,000", "10,000/s", "ThrottlingRateLimit in infra/template"),
    Quota(
        "API Gateway: requests an account",
        "10,000/s, burst 5,000",
        "10,000/s do, while networks bundle",
        "Service Quotas, L-8A5B8E43",
        "Please keep 10,000 requests a second for REST APIs in this account, for webhooks of social networks, and tell "
        "us the burst that goes with it.",
    ),
    Quota(
        "Lambda: concurrent executions",
        "1,000",
        "10,000",
        "Service Quotas, L-B99A9384",
        "Please raise concurrent executions to 10,000. A viral post brings 10,000 messages a second for ten minutes; "
        "functions run 15 to 400 ms, at 512 to 1,024 MB.",
    ),
    Quota("Lambda: growth of a function", "1,000 per 10 s", "the same", "fixed"),
    Quota(
        "SQS: pollers of a queue",
        "5 at first, 300 more a minute",
        "provisioned mode, 1,000 more a minute",
        "ProvisionedPollerConfig of the event source",
    ),
    Quota(
        "SQS FIFO, high throughput: calls a second",
        "70,000 in the largest regions, 2,400 in the smallest",
        "10,000, if no webhook bundles",
        "Service Quotas; the template asks for perMessageGroupId",
    ),
    Quota("SQS: messages in flight", "120,000 a queue", "50,000: ten for each of intake's environments", "fixed"),
    Quota("SQS FIFO: one group", "one batch at a time", "the same", "fixed: a group is one person's, see below"),
    Quota(
        "DynamoDB: write units of a table",
        "40,000",
        "300,000, warmed",
        "Service Quotas, table-level write throughput; WarmThroughput of the table",
        "Please raise the on-demand write throughput of one table to 300,000 units a second. We will warm it "
        "(WarmThroughput) before announced events.",
    ),
    Quota("DynamoDB: one partition", "1,000 write units", "the same", "fixed: more index shards are the answer"),
    Quota(
        "DynamoDB stream: batches at once",
        "4 a shard, a shard for each partition",
        "10 a shard",
        "ParallelizationFactor in infra/template",
    ),
    Quota(
        "Step Functions: StartExecution",
        "300/s, bucket 1,300",
        "10,000/s",
        "Service Quotas, StartExecution throttle token bucket size and refill rate",
        "Please raise StartExecution for Standard workflows to a refill of 10,000 a second with a bucket of 10,000. "
        "Executions wait in one state and most are stopped while they wait.",
    ),
    Quota(
        "Step Functions: open executions",
        "1,000,000",
        "10,000,000",
        "Service Quotas, maximum open executions",
        "Please raise open Standard executions to 10,000,000: one for each open case, waiting until its deadline.",
    ),
    Quota("SNS: publishes", "30,000/s", "the same", "Service Quotas"),
    Quota("Slack: messages a channel", "about 1/s", "the same", "fixed: digests are the answer"),
)
