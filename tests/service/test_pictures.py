"""Pictures on networks as they are: sent once, never without themselves, and known again."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.channels import facebook
from chalicelib.channels.base import Response
from chalicelib.domain import ids
from chalicelib.domain.commands import Answer
from chalicelib.domain.event import Attachment, Kind
from chalicelib.domain.reply import Enclosure, Mode, Reply, ReplyState, Then
from chalicelib.domain.timeline import Fact
from chalicelib.service.ports import NoAnswer
from tests.build import BRAND
from tests.service.world import World

PICTURE = Enclosure("files/1/label.png", "label.png", "image/png", 9)


def pictured(world: World, mode: Mode = Mode.PUBLIC) -> Reply:
    """Words were sent; the picture that follows them is to be."""
    thread = world.case().thread()
    assert thread is not None
    about = ("view-1", BRAND, world.case().id, "ana", "Look here.", mode, thread.conversation_id)
    world.bus(Answer(*about, then=Then(file=PICTURE)), world.clock())
    words = world.reply(ids.reply_id(BRAND, "view-1"))
    world.http.script = [said(id="889_700")]
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
