"""What is attached, and what of it opens."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import channels
from chalicelib.domain.event import Attachment
from chalicelib.domain.timeline import Fact
from chalicelib.slack import files
from chalicelib.slack.blocks import quoted
from chalicelib.slack.lines import line
from chalicelib.slack.telling import Scene
from tests.slack.checks import check_posting, shown
from tests.slack.samples import NOW, happened, message

HOSTS = ("pbs.twimg.com", "fbcdn.net")
PICTURE = "https://pbs.twimg.com/media/a.jpg?name=orig&x=1"


def told(*attached: Attachment, hosts: tuple[str, ...] = HOSTS) -> Any:
    scene = Scene("Maria", "Ana", "X", NOW, message("Look", attachments=attached), hosts=hosts)
    posting = line(happened(Fact.MESSAGE_RECEIVED), scene)
    assert posting is not None
    check_posting(posting)
    return posting


def links(posting: Any) -> list[str]:
    quotes = [quote for block in posting.blocks if block["type"] == "rich_text" for quote in block["elements"]]
    return [one["url"] for quote in quotes for one in quote["elements"] if one["type"] == "link"]


@pytest.mark.parametrize("url", [PICTURE, "https://scontent.xx.fbcdn.net/v/t39/a_b.jpg?_nc=1%3D&oh=2"])
def test_a_file_the_network_keeps_in_the_open_is_a_link(url: str) -> None:
    posting = told(Attachment("image", url))
    assert links(posting) == [url]
    assert "(" not in shown(posting)


@pytest.mark.parametrize(
    "url",
    [
        "http://pbs.twimg.com/a.jpg",
        "https://evil.example/a.jpg",
        "https://pbs.twimg.com.evil.example/a.jpg",
        "https://evilfbcdn.net/a.jpg",
        "https://pbs.twimg.com@evil.example/a.jpg",
        "https://pbs.twimg.com:8443/a.jpg",
        "https://evil.example\\.fbcdn.net/a.jpg",
        "https://pbs.twimg.com/a|b>.jpg",
        "https://pbs.twimg.com/a b.jpg",
        "https://pbs.twimg.com/\u202egpj",
        "https://[::1/",
        "javascript:alert(1)//pbs.twimg.com/",
        "https://pbs.twimg.com/" + "a" * 3000,
    ],
)
def test_every_other_file_is_named_and_said_to_be_elsewhere(url: str) -> None:
    posting = told(Attachment("document", url, name="bill.pdf"))
    assert links(posting) == []
    assert "[document: bill.pdf] (lies outside of the network; look at it there)" in shown(posting)


def test_a_file_that_only_its_network_shows_is_said_to_open_there() -> None:
    posting = told(Attachment("voice", id="4711"))
    assert links(posting) == [] and shown(posting).endswith("[voice] (opens on the network only)")


def test_what_is_no_file_is_only_named() -> None:
    posting = told(Attachment("location", PICTURE, name="Home"), Attachment("fallback", PICTURE, name="Your bank"))
    assert links(posting) == [] and "(" not in shown(posting)


def test_each_of_many_files_stands_for_itself() -> None:
    """However many there are, all of them can be reached, and no block has too many."""
    posting = told(Attachment("image", PICTURE), Attachment("voice", id="1"), *[Attachment("image", PICTURE)] * 60)
    assert links(posting) == [PICTURE] * 61
    assert "and " not in shown(posting)
    assert all(len(block["elements"][0]["elements"]) <= 40 for block in posting.blocks[1:])


def test_more_files_than_any_network_takes_are_counted() -> None:
    posting = told(*[Attachment("image", PICTURE)] * 130)
    assert len(links(posting)) == 100 and shown(posting).endswith("and 30 more")


def test_a_message_stands_whole_in_its_thread() -> None:
    """Its last word too, however long it is; what Slack would not take is counted."""
    text = "".join(f"word {number} 👩‍👩‍👧‍👦 " for number in range(700)) + "THE END"
    posting = line(happened(Fact.MESSAGE_RECEIVED), Scene("Maria", "Ana", "X", NOW, message(text)))
    assert posting is not None
    check_posting(posting)
    told_words = "".join(part["text"] for block in posting.blocks[1:] for part in block["elements"][0]["elements"])
    assert told_words == text and len(posting.blocks) > 3
    longer = line(happened(Fact.MESSAGE_RECEIVED), Scene("Maria", "Ana", "X", NOW, message("x" * 20_000)))
    assert longer is not None and shown(longer).endswith("… (8000 more characters)")


def test_a_card_only_names_files() -> None:
    named = quoted(message("Look", attachments=(Attachment("image", PICTURE),) * 5), 100, 5)
    assert "link" not in str(named) and "[image] [image] [image] and 2 more" in str(named)


@given(st.text(), st.sampled_from(["https://", "https://pbs.twimg.com", "https://a.fbcdn.net/", ""]))
def test_whatever_links_is_on_the_networks_own_hosts(tail: str, head: str) -> None:
    found = files.link(Attachment("image", head + tail), HOSTS)
    assert found is None or found.startswith(("https://pbs.twimg.com/", "https://a.fbcdn.net/"))


def test_media_hosts_are_bare_names() -> None:
    hosts = [host for name in channels.names() for host in channels.load(name).media_hosts]
    assert hosts and all(host == host.lower() and "." in host and "/" not in host for host in hosts)
