"""The demo's audit: a storm ends with nothing lost, and whatever is planted into its traces is found."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event

import pytest

from chalicelib.domain.message import Direction
from chalicelib.domain.timeline import Fact
from chalicelib.slack.cards import POST
from chalicelib.storage import layout
from chalicelib.wiring import wired
from infra.config import compiled
from infra.local.clients import clients
from infra.local.demo import rest
from infra.local.demo.agents import Agent, agents, shown
from infra.local.demo.assembly import Demo, assembled
from infra.local.demo.check import Evidence, audit, native_id
from infra.local.demo.play import POLICY
from infra.local.demo.report import evidence, report
from infra.local.demo.storm import Sender, plan
from infra.local.demo.targets import IN_A_STORM, WITH_A_PERSON, Hurry, shortened
from infra.local.demo.truth import Truth, read
from tests.scenarios.conftest import within_its_role

CUSTOMERS = 12


# -- the shortened policy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hurry", [IN_A_STORM, WITH_A_PERSON])
def test_promises_are_shortened_in_their_order_and_keep_the_share_of_their_warning(hurry: Hurry) -> None:
    policy = compiled(POLICY)
    short = shortened(policy, hurry)
    for metric in ("first_response", "resolution"):
        old, new = (
            [one for p in each["promises"] for one in p["targets"] if one["metric"] == metric]
            for each in (policy, short)
        )
        spans = [one["within"] for one in new]
        assert (min(spans), max(spans)) == hurry.of(metric)
        assert spans == sorted(spans)
        for before, after in zip(old, new, strict=True):
            assert after["warn_before"] == pytest.approx(
                after["within"] * before["warn_before"] / before["within"], abs=1
            )
    assert {key: value for key, value in short.items() if key != "promises"} == {
        key: value for key, value in policy.items() if key != "promises"
    }


def test_one_promise_alone_gets_the_shortest_time() -> None:
    promise = {"targets": [{"metric": "resolution", "within": 3600, "warn_before": 900}]}
    [only] = shortened({"promises": [promise]}, Hurry((1, 2), (10, 20)))["promises"]
    assert only["targets"] == [{"metric": "resolution", "within": 10, "warn_before": 2}]


# -- a storm, and what is planted into its traces ------------------------------------------------------------------


@dataclass
class Played:
    """A storm that has come to rest."""

    demo: Demo
    sender: Sender
    team: list[Agent]
    before: Truth

    def evidence(self) -> Evidence:
        return evidence(self.demo, self.sender.deliveries, self.team, self.before)

    def problems(self) -> list[tuple[str, str]]:
        return [(one.kind, one.what) for one in audit(self.evidence())]


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    policy = shortened(compiled(POLICY), Hurry((2, 3), (4, 5)))
    with within_its_role(), assembled(policy) as demo:
        stop = Event()
        before = read(wired.settings.table)
        team = agents(demo.slack, seed=1, share=0.8)
        sender = Sender(demo.heed.url, demo.accounts, stop)
        for agent in team:
            agent.start()
        sender.play(plan(CUSTOMERS, 1, demo.accounts, 3.0))
        assert rest.wait(demo, team, stop) == ""
        for agent in team:
            agent.stop()
        yield Played(demo, sender, team, before)


def test_a_storm_ends_with_nothing_lost_and_nothing_doubled(played: Played) -> None:
    found = played.evidence()
    told = report(found, audit(found), played.demo.slack, 1.0)
    assert told["problems"] == []
    assert (told["lost"], told["doubled"]) == (0, 0)
    assert told["accepted"] == told["requests"] >= CUSTOMERS
    assert told["cases"] == told["cards"] == CUSTOMERS
    assert told["replies"]["sent"] == len(played.demo.networks.posts()) > 0
    assert told["warnings"] > 0
    assert told["breaches"] > 0
    assert sum(one["messages"] for one in told["channels"].values()) == told["messages"]


def test_a_message_that_vanished_is_lost(played: Played) -> None:
    message = played.evidence().new.inbound()[0]
    key = {name: {"S": value} for name, value in layout.message_key(message.brand, message.id)._asdict().items()}
    table = {"TableName": wired.settings.table}
    item = clients()("dynamodb").get_item(**table, Key=key)["Item"]
    clients()("dynamodb").delete_item(**table, Key=key)
    try:
        [(kind, what)] = played.problems()
        assert (kind, what.rpartition(" is ")[2]) == ("lost", "not there")
    finally:
        clients()("dynamodb").put_item(**table, Item=item)
    assert played.problems() == []


def test_a_message_with_other_words_than_sent_is_lost(played: Played) -> None:
    found = played.evidence()
    message = next(one for one in found.new.inbound() if one.deleted_at is None)
    twisted = {**found.truth.messages, (message.brand, message.id): replace(message, text="?", edit=None)}
    [problem] = audit(replace(found, truth=replace(found.truth, messages=twisted)))
    assert (problem.kind, str(message.native_id).rpartition(":")[2] in problem.what) == ("lost", True)


def test_a_message_nobody_sent_is_a_double(played: Played) -> None:
    found = played.evidence()
    again = replace(found.new.inbound()[0], id="again")
    more = {**found.new.messages, (again.brand, again.id): again}
    assert [one.kind for one in audit(replace(found, new=replace(found.new, messages=more)))] == ["doubled"]


def test_a_message_whose_webhook_was_refused_was_never_promised(played: Played) -> None:
    found = played.evidence()
    victim = next(one.planned for one in found.deliveries if one.planned.expect is not None)
    name = victim.network, native_id(victim)
    same = [
        one.planned.request.body for one in found.deliveries if (one.planned.network, native_id(one.planned)) == name
    ]
    refused = [replace(one, status=503) if one.planned.request.body in same else one for one in found.deliveries]
    held = {key: one for key, one in found.new.messages.items() if (one.channel, one.native_id) != name}
    fewer = replace(found.truth, messages={}), replace(found.new, messages=held)
    lost = [one.what for one in audit(replace(found, deliveries=refused, truth=fewer[0], new=fewer[1]))]
    assert not any(native_id(victim) in what.split() for what in lost)
    assert lost


def test_an_answer_posted_twice_is_a_double(played: Played) -> None:
    ledger = played.demo.networks.ledger
    ledger.add(replace(ledger.posts[0], id="again"))
    try:
        assert [kind for kind, _ in played.problems()] == ["doubled"]
    finally:
        ledger.posts.pop()


def test_an_answer_that_is_not_on_the_network_is_lost(played: Played) -> None:
    ledger = played.demo.networks.ledger
    gone = ledger.posts.pop()
    try:
        assert [kind for kind, _ in played.problems()] == ["lost", "lost"]
    finally:
        ledger.posts.append(gone)


def test_an_answer_to_somebody_else_is_lost(played: Played) -> None:
    ledger = played.demo.networks.ledger
    right = ledger.posts[0]
    ledger.change(right, parent="somebody else", recipient="somebody else")
    try:
        [(kind, what)] = played.problems()
        assert (kind, what.endswith("went to somebody else")) == ("lost", True)
    finally:
        ledger.change(ledger.posts[0], parent=right.parent, recipient=right.recipient)


def test_words_nobody_asked_for_are_a_double(played: Played) -> None:
    ledger = played.demo.networks.ledger
    ledger.add(replace(ledger.posts[0], id="again", text="Hello from nobody"))
    try:
        assert [kind for kind, _ in played.problems()] == ["doubled"]
    finally:
        ledger.posts.pop()


def test_a_card_that_is_gone_is_lost_and_one_too_many_is_a_double(played: Played) -> None:
    workspace = played.demo.slack.workspace
    card = next(one for one in workspace.messages if shown(one).get("post") == POST)
    card.gone = True
    try:
        assert [kind for kind, _ in played.problems()] == ["lost"]
    finally:
        card.gone = False
    workspace.messages.append(card)
    try:
        assert [kind for kind, _ in played.problems()] == ["doubled"]
    finally:
        workspace.messages.pop()


def test_a_line_told_twice_is_a_double(played: Played) -> None:
    workspace = played.demo.slack.workspace
    line = next(one for one in workspace.messages if shown(one).get("post", POST) != POST)
    workspace.messages.append(line)
    try:
        [(kind, what)] = played.problems()
        assert (kind, what.startswith("the line of ")) == ("doubled", True)
    finally:
        workspace.messages.pop()


def test_a_note_that_is_not_kept_is_lost(played: Played) -> None:
    found = played.evidence()
    kept = {key: one for key, one in found.new.messages.items() if one.direction is not Direction.NOTE}
    assert found.work.noted
    problems = audit(replace(found, new=replace(found.new, messages=kept)))
    assert {one.kind for one in problems} == {"lost"}
    assert len(problems) == len(found.work.noted)


def test_a_breach_nobody_noticed_is_lost_and_one_recorded_twice_is_a_double(played: Played) -> None:
    found = played.evidence()
    case = next(one for one in found.new.cases.values() if one.live and any(clock.running for clock in one.clocks))
    blind = replace(case, clocks=tuple(replace(clock, breached_at=None) for clock in case.clocks if clock.running))
    cases = {**found.new.cases, (case.brand, case.id): blind}
    assert {one.kind for one in audit(replace(found, new=replace(found.new, cases=cases)))} == {"lost"}

    breach = found.new.told(Fact.CLOCK_BREACHED)[0]
    twice = {**found.new.events, (breach.brand, breach.case_id, 999): replace(breach, seq=999)}
    kinds = [one.kind for one in audit(replace(found, new=replace(found.new, events=twice)))]
    assert "doubled" in kinds


def test_a_dead_letter_is_lost_and_says_why(played: Played) -> None:
    queue = played.demo.heed.stack.physical_id("OutboundDead")
    reason = {"reason": {"DataType": "String", "StringValue": "KeyError at chalicelib.somewhere:1"}}
    clients()("sqs").send_message(QueueUrl=queue, MessageBody="{}", MessageAttributes=reason)
    try:
        assert played.problems() == [("lost", "dead letter: OutboundDead: KeyError at chalicelib.somewhere:1")]
    finally:
        clients()("sqs").purge_queue(QueueUrl=queue)
