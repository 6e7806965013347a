"""What hangs on an answer happens once it was sent, in the same write; without the answer none of it happens."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.channels.base import Response
from chalicelib.domain import ids
from chalicelib.domain.case import Priority, Status
from chalicelib.domain.clock import ClockState
from chalicelib.domain.commands import Answer, Approve, Dismiss, Merge, Reject, Resolve, Settle, Tag, Undo
from chalicelib.domain.effects import Deliver, effects
from chalicelib.domain.errors import Refusal
from chalicelib.domain.event import Attachment, Kind
from chalicelib.domain.reply import Enclosure, Mode, Reply, ReplyState, Then
from chalicelib.domain.target import Metric
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import NoAnswer
from tests.build import BRAND, MINUTE, config, config_data
from tests.service.overtaken import OvertakenStore
from tests.service.world import HOOK, World

TEN = timedelta(seconds=10)
ALL = Then("We wrote to you.", ("late",), Priority.HIGH, "ana")


BILL = Enclosure("files/1/bill.pdf", "bill.pdf", "application/pdf", 9)


def world(kind: Kind = Kind.COMMENT, **changes: Any) -> tuple[World, OvertakenStore]:
    store = OvertakenStore()
    made = World(config=config(**changes), store=store)
    made.take(kind, public=kind is Kind.COMMENT)
    made.clock.pass_by(MINUTE)
    return made, store


def answer(made: World, then: Then | None = None, mode: Mode = Mode.PRIVATE_REPLY, **more: Any) -> Reply:
    thread = made.case().thread()
    assert thread is not None
    about = ("view-1", BRAND, made.case().id, "ana", "It is on its way.", mode, thread.conversation_id)
    made.bus(Answer(*about, then=then, **more), made.clock())
    return made.reply(ids.reply_id(BRAND, "view-1"))


def public(made: World, reply: Reply) -> Reply | None:
    return made.store.reply(BRAND, ids.reply_id(BRAND, f"{reply.id}:public"))


def deliver(made: World, reply: Reply, *script: Response | BaseException) -> None:
    made.http.script = list(script)
    made.delivery.deliver(BRAND, reply.id)


def resolve(made: World, id: str = "r1") -> None:
    made.bus(Resolve(id, BRAND, made.case().id, "mia"), made.clock())


def first_response(made: World) -> list[ClockState]:
    return [clock.state for clock in made.case().clocks if clock.metric is Metric.FIRST_RESPONSE]


def test_all_of_it_follows_the_words_and_the_public_ones_come_first() -> None:
    made, _ = world()
    reply = answer(made, ALL)
    assert public(made, reply) is None and made.case().tags == ()
    deliver(made, reply)
    told = public(made, reply)
    assert told is not None and (told.mode, told.text, told.state) == (
        Mode.PUBLIC,
        "We wrote to you.",
        ReplyState.QUEUED,
    )
    assert (made.case().status, made.case().tags, made.case().open_replies) == (Status.PENDING, (), (told.id,))
    due = [one for event in made.store.timeline(BRAND, made.case().id) for one in effects(event)]
    assert [one.reply_id for one in due if isinstance(one, Deliver)] == [reply.id, told.id]
    deliver(made, told, Response(200, {}, b'{"id":"native-2"}'))
    assert (made.case().status, made.case().tags, made.case().priority) == (Status.SOLVED, ("late",), Priority.HIGH)
    assert made.facts()[-4:] == [Fact.REPLY_SENT, Fact.CASE_TAGGED, Fact.CASE_PRIORITY, Fact.CASE_SOLVED]
    assert first_response(made) == [ClockState.MET]


@pytest.mark.parametrize("end", ["undone", "rejected", "failed", "unknown"])
def test_without_the_answer_none_of_it_happens(end: str) -> None:
    made, _ = world(undo=10)
    reply = answer(made, ALL, approval=end == "rejected")
    about = (BRAND, made.case().id)
    if end == "undone":
        made.bus(Undo("u", *about, "ana", reply_id=reply.id), made.clock())
    elif end == "rejected":
        made.bus(Reject("u", *about, "mia", reply_id=reply.id, reason="Too cold"), made.clock())
    else:
        made.clock.pass_by(TEN)
        deliver(made, reply, Response(400 if end == "failed" else 500), Response(200, {}, b"[]"))
    case = made.case()
    assert case.live and case.tags == () and case.due_at is not None
    assert public(made, reply) is None and Fact.CASE_SOLVED not in made.facts()


def test_an_answer_seen_by_a_person_brings_it_about_as_well() -> None:
    made, _ = world()
    reply = answer(made, replace(ALL, publicly=""))
    deliver(made, reply, NoAnswer("reset"), Response(200, {}, b"[]"))
    assert made.case().live
    for _ in range(2):
        made.bus(Settle("s", BRAND, made.case().id, "ana", reply_id=reply.id, posted=True), made.clock())
    assert made.case().status is Status.SOLVED and made.facts().count(Fact.CASE_SOLVED) == 1


def test_an_answer_proven_by_its_echo_brings_it_about_as_well() -> None:
    made, _ = world(Kind.MESSAGE)
    reply = answer(made, Then(tags=("late",)), Mode.PRIVATE)
    deliver(made, reply, NoAnswer("reset"), NoAnswer("again"))
    made.take(Kind.ECHO, id="native-9", recipient="7245118832190456", text=reply.text, at=made.clock())
    assert (made.reply(reply.id).state, made.case().tags) == (ReplyState.SENT, ("late",))


def test_a_crash_at_the_write_loses_nothing_and_does_nothing_twice() -> None:
    made, store = world()
    reply = answer(made, ALL)
    deliver(made, reply)
    told = public(made, reply)
    assert told is not None
    made.delivery.deliver(BRAND, reply.id)

    def last_write_is_lost() -> None:
        store.dies = True

    store.before = lambda: setattr(store, "before", last_write_is_lost)
    with pytest.raises(ConnectionError):
        deliver(made, told, Response(200, {}, b'{"id":"native-2"}'))
    deliver(made, told)
    assert [made.facts().count(one) for one in (Fact.CASE_SOLVED, Fact.CASE_TAGGED, Fact.REPLY_QUEUED)] == [1, 1, 2]


def test_resolving_waits_for_the_answer_so_that_the_first_response_is_met() -> None:
    made, _ = world(undo=10)
    reply = answer(made)
    for press in ("r1", "r1", "r2"):
        resolve(made, press)
    assert made.case().live and made.facts()[-1] is Fact.CASE_RESOLVING
    made.clock.pass_by(TEN)
    deliver(made, reply)
    solved = made.store.timeline(BRAND, made.case().id)[-1]
    assert (solved.fact, solved.actor, made.case().solved_at) == (Fact.CASE_SOLVED, "mia", made.clock())
    assert first_response(made) == [ClockState.MET]
    assert made.facts().count(Fact.CASE_RESOLVING) == 1


def test_resolving_while_the_worker_sends_is_not_lost() -> None:
    made, store = world()
    reply = answer(made)
    store.before = lambda: setattr(store, "before", lambda: resolve(made))
    deliver(made, reply)
    assert (made.reply(reply.id).state, made.case().status) == (ReplyState.SENT, Status.SOLVED)


def test_what_failed_or_is_no_request_does_not_keep_a_case_open() -> None:
    made, _ = world()
    deliver(made, answer(made), Response(400))
    resolve(made)
    assert made.case().status is Status.SOLVED
    other, _ = world()
    answer(other)
    other.bus(Dismiss("d", BRAND, other.case().id, "ana"), other.clock())
    assert other.case().status is Status.SOLVED


def test_a_case_is_not_solved_over_words_that_nobody_had_read() -> None:
    made, _ = world(undo=10)
    reply = answer(made, Then(resolved_by="ana"))
    made.take(Kind.COMMENT, public=True, id="mid-2", at=made.clock.pass_by(TEN))
    made.clock.pass_by(TEN)
    deliver(made, reply)
    assert made.case().live


def test_resolving_after_those_words_solves_it() -> None:
    made, _ = world(undo=30)
    reply = answer(made)
    made.take(Kind.COMMENT, public=True, id="mid-2", at=made.clock.pass_by(TEN))
    made.clock.pass_by(TEN)
    resolve(made)
    made.clock.pass_by(TEN)
    deliver(made, reply)
    assert made.case().status is Status.SOLVED


@pytest.mark.parametrize("late", [False, True])
def test_an_answer_that_fails_brings_a_solved_case_back(late: bool) -> None:
    made, _ = world(Kind.MESSAGE)
    if late:
        reply = answer(made, Then(resolved_by="ana"), Mode.PRIVATE)
        deliver(made, reply)
        assert made.case().status is Status.SOLVED
        made.take(Kind.FAILED, id=None, of="native-1", reason="undelivered")
    else:
        resolve(made)
        deliver(made, answer(made, mode=Mode.PRIVATE), Response(400))
    case = made.case()
    assert case.live and case.revision == 1 and case.solved_at is None and case.due_at is not None
    back, failed = made.store.timeline(BRAND, case.id)[-2:]
    assert (back.fact, back.data["why"], failed.fact) == (Fact.CASE_REOPENED, "reply", Fact.REPLY_FAILED)
    assert list(case.stuck.values()) == ["failed"]


def test_a_merged_cases_answer_does_not_solve_the_other_one() -> None:
    made, _ = world(Kind.MESSAGE)
    reply = answer(made, Then(tags=("late",), resolved_by="ana"), Mode.PRIVATE)
    made.take(id="mid-b", author="b", name="Ben", conversation="b")
    made.bus(Merge("m", BRAND, made.case().id, "mia", into=made.case("b").id), made.clock())
    deliver(made, reply)
    assert made.case("b").live and made.case("b").tags == ("late",)


def test_what_could_not_be_done_later_is_refused_before_anything_leaves() -> None:
    made, _ = world()
    made.bus(Tag("t", BRAND, made.case().id, "ana", add=tuple(f"t{number}" for number in range(20))), made.clock())
    with pytest.raises(Refusal, match="20 tags"):
        answer(made, Then(tags=("late",)))
    with pytest.raises(Refusal, match="takes 100 characters"):
        answer(made, Then("x" * 101))
    private, _ = world(Kind.MESSAGE)
    with pytest.raises(Refusal, match="public answer is not possible"):
        answer(private, Then("We wrote to you."), Mode.PRIVATE)
    assert made.case().open_replies == private.case().open_replies == ()


# -- a file -------------------------------------------------------------------------------------------------------


def filed(made: World, reply: Reply) -> Reply | None:
    return made.store.reply(BRAND, ids.reply_id(BRAND, f"{reply.id}:file"))


def with_file() -> tuple[World, Reply]:
    made, _ = world(Kind.MESSAGE)
    return made, answer(made, Then(tags=("late",), resolved_by="ana", file=BILL), Mode.PRIVATE)


def test_a_file_follows_its_words_and_the_rest_waits_for_it() -> None:
    made, reply = with_file()
    assert filed(made, reply) is None
    deliver(made, reply)
    file = filed(made, reply)
    assert file is not None and (file.text, file.file, file.mode) == ("", BILL, Mode.PRIVATE)
    assert made.case().live and made.case().open_replies == (file.id,)
    deliver(made, file, Response(200, {}, b'{"id":"native-2"}'))
    assert json.loads(made.http.asked[-1].body or b"") == {"file": "https://archive.example/files/1/bill.pdf"}
    assert (made.case().status, made.case().tags) == (Status.SOLVED, ("late",))
    message = made.store.message(BRAND, ids.message_id(BRAND, HOOK, "native-2"))
    assert message is not None and message.attachments == (Attachment("document", name="bill.pdf", mime=BILL.mime),)


@pytest.mark.parametrize("end", ["failed", "undone"])
def test_without_its_words_no_file_leaves(end: str) -> None:
    made, reply = with_file()
    if end == "undone":
        made.bus(Undo("u", BRAND, made.case().id, "ana", reply_id=reply.id), made.clock())
    else:
        deliver(made, reply, Response(400))
    assert filed(made, reply) is None and made.case().live


# -- a file without words -----------------------------------------------------------------------------------------


def alone(made: World, then: Then, mode: Mode = Mode.PRIVATE, **more: Any) -> Reply:
    thread = made.case().thread()
    assert thread is not None
    about = ("view-1", BRAND, made.case().id, "ana", " ", mode, thread.conversation_id)
    made.bus(Answer(*about, then=then, **more), made.clock())
    return made.reply(ids.reply_id(BRAND, "view-1"))


def test_a_file_alone_is_the_answer_and_all_else_hangs_on_it() -> None:
    made, _ = world(Kind.MESSAGE)
    reply = alone(made, Then(tags=("late",), resolved_by="ana", file=BILL))
    assert (reply.text, reply.file, reply.then) == ("", BILL, Then(tags=("late",), resolved_by="ana"))
    deliver(made, reply)
    assert [json.loads(one.body or b"") for one in made.http.asked] == [{"file": f"https://archive.example/{BILL.key}"}]
    assert (made.case().status, made.case().tags) == (Status.SOLVED, ("late",))
    assert made.facts().count(Fact.REPLY_QUEUED) == made.facts().count(Fact.REPLY_SENT) == 1
    assert first_response(made) == [ClockState.MET]


def test_nothing_hangs_on_a_mere_file() -> None:
    made, _ = world(Kind.MESSAGE)
    reply = alone(made, Then(file=BILL))
    assert reply.then is None
    deliver(made, reply)
    assert made.case().live and first_response(made) == [ClockState.MET]


@pytest.mark.parametrize("end", ["undone", "rejected", "approved"])
def test_a_file_alone_can_be_held_and_taken_back(end: str) -> None:
    made, _ = world(Kind.MESSAGE, undo=10)
    reply = alone(made, Then(resolved_by="ana", file=BILL), approval=end != "undone")
    about = (BRAND, made.case().id)
    if end == "undone":
        made.bus(Undo("u", *about, "ana", reply_id=reply.id), made.clock())
    elif end == "rejected":
        made.bus(Reject("u", *about, "mia", reply_id=reply.id, reason="Last year's"), made.clock())
    else:
        made.bus(Approve("u", *about, "mia", reply_id=reply.id), made.clock())
    made.clock.pass_by(TEN)
    deliver(made, reply)
    left = ReplyState.SENT if end == "approved" else ReplyState.FAILED
    assert (made.reply(reply.id).state, made.case().live) == (left, end != "approved")
    assert len(made.http.asked) == (1 if end == "approved" else 0)


def test_a_file_alone_that_names_a_time_is_a_promise() -> None:
    made, _ = world(Kind.MESSAGE)
    reply = alone(made, Then(file=BILL), promised=made.clock() + timedelta(hours=2))
    deliver(made, reply)
    assert made.clock_steps()[-2:] == ["first_response-0 fulfil", "promise-0 activate"]


@pytest.mark.parametrize(
    ("then", "why"),
    [
        (Then(), "is empty"),
        (Then(tags=("late",)), "is empty"),
        (Then(file=replace(BILL, mime="image/heic")), "does not take such a file there"),
        (Then(file=replace(BILL, size=10)), "up to 0 MB"),
    ],
)
def test_what_is_neither_words_nor_a_file_that_can_go_is_refused(then: Then, why: str) -> None:
    made, _ = world(Kind.MESSAGE)
    with pytest.raises(Refusal, match=why):
        alone(made, then)
    assert made.case().open_replies == ()


def test_a_file_that_fails_keeps_the_case_open() -> None:
    made, reply = with_file()
    deliver(made, reply)
    file = filed(made, reply)
    assert file is not None
    deliver(made, file, Response(400))
    assert (made.reply(reply.id).state, made.reply(file.id).state) == (ReplyState.SENT, ReplyState.FAILED)
    assert made.case().live and made.case().tags == () and made.facts()[-1] is Fact.REPLY_FAILED


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, ReplyState.UNKNOWN),
        ({"text": "Here you are."}, ReplyState.UNKNOWN),
        ({"attachments": (Attachment("image"),)}, ReplyState.UNKNOWN),
        ({"attachments": (Attachment("file"),)}, ReplyState.SENT),
        ({"attachments": (Attachment("image"), Attachment("document"))}, ReplyState.SENT),
    ],
)
def test_a_file_of_unknown_fate_is_proven_by_one_of_its_kind(told: dict[str, Any], state: ReplyState) -> None:
    """Instagram does not tell whose echo it is, nor what the file is called."""
    made, reply = with_file()
    deliver(made, reply)
    file = filed(made, reply)
    assert file is not None
    deliver(made, file, NoAnswer("reset"), NoAnswer("again"))
    about = {"recipient": "7245118832190456", "text": None, "own": None, "at": made.clock()}
    made.take(Kind.ECHO, id="native-9", **{**about, **told})
    assert made.reply(file.id).state is state


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"mime": "image/heic"}, "does not take such a file there. It takes: pdf, png"),
        ({"mime": ""}, "does not take such a file"),
        ({"mime": "image/png", "size": 1_000_001}, "up to 1 MB; this has 1.0"),
    ],
)
def test_a_file_that_could_not_follow_is_refused_before_the_words_leave(changes: dict[str, Any], why: str) -> None:
    made, _ = world(Kind.MESSAGE)
    with pytest.raises(Refusal, match=why):
        answer(made, Then(file=replace(BILL, **changes)), Mode.PRIVATE)
    assert made.case().open_replies == ()


def test_below_a_comment_no_file_is_taken() -> None:
    made, _ = world()
    with pytest.raises(Refusal, match="takes no file there"):
        answer(made, Then(file=BILL))


def test_a_file_that_is_not_taken_any_more_is_not_tried() -> None:
    made, reply = with_file()
    deliver(made, reply)
    file = filed(made, reply)
    assert file is not None
    made.channel.files = {}  # type: ignore[misc]
    deliver(made, file)
    assert (made.reply(file.id).state, made.reply(file.id).reason) == (ReplyState.FAILED, "not_taken")


# -- approval -----------------------------------------------------------------------------------------------------


def test_what_is_approved_is_sent_with_all_that_hangs_on_it() -> None:
    made, _ = world()
    reply = answer(made, ALL, approval=True)
    made.bus(Approve("a", BRAND, made.case().id, "mia", reply_id=reply.id), made.clock())
    deliver(made, made.reply(reply.id))
    told = public(made, reply)
    assert told is not None and (told.state, told.approved_by) == (ReplyState.QUEUED, "mia")


def test_a_priority_brings_the_promises_of_its_own_policy() -> None:
    soon = {"priorities": ["urgent"], "targets": [{"metric": "resolution", "within": 3600, "warn_before": 60}]}
    made, _ = world(promises=[soon, *config_data()["promises"]])
    deliver(made, answer(made, Then(priority=Priority.URGENT)))
    assert [one.within for one in made.case().targets] == [timedelta(hours=1)]
