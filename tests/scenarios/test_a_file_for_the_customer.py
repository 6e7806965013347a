"""A file that an agent chooses in Slack reaches the customer, byte for byte, by a link that their network fetches."""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from html import unescape

import pytest
import urllib3

from chalicelib.domain.case import Case
from chalicelib.domain.timeline import Fact
from infra.doubles.networks.faults import Fault
from infra.doubles.networks.ledger import Post
from infra.doubles.slack.shapes import Json
from tests.infra.waiting import eventually
from tests.scenarios.people import customer
from tests.scenarios.test_an_agents_shift import submit, window
from tests.scenarios.world import AGENTS, World

ANA = AGENTS["ana"]
BILL = b"%PDF-1.7 " + bytes(range(256)) * 4
LABEL = b"\x89PNG " + bytes(range(256)) * 4


def sent_with(world: World, view: Json, name: str, body: bytes, **more: str) -> None:
    submit(world, view, text="Here is your bill.", file=[world.slack.upload(name, body, ANA)], **more)


def publicly(view: Json) -> dict[str, str]:
    """The place in the window that everyone can read."""
    (where,) = (block["element"]["options"] for block in view["blocks"] if block["block_id"] == "where")
    return {"where": next(one["value"] for one in where if one["value"].startswith("public:"))}


def posts(world: World, person: str) -> list[Post]:
    return [one for one in world.networks.posts() if one.recipient == person]


def seen(world: World, case: Case, agent: str = "tom") -> bytes:
    """What a colleague gets who presses *See it* in the thread."""
    (line,) = eventually(lambda: [one for one in world.lines(case) if "follows as a message" in str(one["blocks"])])
    before = len(world.only_for(AGENTS[agent]))
    world.press(line, "reply_file", agent)
    (told,) = eventually(lambda: world.only_for(AGENTS[agent])[before:])
    found = re.search(r"https?://\S+", told)
    assert found, told
    answer = urllib3.request("GET", unescape(found[0]), retries=False)
    assert answer.status == 200
    return answer.data


@pytest.mark.parametrize("network", ["facebook", "instagram", "whatsapp", "telegram"])
def test_it_follows_the_words(world: World, network: str) -> None:
    one = customer(world, network)
    one.says("May I have my bill?")
    case = one.case
    sent_with(world, window(world, case, "case_reply"), "Bill 11/2026.pdf", BILL)
    eventually(lambda: world.facts(case).count(Fact.REPLY_SENT) == 2)
    words, file = world.networks.posts()[-2:]
    assert (words.text, words.file) == ("Here is your bill.", "")
    assert (file.recipient, file.file) == (words.recipient, f"application/pdf {sha256(BILL).hexdigest()}")
    eventually(lambda: world.lines(case, "The file Bill-11-2026.pdf was sent"))
    assert seen(world, case) == BILL


def test_it_goes_without_any_words(world: World) -> None:
    one = customer(world, "whatsapp")
    one.says("May I have my bill?")
    case = one.case
    before = len(world.networks.posts())
    submit(world, window(world, case, "case_reply"), file=[world.slack.upload("bill.pdf", BILL, ANA)])
    eventually(lambda: Fact.REPLY_SENT in world.facts(case))
    (file,) = world.networks.posts()[before:]
    assert file.file == f"application/pdf {sha256(BILL).hexdigest()}"
    (asked,) = eventually(lambda: world.lines(case, "answers privately on WhatsApp"))
    assert "bill.pdf" in str(asked["blocks"]) and "follows as a message" not in str(asked["blocks"])
    eventually(lambda: world.lines(case, "The file bill.pdf was sent privately on WhatsApp"))


def test_one_that_the_network_does_not_take_is_told_and_the_words_come_back(world: World) -> None:
    one = customer(world, "instagram")
    one.says("May I have my bill?")
    case = one.case
    before = len(world.networks.posts())
    sent_with(world, window(world, case, "case_reply"), "bill.zip", b"PK")
    shown = str(eventually(lambda: world.window("ana")))
    assert "Instagram does not take such a file there. It takes: " in shown and "Here is your bill." in shown
    assert len(world.networks.posts()) == before and Fact.REPLY_QUEUED not in world.facts(case)


@pytest.fixture
def healthy_again(world: World) -> Iterator[None]:
    yield
    world.networks.faults.clear()


@pytest.mark.usefixtures("healthy_again")
@pytest.mark.parametrize("lost", [False, True])
def test_below_a_comment_a_picture_is_a_comment_of_its_own(world: World, lost: bool) -> None:
    """Also when Facebook takes it and nobody hears of that; what it tells of it later is no colleague's answer."""
    one = customer(world, "facebook")
    first = one.says("Which label do I print?", "comment")
    case = one.case
    view = window(world, case, "case_reply")
    if lost:
        world.networks.faults.add("facebook", Fault("slow", seconds=0), Fault("drop_after"))
    sent_with(world, view, "label.png", LABEL, **publicly(view))
    eventually(lambda: world.facts(case).count(Fact.REPLY_SENT) == 2)
    words, picture = world.networks.posts()[-2:]
    assert (words.parent, words.text, words.file) == (first.id, "Here is your bill.", "")
    assert (picture.parent, picture.text) == (first.id, "")
    assert picture.file == f"image/png {sha256(LABEL).hexdigest()}"
    assert (Fact.REPLY_UNKNOWN in world.facts(case)) is lost
    eventually(lambda: world.lines(case, "The file label.png was sent PUBLICLY on Facebook"))
    echo = one.event("", "comment_echo", parent=first.id, file="photo")
    one.tells(replace(echo, id=picture.id, thread=one.ids.thread(True)))
    one.says("Thank you!", "comment")
    eventually(lambda: world.facts(case).count(Fact.MESSAGE_RECEIVED) == 2)
    assert Fact.REPLY_ELSEWHERE not in world.facts(case)


def test_below_a_comment_nothing_but_a_picture_is_taken(world: World) -> None:
    one = customer(world, "facebook")
    one.says("May I have my bill?", "comment")
    view = window(world, one.case, "case_reply")
    before = len(world.networks.posts())
    sent_with(world, view, "bill.pdf", BILL, **publicly(view))
    shown = str(eventually(lambda: world.window("ana")))
    assert "Facebook does not take such a file there. It takes: jpeg, png." in shown
    assert len(world.networks.posts()) == before
    world.slack.close_view(world.window("ana")["id"], ANA)


TROUBLES = {
    "busy": Fault("rate_limited", path="/2/media/upload", seconds=1),
    "lost upload": Fault("drop_after", path="/2/media/upload"),
    "lost post": Fault("drop_after", path="/2/tweets"),
    "lost message": Fault("drop_after", path="/dm_conversations"),
}
ON_X = [
    ("mention", ""),
    ("message", ""),
    ("mention", "busy"),
    ("message", "lost upload"),
    ("mention", "lost post"),
    ("message", "lost message"),
]


@pytest.mark.usefixtures("healthy_again")
@pytest.mark.parametrize(("kind", "trouble"), ON_X)
def test_on_x_a_picture_is_uploaded_and_then_sent_once(world: World, kind: str, trouble: str) -> None:
    """Also when an answer is lost: to the upload, which is done again, or to the post, which is looked for."""
    one = customer(world, "x")
    first = one.says("Which label do I print, @harborhill?", kind)
    case = one.case
    view = window(world, case, "case_reply")
    if trouble:
        the_words = Fault("slow", seconds=0, path="/2/tweets" if kind == "mention" else "/dm_conversations")
        world.networks.faults.add("x", the_words, TROUBLES[trouble])
    sent_with(world, view, "label.png", LABEL, **(publicly(view) if kind == "mention" else {}))
    eventually(lambda: world.facts(case).count(Fact.REPLY_SENT) == 2)
    words, picture = world.networks.posts()[-2:]
    assert (words.text, words.file) == ("Here is your bill.", "")
    assert (picture.text, picture.file) == ("", f"image/png {sha256(LABEL).hexdigest()}")
    about = (picture.parent, picture.recipient)
    assert about == ((first.id, "") if kind == "mention" else ("", one.person.id))
    assert (Fact.REPLY_UNKNOWN in world.facts(case)) is (trouble in ("lost post", "lost message"))
    eventually(lambda: world.lines(case, "The file label.png was sent"))


def test_what_x_wants_in_pieces_is_told_and_the_words_come_back(world: World) -> None:
    one = customer(world, "x")
    one.says("May I have my bill?")
    before = len(world.networks.posts())
    sent_with(world, window(world, one.case, "case_reply"), "film.mp4", b"film")
    shown = str(eventually(lambda: world.window("ana")))
    assert "X does not take such a file there. It takes: jpeg, png." in shown and "Here is your bill." in shown
    assert len(world.networks.posts()) == before
    world.slack.close_view(world.window("ana")["id"], ANA)
