"""One checker for every run: what went in came out, once, and everything told is true by its timestamps."""

import json
from collections import Counter
from collections.abc import Iterator

from chalicelib import channels
from chalicelib.aws.queues import GROUP
from chalicelib.domain import ids
from chalicelib.domain.commands import Act
from chalicelib.domain.draft import Draft
from chalicelib.domain.effects import event_name
from chalicelib.domain.message import Direction
from chalicelib.domain.moderation import ENDED, Action, ActionState
from chalicelib.domain.reply import Reply, ReplyState
from chalicelib.domain.timeline import Fact
from infra.doubles.networks.people import build
from tests.build import BRAND
from tests.simulation import check_audit, check_clocks, check_desk
from tests.simulation.aws import SETTINGS
from tests.simulation.aws import told as said_of
from tests.simulation.story import POISON, Story, Words
from tests.simulation.world import World

FINAL = (ReplyState.SENT, ReplyState.FAILED, ReplyState.UNKNOWN, ReplyState.HELD)
OPEN = (ReplyState.UNKNOWN, ReplyState.HELD)
UNSURE = ("lost", "crashes", "store.commit throttled")
"""Faults after which a page goes out again: better twice than never."""
_DELETED = (Act.DELETE, ActionState.DONE)


def findings(world: World, story: Story) -> Iterator[str]:
    """What is wrong, in words; nothing when all is well."""
    yield from _messages(world, story)
    yield from _replies(world)
    yield from _following(world, story)
    yield from _said_elsewhere(world)
    yield from _notes(world, story)
    yield from _sent(world, story)
    yield from _acts(world)
    yield from _calls(world)
    yield from check_desk.findings(world)
    yield from check_clocks.findings(world)
    yield from check_audit.findings(world)
    yield from _counted(world)
    yield from _left_over(world, story)


def _messages(world: World, story: Story) -> Iterator[str]:
    expected = {named(words): words for words in story.words}
    stored = {one.id: one for one in world.truth.all_messages if one.direction is Direction.INBOUND}
    told = Counter(
        event.data["message_id"] for event in check_clocks.timeline(world) if event.fact is Fact.MESSAGE_RECEIVED
    )
    gone = deleted(world)
    for message_id, words in expected.items():
        message = stored.get(message_id)
        text = None if message_id in gone else words.text
        if message is None:
            yield f"lost: message {words.said.id} was accepted and is not there"
        elif message.words != text:
            yield f"wrong: message {words.said.id} says {message.words!r} and should say {text!r}"
        if told[message_id] != 1:
            yield f"message {words.said.id} is told {told[message_id]} times"
    for message_id in stored.keys() - expected.keys():
        yield f"unexpected: nobody wrote message {stored[message_id].native_id}"
    for hook in world.network.hooks:
        if not hook.accepted:
            yield f"never accepted: {hook.what}"


def deleted(world: World) -> set[str]:
    """The messages that agents have had deleted."""
    return {one.message_id for one in world.truth.every(Action) if (one.act, one.state) == _DELETED}


def named(words: Words) -> str:
    """By the name under which its channel knows it."""
    account = words.customer.account
    [event] = channels.load(account.network).read(json.loads(build(account, words.said).body))
    return ids.message_id(BRAND, account.key, event.id or "")


def _replies(world: World) -> Iterator[str]:
    posted = world.network.posted()
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
    if case and (reply.id in case.open_replies) != (reply.state in OPEN):
        yield f"the case takes reply {reply.id}, which is {reply.state}, for an open one or not wrongly"


def _following(world: World, story: Story) -> Iterator[str]:
    """What is to follow an answer leaves once that was sent, and not before."""
    for reply_id, part in story.agents.follows.items():
        reply = world.truth.reply(BRAND, reply_id)
        if reply is None or not part:
            continue
        there = world.truth.reply(BRAND, ids.reply_id(BRAND, f"{reply_id}:{part}")) is not None
        if there and reply.state is not ReplyState.SENT and reply_id not in world.network.bounced:
            yield f"unexpected: the {part} of reply {reply_id} follows, which is {reply.state}"
        if not there and reply.state is ReplyState.SENT:
            yield f"lost: the {part} of reply {reply_id} does not follow"


def _twin_posted(world: World, reply: Reply) -> bool:
    """Two replies in doubt in the same words: Messenger's read-back shows words only, so one may pass for the other.

    So may one file on Instagram and X, which tell in an echo neither whose nor which it is.
    """
    twins = {one.id for one in world.truth.replies if (one.case_id, one.text) == (reply.case_id, reply.text)}
    alike = reply.channel == "facebook" or (reply.channel in ("instagram", "x") and reply.file is not None)
    return alike and any(one in twins for one in world.network.posted())


def _said_elsewhere(world: World) -> Iterator[str]:
    """Our own words must never be told as a colleague's, nor a colleague's twice.

    Of a reply that a person has found there we do not know the id: should its echo come still, it is taken for another.
    So is a post of ours that a person had sent again, because the network showed it only later.
    """
    told = sum(event.fact is Fact.REPLY_ELSEWHERE for event in check_clocks.timeline(world))
    seen = sum((one.native_id or "").startswith("seen-by") for one in world.truth.replies)
    again = sum(number - 1 for number in world.network.posted().values())
    if told > world.network.elsewhere + seen + again:
        yield f"{told} answers of colleagues are told, and there were {world.network.elsewhere}"


def _notes(world: World, story: Story) -> Iterator[str]:
    """Each note that was asked for is there once, and says what its author said last."""
    notes = {one.id: one for one in world.truth.all_messages if one.direction is Direction.NOTE}
    told = Counter(event.data["message_id"] for event in check_clocks.timeline(world) if event.fact is Fact.NOTE_ADDED)
    for id, text in story.agents.notes.items():
        if id not in notes:
            yield f"lost: note {id} was written and is not there"
        elif notes[id].words != text:
            yield f"wrong: note {id} says {notes[id].words!r} and should say {text!r}"
        if told[id] != 1:
            yield f"note {id} is told {told[id]} times"


def _sent(world: World, story: Story) -> Iterator[str]:
    """The words of a window that closed are an answer, or a draft of whoever wrote them."""
    drafts = {(one.case_id, one.agent) for one in world.truth.every(Draft) if one.text}
    replies = {one.id for one in world.truth.replies}
    for one in story.agents.shift.sent:
        if one.id not in replies and (one.case_id, one.agent) not in drafts:
            yield f"lost: answer {one.id} was sent from its window and is neither an answer nor a draft"


def _acts(world: World) -> Iterator[str]:
    """What was to be done to a message has an end, and where it was done the network has done it."""
    done = Counter((one.verb, one.target) for one in world.network.ledger.actions)
    for act in world.truth.every(Action):
        message = world.truth.message(BRAND, act.message_id)
        if act.state not in ENDED:
            yield f"stuck: act {act.id} is {act.state}"
        if act.state is ActionState.DONE and message and not done[act.act.value, message.native_id or ""]:
            yield f"act {act.id} ({act.act}) is done, and the network has not done it"


def _calls(world: World) -> Iterator[str]:
    """Whom a chain calls is called; outside Slack once, unless nobody could know or record that they were."""
    pages = Counter(one["name"] for one in world.sns.pages)
    unsure = sum(times for site, times in world.faults.fired.items() if site.endswith(UNSURE))
    for name, times in pages.items():
        if times > 1 and not unsure and not world.blown:
            yield f"doubled: {name} is paged {times} times"
    for event in check_clocks.timeline(world):
        if event.fact is Fact.CASE_NOTIFIED and not world.truth.post(BRAND, event.case_id, event.data["name"]):
            yield f"lost: for {event.case_id}/{event.seq} {event.data['way']} is not called"


def _counted(world: World) -> Iterator[str]:
    """Every broken promise once, for chains that go on only in a flood."""
    counted = Counter(world.truth.counted)
    for event in check_clocks.timeline(world):
        if event.fact is Fact.CLOCK_BREACHED and not counted.pop(event_name(event.case_id, event.seq), 0):
            yield f"lost: breach {event.case_id}/{event.seq} is not counted"
    yield from (f"doubled: breach {name} is counted {times} times too often" for name, times in counted.items())


def _dead(world: World, story: Story) -> Iterator[str]:
    yield from (f"own error: {one}" for one in world.tally.own_errors)
    poison = [one for one in world.sqs.letters if said_of(one, GROUP) == POISON]
    yield from (f"dead letter: {one}" for one in world.sqs.letters if one not in poison)
    if len({one["body"] for one in poison}) != story.poison:
        yield "the poison is not in the dead letters"


def _left_over(world: World, story: Story) -> Iterator[str]:
    for event in world.truth.owing:
        yield f"pending: {event.case_id}/{event.seq} {event.fact} still owes its effects"
    if not world.scheduler.idle:
        yield "never quiet: something still happens hours after the drain began"
    yield from _dead(world, story)
    for topic, facts in _OWED.items():
        seqs = {(one.case_id, one.seq) for one in check_clocks.timeline(world) if facts is None or one.fact in facts}
        told = world.sns.told.get(topic, Counter[tuple[str, int]]())
        if missing := seqs ^ set(told):
            yield f"{topic} lacks, or has too many of: {sorted(missing)}"
        yield from _told_again(world, topic, told)
    swept, audited = world.meter.counts["effects_swept"], world.meter.counts["checkpoints_missed"]
    if world.calm and swept + audited > _overdue(world):
        yield f"nothing failed, and yet {swept} were swept, {audited} audited"


def _overdue(world: World) -> int:
    """Cases that were reopened when something in them was over already: the auditor may be as quick as the timer."""
    return sum(event.arm is not None and event.arm < event.at for event in check_clocks.timeline(world))


def _told_again(world: World, topic: str, told: Counter[tuple[str, int]]) -> Iterator[str]:
    """Whoever dies in the middle of a row, or hears no answer, does one effect of it again; nothing else does."""
    fired = world.faults.fired
    excuses = sum(times for site, times in fired.items() if site.startswith(("publisher", "sweeper", "stream tells")))
    again = told.total() - len(told)
    if again > excuses + world.blown + world.tally.redone:
        yield f"{topic} tells {again} things again, and only {excuses} times something went wrong"


_OWED = {
    SETTINGS.case_events_arn: None,
    SETTINGS.sla_breaches_arn: frozenset({Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED, Fact.CASE_NOTIFIED}),
}
