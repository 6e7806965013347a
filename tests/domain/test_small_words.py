"""Identities, instants, routing, people and effects."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ids, instants
from chalicelib.domain.case import Priority
from chalicelib.domain.commands import Take
from chalicelib.domain.effects import Arm, Deliver, Disarm, Publish, effects, event_name, label, owed
from chalicelib.domain.event import Kind
from chalicelib.domain.people import Role, may
from chalicelib.domain.routing import route
from chalicelib.domain.timeline import Fact, TimelineEvent
from tests.build import BRAND, NOON, config, config_data, contact, event

AWARE = st.datetimes(
    min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip


@given(AWARE, AWARE)
def test_iso_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    one, other = (at.replace(microsecond=at.microsecond // 1000 * 1000) for at in (one, other))
    assert (instants.iso(one) < instants.iso(other)) == (one < other)
    assert instants.instant(instants.iso(one)) == one


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        instants.instant("2026-06-01T12:00:00")


@given(st.integers(0, 4_000_000_000_000))
def test_milliseconds_lose_nothing(millis: int) -> None:
    assert round(instants.from_millis(millis).timestamp() * 1000) == millis


@given(st.lists(st.text(min_size=1), min_size=2, max_size=4))
def test_different_parts_have_different_names(parts: list[str]) -> None:
    assert ids.digest(*parts) == ids.digest(*parts)
    assert len(ids.digest(*parts)) == 20
    if "\x1f" not in "".join(parts):
        assert ids.digest(*parts) != ids.digest("".join(parts))


def test_a_case_id_leads_to_its_row() -> None:
    person = ids.contact_id(BRAND, "x", "44")
    assert ids.split_case_id(ids.case_id(person, 12)) == (person, 12)
    for wrong in ("", "abc", f"{person}-", f"{person}-x", f"{person[1:]}-1"):
        with pytest.raises(ValueError, match="not a case id"):
            ids.split_case_id(wrong)


def test_identity_ignores_the_stamp_of_a_retry_but_not_the_words_of_an_edit() -> None:
    retry = event(at=NOON + timedelta(minutes=9))
    assert retry.identity == event().identity
    edit = event(Kind.EDIT, of="mid-1", text="a")
    assert edit.identity != event(Kind.EDIT, of="mid-1", text="b").identity
    assert event(Kind.DELETE, of="mid-1").identity != edit.identity


def test_the_first_rule_that_decides_wins_and_says_why() -> None:
    rules = [
        {"because": "never matches", "languages": ["de"], "queue": "messages"},
        {"because": "public", "kinds": ["comment"], "priority": "low"},
        {"because": "angry words", "keywords": ["Refund"], "queue": "escalations", "priority": "high"},
    ]
    where = route(config(rules=rules), BRAND, event(Kind.COMMENT, text="REFUND, now"), contact())
    assert (where.queue, where.priority, where.reasons) == ("escalations", Priority.LOW, ("public", "angry words"))


@pytest.mark.parametrize(
    ("text", "matched"),
    [("a refund please", True), ("refunds", False), ("ReFuNd!", True), (None, False), ("niemals 😡", False)],
)
def test_keywords_are_whole_words_in_any_case(text: str | None, matched: bool) -> None:
    where = route(config(), BRAND, event(text=text), contact())
    assert where.queue == ("escalations" if matched else "messages")


def test_a_keyword_is_never_a_pattern() -> None:
    rules = [{"because": "odd", "keywords": ["(a+)+$", "😡"], "queue": "escalations"}]
    odd = config(rules=rules)
    assert route(odd, BRAND, event(text="a" * 5000 + "!"), contact()).queue == "messages"
    assert route(odd, BRAND, event(text="so 😡!"), contact()).queue == "escalations"


@pytest.mark.parametrize(
    ("keyword", "text"),
    [("😡", "angry😡"), ("返金", "すぐに返金してください"), ("nobody answers", "Nobody  \n answers!"), ("c++", "c++ ")],
)
def test_keywords_know_emoji_other_scripts_and_any_spacing(keyword: str, text: str) -> None:
    rules = [{"because": "said so", "keywords": [keyword], "queue": "escalations"}]
    assert route(config(rules=rules), BRAND, event(text=text), contact()).queue == "escalations"


def test_no_rule_means_the_brands_queue_and_says_so() -> None:
    assert route(config(rules=[]), BRAND, event(), contact()).reasons == ("no rule matched",)


@pytest.mark.parametrize("role", list(Role))
def test_an_auditor_changes_nothing_and_nobody_reaches_another_brand(role: Role) -> None:
    agents = config_data()["agents"]
    agents["ana"]["role"] = role.value
    ana = config(agents=agents).agents["ana"]
    assert may(ana, Take("1", BRAND, "case", "ana")) == (role is not Role.AUDITOR)
    assert not may(ana, Take("1", "other", "case", "ana"))


def timeline_event(fact: Fact, **changes: object) -> TimelineEvent:
    facts: dict[str, object] = {
        "brand": BRAND, "case_id": f"{'c' * 20}-1", "seq": 1, "fact": fact, "at": NOON, "recorded_at": NOON,
        "actor": "ana", "queue": "messages", "priority": "high", "channel": "x", "revision": 2,
    }  # fmt: skip
    return TimelineEvent(**{**facts, **changes})  # type: ignore[arg-type]


def test_every_fact_is_news_and_what_is_urgent_is_news_for_the_breach_topic_too() -> None:
    for fact in Fact:
        owed = list(effects(timeline_event(fact, data={"reply_id": "r", "action_id": "a"})))
        topics = [one.topic for one in owed if isinstance(one, Publish)]
        alarming = fact in (Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED, Fact.CASE_NOTIFIED)
        assert topics == (["sla-breaches", "case-events"] if alarming else ["case-events"])


def test_a_queued_reply_is_delivered_and_a_deferred_one_later() -> None:
    later = instants.iso(NOON + timedelta(seconds=40))
    [order, _] = effects(timeline_event(Fact.REPLY_DEFERRED, data={"reply_id": "r", "not_before": later}))
    assert isinstance(order, Deliver)
    assert order.delay(NOON) == timedelta(seconds=40)
    assert order.delay(NOON + timedelta(hours=1)) == timedelta()


def test_words_to_the_customer_and_news_come_before_timers() -> None:
    breach = timeline_event(Fact.CLOCK_BREACHED, arm=NOON, disarm=1, data={"found": "2026-06-01T12:00:00.000Z"})
    assert [label(one) for one in effects(breach)] == [
        "sla-breaches", "case-events", "pursue", "count", "arm", "disarm",
    ]  # fmt: skip
    reply = timeline_event(Fact.REPLY_QUEUED, arm=NOON, data={"reply_id": "r"})
    assert [label(one) for one in effects(reply)] == ["deliver", "case-events", "arm"]


def test_every_effect_of_a_row_has_a_name_of_its_own_and_what_is_done_is_not_owed() -> None:
    for fact in Fact:
        data = {"reply_id": "r", "action_id": "a", "found": "x"}
        event = timeline_event(fact, arm=NOON, disarm=1, data=data)
        names = [label(one) for one in effects(event)]
        assert len(set(names)) == len(names)
        for name in names:
            assert name not in [label(one) for one in owed(replace(event, done=(name,)))]
        assert owed(replace(event, done=tuple(names))) == owed(replace(event, pending=False)) == []


def test_a_timer_has_a_name_step_functions_takes() -> None:
    [*_, arm] = effects(timeline_event(Fact.CASE_OPENED, arm=NOON))
    assert isinstance(arm, Arm)
    assert arm.name == f"{'c' * 20}-1-1"
    longest = event_name(arm.case_id.replace("-1", "-99999999"), 99_999_999)
    assert longest.replace("-", "").isalnum()
    assert len(longest) <= 80


def test_a_timer_nobody_needs_is_stopped_by_the_name_it_was_started_under() -> None:
    [*_, arm] = effects(timeline_event(Fact.CASE_OPENED, arm=NOON, seq=4))
    [*_, stop] = effects(timeline_event(Fact.REPLY_SENT, disarm=4, seq=9))
    assert isinstance(arm, Arm)
    assert stop == Disarm(arm.name)


def test_the_config_survives_json() -> None:
    assert config(**json.loads(json.dumps(config_data()))) == config()
