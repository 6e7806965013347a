"""The audit of a storm: what the doubles sent and received, against what the store holds. It believes nobody."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain import ids
from chalicelib.domain.message import Direction
from chalicelib.domain.reply import ReplyState
from chalicelib.domain.timeline import Fact, TimelineEvent
from chalicelib.slack import lines
from chalicelib.slack.cards import POST
from infra.doubles.networks.ledger import Post
from infra.doubles.networks.people import Person
from infra.doubles.networks.storm import Expect, Planned
from infra.local.demo.agents import Asked, Noted, Work
from infra.local.demo.storm import Delivery
from infra.local.demo.truth import Key, Truth

LOST, DOUBLED = "lost", "doubled"


@dataclass(frozen=True, slots=True)
class Problem:
    """``kind`` is lost or doubled; ``what`` holds ids and says where to look."""

    kind: str
    what: str


@dataclass(frozen=True)
class Evidence:
    """Everything there is to compare. ``new`` is the part of ``truth`` that came during the storm.

    ``cards`` counts Slack's messages by brand, case and name of the post; ``dead`` names what lies in dead-letter
    queues; ``brands`` gives the brand of each account.
    """

    deliveries: Sequence[Delivery]
    truth: Truth
    new: Truth
    work: Work
    posts: Sequence[Post]
    shown: Mapping[tuple[str, str, str], int]
    brands: Mapping[str, str]
    dead: Sequence[str] = field(default_factory=list)


def audit(evidence: Evidence) -> list[Problem]:
    parts = (_messages, _replies, _unasked, _notes, _cards, _lines, _clocks)
    found = [problem for part in parts for problem in part(evidence)]
    return found + [Problem(LOST, f"dead letter: {one}") for one in evidence.dead]


def count(problems: Iterable[Problem], kind: str) -> int:
    return sum(problem.kind == kind for problem in problems)


def _messages(evidence: Evidence) -> Iterator[Problem]:
    """Each message whose webhooks were all accepted is there once, with the words it has in the end."""
    expected = _expected(evidence)
    for key, expect in expected.items():
        message = evidence.truth.messages.get(key)
        if message is None or message.direction is not Direction.INBOUND:
            yield Problem(LOST, f"message {expect.id} is not there")
        elif (message.words, message.deleted_at is not None) != (expect.text, expect.deleted):
            yield Problem(LOST, f"message {expect.id} has not the words it had in the end")
    for message in evidence.new.inbound():
        if (message.brand, message.id) not in expected:
            yield Problem(DOUBLED, f"message {message.native_id} on {message.channel} was never sent")


def _expected(evidence: Evidence) -> dict[Key, Expect]:
    """By key in the store. What was refused was not promised, so a message with a refused webhook is left out."""
    outcome: dict[bytes, bool] = defaultdict(bool)
    for delivery in evidence.deliveries:
        outcome[delivery.planned.request.body] |= delivery.accepted
    expected: dict[Key, Expect] = {}
    refused: set[Key] = set()
    for planned in (delivery.planned for delivery in evidence.deliveries):
        if planned.expect is not None:
            brand = evidence.brands[planned.account_key]
            key = brand, ids.message_id(brand, planned.account_key, native_id(planned))
            expected[key] = planned.expect
            if not outcome[planned.request.body]:
                refused.add(key)
    return {key: expect for key, expect in expected.items() if key not in refused}


def native_id(planned: Planned) -> str:
    """What names the message on its whole network. Telegram numbers them anew in each chat."""
    expect = planned.expect
    if expect is None:
        return ""
    return f"{expect.author}:{expect.id}" if planned.network == "telegram" else expect.id


def _replies(evidence: Evidence) -> Iterator[Problem]:
    """Each answer an agent sent stands on the network exactly once, where it belongs."""
    people = _people(evidence)
    for asked in evidence.work.asked:
        posts = [post for post in evidence.posts if post.text == asked.text]
        if not posts and asked.certain and not _known_failed(evidence, asked):
            yield Problem(LOST, f"the reply in case {asked.case_id} never reached its network")
        if len(posts) > 1:
            yield Problem(DOUBLED, f"the reply in case {asked.case_id} was posted {len(posts)} times")
        for post in posts[:1]:
            person = people.get((asked.brand, asked.case_id.rpartition("-")[0]))
            if person is None or not person.is_meant(post, asked.mode):
                yield Problem(LOST, f"the reply in case {asked.case_id} went to {post.parent or post.recipient}")


def _known_failed(evidence: Evidence, asked: Asked) -> bool:
    """The network said no and the agent was told so: that is not a loss."""
    return any(
        (reply.brand, reply.case_id, reply.text, reply.state)
        == (asked.brand, asked.case_id, asked.text, ReplyState.FAILED)
        for reply in evidence.new.replies.values()
    )


def _unasked(evidence: Evidence) -> Iterator[Problem]:
    """Nothing else is said in our name, and what Heed calls sent is there."""
    asked = {one.text for one in evidence.work.asked}
    for post in evidence.posts:
        if post.text not in asked:
            yield Problem(DOUBLED, f"post {post.id} was never asked for")
    posted = {(post.network, post.text) for post in evidence.posts}
    for reply in evidence.new.replies.values():
        if reply.state is ReplyState.SENT and (reply.channel, reply.text) not in posted:
            yield Problem(LOST, f"reply {reply.id} is called sent, and is not on {reply.channel}")
        if reply.state is ReplyState.FAILED and (reply.channel, reply.text) in posted:
            yield Problem(DOUBLED, f"reply {reply.id} is called failed, and is on {reply.channel}")


def _notes(evidence: Evidence) -> Iterator[Problem]:
    held = Counter(
        Noted(one.brand, one.case_id or "", one.text or "")
        for one in evidence.new.messages.values()
        if one.direction is Direction.NOTE
    )
    for noted, times in Counter(evidence.work.noted).items():
        yield from _off(held[noted], times, f"the note in case {noted.case_id}")


def _cards(evidence: Evidence) -> Iterator[Problem]:
    for brand, case_id in evidence.new.cases:
        yield from _off(evidence.shown.get((brand, case_id, POST), 0), 1, f"the card of case {case_id}")


def _lines(evidence: Evidence) -> Iterator[Problem]:
    """What is to be told in the thread of a new case is told there once."""
    noted = {(one.brand, one.case_id) for one in evidence.work.noted}
    names = {
        (event.brand, event.case_id, lines.name(event)): event
        for event in evidence.new.events.values()
        if event.fact in lines.LINES and (event.brand, event.case_id) in evidence.new.cases
    }
    for name, event in names.items():
        by_hand = event.fact is Fact.NOTE_ADDED and name[:2] in noted
        if not by_hand:
            yield from _off(evidence.shown.get(name, 0), 1, f"the line of {event.fact} in case {event.case_id}")


def _clocks(evidence: Evidence) -> Iterator[Problem]:
    """Each warning and each breach is recorded once, and no promise ran out unnoticed."""
    alarms = [*evidence.new.told(Fact.CLOCK_WARNED), *evidence.new.told(Fact.CLOCK_BREACHED)]
    for (case_id, fact, *_), times in Counter(map(_alarm, alarms)).items():
        yield from _off(times, 1, f"{fact} in case {case_id}")
    for case in evidence.new.cases.values():
        for clock in case.clocks:
            if case.live and clock.running and clock.breached_at is None:
                yield Problem(LOST, f"nobody noticed that {clock.metric} of case {case.id} was due at {clock.due_at}")


def _alarm(event: TimelineEvent) -> tuple[str, str, str, int]:
    return event.case_id, event.fact.value, event.data["metric"], event.data["instance"]


def _off(found: int, wanted: int, what: str) -> Iterator[Problem]:
    if found < wanted:
        yield Problem(LOST, f"{what} is missing")
    if found > wanted:
        yield Problem(DOUBLED, f"{what} is there {found} times instead of {wanted}")


@dataclass
class Customer:
    """Somebody of the storm, as the networks know them: ids, numbers, and what they wrote where."""

    person: Person
    public: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)

    def is_meant(self, post: Post, mode: str) -> bool:
        """Whether a post is for them: below their public words, or to themselves."""
        if mode == "public":
            return post.parent in self.public
        return post.recipient in {self.person.id, self.person.phone} or post.parent in self.public | self.private


def _people(evidence: Evidence) -> dict[Key, Customer]:
    """Everybody who wrote, by brand and contact."""
    people: dict[Key, Customer] = {}
    for planned in (delivery.planned for delivery in evidence.deliveries):
        if planned.expect is not None:
            brand = evidence.brands[planned.account_key]
            key = brand, ids.contact_id(brand, planned.network, planned.person.id)
            customer = people.setdefault(key, Customer(planned.person))
            (customer.public if planned.expect.public else customer.private).add(planned.expect.id)
    return people
