"""What each role gets for what it may ask Slack apart from commands: lists, one case, the Home tab, being there."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chalicelib.domain.people import Agent, Role
from chalicelib.domain.timeline import Fact
from chalicelib.service.bus import Bus
from chalicelib.service.slack_inbox.home import ACTIONS
from chalicelib.service.slack_inbox.words import NOT_SET_UP, NOTHING_NEXT
from chalicelib.slack import buttons
from chalicelib.slack.verbs import LISTS
from tests.service.floor import ROOT, Floor
from tests.slack.samples import AUDITOR, CARE, CONFIG, MARIA, OTHER, network

SUE = replace(MARIA, id="sue", name="Sue", role=Role.SUPERVISOR, slack="U0SUPER01")
ADA = replace(MARIA, id="ada", name="Ada", role=Role.ADMIN, slack="U0ADMIN01")
STRANGER = "U0NOBODY1"
PEOPLE: Mapping[str, Agent | str] = {
    "agent": MARIA,
    "supervisor": SUE,
    "admin": ADA,
    "auditor": AUDITOR,
    "of another brand": OTHER,
    "unknown": STRANGER,
}
LINK = f"https://acme.slack.com/archives/{CARE}/p{ROOT.replace('.', '')}"
WORKERS, READERS = {"agent", "supervisor", "admin"}, {"agent", "supervisor", "admin", "auditor"}
KNOWN = {*READERS, "of another brand"}

SHOWN = {
    "find ana": READERS,
    "case NUMBER": READERS,
    "case LINK": READERS,
    "next": WORKERS,
    "mine": set(),
    "report": set(),
    "on-call": set(),
    "help": set(),
}
"""Who is shown the case. An auditor may read it, and works on none; nobody has it, so it is in no list of anybody's."""
COUNTED = READERS
"""For whom the case is among what waits."""


def floor() -> Floor:
    made = Floor()
    made.config = replace(CONFIG, agents={**CONFIG.agents, SUE.id: SUE, ADA.id: ADA})
    made.bus = Bus(made.store, made.config, network)
    made.slack.knows(made.config.agents.values())
    return made


def ids_of(who: str) -> tuple[str, str]:
    """Their key in the policy file and their id in Slack."""
    person = PEOPLE[who]
    return (who, person) if isinstance(person, str) else (person.id, person.slack or "")


def test_the_table_is_whole() -> None:
    assert {one.split()[0] for one in SHOWN} == {*LISTS, "help"}
    assert {buttons.REFRESH, buttons.AWAY, buttons.BACK, buttons.NEXT} == ACTIONS
    assert {role.value for role in Role} | {"of another brand", "unknown"} == PEOPLE.keys()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("text", SHOWN)
@pytest.mark.parametrize("mention", [False, True])
def test_every_order_that_is_no_command(who: str, text: str, mention: bool) -> None:
    """By ``/heed``, or by a mention somewhere."""
    place = floor()
    words = text.replace("NUMBER", place.case.id).replace("LINK", LINK)
    told = str(place.asks(words, PEOPLE[who], mention=mention))
    assert (place.case.id in told, "Ana Ruiz" in told) == (who in SHOWN[text],) * 2
    assert (NOT_SET_UP in told) is (who not in KNOWN)
    assert place.facts() == [Fact.CASE_TAKEN] * (text == "next" and who in WORKERS)
    assert (NOTHING_NEXT in told) is (text == "next" and who in KNOWN - WORKERS)
    assert ("1 open, 1 with nobody" in told) is (text == "report" and who in COUNTED)


@pytest.mark.parametrize("who", PEOPLE)
def test_the_home_tab(who: str) -> None:
    place = floor()
    place.looks_home(PEOPLE[who])
    shown = str(place.home(PEOPLE[who]))
    assert (NOT_SET_UP in shown) is (who not in KNOWN)
    assert ("1 open, 1 with nobody" in shown) is (who in COUNTED)
    assert place.case.id not in shown


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_button_of_the_home_tab(who: str, action: str) -> None:
    """Whoever is known may say that they are there, of their own brands; only who works is given something."""
    place = floor()
    key, user = ids_of(who)
    place.click(action, user, channel="", ts="", view_id="VHOME", home=True, response_url=None)
    brand = "zenith" if who == "of another brand" else "acme"
    there = [(state.brand, state.agent) for one in ("acme", "zenith") for state in place.store.agent_states(one)]
    assert there == [(brand, key)] * (action == buttons.BACK and who in KNOWN)
    assert place.facts() == [Fact.CASE_TAKEN] * (action == buttons.NEXT and who in WORKERS)
    turned = NOTHING_NEXT if who in KNOWN else NOT_SET_UP
    away = who not in KNOWN or (action == buttons.NEXT and who not in WORKERS)
    assert (turned in str(list(place.slack.views.values()))) is away
    assert (user in place.slack.homes) is not away


@pytest.mark.parametrize("who", PEOPLE)
def test_who_says_that_they_are_away_is_away(who: str) -> None:
    place = floor()
    key, user = ids_of(who)
    for action in (buttons.BACK, buttons.AWAY):
        place.click(action, user, channel="", ts="", view_id="VHOME", home=True, response_url=None)
    brand = "zenith" if who == "of another brand" else "acme"
    state = place.store.agent_state(brand, key)
    assert (state is not None, state is not None and state.online) == (who in KNOWN, False)
