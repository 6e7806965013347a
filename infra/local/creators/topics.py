"""SNS topics and subscriptions."""

from infra.local.creators.order import Order, as_json, as_text
from infra.local.stack import Resource

_POLICIES = ("FilterPolicy", "RedrivePolicy", "DeliveryPolicy")


def create_topic(order: Order) -> Resource:
    fifo = str(order.take("FifoTopic", "false")).lower() == "true"
    name = order.name("TopicName", ".fifo" if fifo else "")
    attributes = {key: as_text(v) for key, v in order.take_all("DisplayName", "ContentBasedDeduplication").items()}
    if fifo:
        attributes["FifoTopic"] = "true"
    subscriptions = order.take("Subscription", [])
    order.ignore("KmsMasterKeyId", "SignatureVersion", "TracingConfig", "DeliveryStatusLogging", "Tags")
    order.check()
    sns = order.clients("sns")
    arn = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    for subscription in subscriptions:
        sns.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
    return order.made(arn, TopicArn=arn, TopicName=name)


def create_subscription(order: Order) -> Resource:
    attributes = {key: as_json(value) for key, value in order.take_all(*_POLICIES).items()}
    plain = order.take_all("FilterPolicyScope", "RawMessageDelivery")
    attributes |= {key: as_text(value) for key, value in plain.items()}
    request = order.take_all("TopicArn", "Protocol", "Endpoint")
    order.check()
    answer = order.clients("sns").subscribe(**request, Attributes=attributes, ReturnSubscriptionArn=True)
    return order.made(answer["SubscriptionArn"], Arn=answer["SubscriptionArn"])
