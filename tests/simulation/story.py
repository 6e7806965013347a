"""A short story by seed: customers write, change their minds and fall silent; agents take, answer, note, settle."""

from dataclasses import dataclass, field
from random import Random

from chalicelib.domain import ids
from chalicelib.domain.case import Case
from chalicelib.domain.commands import AddNote, Answer, Assign, Command, Release, Resolve, Settle, Tag, Take, Undo
from chalicelib.domain.errors import Refusal
from chalicelib.domain.reply import Mode, Reply, ReplyState
from tests.build import BRAND
from tests.simulation.languages import LANGUAGES, Language, Said
from tests.simulation.queues import POISON
from tests.simulation.scheduler import moment
from tests.simulation.world import World

LENGTH = 1500
PATIENCE = 20


@dataclass
class Words:
    """One message of a customer as it should end: what it says in the end, and None once it was taken back."""

    language: Language
    said: Said
    text: str | None


@dataclass
class Story:
    world: World
    words: list[Words] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    poison: int = 0

    def begin(self) -> None:
        random, scheduler = self.world.random, self.world.scheduler
        for number in range(random.randint(1, 2)):
            language = random.choice(LANGUAGES)
            customer = f"49{random.randint(10**8, 10**9 - 1)}{number}"
            for at in sorted(random.sample(range(LENGTH), random.randint(1, 3))):
                scheduler.after(at, lambda who=customer, how=language: self._writes(how, who))  # type: ignore[misc]
            if random.random() < 0.15:
                scheduler.between(60, LENGTH, lambda who=customer, how=language: self._colleague(how, who))  # type: ignore[misc]
        for _ in range(random.randint(2, 6)):
            scheduler.between(5, LENGTH + 400, self._agent)
        if random.random() < 0.05:
            self._poison()

    def _poison(self) -> None:
        self.poison += 1
        body = '{"channel":"facebook","hook":"harbor-facebook","received_at":"no time","body":{"object":"page"}}'
        self.world.scheduler.between(0, LENGTH, lambda: self.world.inbound.post(POISON, POISON, body))

    # -- customers ------------------------------------------------------------------------------------------------

    def _writes(self, language: Language, customer: str) -> None:
        network, random = self.world.network, self.world.random
        id = network.fresh("in")
        angry = "this is a scandal" if random.random() < 0.2 else "where is it"
        said = Said(id, customer, f"{angry} {id}", network.at)
        words = Words(language, said, said.text)
        self.words.append(words)
        network.tell(language, language.message(said), "message", id)
        if random.random() < 0.3:
            self._edits(words, random)
        if random.random() < 0.25:
            self.world.scheduler.between(1, 200, lambda: self._deletes(words))

    def _edits(self, words: Words, random: Random) -> None:
        for number in range(random.randint(1, 2)):
            self.world.scheduler.between(2 + 60 * number, 60 + 60 * number, lambda v=number + 1: self._edit(words, v))  # type: ignore[misc]

    def _edit(self, words: Words, version: int) -> None:
        if words.text is None:
            return
        network = self.world.network
        said = Said(words.said.id, words.said.customer, f"{words.said.text}, version {version}", network.at)
        words.text = said.text
        network.tell(words.language, words.language.edit(said, version), "edit", said.id, str(version))

    def _deletes(self, words: Words) -> None:
        words.text = None
        network = self.world.network
        said = Said(words.said.id, words.said.customer, "", network.at)
        network.tell(words.language, words.language.delete(said), "delete", said.id)

    def _colleague(self, language: Language, customer: str) -> None:
        self.world.network.colleague(language, customer)

    # -- agents ---------------------------------------------------------------------------------------------------

    def _agent(self) -> None:
        """Somebody looks at a case and does what it seems to need."""
        cases, random = self.world.truth.cases, self.world.random
        if not cases:
            return
        case, agent = random.choice(cases), random.choice(("ana", "tom"))
        for reply in self.world.truth.replies:
            if reply.case_id == case.id and reply.state is ReplyState.UNKNOWN and random.random() < 0.7:
                self._settles(case, reply, agent)
                return
        self._asks(self._command(case, agent), presses=2 if random.random() < 0.2 else 1)

    def _command(self, case: Case, agent: str) -> Command:
        id, random = self.world.network.fresh("view"), self.world.random
        thread = case.thread()
        whats = ("answer", "take", "note", "resolve", "release", "assign", "tag")
        what = random.choices(whats, (50, 12, 10, 18, 4, 3, 3))[0]
        if what == "answer" and thread is not None:
            text = "Thank you!" if random.random() < 0.2 else f"This is answer {id}."
            if random.random() < 0.1:
                self._thinks_again(case, id, agent)
            return Answer(id, BRAND, case.id, agent, text, Mode.PRIVATE, thread.conversation_id)
        if what == "note":
            self.notes.add(id)
            return AddNote(id, BRAND, case.id, agent, f"note {id}")
        if what == "assign":
            return Assign(id, BRAND, case.id, agent, to="tom")
        if what == "tag":
            return Tag(id, BRAND, case.id, agent, add=(f"tag-{random.randint(1, 3)}",))
        return {"take": Take, "resolve": Resolve, "release": Release}.get(what, Take)(id, BRAND, case.id, agent)

    def _thinks_again(self, case: Case, answer: str, agent: str) -> None:
        """They take an answer back, in time or not."""
        id = self.world.network.fresh("undo")
        undo = Undo(id, BRAND, case.id, agent, ids.reply_id(BRAND, answer))
        self.world.scheduler.between(0, 4, lambda: self._asks(undo, presses=1))

    def _settles(self, case: Case, reply: Reply, agent: str) -> None:
        """They look at the network, honestly; what comes there a moment later they cannot have seen."""
        seen = any(one.reply_id == reply.id for one in self.world.network.said)
        if not seen:
            self.world.tally.agent_asked[reply.id] += 1
        id = self.world.network.fresh("click")
        self._asks(Settle(id, BRAND, case.id, agent, reply.id, posted=seen), presses=1)

    def _asks(self, command: Command, presses: int) -> None:
        """An agent presses again until there is an answer, and sometimes twice at once."""
        for _ in range(presses):
            self.world.scheduler.between(0, 1, lambda: self._press(command))

    def _press(self, command: Command) -> None:
        if not self.world.run("agent", lambda: self._bus(command)):
            self.world.scheduler.after(PATIENCE, lambda: self._press(command))

    def _bus(self, command: Command) -> None:
        try:
            self.world.bus(command, moment(self.world.scheduler.now))
        except Refusal:
            self.world.tally.refusals += 1
