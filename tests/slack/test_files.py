"""What is attached, and what of it opens."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import channels
from chalicelib.domain.event import Attachment
from chalicelib.domain.timeline import Fact
from chalicelib.slack import files
from chalicelib.slack.lines import line
from chalicelib.slack.telling import Scene
from tests.slack.checks import check_posting, shown
from tests.slack.samples import NOW, happened, message

HOSTS = ("pbs.twimg.com", "fbcdn.net")
PICTURE = "https://pbs.twimg.com/media/a.jpg?name=orig&x=1"


def told(*attached: Attachment, hosts: tuple[str, ...] | None = HOSTS) -> Any:
    scene = Scene("Maria", "Ana", "X", NOW, message("Look", attachments=attached), hosts=hosts)
    posting = line(happened(Fact.MESSAGE_RECEIVED), scene)
    assert posting is not None
    check_posting(posting)
    return posting


def links(posting: Any) -> list[str]:
    return [one["url"] for one in posting.blocks[1]["elements"][0]["elements"] if one["type"] == "link"]


@pytest.mark.parametrize("url", [PICTURE, "https://scontent.xx.fbcdn.net/v/t39/a_b.jpg?_nc=1%3D&oh=2"])
def test_a_file_the_network_keeps_in_the_open_is_a_link(url: str) -> None:
    posting = told(Attachment("image", url))
    assert links(posting) == [url]
    assert "could not be loaded" not in shown(posting)


@pytest.mark.parametrize(
    "url",
    [
        None,
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
def test_every_other_file_is_named_and_said_to_be_elsewhere(url: str | None) -> None:
    posting = told(Attachment("document", url, name="bill.pdf"))
    assert links(posting) == []
    assert "[document: bill.pdf] (could not be loaded; look at it on the network)" in shown(posting)


def test_what_is_no_file_is_only_named() -> None:
    posting = told(Attachment("location", PICTURE, name="Home"), Attachment("fallback", PICTURE, name="Your bank"))
    assert links(posting) == [] and "could not be loaded" not in shown(posting)


def test_each_of_several_files_stands_for_itself() -> None:
    posting = told(Attachment("image", PICTURE), Attachment("voice", id="1"), *[Attachment("image", PICTURE)] * 4)
    assert links(posting) == [PICTURE] * 2
    assert "and 3 more" in shown(posting)


def test_a_card_only_names_files() -> None:
    assert links(told(Attachment("image", PICTURE), hosts=None)) == []


@given(st.text(), st.sampled_from(["https://", "https://pbs.twimg.com", "https://a.fbcdn.net/", ""]))
def test_whatever_links_is_on_the_networks_own_hosts(tail: str, head: str) -> None:
    found = files.link(Attachment("image", head + tail), HOSTS)
    assert found is None or found.startswith(("https://pbs.twimg.com/", "https://a.fbcdn.net/"))


def test_media_hosts_are_bare_names() -> None:
    hosts = [host for name in channels.names() for host in channels.load(name).media_hosts]
    assert hosts and all(host == host.lower() and "." in host and "/" not in host for host in hosts)
