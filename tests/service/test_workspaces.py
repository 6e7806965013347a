"""Several workspaces: every call goes where its channel is, and nobody can sign for another's workspace."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.config import Config, Slack
from chalicelib.domain.ids import digest
from chalicelib.domain.marks import mark
from chalicelib.service.bus import Bus
from chalicelib.service.ports import SlackRefused
from chalicelib.service.slack_inbox import words
from chalicelib.service.slack_inbox.badges import FRESH
from chalicelib.service.slack_inbox.who import ours
from chalicelib.service.workspaces import ByChannel, secrets_of
from chalicelib.slack.incoming import Said
from tests.service.floor import Floor
from tests.service.test_desk import Office
from tests.slack.samples import CARE, CONFIG, NOW, network

HILL, MILL = Slack("T0HILL", "A0HILL", secrets="slack/T0HILL"), Slack("T0MILL", "A0MILL", secrets="slack/T0MILL")
FAR = replace(CONFIG.queues["care"], key="far", slack="C0FAR0001", workspace="mill")
TWO = replace(
    CONFIG,
    slack=HILL,
    workspaces={"hill": HILL, "mill": MILL},
    queues={"care": replace(CONFIG.queues["care"], workspace="hill"), "far": FAR},
)


class Calls:
    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []

    def at(self, workspace: Slack) -> "Calls":
        self.made.append((workspace.team, ""))
        return self

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.made[-1] = (self.made[-1][0], method)
        return {"ok": True}


@pytest.mark.parametrize(("channel", "team"), [(CARE, "T0HILL"), ("C0FAR0001", "T0MILL"), ("U0ANA", "T0HILL")])
def test_a_call_goes_to_the_workspace_of_its_channel(channel: str, team: str) -> None:
    calls = Calls()
    ByChannel(TWO, calls.at).call("chat.postMessage", channel=channel)
    assert calls.made == [(team, "chat.postMessage")]


def test_a_queue_that_lost_its_workspace_is_refused_and_kept() -> None:
    lost = replace(TWO, queues={"care": replace(TWO.queues["care"], workspace="sold")})
    with pytest.raises(SlackRefused):
        ByChannel(lost, Calls().at).call("chat.postMessage", channel=CARE)


@pytest.mark.parametrize(
    ("config", "team", "secrets"),
    [
        (CONFIG, None, ("slack",)),
        (CONFIG, "T0ANY", ("slack",)),
        (TWO, "T0MILL", ("slack/T0MILL",)),
        (TWO, "T0OTHER", ()),
        (TWO, None, ("slack/T0HILL", "slack/T0MILL")),
    ],
)
def test_only_a_workspaces_own_secret_signs_for_it(config: Config, team: str | None, secrets: tuple[str, ...]) -> None:
    assert secrets_of(config, team) == secrets


@pytest.mark.parametrize(
    ("team", "app", "mine"),
    [("T0HILL", "A0HILL", True), ("T0MILL", "A0MILL", True), ("T0MILL", "A0HILL", False), ("T0X", "A0HILL", False)],
)
def test_only_the_app_of_that_workspace_counts(team: str, app: str, mine: bool) -> None:
    said = Said(event_id="E", user="U", team=team, app=app, channel=CARE, thread_ts="1.0", ts="2.0", text="hello")
    assert ours(said, TWO) is mine


def test_a_card_is_remembered_under_the_workspace_it_stands_in() -> None:
    office = Office(config=TWO)
    office.store.commit(replace(office.current, queue="far"))
    office.show(office.events[0])
    (root,) = office.slack.roots()
    assert root["channel"] == "C0FAR0001"
    assert office.store.card_place("T0MILL", "C0FAR0001", root["ts"]) is not None
    assert office.store.card_place("T0HILL", "C0FAR0001", root["ts"]) is None
    assert office.now == NOW


def test_a_person_is_written_to_in_their_own_workspace() -> None:
    calls = Calls()
    miller = replace(CONFIG.agents["tom"], slack="U0MILLER", workspace="mill")
    ByChannel(replace(TWO, agents={"tom": miller}), calls.at).call("chat.postMessage", channel="U0MILLER")
    assert calls.made == [("T0MILL", "chat.postMessage")]


# -- who acts where -----------------------------------------------------------------------------------------------


@pytest.fixture
def floor() -> Floor:
    """The case is of a team in Hill; Maria is a member there, Tom in Mill, with the very same id."""
    floor = Floor()
    maria, tom = CONFIG.agents["maria"], CONFIG.agents["tom"]
    people = {"maria": replace(maria, workspace="hill"), "tom": replace(tom, slack=maria.slack, workspace="mill")}
    floor.config = replace(TWO, agents=people)
    floor.bus = Bus(floor.store, floor.config, network)
    for team, one in (("T0HILL", "maria"), ("T0MILL", "tom")):
        verified = mark(team, f"member/{maria.slack}/{digest(people[one].email)}", NOW, FRESH)
        floor.store.commit(verified)
    return floor


MILLS = {"team": "T0MILL", "app": "A0MILL"}
HILLS = {"team": "T0HILL", "app": "A0HILL"}


def test_the_same_id_in_another_workspace_is_somebody_else(floor: Floor) -> None:
    assert floor.config.agent_in_slack("T0HILL", "U0AGENT01") == floor.config.agents["maria"]
    assert floor.config.agent_in_slack("T0MILL", "U0AGENT01") == floor.config.agents["tom"]
    floor.click("case_take", **HILLS)
    assert floor.current.assignee == "maria"


def test_who_names_no_workspace_is_nobody_where_there_are_several(floor: Floor) -> None:
    floor.config = replace(floor.config, agents={"maria": CONFIG.agents["maria"]})
    floor.click("case_take", **HILLS)
    assert words.NOT_SET_UP in floor.told() and floor.facts() == []


def test_a_case_is_worked_on_in_its_own_workspace_only(floor: Floor) -> None:
    floor.click("case_take", **MILLS)
    assert words.ELSEWHERE in floor.told() and floor.facts() == []
    floor.click("case_reply", **MILLS)
    assert words.NO_CASE in str(floor.view())
    floor.looks_home(team="T0MILL", app="A0MILL")
    assert floor.case.id not in str(floor.home())
    floor.click("case_take", **HILLS)
    floor.looks_home(**HILLS)
    assert floor.case.id in str(floor.home())
