"""One checker for every run: what went in came out, once, and everything told is true by its timestamps."""

from collections import Counter
from collections.abc import Iterator

from chalicelib.domain import ids
from chalicelib.domain.effects import CASE_EVENTS, SLA_BREACHES
from chalicelib.domain.message import Direction
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.timeline import Fact
from tests.build import BRAND
from tests.simulation import check_audit, check_clocks, check_desk
from tests.simulation.story import Story, Words
from tests.simulation.world import World

FINAL = (ReplyState.SENT, ReplyState.FAILED, ReplyState.UNKNOWN)


def findings(world: World, story: Story) -> Iterator[str]:
    """What is wrong, in words; nothing when all is well."""
    yield from _messages(world, story)
    yield from _replies(world)
    yield from _said_elsewhere(world)
    yield from _notes(world, story)
    yield from check_desk.findings(world)
    yield from check_clocks.findings(world)
    yield from check_audit.findings(world)
    yield from _left_over(world, story)


def _messages(world: World, story: Story) -> Iterator[str]:
    expected = {_id(words): words for words in story.words}
    stored = {one.id: one for one in world.truth.all_messages if one.direction is Direction.INBOUND}
    told = Counter(
        event.data["message_id"] for event in check_clocks.timeline(world) if event.fact is Fact.MESSAGE_RECEIVED
    )
    for message_id, words in expected.items():
        message = stored.get(message_id)
        if message is None:
            yield f"lost: message {words.said.id} was accepted and is not there"
        elif message.words != words.text:
            yield f"wrong: message {words.said.id} says {message.words!r} and should say {words.text!r}"
        if told[message_id] != 1:
            yield f"message {words.said.id} is told {told[message_id]} times"
    for message_id in stored.keys() - expected.keys():
        yield f"unexpected: nobody wrote message {stored[message_id].native_id}"
    for hook in world.network.hooks:
        if not hook.accepted:
            yield f"never accepted: {hook.what}"


def _id(words: Words) -> str:
    return ids.message_id(BRAND, words.language.account, words.said.id)


def _replies(world: World) -> Iterator[str]:
    posted = Counter(one.reply_id for one in world.network.said if one.reply_id)
    for reply in world.truth.replies:
        yield from _reply(world, reply, posted[reply.id])
    for reply_id in posted.keys() - {one.id for one in world.truth.replies}:
        yield f"unexpected: nobody wrote reply {reply_id}"


def _reply(world: World, reply: Reply, posted: int) -> Iterator[str]:
    bounced = reply.id in world.network.bounced
    if reply.state not in FINAL:
        yield f"stuck: reply {reply.id} is {reply.state}"
    if posted > 1 + world.tally.agent_asked[reply.id]:
        yield f"doubled: the customer sees reply {reply.id} {posted} times"
    if reply.state is ReplyState.SENT and not posted and not _twin_posted(world, reply):
        yield f"reply {reply.id} is sent, and the network does not have it"
    if reply.state is ReplyState.SENT and bounced:
        yield f"reply {reply.id} is sent, and the network told that it bounced"
    if reply.state is ReplyState.FAILED and posted > world.tally.agent_asked[reply.id] and not bounced:
        yield f"reply {reply.id} has failed ({reply.reason}), and the network has it"
    case = world.truth.case(BRAND, reply.case_id)
    if case and (reply.id in case.open_replies) != (reply.state is ReplyState.UNKNOWN):
        yield f"the case takes reply {reply.id}, which is {reply.state}, for an open one or not wrongly"


def _twin_posted(world: World, reply: Reply) -> bool:
    """Two replies in doubt in the same words: Messenger's read-back shows words only, so one may pass for the other."""
    twins = {one.id for one in world.truth.replies if (one.case_id, one.text) == (reply.case_id, reply.text)}
    return reply.channel == "facebook" and any(one.reply_id in twins for one in world.network.said)


def _said_elsewhere(world: World) -> Iterator[str]:
    """Our own words must never be told as a colleague's, nor a colleague's twice."""
    told = sum(event.fact is Fact.REPLY_ELSEWHERE for event in check_clocks.timeline(world))
    if told > world.network.elsewhere:
        yield f"{told} answers of colleagues are told, and there were {world.network.elsewhere}"


def _notes(world: World, story: Story) -> Iterator[str]:
    notes = Counter(one.id for one in world.truth.all_messages if one.direction is Direction.NOTE)
    if set(notes) != {ids.note_id(BRAND, one) for one in story.notes}:
        yield f"{len(story.notes)} notes were written, {len(notes)} are there"
    told = Counter(event.data["message_id"] for event in check_clocks.timeline(world) if event.fact is Fact.NOTE_ADDED)
    if told != notes:
        yield "a note is told twice or not at all"


def _dead(world: World, story: Story) -> Iterator[str]:
    yield from world.tally.own_errors
    yield from (f"dead letter in {dead.queue.name}: {dead.error!r}" for dead in world.dead if not dead.poison)
    if sum(dead.poison for dead in world.dead) != story.poison:
        yield "the poison is not in the dead letters"


def _left_over(world: World, story: Story) -> Iterator[str]:
    for event in world.truth.owing:
        yield f"pending: {event.case_id}/{event.seq} {event.fact} still owes its effects"
    if not world.scheduler.idle:
        yield "never quiet: something still happens hours after the drain began"
    yield from _dead(world, story)
    for topic, facts in _OWED.items():
        seqs = {(one.case_id, one.seq) for one in check_clocks.timeline(world) if facts is None or one.fact in facts}
        told = world.outside.told.get(topic, Counter[tuple[str, int]]())
        if missing := seqs ^ set(told):
            yield f"{topic} lacks, or has too many of: {sorted(missing)}"
        yield from _told_again(world, topic, told)
    if world.calm and world.tally.swept + world.tally.audited:
        yield f"nothing failed, and yet {world.tally.swept} were swept, {world.tally.audited} audited"


def _told_again(world: World, topic: str, told: Counter[tuple[str, int]]) -> Iterator[str]:
    """Whoever dies in the middle of a row, or hears no answer, does one effect of it again; nothing else does."""
    fired = world.faults.fired
    excuses = sum(times for site, times in fired.items() if site.startswith(("publisher", "sweeper", "stream tells")))
    again = told.total() - len(told)
    if again > excuses + world.blown:
        yield f"{topic} tells {again} things again, and only {excuses} times something went wrong"


_OWED = {CASE_EVENTS: None, SLA_BREACHES: frozenset({Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED})}
