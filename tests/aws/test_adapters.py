"""The adapters against moto: queues, topics, timers, buckets and secrets."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws import queues
from chalicelib.aws import vault as vaults
from chalicelib.aws.archive import S3Archive
from chalicelib.aws.clients import client
from chalicelib.aws.effects import AwsEffects
from chalicelib.aws.errands import SqsErrands
from chalicelib.aws.fragments import NotQueued, SqsFragments, batches
from chalicelib.aws.vault import SsmVault
from chalicelib.domain.effects import Arm, Deliver, Disarm, Publish, Pursue
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import QueueRefused
from tests.aws.conftest import REGION, queue, received, settings
from tests.build import BRAND, NOON
from tests.domain.test_small_words import timeline_event

pytestmark = pytest.mark.usefixtures("aws")

ENTRIES = st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3), st.text("ab", max_size=50)), max_size=60)


@given(ENTRIES)
def test_batches_keep_the_order_and_the_limits(entries: list[tuple[str, str, str]]) -> None:
    found = list(batches(entries))
    assert [entry for batch in found for _, entry in batch] == entries
    assert all(1 <= len(batch) <= 10 for batch in found)
    assert len(found) == -(-len(entries) // 10)


def test_large_fragments_share_no_batch() -> None:
    assert [len(batch) for batch in batches([("g", str(n), "x" * 150_000) for n in range(3)])] == [1, 1, 1]


def test_fragments_arrive_in_their_groups() -> None:
    url = queue("heed-inbound.fifo")
    SqsFragments(url).send([("g", f"d{n}", f'{{"n":{n}}}') for n in range(12)])
    assert len(received(url)) == 10


def test_a_fragment_the_queue_refuses_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def send_message_batch(self, **arguments: Any) -> dict[str, Any]:
            return {"Failed": [{"Id": "0", "Code": "InternalError"}]}

    monkeypatch.setattr("chalicelib.aws.fragments.client", lambda service: Refusing())
    with pytest.raises(NotQueued, match="1 of 1 fragments: InternalError"):
        SqsFragments("url").send([("g", "d", "{}")])


def test_an_errand_sent_twice_is_there_once() -> None:
    url = queue("heed-slack.fifo")
    for _ in range(3):
        SqsErrands(url).send("person", "press", '{"n":1}')
    SqsErrands(url).send("person", "another", '{"n":2}')
    assert [one["Body"] for one in received(url)] == ['{"n":1}', '{"n":2}']


def test_a_queue_that_is_away_refuses() -> None:
    with pytest.raises(QueueRefused):
        SqsErrands("https://queue.example/nowhere").send("person", "press", "{}")


def test_what_failed_is_shown_again_when_it_is_to_be() -> None:
    url = queue("heed-slack.fifo")
    SqsErrands(url).send("person", "press", "{}")
    (message,) = received(url)
    failed = record("heed-slack.fifo", receiptHandle=message["ReceiptHandle"])
    assert received(url) == []
    queues.show_again(failed, ())
    assert received(url) == []
    queues.show_again(failed, (0,))
    assert len(received(url)) == 1
    queues.show_again(record("heed-gone.fifo", receiptHandle="r"), (0,))  # the queue decides, then


def test_news_reach_the_topic_with_attributes_that_filters_can_match() -> None:
    topic = client("sns").create_topic(Name="case-events")["TopicArn"]
    url = queue("team")
    target = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=target,
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"queue": ["messages"]})},
    )
    effects = AwsEffects(settings(case_events_arn=topic), Stopwatch())
    effects.publish(Publish("case-events", timeline_event(Fact.CASE_OPENED)))
    effects.publish(Publish("case-events", timeline_event(Fact.CASE_OPENED, queue="other")))
    [message] = received(url)
    news = json.loads(str(message["Body"]))
    assert (news["fact"], news["seq"], news["brand"]) == ("case.opened", 1, BRAND)


def test_arming_the_same_timer_twice_starts_it_once() -> None:
    definition = '{"StartAt":"a","States":{"a":{"Type":"Pass","End":true}}}'
    role = f"arn:aws:iam::{'1' * 12}:role/r"
    created = client("stepfunctions").create_state_machine(name="sla", definition=definition, roleArn=role)
    machine = created["stateMachineArn"]
    effects = AwsEffects(settings(state_machine_arn=machine), Stopwatch())
    for revision in (0, 1):
        effects.arm(Arm("one-name", BRAND, "case", revision, NOON))
    assert len(client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]) == 1


def test_a_sleeping_timer_is_stopped_and_one_that_is_not_there_is_no_error() -> None:
    definition = '{"StartAt":"a","States":{"a":{"Type":"Wait","Seconds":60,"End":true}}}'
    role = f"arn:aws:iam::{'1' * 12}:role/r"
    created = client("stepfunctions").create_state_machine(name="sla", definition=definition, roleArn=role)
    effects = AwsEffects(settings(state_machine_arn=created["stateMachineArn"]), Stopwatch())
    effects.arm(Arm("sleeps", BRAND, "case", 0, NOON))
    effects.arm(Arm("stays", BRAND, "case", 0, NOON))
    for name in ("sleeps", "sleeps", "never-started"):
        effects.disarm(Disarm(name))
    listed = client("stepfunctions").list_executions(stateMachineArn=created["stateMachineArn"])["executions"]
    assert {one["name"]: one["status"] for one in listed} == {"sleeps": "ABORTED", "stays": "RUNNING"}


def test_any_other_refusal_of_a_timer_is_an_error() -> None:
    effects = AwsEffects(
        settings(state_machine_arn=f"arn:aws:states:{REGION}:{'1' * 12}:stateMachine:none"), Stopwatch()
    )
    with pytest.raises(ClientError):
        effects.arm(Arm("name", BRAND, "case", 0, NOON))


def test_a_reply_is_handed_over_after_its_delay_at_most_a_quarter_of_an_hour() -> None:
    url = queue("outbound")
    effects = AwsEffects(settings(outbound_url=url), Stopwatch())
    effects.deliver(Deliver(BRAND, "r1"), NOON)
    effects.deliver(Deliver(BRAND, "r2", NOON + timedelta(days=1)), NOON)
    [message] = received(url)
    assert json.loads(str(message["Body"])) == {"brand": BRAND, "reply_id": "r1"}
    waiting = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessagesDelayed"] == "1"


def test_an_act_upon_a_message_takes_the_same_way() -> None:
    url = queue("outbound")
    AwsEffects(settings(outbound_url=url), Stopwatch()).deliver(Deliver(BRAND, action_id="a1"), NOON)
    [message] = received(url)
    assert json.loads(str(message["Body"])) == {"brand": BRAND, "action_id": "a1"}


def test_a_breach_that_came_to_light_goes_to_the_clock_worker() -> None:
    url = queue("timers")
    AwsEffects(settings(timers_url=url), Stopwatch()).pursue(Pursue(BRAND, "case-1", 7))
    [message] = received(url)
    assert json.loads(str(message["Body"])) == {"brand": BRAND, "case_id": "case-1", "breach": 7}


def test_bytes_come_back_as_they_were_kept() -> None:
    client("s3").create_bucket(Bucket="archive")
    archive = S3Archive("archive")
    assert archive.fetch(archive.keep("inbound", "abc", b"\x00raw")) == b"\x00raw"


def put(name: str, value: object) -> None:
    client("ssm").put_parameter(Name=f"/heed/dev/{name}", Value=json.dumps(value), Type="SecureString", Overwrite=True)


def test_the_vault_tells_what_an_account_needs_and_nothing_of_the_unknown() -> None:
    put("hooks/x/harbor-x", {"secrets": ["old", "new"], "token": "t"})
    vault = SsmVault("/heed/dev", Stopwatch())
    found = vault.hook("x", "harbor-x")
    assert found and (found.secrets, found.token) == (("old", "new"), "t")
    assert vault.hook("x", "other") is None
    assert vault.slack() == {}


@pytest.mark.parametrize("account", ["../slack", "", "a/b", "A", "x" * 64, "-x", "ü"])
def test_an_account_from_a_url_cannot_leave_its_place(account: str) -> None:
    put("slack", {"token": "secret"})
    assert SsmVault("/heed/dev", Stopwatch()).hook("x", account) is None


def test_a_rotated_secret_is_in_use_within_five_minutes_and_a_new_account_within_ten_seconds() -> None:
    stopwatch = Stopwatch()
    vault = SsmVault("/heed/dev", stopwatch)
    assert vault.hook("x", "harbor-x") is None
    put("hooks/x/harbor-x", {"secrets": ["old"]})
    seen = []
    for stopwatch.seconds in (9.9, 10.0, 309.0, 310.0):
        found = vault.hook("x", "harbor-x")
        seen.append(found and found.secrets)
        if found:
            put("hooks/x/harbor-x", {"secrets": ["new"]})
    assert seen == [None, ("old",), ("old",), ("new",)]


def test_who_knocks_at_doors_that_are_not_there_costs_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """And little memory, even if no two doors are the same."""
    stopwatch, asked = Stopwatch(), Counter[str]()
    vault = SsmVault("/heed/dev", stopwatch)
    client("ssm").meta.events.register("before-call", lambda params, **_: asked.update([params["body"]]))
    for stopwatch.seconds in (0.0, 5.0, 9.0):
        assert [vault.hook("x", f"nobody-{number % 5}") for number in range(500)] == [None] * 500
    assert asked.total() == 5
    monkeypatch.setattr(vaults, "MOST_ABSENT", 20)
    for number in range(30):
        vault.hook("x", f"other-{number}")
    assert len(vault.__dict__["_absent"]) <= 20


def test_while_ssm_is_away_what_it_said_last_is_used_on() -> None:
    stopwatch = Stopwatch()
    vault = SsmVault("/heed/dev", stopwatch)
    put("hooks/x/harbor-x", {"secrets": ["s"]})
    assert vault.hook("x", "harbor-x")

    def away(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="ssm")

    client("ssm").meta.events.register_first("before-call", away)
    stopwatch.seconds = 300.0
    found = vault.hook("x", "harbor-x")
    assert found and found.secrets == ("s",)
    with pytest.raises(EndpointConnectionError):
        vault.hook("x", "harbor-y")


def test_a_secret_that_is_no_json_object_is_an_error() -> None:
    for text in ('["xoxb"]', "xoxb-1"):
        client("ssm").put_parameter(Name="/heed/dev/slack", Value=text, Type="SecureString", Overwrite=True)
        with pytest.raises(ValueError, match=r"JSON|Expecting"):
            SsmVault("/heed/dev", Stopwatch()).slack()


def test_a_vault_that_cannot_be_read_is_an_error_not_a_no() -> None:
    put("hooks/x/harbor-x", {"secrets": ["s"]})
    client("ssm").meta.events.register_first("before-call", refuse)
    with pytest.raises(PermissionError):
        SsmVault("/heed/dev", Stopwatch()).hook("x", "harbor-x")
    client.cache_clear()


def refuse(**_: Any) -> None:
    raise PermissionError


class Stopwatch:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def record(name: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "messageId": "m1",
        "body": '{"a":1}',
        "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:{name}",
        "receiptHandle": "r1",
        "attributes": {"SentTimestamp": "1", "ApproximateReceiveCount": "1"},
    }
    return {**plain, **changes}


def test_work_offered_again_is_a_fresh_message_after_the_delay() -> None:
    url = queue("heed-timers")
    queues.again(record("heed-timers"), 0)
    queues.again(record("heed-timers"), 0.2)
    [message] = received(url)
    assert message["Body"] == '{"a":1}'


@pytest.mark.parametrize("name", ["heed-timers", "heed-inbound.fifo"])
def test_what_is_buried_says_why_by_which_code_and_since_when(name: str) -> None:
    url = queue(queues.dead_letter_queue(name))
    fifo = {"SentTimestamp": "17", "ApproximateReceiveCount": "5", "MessageGroupId": "g"}
    plain = {"SentTimestamp": "17", "ApproximateReceiveCount": "5"}
    for _ in range(1 if name == "heed-timers" else 2):
        queues.bury(record(name, attributes=fifo if name.endswith("fifo") else plain), "KeyError at x:1", "v1")
    [message] = received(url)
    told = {key: value["StringValue"] for key, value in dict(message["MessageAttributes"]).items()}  # type: ignore[call-overload]
    where = {"group": "g"} if name.endswith(".fifo") else {}
    assert told == {"reason": "KeyError at x:1", "code_version": "v1", "first_seen": "17", **where}
