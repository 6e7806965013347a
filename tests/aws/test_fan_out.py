"""Twenty teams, twenty who write at once: each team gets all of its own news and nobody else's."""

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.aws.clients import client
from chalicelib.aws.effects import AwsEffects, attributes
from chalicelib.domain.effects import CASE_EVENTS, Publish
from chalicelib.domain.timeline import Fact
from infra.template.resources import URGENT, resources
from infra.template.words import camel
from tests.aws.conftest import queue, received, settings
from tests.domain.test_small_words import timeline_event

pytestmark = pytest.mark.usefixtures("aws")

TEAMS = [f"team-{number}" for number in range(20)]
ODD: list[Any] = [None, "", "team-1 ", "TEAM-1", "team-99", "team-10x", "nobody"]


def policies() -> dict[str, Mapping[str, Any]]:
    """The filter of each team, as it is deployed."""
    made = resources("dev", TEAMS)["Resources"]
    return {team: made[f"Team{camel(team)}Subscription"]["Properties"]["FilterPolicy"] for team in TEAMS}


def subscribed(teams: list[str]) -> tuple[str, dict[str, str]]:
    """The topic, with the teams' queues behind their filters."""
    topic: str = client("sns").create_topic(Name="heed-dev-case-events")["TopicArn"]
    urls = {team: queue(f"heed-dev-team-{team}") for team in teams}
    for team, only in policies().items():
        if team in teams:
            arn = f"arn:aws:sqs:us-east-1:123456789012:heed-dev-team-{team}"
            said = {"FilterPolicy": json.dumps(only), "RawMessageDelivery": "true"}
            client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=said)
    return topic, urls


def taken(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while more := received(url):
        found += [json.loads(str(one["Body"])) for one in more]
        for one in more:
            client("sqs").delete_message(QueueUrl=url, ReceiptHandle=str(one["ReceiptHandle"]))
    return found


def told_by_all(each: int) -> dict[str, list[dict[str, Any]]]:
    """Producer and consumer of every team at once; of each producer's news the teams take turns."""
    topic, urls = subscribed(TEAMS)
    effects = AwsEffects(settings(case_events_arn=topic), lambda: 0.0)

    def produce(producer: int) -> None:
        for number in range(each):
            team = TEAMS[(producer + number) % len(TEAMS)]
            event = timeline_event(Fact.NOTE_ADDED, case_id=f"p{producer}", seq=number, queue=team)
            effects.publish(Publish(CASE_EVENTS, event))

    with ThreadPoolExecutor(len(TEAMS)) as pool:
        list(pool.map(produce, range(len(TEAMS))))
        return dict(zip(TEAMS, pool.map(taken, urls.values()), strict=True))


@pytest.mark.parametrize("each", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_all_news_come_out_once_and_at_the_right_team(each: int, record_property: Any) -> None:
    found = told_by_all(each)
    assert all(one["queue"] == team for team, news in found.items() for one in news)
    out = Counter((one["case_id"], one["seq"]) for news in found.values() for one in news)
    assert len(out) == len(TEAMS) * each and set(out.values()) == {1}
    record_property("fan-out", f"{len(out)} news of {len(TEAMS)} teams, all at the right one")


def sets_of_attributes() -> list[dict[str, Any]]:
    """Five hundred: every fact for two teams with each odd queue, and with attributes missing."""
    plain = attributes(timeline_event(Fact.NOTE_ADDED, queue="team-1"))
    facts = [{**plain, "queue": team, "fact": fact.value} for fact in Fact for team in ("team-1", "team-2", *ODD)]
    bare = [{key: value for key, value in one.items() if key not in left} for one in facts[:60] for left in LEFT_OUT]
    return [*facts, *bare][:500]


LEFT_OUT = (("queue",), ("fact",), ("queue", "fact"), ("brand",), ("priority", "channel"))


def belongs(one: dict[str, Any], team: str) -> bool:
    """What the deployed filter is to let through; SNS lets nothing through of which a named attribute is missing."""
    return one.get("queue") == team and bool(one.get("fact")) and one["fact"] not in URGENT


def test_of_five_hundred_sets_of_attributes_a_team_gets_exactly_its_own() -> None:
    topic, urls = subscribed(["team-1", "team-2"])
    sets = sets_of_attributes()
    assert len(sets) == 500
    for number, one in enumerate(sets):
        said = {key: {"DataType": "String", "StringValue": value} for key, value in one.items() if value}
        client("sns").publish(TopicArn=topic, Message=json.dumps({"n": number}), MessageAttributes=said)
    for team, url in urls.items():
        expected = {number for number, one in enumerate(sets) if belongs(one, team)}
        assert expected and {one["n"] for one in taken(url)} == expected
