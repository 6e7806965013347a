"""A post whose answer got lost is looked for where it was sent, wherever it would go by now."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.service.ports import NoAnswer
from chalicelib.service.slack_once import Once
from chalicelib.slack.blocks import Posting, plain_section
from tests.fakes.memory_store import MemoryStore
from tests.fakes.slack_api import FakeSlack
from tests.slack.samples import CARE, NOW, opened

OTHER, ROOT = "C0OTHER01", "1795165140.000100"
METADATA = {"event_type": "heed_case", "event_payload": {"brand": "acme", "case_id": "c-1", "post": "5"}}


class Desk:
    def __init__(self) -> None:
        self.slack, self.store, self.now = FakeSlack(NOW.timestamp()), MemoryStore(), NOW
        self.case = opened()[0]
        for channel in (CARE, OTHER):
            self.slack.messages[channel, ROOT] = {"channel": channel, "ts": ROOT, "metadata": {}}

    def posts(self, channel: str, thread_ts: str | None) -> None:
        self.slack.now = self.now.timestamp()
        posting = Posting("Look", (plain_section("Look"),), METADATA)
        Once(self.store, self.slack, self.now).post(self.case, "5", channel, posting, thread_ts)

    def loses(self, channel: str, thread_ts: str | None) -> None:
        """It is posted there, and nobody hears so."""
        self.slack.fails("chat.postMessage", NoAnswer("timeout"), done=True)
        with pytest.raises(NoAnswer):
            self.posts(channel, thread_ts)
        self.now += timedelta(seconds=61)

    @property
    def ours(self) -> list[dict[str, Any]]:
        return [one for one in self.slack.messages.values() if one["metadata"] == METADATA]


PLACES = [(CARE, None), (CARE, ROOT), (OTHER, None), (OTHER, ROOT)]


@pytest.mark.parametrize("now", PLACES)
@pytest.mark.parametrize("then", PLACES)
def test_wherever_it_would_go_now_it_is_found_where_it_went(
    then: tuple[str, str | None], now: tuple[str, str | None]
) -> None:
    desk = Desk()
    desk.loses(*then)
    desk.posts(*now)
    (made,) = desk.ours
    post = desk.store.post(desk.case.brand, desk.case.id, "5")
    assert post is not None and (post.ts, post.slack_channel) == (made["ts"], then[0])


def test_below_a_card_that_is_gone_nothing_is_found_and_it_is_posted_anew() -> None:
    desk = Desk()
    desk.loses(CARE, ROOT)
    desk.slack.delete(CARE, ROOT)
    desk.posts(OTHER, None)
    assert [one["channel"] for one in desk.ours] == [OTHER]


def test_a_claim_that_posted_nothing_is_made_again_for_the_place_of_now() -> None:
    desk = Desk()
    desk.slack.fails("chat.postMessage", NoAnswer("timeout"))
    with pytest.raises(NoAnswer):
        desk.posts(CARE, ROOT)
    desk.now += timedelta(seconds=61)
    desk.loses(OTHER, None)
    desk.posts(CARE, ROOT)
    assert [one["channel"] for one in desk.ours] == [OTHER]
