"""Who acts in Slack is verified: by the e-mail Slack itself knows, once a day, and guests can do nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from chalicelib.service.slack_inbox.badges import FRESH, KEPT, SOON, Badges
from chalicelib.service.slack_inbox.desk import Unsaid
from chalicelib.slack import modals
from chalicelib.slack.members import problem
from tests.service.floor import PRIVATELY, PUBLICLY, Floor
from tests.slack.samples import MARIA, TEAM

EMAIL = {"email": MARIA.email}
PLAIN: dict[str, Any] = {"id": MARIA.slack, "team_id": TEAM, "profile": EMAIL}
IMPOSTORS: dict[str, dict[str, Any]] = {
    "a guest": {**PLAIN, "is_restricted": True},
    "a guest of one channel": {**PLAIN, "is_ultra_restricted": True},
    "somebody of another company": {**PLAIN, "is_stranger": True},
    "somebody of another workspace": {**PLAIN, "team_id": "T0OTHER"},
    "a bot": {**PLAIN, "is_bot": True},
    "somebody who left": {**PLAIN, "deleted": True},
    "another address": {**PLAIN, "profile": {"email": "eve@evil.example"}},
    "no address": {**PLAIN, "profile": {}},
    "an unconfirmed address": {**PLAIN, "is_email_confirmed": False},
    "nonsense": {**PLAIN, "profile": "maria"},
}


@pytest.fixture
def floor() -> Floor:
    return Floor()


def asked(floor: Floor) -> int:
    return len(floor.slack.called("users.info"))


@pytest.mark.parametrize("who", IMPOSTORS)
def test_who_is_not_who_the_policy_file_says_can_do_nothing(floor: Floor, who: str) -> None:
    floor.slack.members[MARIA.slack or ""] = IMPOSTORS[who]
    floor.click("case_take")
    floor.click("case_reply")
    floor.said("hello")
    floor.asks("next", id="n1")
    floor.answer("Hello", PRIVATELY)
    floor.submit(modals.NOTE_VIEW, "hello")
    floor.in_window(modals.TEXT, "hello")
    floor.looks_home()
    assert floor.facts() == [] and floor.store.draft("acme", floor.case.id, "maria") is None
    why = problem(IMPOSTORS[who], MARIA.email, TEAM)
    told = [*floor.slack.ephemeral, *floor.slack.views.values(), floor.home()]
    assert why and all(why in str(one) for one in told if "One moment" not in str(one)) and len(told) > 4


def test_capitals_in_an_address_mean_nothing() -> None:
    assert problem({**PLAIN, "profile": {"email": f" {MARIA.email.upper()} "}}, MARIA.email, TEAM) == ""
    assert problem(PLAIN, MARIA.email.upper(), TEAM) == ""


def test_slack_is_asked_once_a_day_and_person_whichever_container_works(floor: Floor) -> None:
    for hour in range(24):
        floor.moves_to(3600 * hour)
        floor.badges = Badges()
        floor.click("case_note")
    assert asked(floor) == 1
    floor.moves_to(FRESH.total_seconds())
    floor.badges = Badges()
    floor.click("case_note")
    assert asked(floor) == 2


def test_a_container_that_knows_reads_nothing_for_a_while(floor: Floor) -> None:
    floor.click("case_note")
    floor.store._rows.clear()
    floor.moves_to(SOON.total_seconds() - 1)
    floor.click("case_note")
    assert asked(floor) == 1
    floor.moves_to(SOON.total_seconds())
    floor.click("case_note")
    assert asked(floor) == 2


def test_somebody_who_set_it_right_waits_no_day(floor: Floor) -> None:
    floor.slack.members[MARIA.slack or ""] = IMPOSTORS["no address"]
    floor.click("case_take")
    floor.slack.members[MARIA.slack or ""] = PLAIN
    floor.moves_to(SOON.total_seconds())
    floor.click("case_take")
    assert floor.facts() == [Fact.CASE_TAKEN]


def test_another_address_in_the_policy_file_is_verified_anew(floor: Floor) -> None:
    floor.click("case_take")
    other = replace(MARIA, email="maria@new.example")
    floor.config = replace(floor.config, agents={**floor.config.agents, "maria": other})
    floor.click("case_resolve")
    assert floor.facts() == [Fact.CASE_TAKEN] and "another one than in care.yaml" in floor.told()


AWAY = [SlackBusy(timedelta(seconds=3)), NotSent("refused"), NoAnswer("timeout")]


@pytest.mark.parametrize("trouble", AWAY)
def test_who_was_never_verified_waits_while_slack_is_away(floor: Floor, trouble: Exception) -> None:
    floor.slack.fails("users.info", trouble)
    with pytest.raises(type(trouble)):
        floor.click("case_take")
    assert floor.facts() == []
    floor.errands.waiting.append(floor.last)
    floor.work()
    assert floor.facts() == [Fact.CASE_TAKEN]


@pytest.mark.parametrize("trouble", AWAY)
def test_who_was_verified_this_week_goes_on_while_slack_is_away(floor: Floor, trouble: Exception) -> None:
    floor.click("case_note")
    floor.badges = Badges()
    floor.moves_to(KEPT.total_seconds() - 1)
    floor.slack.fails("users.info", trouble)
    floor.click("case_take")
    assert floor.facts() == [Fact.CASE_TAKEN]
    floor.moves_to(KEPT.total_seconds())
    floor.badges = Badges()
    floor.slack.fails("users.info", trouble)
    with pytest.raises(type(trouble)):
        floor.click("case_resolve")


def test_a_missing_permission_is_told_and_counted_for_its_alarm(floor: Floor) -> None:
    floor.slack.fails("users.info", SlackRefused("missing_scope"))
    floor.click("case_take")
    assert "heed slack check" in floor.told() and floor.facts() == []
    assert floor.meter.counts["slack_token_refused"] == 1


def notes(floor: Floor) -> None:
    floor.said("Call her")


def answers(floor: Floor) -> None:
    floor.answer("Sorry!", PUBLICLY)


@pytest.mark.parametrize(("write", "fact"), [(notes, Fact.NOTE_ADDED), (answers, Fact.REPLY_QUEUED)])
def test_what_somebody_wrote_waits_while_slack_refuses_to_say_who_they_are(
    floor: Floor, write: Callable[[Floor], None], fact: Fact
) -> None:
    floor.slack.fails("users.info", SlackRefused("fatal_error"))
    with pytest.raises(Unsaid):
        write(floor)
    assert floor.facts() == []
    floor.errands.waiting.append(floor.last)
    floor.work()
    assert fact in floor.facts()


def test_for_words_in_threads_of_others_nobody_is_asked_about(floor: Floor) -> None:
    floor.said("hello", thread_ts="1795165140.000999")
    assert asked(floor) == 0
