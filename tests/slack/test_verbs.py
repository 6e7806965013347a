"""What an order is, and that nothing else ever is one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import commands as c
from chalicelib.domain.case import Priority
from chalicelib.domain.errors import Refusal
from chalicelib.slack import verbs
from chalicelib.slack.mrkdwn import plain
from tests.slack.samples import CONFIG, NOW, TEAM

QUEUES = {"care": "Customer care", "quiet": "Quiet", "care-two": "Care"}
OTHER = "aaaaaaaaaaaaaaaaaaaa-2"
LINK = "https://acme.slack.com/archives/C0CARE001/p1795165140000100"


def agent_id(user: str) -> str | None:
    agent = CONFIG.agent_in_slack(TEAM, user)
    return agent.id if agent else None


def name(user: str) -> str | None:
    agent = CONFIG.agent_in_slack(TEAM, user)
    return agent.name if agent else None


def read(raw: str) -> c.Command | None:
    text = plain(raw, name)
    return verbs.understood(verbs.Order("Ev1", "acme", OTHER, "maria", text, raw, NOW, agent_id, QUEUES))


ABOUT = ("Ev1", "acme", OTHER, "maria")


@pytest.mark.parametrize(
    ("raw", "command"),
    [
        ("take", c.Take(*ABOUT)),
        ("Take!", c.Take(*ABOUT)),
        ("take\n", c.Take(*ABOUT)),
        ("note\ncall her\nat noon", c.AddNote(*ABOUT, "call her\nat noon")),
        (f"merge into <{LINK}>", c.Merge(*ABOUT, LINK)),
        (f"link {LINK}", c.Link(*ABOUT, LINK)),
        ("take .", c.Take(*ABOUT)),
        ("release", c.Release(*ABOUT)),
        ("resolve", c.Resolve(*ABOUT)),
        ("reopen", c.Reopen(*ABOUT)),
        ("wake", c.Wake(*ABOUT)),
        ("ack", c.Acknowledge(*ABOUT)),
        ("not a request", c.Dismiss(*ABOUT)),
        ("dismiss", c.Dismiss(*ABOUT)),
        ("assign <@U0AGENT02>", c.Assign(*ABOUT, "tom")),
        ("assign to <@U0AGENT02|tom> call her", c.Assign(*ABOUT, "tom", "call her")),
        ("priority high", c.SetPriority(*ABOUT, Priority.HIGH)),
        ("Priority: urgent a lawyer", c.SetPriority(*ABOUT, Priority.URGENT, "a lawyer")),
        ("snooze 2h", c.Snooze(*ABOUT, NOW + timedelta(hours=2))),
        ("snooze for 1 day 3h parcel", c.Snooze(*ABOUT, NOW + timedelta(hours=27), "parcel")),
        ("tag refund", c.Tag(*ABOUT, add=("refund",))),
        ("tag #refund, late parcel", c.Tag(*ABOUT, add=("refund", "late parcel"))),
        ("untag refund", c.Tag(*ABOUT, remove=("refund",))),
        ("move quiet", c.Move(*ABOUT, "quiet")),
        ("move to customer care: not ours", c.Move(*ABOUT, "care", "not ours")),
        ("move care", c.Move(*ABOUT, "care-two")),
        (f"link {OTHER}", c.Link(*ABOUT, OTHER)),
        (f"merge into `{OTHER}`", c.Merge(*ABOUT, OTHER)),
        ("escalate the police called", c.Escalate(*ABOUT, "the police called")),
        ("note it is &lt;fine&gt;", c.AddNote(*ABOUT, "it is <fine>")),
    ],
)
def test_orders(raw: str, command: c.Command | None) -> None:
    assert read(raw) == command


@pytest.mark.parametrize(
    "raw",
    [
        "take care of her, please",
        "release the parcel",
        "resolve this how?",
        "assign tom",
        "assign",
        "priority hihg",
        "snooze until monday",
        "snooze 9999 days",
        "tag me when you are done with all of it",
        "tag a, b, c, d, e, f",
        "tag",
        "move on",
        "merge them",
        "link the guide",
        "escalate",
        "note",
        "not a request for you",
        "he said: take",
        "",
    ],
)
def test_sentences_are_no_orders(raw: str) -> None:
    assert read(raw) is None


def test_somebody_unknown_cannot_be_assigned() -> None:
    with pytest.raises(Refusal, match=r"care\.yaml"):
        read("assign <@U0NOBODY1>")


@given(st.text(max_size=60))
def test_no_words_break_the_reading(raw: str) -> None:
    command = read(raw)
    assert command is None or verbs.split(raw)[0] in verbs.ORDERS
    verbs.hint(raw)
    verbs.list_asked(raw)


INSIDE = (
    c.AddNote,
    c.Take,
    c.Release,
    c.Resolve,
    c.Reopen,
    c.Wake,
    c.Acknowledge,
    c.Dismiss,
    c.Assign,
    c.Move,
    c.SetPriority,
)
QUIET = (*INSIDE, c.Snooze, c.Tag, c.Merge, c.Link, c.Escalate)


@given(st.sampled_from(sorted(verbs.ORDERS)), st.text(max_size=40), st.text(max_size=20))
def test_no_order_ever_speaks_to_a_customer(verb: str, words: str, before: str) -> None:
    for raw in (f"{verb} {words}", f"{before}{verb} {words}"):
        command = read(raw)
        assert command is None or isinstance(command, QUIET)


@given(
    st.sampled_from(["take", "release", "resolve", "reopen", "wake", "ack", "dismiss"]), st.text("abc xyz", min_size=1)
)
def test_a_bare_order_with_words_after_it_is_a_note(verb: str, words: str) -> None:
    assert (read(f"{verb} {words}") is None) == bool(words.strip())


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("reply Your money is on its way", "leave only by *Reply*"),
        ("hide insults", "*More…*"),
        ("unhide", "*More…*"),
        ("approve", "*Approve*"),
        ("undo", "*Take it back*"),
        ("macro sorry", "choose a saved reply"),
        ("snooze until tomorrow", "`@heed snooze 2h`"),
        ("done", "`@heed resolve`"),
        ("reslove", "`@heed resolve`"),
        ("give <@U0AGENT02>", "`@heed assign @name`"),
        ("moove to quiet", "`@heed move TEAM`"),
        ("find the parcel that she lost", "`@heed find NAME`"),
        ("what a day", ""),
        ("", ""),
    ],
)
def test_words_that_are_no_order_say_what_may_have_been_meant(raw: str, told: str) -> None:
    assert told in verbs.hint(raw) and (told or verbs.hint(raw) == "")


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        ("mine", "mine"),
        ("My cases", "mine cases"),
        ("next!", "next"),
        ("on call", "on-call"),
        ("On-Call", "on-call"),
        ("oncall", "on-call"),
        ("find Ana Ruiz", "find Ana Ruiz"),
        (f"case {OTHER}", f"case {OTHER}"),
        ("find the parcel that she lost", ""),
        ("take", ""),
    ],
)
def test_lists_are_asked_for_in_a_thread_as_with_the_command(raw: str, asked: str) -> None:
    assert verbs.list_asked(raw) == asked


def test_help_names_every_verb_of_the_table() -> None:
    for name, usage in verbs.LISTS.items():
        assert f"/heed {usage.partition('`')[0].strip()}" in verbs.WAYS and verbs.MEANING[name] in verbs.WAYS
    for name, one in verbs.ORDERS.items():
        assert one.usage.startswith(name) and one.usage.partition("`")[0].strip() in verbs.WAYS
    assert "``" not in verbs.WAYS


def test_a_person_is_tagged_as_a_case_is() -> None:
    assert read("tag person vip, big spender") == c.Tag(*ABOUT, person_add=("vip", "big spender"))
    assert read("untag person vip") == c.Tag(*ABOUT, person_remove=("vip",))
    assert read("tag person") == c.Tag(*ABOUT, add=("person",))
