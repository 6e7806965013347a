"""Slack away for an hour, in a queue that passes time: then every card stands, nothing is lost, nothing is twice."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.event import Attachment
from chalicelib.service.ports import NoAnswer, NotSent, SlackBusy, SlackRefused
from chalicelib.service.slack_outage import about
from tests.fakes.slack_api import FakeSlack
from tests.service.street import Street
from tests.slack.samples import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CUSTOMERS, WORDS = 3, 30
LONG = "and I have written three times already about the very same parcel " * 3
Trouble = Callable[[int], Exception | None]


@dataclass
class Away:
    """Slack that is in trouble for an hour. With ``done`` it does what it is asked and its answer gets lost."""

    slack: FakeSlack
    clock: Callable[[], datetime]
    trouble: Trouble
    done: bool = False
    asked: Counter[str] = field(default_factory=Counter)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.slack.now = self.clock().timestamp()
        within = NOW + MINUTE < self.clock() < NOW + MINUTE + HOUR
        self.asked[method] += 1
        error = self.trouble(sum(self.asked.values())) if within else None
        if error is None:
            return self.slack.call(method, **arguments)
        if self.done:
            self.slack.call(method, **arguments)
        raise error


def street(trouble: Trouble, *, done: bool = False) -> tuple[Street, Away, list[str]]:
    """People who go on writing, in long words and with files, while Slack is in trouble."""
    made = Street()
    door = made.door = Away(made.slack, lambda: made.now, trouble, done)
    cases = [made.opens(f"{key}") for key in range(CUSTOMERS)]
    for at in range(WORDS):
        for case_id in cases:
            file = Attachment("image", f"https://files.example/{case_id[-6:]}-{at}.jpg")
            made.writes(case_id, said(case_id, at), NOW + at * 2 * MINUTE, attachments=(file,))
    return made, door, cases


def said(case_id: str, at: int) -> str:
    return f"{case_id[-6:]} word {at}. {LONG} {case_id[-6:]} end {at}."


def refused(error: str) -> Trouble:
    return lambda _: SlackRefused(error)


TROUBLES: dict[str, tuple[Trouble, bool]] = {
    "no way there": (lambda _: NotSent("refused"), False),
    "no answers": (lambda _: NoAnswer("timeout"), False),
    "answers get lost": (lambda _: NoAnswer("timeout"), True),
    "every other answer gets lost": (lambda at: NoAnswer("timeout") if at % 2 else None, True),
    "asks to wait": (lambda _: SlackBusy(timedelta(seconds=30)), False),
    "one in three may pass": (lambda at: SlackBusy(timedelta(seconds=20)) if at % 3 else None, False),
    "bot removed": (refused("not_in_channel"), False),
    "channel archived": (refused("is_archived"), False),
    "channel gone and back": (refused("channel_not_found"), False),
    "token revoked": (refused("token_revoked"), False),
    "app removed": (refused("account_inactive"), False),
}


@pytest.mark.parametrize("what", list(TROUBLES))
def test_after_an_hour_every_card_stands_nothing_is_lost_and_nothing_is_twice(what: str) -> None:
    trouble, done = TROUBLES[what]
    made, _, cases = street(trouble, done=done)
    assert made.works() < NOW + HOUR + 25 * MINUTE, "the desk has caught up soon after"
    cards = [made.store.card("acme", case_id) for case_id in cases]
    assert sorted(one["ts"] for one in made.slack.roots()) == sorted(card.ts for card in cards if card)
    assert len(made.slack.roots()) == CUSTOMERS
    for case_id, card in zip(cases, cards, strict=True):
        assert card is not None and card.shows == made.case(case_id).seq
        for at in range(WORDS):
            whole = (f"{case_id[-6:]} word {at}.", f"{case_id[-6:]} end {at}.", f"{case_id[-6:]}-{at}.jpg")
            assert [made.told(part) for part in whole] == [1, 1, 1], at
    if what in ("no way there", "asks to wait"):
        assert any("things at once" in str(one["blocks"]) for one in made.slack.lines()), "much was told as one"


def test_slack_that_asks_to_wait_is_hardly_asked() -> None:
    """GIVEN half a minute's patience for an hour THEN one call per half minute and method, however many cases wait."""
    made, door, _ = street(TROUBLES["asks to wait"][0])
    made.works()
    well, healthy, _ = street(lambda _: None)
    well.works()
    assert door.asked.total() - healthy.asked.total() <= 2 * 60 * 60 / 30 + CUSTOMERS


def test_slack_that_does_not_answer_is_hardly_asked() -> None:
    """Workers must not spend their time on one timeout after the other."""
    made, door, _ = street(TROUBLES["no way there"][0])
    made.works()
    assert door.asked.total() < made.handled


def test_a_refusal_is_counted_under_its_word() -> None:
    made, _, _ = street(TROUBLES["bot removed"][0])
    made.works()
    assert made.meter.counts["slack_refused"] > 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [("token_revoked", "token"), ("not_in_channel", "channel"), ("invalid_blocks", "message"), ("new", "message")],
)
def test_a_refusal_is_about_the_token_the_channel_or_the_message(error: str, kind: str) -> None:
    assert about(error) == kind
