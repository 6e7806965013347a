"""Pictures on networks as they are: sent once, never without themselves, and known again."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.channels import facebook, x
from chalicelib.channels.base import Credentials, Response
from chalicelib.domain import ids
from chalicelib.domain.commands import Answer
from chalicelib.domain.errors import Later
from chalicelib.domain.event import Attachment, Kind
from chalicelib.domain.reply import Enclosure, Mode, Reply, ReplyState, Then
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import NoAnswer, NotSent
from chalicelib.service.uploads import AGAIN, TRIES
from tests.build import BRAND, NOON, event
from tests.fakes.ports import DictVault
from tests.service.world import CREDENTIALS, World

PICTURE = Enclosure("files/1/label.png", "label.png", "image/png", 9)


def pictured(world: World, mode: Mode = Mode.PUBLIC) -> Reply:
    """Words were sent; the picture that follows them is to be."""
    thread = world.case().thread()
    assert thread is not None
    about = ("view-1", BRAND, world.case().id, "ana", "Look here.", mode, thread.conversation_id)
    world.bus(Answer(*about, then=Then(file=PICTURE)), world.clock())
    words = world.reply(ids.reply_id(BRAND, "view-1"))
    world.http.script = [said(201, id="889_700", data={"id": "889_700", "dm_event_id": "889_700"})]
    assert world.delivery.deliver(BRAND, words.id) is ReplyState.SENT
    return world.reply(ids.reply_id(BRAND, f"{words.id}:file"))


def said(status: int = 200, **body: Any) -> Response:
    return Response(status, {}, json.dumps(body).encode())


# -- Facebook -----------------------------------------------------------------------------------------------------


def below_a_comment() -> tuple[World, Reply]:
    world = World(channel=facebook.CHANNEL)
    world.take(Kind.COMMENT, public=True, id="889_501", post="104552811223344_889", conversation="889_501")
    return world, pictured(world)


def told(world: World, **changes: Any) -> None:
    """Facebook's webhook of our own comment."""
    facts = {"id": "889_701", "author": None, "parent": "889_501", "public": True, "text": None, "own": None}
    world.take(Kind.ECHO, **{**facts, "attachments": (Attachment("image", "https://x.fbcdn.net/1"),), **changes})


def test_a_comments_picture_is_settled_by_its_echo_and_told_once() -> None:
    world, picture = below_a_comment()
    world.http.script = [said(id="889_701")]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.SENT
    told(world)
    assert Fact.REPLY_ELSEWHERE not in world.facts() and world.facts().count(Fact.REPLY_SENT) == 2
    assert json.loads(world.http.asked[-1].body or b"") == {"attachment_url": f"https://archive.example/{PICTURE.key}"}


@pytest.mark.parametrize("order", ["echo first", "answer lost"])
def test_an_echo_proves_a_comments_picture(order: str) -> None:
    world, picture = below_a_comment()
    if order == "echo first":
        world.store.commit(picture.claimed(world.clock()))
    else:
        world.http.script = [NoAnswer("reset"), NoAnswer("again")]
        assert world.delivery.deliver(BRAND, picture.id) is ReplyState.UNKNOWN
    told(world)
    assert (world.reply(picture.id).state, world.reply(picture.id).native_id) == (ReplyState.SENT, "889_701")
    assert Fact.REPLY_ELSEWHERE not in world.facts()


def there(*rows: dict[str, Any]) -> Response:
    photo = {"id": "889_701", "attachment": {"type": "photo"}, "from": {"id": "104552811223344"}}
    return said(data=[{**photo, **row} for row in rows])


def test_a_lost_answer_is_looked_for_and_the_picture_is_not_sent_again() -> None:
    world, picture = below_a_comment()
    world.http.script = [NoAnswer("reset"), there({})]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.SENT
    assert world.reply(picture.id).native_id == "889_701"


def test_what_is_not_found_waits_for_a_person() -> None:
    world, picture = below_a_comment()
    world.http.script = [NoAnswer("reset"), there({"from": {"id": "7"}})]
    for _ in range(4):
        assert world.delivery.deliver(BRAND, picture.id) is ReplyState.UNKNOWN
        world.clock.pass_by(timedelta(minutes=5))
    assert [one.method for one in world.http.asked].count("POST") == 2


def test_another_picture_of_ours_proves_nothing() -> None:
    """It stands below the same comment, a moment older."""
    world, picture = below_a_comment()
    world.http.script = [said(id="889_701")]
    world.delivery.deliver(BRAND, picture.id)
    other = replace(picture, id="other", state=ReplyState.QUEUED, version=0)
    world.store.commit(other)
    world.http.script = [NoAnswer("reset"), there({})]
    assert world.delivery.deliver(BRAND, other.id) is ReplyState.UNKNOWN


# -- X ------------------------------------------------------------------------------------------------------------

BYTES = b"\x89PNG"
ON_X = {"channel": "x", "account": "1455001122334455667"}
ANA = "7245118832190456"
UPLOADED = said(data={"id": "71", "media_key": "3_71"})
POSTED = said(201, data={"id": "900", "dm_event_id": "900"})


def on_x(mode: Mode = Mode.PUBLIC) -> tuple[World, Reply]:
    """The words were sent, and what was asked of X till then is forgotten."""
    ours = replace(CREDENTIALS, account="1455001122334455667")
    world = World(channel=x.CHANNEL, vault=DictVault({("x", "harbor-x"): ours}))
    kind = Kind.MENTION if mode is Mode.PUBLIC else Kind.MESSAGE
    told = {**ON_X, "id": "2090", "conversation": "2090", "public": mode is Mode.PUBLIC}
    world.intake.take(event(kind, **told), "harbor-x", world.clock())
    world.archive.put(PICTURE.key, BYTES, PICTURE.mime)
    picture = pictured(world, mode)
    world.http.asked.clear()
    return world, picture


def asked(world: World) -> list[str]:
    """What was asked of X, by the last part of its path."""
    return [one.url.partition("?")[0].rpartition("/")[2] for one in world.http.asked]


@pytest.mark.parametrize(
    ("mode", "last", "shown"),
    [
        (Mode.PUBLIC, "tweets", {"media": {"media_ids": ["71"]}, "reply": {"in_reply_to_tweet_id": "2090"}}),
        (Mode.PRIVATE, "messages", {"attachments": [{"media_id": "71"}]}),
    ],
)
def test_a_picture_is_uploaded_and_then_shown(mode: Mode, last: str, shown: dict[str, Any]) -> None:
    world, picture = on_x(mode)
    world.http.script = [UPLOADED, POSTED]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.SENT
    assert asked(world) == ["upload", last]
    upload, post = (json.loads(one.body or b"") for one in world.http.asked)
    assert (upload["media"], upload["media_type"], post) == (b64encode(BYTES).decode(), "image/png", shown)
    assert world.reply(picture.id).native_id == "900"


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (said(400), ReplyState.FAILED, "not_taken"),
        (said(403), ReplyState.FAILED, "not_allowed"),
        (said(413), ReplyState.FAILED, "not_taken"),
        (said(401), ReplyState.FAILED, "expired_token"),
        (said(429), ReplyState.QUEUED, "rate_limited"),
        (said(503), ReplyState.QUEUED, "unreachable"),
        (said(200, data={}), ReplyState.QUEUED, "unreachable"),
        (NoAnswer("reset"), ReplyState.QUEUED, "unreachable"),
        (NotSent("refused"), ReplyState.QUEUED, "unreachable"),
    ],
)
def test_without_an_upload_nothing_is_posted_and_nobody_has_to_look(
    answer: Response | Exception, state: ReplyState, reason: str
) -> None:
    world, picture = on_x()
    world.http.script = [answer]
    assert world.delivery.deliver(BRAND, picture.id) is state
    assert (asked(world), world.reply(picture.id).reason) == (["upload"], reason)
    assert Fact.REPLY_UNKNOWN not in world.facts()


def test_a_picture_alone_to_the_author_of_a_post_is_told_in_public() -> None:
    world, _ = on_x()
    thread = world.case().thread()
    assert thread is not None
    about = ("view-2", BRAND, world.case().id, "ana", "", Mode.PRIVATE_REPLY, thread.conversation_id)
    world.bus(Answer(*about, then=Then("We wrote to you.", file=PICTURE)), world.clock())
    alone = world.reply(ids.reply_id(BRAND, "view-2"))
    world.http.script = [UPLOADED, POSTED]
    assert world.delivery.deliver(BRAND, alone.id) is ReplyState.SENT
    assert asked(world) == ["upload", "messages"]
    told = world.reply(ids.reply_id(BRAND, f"{alone.id}:public"))
    assert (told.mode, told.text, told.file) == (Mode.PUBLIC, "We wrote to you.", None)


def test_a_lost_upload_is_done_again_and_posted_once() -> None:
    world, picture = on_x()
    world.http.script = [NoAnswer("reset")]
    world.delivery.deliver(BRAND, picture.id)
    world.clock.pass_by(AGAIN)
    world.http.script = [UPLOADED, POSTED]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.SENT
    assert asked(world) == ["upload", "upload", "tweets"]


def test_an_upload_that_never_succeeds_is_given_up() -> None:
    world, picture = on_x()
    for _ in range(TRIES):
        world.http.script = [said(500)]
        assert world.delivery.deliver(BRAND, picture.id) is ReplyState.QUEUED
        world.clock.pass_by(AGAIN)
    world.http.script = [said(500)]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.FAILED
    assert world.reply(picture.id).reason == "unreachable" and set(asked(world)) == {"upload"}


def test_a_worker_that_dies_over_an_upload_leaves_no_doubt() -> None:
    world, picture = on_x()
    world.http.script = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.delivery.deliver(BRAND, picture.id)
    world.http.script = [UPLOADED, POSTED]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.SENT


def test_what_was_taken_back_during_the_upload_is_not_posted() -> None:
    world, picture = on_x()

    class Slow:
        def send(self, request: object, timeout: timedelta) -> Response:
            now = world.reply(picture.id)
            world.store.commit(now.stopped("undone", world.clock()))
            return UPLOADED

    delivery = replace(world.delivery, http=Slow())
    with pytest.raises(Later):
        delivery.deliver(BRAND, picture.id)
    assert delivery.deliver(BRAND, picture.id) is ReplyState.FAILED


def test_a_file_that_is_not_kept_any_more_is_told() -> None:
    world, picture = on_x()
    world.archive.kept.clear()
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.FAILED
    assert (world.reply(picture.id).reason, asked(world)) == ("not_kept", [])


def test_without_credentials_nothing_is_uploaded() -> None:
    world, picture = on_x()
    world.vault.hooks[("x", "harbor-x")] = Credentials()
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.FAILED
    assert asked(world) == []


@pytest.mark.parametrize("mode", [Mode.PUBLIC, Mode.PRIVATE])
def test_a_post_of_unknown_fate_is_looked_for_by_its_picture(mode: Mode) -> None:
    world, picture = on_x(mode)
    shown = {
        "id": "900",
        "text": "https://t.co/abc",
        "created_at": NOON.isoformat(),
        "sender_id": "1455001122334455667",
        "referenced_tweets": [{"type": "replied_to", "id": "2090"}],
        "attachments": {"media_keys": ["3_71"]},
    }
    world.http.script = [UPLOADED, NoAnswer("reset"), said(data=[shown])]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.SENT
    assert len([one for one in world.http.asked if one.method == "POST"]) == 2


@pytest.mark.parametrize("kind", ["image", "media"])
def test_the_echo_of_a_picture_on_x_proves_it(kind: str) -> None:
    world, picture = on_x(Mode.PRIVATE)
    world.http.script = [UPLOADED, NoAnswer("reset"), NoAnswer("again")]
    assert world.delivery.deliver(BRAND, picture.id) is ReplyState.UNKNOWN
    about = {**ON_X, "id": "900", "author": None, "recipient": ANA, "text": None, "public": False}
    world.intake.take(event(Kind.ECHO, **about, attachments=(Attachment(kind),)), "harbor-x", world.clock())
    assert world.reply(picture.id).state is ReplyState.SENT
