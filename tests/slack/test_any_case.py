"""Whatever customers are called and write, everything shown keeps Slack's limits and pings nobody."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import Case, Priority, Status
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Edit, Message
from chalicelib.domain.timeline import Fact
from chalicelib.slack import replying
from chalicelib.slack.cards import card
from chalicelib.slack.lines import LINES, Scene, line
from tests.slack import samples
from tests.slack.checks import check_posting, check_view
from tests.slack.test_lines import DATA, REPLY

WORDS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["<!channel>", "<@U1>", "&amp;", "<", "|", ">", "*", "`", "\u202e", "\n", "\ud800", "e\u0301", "🇩🇪"]
        ),
        st.just("long " * 700),
    ),
    max_size=8,
).map("".join)
MAYBE = st.none() | WORDS


@st.composite
def messages(draw: st.DrawFn) -> Message:
    files = st.builds(Attachment, kind=WORDS, name=MAYBE, url=MAYBE)
    return samples.message(
        draw(MAYBE),
        kind=draw(WORDS),
        attachments=tuple(draw(st.lists(files, max_size=50))),
        edit=draw(st.none() | st.builds(Edit, MAYBE, st.just((1, "", "")))),
        deleted_at=draw(st.none() | st.just(samples.NOW)),
        hidden=draw(st.booleans()),
        public=draw(st.booleans()),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    threads = draw(
        st.lists(st.tuples(st.text(max_size=9), st.booleans(), st.sampled_from(["facebook", "x", "long"])), max_size=12)
    )
    made = samples.case(
        *(samples.thread(key, public=public, channel=channel) for key, public, channel in threads),
        name=draw(WORDS),
        handle=draw(MAYBE),
    )
    return replace(
        made,
        status=draw(st.sampled_from(Status)),
        priority=draw(st.sampled_from(Priority)),
        reasons=tuple(draw(st.lists(WORDS, max_size=5))),
        assignee=draw(MAYBE),
        revision=draw(st.integers(0, 2)),
        solved_at=draw(st.none() | st.just(samples.NOW)),
    )


@settings(deadline=None, max_examples=60)
@given(cases(), st.none() | messages(), WORDS)
def test_any_card(case: Case, latest: Message | None, name: str) -> None:
    check_posting(card(case, latest, network=name, queue=name, assignee=case.assignee, now=samples.NOW))


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(LINES)), st.none() | messages(), WORDS)
def test_any_line(fact: Fact, message: Message | None, name: str) -> None:
    scene = Scene(name, name, name, samples.NOW, message, replace(REPLY, text=name))
    posting = line(samples.happened(fact, **DATA.get(fact, {})), scene)
    assert posting is not None
    check_posting(posting)


@settings(deadline=None, max_examples=60)
@given(cases())
def test_any_reply_window(case: Case) -> None:
    check_view(replying.reply(case, samples.network, samples.NOW))
