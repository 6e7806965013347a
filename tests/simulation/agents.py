"""What agents do: each command there is, by chance and honestly, pressed again until there is an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from chalicelib import channels
from chalicelib.channels.base import Capability
from chalicelib.channels.parts.files import PDF, PNG
from chalicelib.domain import commands, ids
from chalicelib.domain.case import Case, Priority, Thread
from chalicelib.domain.errors import Refusal
from chalicelib.domain.message import Direction
from chalicelib.domain.reply import Enclosure, Mode, Reply, ReplyState, Then
from chalicelib.wiring import wired
from tests.build import BRAND
from tests.simulation.network import TOLD_APART, fetched
from tests.simulation.scheduler import moment
from tests.simulation.shift import PATIENCE, Shift
from tests.simulation.world import World

AGENTS = ("ana", "tom", "mia")
SUPERVISOR = "mia"


@dataclass
class Agents:
    """``notes`` is what each note should say in the end, by its id."""

    world: World
    notes: dict[str, str | None] = field(default_factory=dict)
    authors: dict[str, tuple[Case, str]] = field(default_factory=dict)
    follows: dict[str, str] = field(default_factory=dict)
    """What is to follow an answer: its file, or words for everybody; by the answer's id."""

    def __post_init__(self) -> None:
        self.shift = Shift(self)

    def somebody(self) -> None:
        """Somebody looks at a case and does what it seems to need."""
        cases, random = self.world.truth.cases, self.world.random
        if not cases:
            return
        case, agent = random.choice(cases), random.choice(AGENTS)
        replies = [one for one in self.world.truth.replies if one.case_id == case.id]
        unsettled = next((one for one in replies if one.state in _OPEN), None)
        if unsettled and random.random() < 0.7:
            self._looks_after(case, unsettled, agent)
            return
        name = random.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))[0]
        asked = _ASKS[name](self, case, self.world.network.fresh("view"), agent)
        if asked is not None:
            self._asks(asked, presses=2 if random.random() < 0.2 else 1)

    # -- answers --------------------------------------------------------------------------------------------------

    def answer(self, case: Case, id: str, agent: str) -> commands.Command | None:
        thread, random = case.thread(), self.world.random
        if thread is None:
            return None
        twin = thread.channel in TOLD_APART and not thread.public and random.random() < 0.2
        text = "Thank you!" if twin else f"This is answer {id}."
        if random.random() < 0.1:
            self._thinks_again(case, id, agent)
        mode = self._mode(thread)
        then = self._then(id, agent, thread, mode) if random.random() < 0.3 else None
        if then and then.file and random.random() < 0.3:
            text = ""
        self._knows(text, id, then)
        now = moment(self.world.scheduler.now)
        promised = now + timedelta(minutes=10) if random.random() < 0.1 else None
        held = random.random() < 0.15
        return commands.Answer(id, BRAND, case.id, agent, text, mode, thread.conversation_id, held, promised, then)

    def _mode(self, thread: Thread) -> Mode:
        if Capability.PRIVATE_REPLY in thread.capabilities and self.world.random.random() < 0.3:
            return Mode.PRIVATE_REPLY
        return Mode.PUBLIC if thread.public else Mode.PRIVATE

    def _then(self, id: str, agent: str, thread: Thread, mode: Mode) -> Then:
        """What is to be done once the answer was sent: a file, words for everybody, tags, and that it is resolved."""
        random, told = self.world.random, mode is Mode.PRIVATE_REPLY and Capability.REPLY in thread.capabilities
        return Then(
            publicly=f"We wrote to you about {id}." if told else "",
            tags=(f"then-{random.randint(1, 3)}",),
            resolved_by=agent if random.random() < 0.5 else "",
            file=self._file(thread, mode, f"{id}/bill"),
        )

    def _knows(self, text: str, id: str, then: Then | None) -> None:
        """By what each part of an answer is known on the network: its words, its file, its words for everybody."""
        last, file = ids.reply_id(BRAND, id), then.file if then else None
        self.world.texts |= dict.fromkeys([text] if text else self._kept(file) if file else [], last)
        if text and file:
            last = self._follows(last, "file", *self._kept(file))
        if then and then.publicly:
            self._follows(last, "public", then.publicly)

    def _follows(self, reply_id: str, part: str, *known_by: str) -> str:
        """The id of what is to follow a reply; ``known_by`` are its words, or what the networks keep of its file."""
        self.follows[reply_id] = part
        after = ids.reply_id(BRAND, f"{reply_id}:{part}")
        self.world.texts |= dict.fromkeys(known_by, after)
        return after

    def _file(self, thread: Thread, mode: Mode, name: str) -> Enclosure | None:
        """A bill, or a picture of it where nothing else is taken."""
        taken = channels.load(thread.channel).takes(mode)
        mime, ending = (PDF, "pdf") if PDF in taken else (PNG, "png")
        return Enclosure(f"files/{name}.{ending}", f"bill.{ending}", mime, 9) if mime in taken else None

    def _kept(self, file: Enclosure) -> tuple[str, str]:
        """What a network keeps of it that fetches it, and one to which it is handed over."""
        body = file.key.encode()
        self.world.archive.put(file.key, body, file.mime)
        return fetched(self.world.archive.link(file.key)), f"{file.mime} {sha256(body).hexdigest()}"

    def _thinks_again(self, case: Case, answer: str, agent: str) -> None:
        """They take an answer back, in time or not."""
        undo = commands.Undo(self._view(), BRAND, case.id, agent, ids.reply_id(BRAND, answer))
        self.world.scheduler.between(0, 4, lambda: self._asks(undo))

    def _looks_after(self, case: Case, reply: Reply, agent: str) -> None:
        if reply.state is ReplyState.HELD:
            about = (self._view(), BRAND, case.id, SUPERVISOR, reply.id)
            yes = self.world.random.random() < 0.6
            self._asks(commands.Approve(*about) if yes else commands.Reject(*about, "say it kindly"))
        else:
            self._settles(case, reply, agent)

    def _settles(self, case: Case, reply: Reply, agent: str) -> None:
        """They look at the network, honestly; what comes there a moment later they cannot have seen."""
        seen = self.world.network.posted()[reply.id] > 0
        if not seen:
            self.world.tally.agent_asked[reply.id] += 1
        self._asks(commands.Settle(self._view(), BRAND, case.id, agent, reply.id, posted=seen))

    # -- notes, and everything else -------------------------------------------------------------------------------

    def note(self, case: Case, id: str, agent: str) -> commands.Command:
        note = ids.note_id(BRAND, id)
        self.notes[note] = f"note {id}"
        self.authors[note] = (case, agent)
        return commands.AddNote(id, BRAND, case.id, agent, f"note {id}")

    def revise(self, case: Case, id: str, agent: str) -> commands.Command | None:
        written = [one for one in self.world.truth.all_messages if one.id in self.notes]
        mine = next((one for one in written if self.authors[one.id][1] == agent), None)
        if mine is None:
            return None
        text = None if self.world.random.random() < 0.3 else f"note {id}, revised"
        self.notes[mine.id] = text
        order = f"{self.world.scheduler.now:09d}-{id}"
        return commands.ReviseNote(id, BRAND, self.authors[mine.id][0].id, agent, mine.id, text, order)

    def another(
        self, case: Case, kind: type[commands.Merge | commands.Link], id: str, agent: str
    ) -> commands.Command | None:
        others = [one for one in self.world.truth.cases if one.id != case.id]
        return kind(id, BRAND, case.id, agent, self.world.random.choice(others).id) if others else None

    def moderate(self, case: Case, id: str, agent: str) -> commands.Command | None:
        inbound = [one for one in self.world.truth.all_messages if one.direction is Direction.INBOUND]
        mine = [one for one in inbound if one.case_id == case.id]
        if not mine:
            return None
        act = self.world.random.choice(list(commands.Act))
        return commands.Moderate(id, BRAND, case.id, agent, self.world.random.choice(mine).id, act, "house rules")

    def snooze(self, case: Case, id: str, agent: str) -> commands.Command:
        until = moment(self.world.scheduler.now + self.world.random.randint(60, 600))
        return commands.Snooze(id, BRAND, case.id, agent, until, "waits for the shop")

    def prioritise(self, case: Case, id: str, agent: str) -> commands.Command:
        priority = self.world.random.choice(list(Priority))
        return commands.SetPriority(id, BRAND, case.id, agent, priority, "a reason")

    def tag(self, case: Case, id: str, agent: str) -> commands.Command:
        return commands.Tag(id, BRAND, case.id, agent, add=(f"tag-{self.world.random.randint(1, 3)}",))

    # -- asking ---------------------------------------------------------------------------------------------------

    def _view(self) -> str:
        return self.world.network.fresh("view")

    def _asks(self, command: commands.Command, presses: int = 1) -> None:
        """An agent presses again until there is an answer, and sometimes twice at once."""
        self.world.tally.asked[type(command).__name__] += 1
        for _ in range(presses):
            self.world.scheduler.between(0, 1, lambda: self._press(command))

    def _press(self, command: commands.Command) -> None:
        if not self.world.run("agent", lambda: self._bus(command)):
            self.world.scheduler.after(PATIENCE, lambda: self._press(command))

    def _bus(self, command: commands.Command) -> None:
        try:
            wired.bus(command, self.world.now())
        except Refusal:
            self.world.tally.refusals[type(command).__name__] += 1


Ask = Callable[[Agents, Case, str, str], commands.Command | None]


def _plain(kind: Callable[..., commands.Command], **more: object) -> Ask:
    return lambda agents, case, id, agent: kind(id, BRAND, case.id, agent, **more)


_OPEN = (ReplyState.UNKNOWN, ReplyState.HELD)
_ASKS: Mapping[str, Ask] = {
    "answer": Agents.answer,
    "take": _plain(commands.Take),
    "release": _plain(commands.Release),
    "resolve": _plain(commands.Resolve),
    "reopen": _plain(commands.Reopen),
    "dismiss": _plain(commands.Dismiss, reason="praise"),
    "note": Agents.note,
    "revise": Agents.revise,
    "assign": _plain(commands.Assign, to="tom", note="please"),
    "move": _plain(commands.Move, queue="escalations", note="yours"),
    "move back": _plain(commands.Move, queue="messages"),
    "prioritise": Agents.prioritise,
    "snooze": Agents.snooze,
    "wake": _plain(commands.Wake),
    "tag": Agents.tag,
    "merge": lambda agents, case, id, agent: agents.another(case, commands.Merge, id, agent),
    "link": lambda agents, case, id, agent: agents.another(case, commands.Link, id, agent),
    "escalate": _plain(commands.Escalate, reason="it burns"),
    "acknowledge": _plain(commands.Acknowledge),
    "moderate": Agents.moderate,
    "say in Slack": lambda agents, case, id, agent: agents.shift.says(case, id, agent),
    "press in Slack": lambda agents, case, id, agent: agents.shift.presses(case, id, agent),
    "send from Slack": lambda agents, case, id, agent: agents.shift.sends(case, id, agent),
}
_WEIGHTS = dict.fromkeys(_ASKS, 2) | {
    "answer": 40,
    "take": 8,
    "resolve": 12,
    "reopen": 5,
    "note": 6,
    "revise": 4,
    "moderate": 5,
    "say in Slack": 8,
    "press in Slack": 10,
    "send from Slack": 15,
}
