"""SQS queues and their policies."""

from infra.local.creators.order import Order, as_json, as_text
from infra.local.stack import Resource

_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "VisibilityTimeout",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "MaximumMessageSize",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "RedriveAllowPolicy",
)


def create_queue(order: Order) -> Resource:
    fifo = str(order.take("FifoQueue", "false")).lower() == "true"
    name = order.name("QueueName", ".fifo" if fifo else "")
    attributes = {key: as_text(value) for key, value in order.take_all(*_ATTRIBUTES).items()}
    if fifo:  # SQS refuses FifoQueue=false
        attributes["FifoQueue"] = "true"
    order.ignore("KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "Tags")
    order.check()
    url = order.clients("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return order.made(url, Arn=order.place.arn("sqs", name), QueueName=name, QueueUrl=url)


def create_queue_policy(order: Order) -> Resource:
    queues, policy = order.take("Queues"), order.take("PolicyDocument")
    order.check()
    for url in queues:
        order.clients("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": as_json(policy)})
    return order.made(f"{order.place.stack}-{order.logical_id}")
