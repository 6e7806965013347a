"""Many lines of a thread in one post, for when Slack let us wait so long that telling each would bury the desk.

Nothing of a line is left out: a digest holds its lines whole, one after the other, and where they do not fit into one
post they make several.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack.blocks import Block, Posting, metadata, section, texts
from chalicelib.slack.times import moment

KIND = "digest"
SIZE = 20
"""So many events stand in one digest."""
BLOCKS, LETTERS = 48, 10_000
"""Slack takes fifty blocks a message and names no sum of letters that is safe; a long page is hard to read, too."""
ALONE = frozenset(
    {Fact.REPLY_FAILED, Fact.REPLY_UNKNOWN, Fact.REPLY_HELD, Fact.ACT_FAILED, Fact.CASE_ESCALATED}
    | {Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED}
)
"""Somebody has to act on these, so each is told by itself; so is all that calls the channel or has buttons."""
TOLD: Mapping[Fact, str] = {
    Fact.MESSAGE_RECEIVED: "messages of the customer",
    Fact.MESSAGE_EDITED: "messages changed",
    Fact.MESSAGE_DELETED: "messages taken back",
    Fact.NOTE_ADDED: "notes",
    Fact.REPLY_QUEUED: "answers written",
    Fact.REPLY_SENT: "answers sent",
    Fact.REPLY_ELSEWHERE: "answers given outside of Heed",
}

Told = tuple[TimelineEvent, Posting]
"""An event with its line."""


def span(seq: int) -> tuple[int, int]:
    """The first and the last event of the digest that would tell this one."""
    first = (seq - 1) // SIZE * SIZE + 1
    return first, first + SIZE - 1


def name(seq: int) -> str:
    """Under which name that digest is posted once."""
    return _named(*span(seq))


def _named(first: int, last: int) -> str:
    return f"{KIND}-{first:08d}-{last:08d}"


def is_page(post: str) -> bool:
    return post.startswith(f"{KIND}-")


def tells(post: str, seq: int) -> bool:
    """Whether this event is within the digest of that name."""
    first, last = post.removeprefix(f"{KIND}-").split("-") if is_page(post) else ("1", "0")
    return int(first) <= seq <= int(last)


def fits(event: TimelineEvent, line: Posting) -> bool:
    """Whether this line may be told together with others."""
    buttons = any(block["type"] == "actions" for block in line.blocks)
    return not (line.broadcast or buttons or event.fact in ALONE)


def pages(told: Sequence[Told]) -> list[Sequence[Told]]:
    """The lines in as few posts as Slack's limits allow, halved until each fits."""
    blocks = [block for _, line in told for block in line.blocks]
    if len(told) == 1 or (len(blocks) <= BLOCKS and sum(map(len, texts(blocks))) <= LETTERS):
        return [told]
    half = len(told) // 2
    return [*pages(told[:half]), *pages(told[half:])]


def page_name(page: Sequence[Told]) -> str:
    return _named(page[0][0].seq, page[-1][0].seq)


def digest(page: Sequence[Told], post: str, now: datetime) -> Posting:
    """What happened while Slack was busy or away: counted, and then line by line."""
    first, last = page[0][0], page[-1][0]
    words = (
        f":scroll: *{len(page)} things at once*, because Slack was busy or away: "
        f"{_counted(page)}, from {moment(first.at, now)} to {moment(last.at, now)}. "
        "The card shows the case as it is now."
    )
    return _page(words, page, post, now)


def history(page: Sequence[Told], post: str, now: datetime) -> Posting:
    """What happened before, for the thread of a card that came from elsewhere."""
    words = f":scroll: *What happened before*, the latest {len(page)}: {_counted(page)}."
    return _page(words, page, post, now)


def _page(words: str, page: Sequence[Told], post: str, now: datetime) -> Posting:
    lines = [block for event, line in page for block in _timed(event, line, now)]
    about = page[0][0]
    return Posting(words, (section(words), *lines), metadata(about.brand, about.case_id, post))


def _timed(event: TimelineEvent, line: Posting, now: datetime) -> list[Block]:
    """The blocks of a line, which begins with the time of what it tells."""
    head, *others = line.blocks
    return [section(f"{moment(event.at, now)}  {head['text']['text']}"), *others]


def _counted(page: Sequence[Told]) -> str:
    counts = Counter(TOLD.get(event.fact, "other things") for event, _ in page)
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
