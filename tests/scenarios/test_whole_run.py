"""Every call to AWS that a function made in this whole run, whichever test had it do so, is held against its role.

Stories run functions in this process or in others; all they asked of AWS is added up, and this comes last.
"""

import json
from typing import Any

import pytest

from infra.local.iam.ledger import WHOLE, Ledger
from infra.local.iam.roles import Allowed, policy
from infra.local.iam.wire import Needed
from infra.local.running import playing
from infra.local.stack import Function, Stack
from tests.scenarios.world import World

MANY = 5


def test_no_function_asked_for_more_than_its_role_allows_and_none_is_allowed_what_it_never_asks(
    record_property: Any,
) -> None:
    if len(WHOLE.stacks) < MANY:
        pytest.skip("of one story alone only its own test can judge")
    record_property("calls of functions", WHOLE.calls.total())
    record_property("assembled stacks", len(WHOLE.stacks))
    record_property("used but not allowed", len(WHOLE.denials()))
    record_property("allowed but never used", len(WHOLE.never_used()))
    assert WHOLE.denials() == []
    assert WHOLE.never_used() == []


def test_the_timers_machine_may_do_what_it_does_and_nothing_else(world: World) -> None:
    """It runs in no process of ours; what it does is written in its definition."""
    stack = world.heed.stack
    machine = json.loads((stack_directory() / "sla.asl.json").read_text())
    tasks = [one for one in machine["States"].values() if one["Type"] == "Task"]
    assert [(one["Resource"], one["Parameters"]["QueueUrl"]) for one in tasks] == [
        ("arn:aws:states:::sqs:sendMessage", "${TimersUrl}")
    ]
    wanted = {Allowed("sqs:SendMessage", stack.attribute("Timers", "Arn"))}
    assert policy(stack, stack.attribute("SlaTimerRole", "Arn")) == wanted


def stack_directory() -> Any:
    from infra.template.resources import MACHINE

    return MACHINE.parent


# -- the ledger itself can find something -------------------------------------------------------------------------


def _stack(*teams: str) -> Stack:
    statements = [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:q:team-{team}"} for team in teams]
    policies = {"role": [{"PolicyDocument": {"Statement": statements}}]}
    return Stack("s", {"Desk": Function("Desk", "desk", "arn", "h", 1, 1, role="role")}, {}, {}, policies)


def test_one_teams_queue_stands_for_all_and_another_function_for_none() -> None:
    ledger, stack = Ledger(), _stack("social", "messages")
    ledger.of(stack)
    assert len(ledger.never_used()) == 1
    with playing(stack, "desk") as desk:
        ledger.called(desk, [Needed("sqs:SendMessage", "arn:q:team-social")], [])
    assert ledger.never_used() == []
    ledger.called(desk, [Needed("sqs:DeleteQueue", "arn:q:x")], [Needed("sqs:DeleteQueue", "arn:q:x")])
    assert ledger.denials() == ["Desk: sqs:DeleteQueue on arn:q:x"]
