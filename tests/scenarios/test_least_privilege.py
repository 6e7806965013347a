"""Every function does all it can do, from the deployed zip and under its role: which permissions did it need?

The gate judges each request to AWS by the template's roles. What a role lacks is refused, so the story would break off;
what a role has and the story never needs is too much. What Lambda itself does under the role is left out.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.case import Case, Status
from chalicelib.domain.instants import iso
from chalicelib.domain.reply import Enclosure, ReplyState
from chalicelib.domain.timeline import Fact
from chalicelib.service.clocks import EARLY
from chalicelib.storage import census
from chalicelib.storage.config import ConfigStore
from chalicelib.wiring import now
from infra.doubles.networks.faults import Fault
from infra.doubles.networks.people import VOICES, Event
from infra.local.clients import clients
from infra.local.iam.roles import allowed, unused
from infra.local.iam.wire import Needed
from tests.build import BRAND
from tests.infra.waiting import eventually
from tests.scenarios.conftest import assembled
from tests.scenarios.oddities import in_two_workspaces, mailed, signed_request, strange, unheard_of
from tests.scenarios.people import Customer, customer
from tests.scenarios.test_a_file_for_the_customer import seen
from tests.scenarios.test_an_agents_shift import asks, orders, submit, window
from tests.scenarios.world import AGENTS, BOT_TOKEN, HURRY, MESSAGES, SIGNING_SECRET, World
from tests.scenarios.zipped import Deployed
from tests.simulation.check_audit import of_case

TEAM = "T0HEED"
PATIENT = 30.0
"""Seconds that Slack waits for workers that start while everything else does."""
LARGE = "I have a lot to say. " * 12_000


@pytest.fixture
def world() -> Iterator[World]:
    """New for each attempt: the story changes the policy on its way."""
    with ExitStack() as stack:
        yield assembled(stack, mailed(), answer_seconds=PATIENT, rate_limit=None)


@dataclass
class Tale:
    world: World
    deployed: Deployed

    # -- the chapters ---------------------------------------------------------------------------------------------

    def customers_write(self) -> Customer:
        """All that webhooks tell, also what nobody understands or what is meant for somebody else."""
        one = customer(self.world, "facebook")
        first = one.says("Where is my order?")
        one.tells(first)
        one.says(LARGE)
        one.tells(replace(first, kind="edit", text="Where are my orders?", at=datetime.now(UTC)))
        one.tells(replace(first, kind="reaction", at=datetime.now(UTC)))
        self.tells_raw(one, first, unheard_of)
        self.tells_raw(one, first, strange)
        self.world.card(one.case)
        eventually(lambda: len(self.kept("unknown/")) + len(self.kept("stranger/")) >= 2)
        eventually(lambda: not self.kept("inbound/"))
        self.told_again("inbound/gone.json")
        return one

    def told_again(self, ref: str) -> None:
        """What came by reference was taken, and the queue offers it once more."""
        told = {"channel": "facebook", "hook": "harbor-facebook", "received_at": iso(datetime.now(UTC)), "ref": ref}
        self.sends("Inbound", told, MessageGroupId="again", MessageDeduplicationId=ref)
        eventually(lambda: not self.world.waiting("Inbound"))

    def an_agent_works(self, one: Customer) -> None:
        world, case = self.world, one.case
        for text in ("take", "priority high", "tag refund", "she is right"):
            orders(world, case, text)
        eventually(lambda: Fact.NOTE_ADDED in world.facts(case))
        assert world.slack.open_home(AGENTS["ana"]).ok
        for text in ("mine", "report", "back", "on-call", f"case {case.id}"):
            asks(world, text)
        view = window(world, case, "case_reply")
        typed = {"text": {"text": "It is on its way."}}
        world.presses(view, "text", "ana", "It is on its way.", typed)
        submit(world, view, text="It is on its way.", file=[world.slack.upload("bill.pdf", b"%PDF", AGENTS["ana"])])
        eventually(lambda: world.facts(case).count(Fact.REPLY_SENT) == 2)
        assert seen(world, case) == b"%PDF"
        other = customer(world, "facebook")
        other.says("Me too", "comment")
        view = window(world, case, "case_more")
        world.slack.close_view(world.presses(view, "case_merge", "ana")["id"], AGENTS["ana"])
        self.hides(other)
        naps = window(world, other.case, "case_snooze_until")
        world.presses(naps, "case_snooze~60", "ana")
        eventually(lambda: world.case(other.case).snoozed_until)

    def hides(self, other: Customer) -> None:
        view = window(self.world, other.case, "case_more")
        form = self.world.presses(view, "case_moderate", "ana")
        chosen = {
            block["block_id"]: block["element"]["options"][0]["value"]
            for block in form["blocks"]
            if block["block_id"] in ("message", "act")
        }
        submit(self.world, form, **chosen, text="Insults")
        eventually(lambda: Fact.ACT_DONE in self.world.facts(other.case))

    def people_come_and_go(self) -> None:
        """Ana is there and is given cases; what Tom had goes back."""
        world = self.world
        for agent, *presses in (("ana", "home_back"), ("tom", "home_back", "home_away")):
            assert world.slack.open_home(AGENTS[agent]).ok
            world.done()
            for press in presses:
                world.presses(world.slack.views.homes[AGENTS[agent]], press, agent)
        one = customer(world, "facebook")
        one.says("What a scandal!")
        eventually(lambda: world.case(one.case).assignee == "ana")

    def a_network_asks_to_wait(self) -> None:
        """And somebody asks for the answer before its time."""
        one = customer(self.world, "telegram")
        one.says("And mine?")
        self.world.networks.faults.add("telegram", Fault("rate_limited", seconds=3))
        reply = self.world.answer(one.case, "Yours, too.")
        eventually(lambda: Fact.REPLY_DEFERRED in self.world.facts(one.case))
        self.sends("Outbound", {"brand": BRAND, "reply_id": reply.id})
        eventually(lambda: self.world.reply(reply.id).state is ReplyState.SENT)

    def a_file_is_gone(self) -> None:
        """Before the network could have it that wants it handed over."""
        one = customer(self.world, "x")
        one.says("And my label?")
        words = self.world.answer(one.case, "Here it is.")
        eventually(lambda: self.world.reply(words.id).state is ReplyState.SENT)
        gone = Enclosure("files/gone/label.png", "label.png", "image/png", 9)
        late = replace(words, id="gone", text="", file=gone, state=ReplyState.QUEUED, version=0)
        self.world.store.commit(late)
        self.sends("Outbound", {"brand": BRAND, "reply_id": late.id})
        eventually(lambda: self.world.reply(late.id).reason == "not_kept")

    def slack_asks_to_wait(self) -> None:
        """On each queue of the desk."""
        said = {"And now?": "TeamMessages", "A scandal!": "TeamEscalations", f"Now, {HURRY}": "Urgent"}
        for text, queue in said.items():
            self.world.slack.fail("chat.postMessage", "ratelimited", 1000, retry_after=1)
            one = customer(self.world, "facebook")
            one.says(text)
            eventually(partial(self.offered_again, "Desk", queue))
            self.world.slack.faults.clear()
            self.world.card(one.case)

    def slack_does_not_say_whose_thread_it_is(self) -> None:
        """Words below what looks like a card of a moment ago: they are looked at again soon."""
        workspace = self.world.slack.workspace
        root = workspace.post(MESSAGES, workspace.bot_author(), {"text": "a card?"})
        self.world.slack.fail("conversations.replies", "server_error")
        assert self.world.slack.say(MESSAGES, root.ts, "Whose is it?", AGENTS["ana"]).ok
        self.world.done()

    def a_timer_is_early(self) -> None:
        """It rings a moment before it should, until the clock's worker has put one off."""
        one = customer(self.world, "facebook")
        one.says(f"Today, {HURRY}")
        case = one.case

        def put_off() -> bool:
            checkpoint = self.world.case(case).next_checkpoint
            if checkpoint and timedelta() < checkpoint.at - datetime.now(UTC) < EARLY:
                self.sends("Timers", {"brand": case.brand, "case_id": case.id})
            return self.offered_again("Clock", "Timers")

        eventually(put_off)

    def offered_again(self, function: str, queue: str) -> bool:
        """Whether the function has put work back into this queue."""
        arn = self.world.heed.stack.attribute(queue, "Arn")
        return Needed("sqs:SendMessage", arn) in self.deployed.gate.used[function]

    def poison_comes(self) -> None:
        for queue in ("Timers", "Outbound", "Urgent", "TeamMessages", "TeamEscalations"):
            self.sends(queue, {"what": "is this"})
        for queue in ("Inbound", "Slack"):
            self.sends(queue, {"what": "is this"}, MessageGroupId="poison", MessageDeduplicationId="poison")
        graves = ["TimersDead", "OutboundDead", "UrgentDead", "TeamMessagesDead", "TeamEscalationsDead"]
        graves += ["InboundDead", "SlackDead"]
        eventually(lambda: all(self.world.waiting(grave) for grave in graves))

    def the_stream_is_off(self, one: Customer) -> None:
        """What the sweeper and the auditor find: a breach that no timer told, and effects that nobody did.

        What is revealed in passing the publisher lets the clocks' worker follow, or the sweeper in its place.
        """
        world = self.world
        solved = customer(world, "facebook")
        solved.says("Which day?")
        world.card(solved.case)
        world.settle()
        with self.paused("clock"):
            self.comes_to_light(self.in_a_hurry())
            hasty = self.in_a_hurry()
            with self.paused("publisher"):
                late = self.too_late()
                self.comes_to_light(hasty)
                world.answer(one.case, "It has left.")
                orders(world, solved.case, "resolve")
                eventually(lambda: world.case(solved.case).status is Status.SOLVED)
                world.runtime.fire("auditor")
                eventually(lambda: Fact.CLOCK_BREACHED in world.facts(late))
                self.ages("pending_at")
                world.runtime.fire("sweeper")
        world.card(late)

    def in_a_hurry(self) -> Case:
        one = customer(self.world, "facebook")
        one.says(f"At once, {HURRY}")
        self.world.card(one.case)
        return one.case

    def comes_to_light(self, case: Case) -> None:
        """Its promise broke while nobody looked; that somebody closes it reveals that."""
        eventually(lambda: case.due_at and datetime.now(UTC) > case.due_at)
        orders(self.world, case, "resolve")
        eventually(lambda: Fact.CLOCK_BREACHED in self.world.facts(case))

    def too_late(self) -> Case:
        """Somebody's hurry was over before we heard of it."""
        one = customer(self.world, "facebook")
        one.tells(replace(one.event(f"An answer, {HURRY}"), at=datetime.now(UTC) - timedelta(minutes=2)))
        return one.case

    def summaries_are_told(self) -> None:
        """What was gathered is told when its time has come, and cases that wait are given out."""
        world = self.world
        for _ in range(2):
            late = self.too_late()
            eventually(partial(self.notified, late))
        world.settle()
        self.ages("window_end")
        world.runtime.fire("herald")

    def somebody_asks_to_be_forgotten(self, one: Customer) -> None:
        """One of whose words a large one waits in a dead letter."""
        waiting = json.dumps({"sender": {"id": one.person.id}}).encode()
        bucket = self.world.heed.stack.physical_id("Archive")
        clients()("s3").put_object(Bucket=bucket, Key="inbound/stuck.json", Body=waiting)
        told = {"algorithm": "HMAC-SHA256", "user_id": one.person.id}
        body = urlencode({"signed_request": signed_request(told, one.account.secret)}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, text = self.world.http(f"/privacy/meta/{one.account.key}", headers, body)
        assert status == 200
        for _ in range(2):
            self.world.runtime.fire("eraser")
        code = json.loads(text)["confirmation_code"]
        assert "was carried out" in self.world.http(f"/privacy/status/{code}", {}, b"", "GET")[1]
        assert self.world.http(f"/privacy/status/{'a' * 20}", {}, b"", "GET")[0] == 404
        kept = [key for prefix in ("inbound/", "unknown/", "stranger/") for key in self.kept(prefix)]
        bodies = [clients()("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in kept]
        assert not any(f'"{one.person.id}"' in body for body in bodies)

    def schedules_run(self) -> None:
        """And whoever looks at a page warms the door up."""
        for name in ("herald", "eraser", "auditor", "sweeper"):
            self.world.runtime.fire(name)
        assert self.world.http(f"/privacy/status/{'a' * 20}", {}, b"", "GET")[0] == 404

    def another_policy_comes(self) -> None:
        """With several workspaces, each with secrets of its own, and another promise for the cases that live."""
        path = f"/heed/local/slack/{TEAM}"
        secret = json.dumps({"signing_secrets": [SIGNING_SECRET], "token": BOT_TOKEN})
        clients()("ssm").put_parameter(Name=path, Value=secret, Type="SecureString")
        ConfigStore(self.world.store.table).push(in_two_workspaces())
        self.world.settle()
        self.deployed.restart()
        self.schedules_run()

    # -- means ----------------------------------------------------------------------------------------------------

    def tells_raw(self, one: Customer, event: Event, change: Callable[[dict[str, Any]], None]) -> None:
        """What a network might send some day."""
        request = one.request(event)
        body = json.loads(request.body)
        change(body["entry"][0])
        raw = json.dumps(body).encode()
        headers = VOICES["facebook"].sign(one.account, event, raw)
        assert self.world.hook(replace(request, headers=headers, body=raw)) == 200

    def kept(self, prefix: str) -> list[str]:
        bucket = self.world.heed.stack.physical_id("Archive")
        found = clients()("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for one in found.get("Contents", ())]

    def sends(self, queue: str, body: Mapping[str, Any], **more: str) -> None:
        url = self.world.heed.stack.physical_id(queue)
        clients()("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body), **more)

    def notified(self, case: Case) -> bool:
        return Fact.CASE_NOTIFIED in self.world.facts(case)

    def ages(self, attribute: str) -> None:
        """Every row that has this moment says that it was an hour ago."""
        table = self.world.heed.stack.physical_id("CareTable")
        hour = (datetime.now(UTC) - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        db = clients()("dynamodb")
        for item in db.scan(TableName=table, ConsistentRead=True)["Items"]:
            if attribute in item:
                key = {name: item[name] for name in ("pk", "sk")}
                change = {attribute: {"Value": {"S": hour}, "Action": "PUT"}}
                db.update_item(TableName=table, Key=key, AttributeUpdates=change)

    @contextmanager
    def paused(self, function: str) -> Iterator[None]:
        self.world.runtime.pause(function)
        try:
            yield
        finally:
            self.world.runtime.resume(function)


def test_every_permission_is_needed_and_no_other_is(deployed: Deployed, record_property: Any) -> None:
    world, gate = deployed.world, deployed.gate
    tale = Tale(world, deployed)
    tale.schedules_run()
    one = tale.customers_write()
    tale.an_agent_works(one)
    tale.summaries_are_told()
    tale.somebody_asks_to_be_forgotten(tale.customers_write())
    tale.another_policy_comes()
    tale.people_come_and_go()
    tale.a_network_asks_to_wait()
    tale.a_file_is_gone()
    tale.slack_asks_to_wait()
    tale.slack_does_not_say_whose_thread_it_is()
    tale.a_timer_is_early()
    tale.poison_comes()
    tale.the_stream_is_off(one)
    tale.summaries_are_told()
    tale.somebody_asks_to_be_forgotten(one)
    assert [finding for case in census.cases(world.store, BRAND) for finding in of_case(world.store, case, now())] == []
    too_much = unused(world.heed.stack, gate.used)
    refused = [(function, call) for function, calls in gate.refused.items() for call in calls]
    record_property("calls", sum(gate.calls.values()))
    functions = world.heed.stack.functions
    record_property("permissions", sum(len(allowed(world.heed.stack, each)) for each in functions.values()))
    record_property("used but not allowed", len(refused))
    record_property("allowed but never used", len(too_much))
    assert gate.calls.keys() == functions.keys()
    assert refused == []
    assert too_much == []
