"""The six networks, played by their doubles: they take replies, and send webhooks until accepted."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.channels.base import Credentials, Request, Response
from chalicelib.channels.parts.files import PDF, PNG
from chalicelib.net.http import Urllib3Http
from infra.doubles.networks.accounts import ACCOUNTS, Account
from infra.doubles.networks.ledger import Desk, Ledger, Post
from infra.doubles.networks.native_ids import Ids
from infra.doubles.networks.people import KINDS, Event, Person, build, fresh
from infra.doubles.networks.server import NETWORKS
from infra.doubles.networks.shapes import Answer, Call
from infra.doubles.networks.storm import PLACES, Place
from tests.build import config_data
from tests.simulation.line import HOST, Line
from tests.simulation.scheduler import moment

if TYPE_CHECKING:
    from tests.simulation.world import World

RESEND = 60
IDEMPOTENT = "standard_webhooks"
"""The network that knows our replies by our own ids."""
TOLD_APART = {"facebook", "whatsapp", IDEMPOTENT}
"""The networks to which we tell which reply it is, so that two may say the same."""
_COLLEAGUES = {"facebook": "echo_other", "whatsapp": "echo_other", "instagram": "echo", "x": "echo", IDEMPOTENT: "echo"}


def _ours() -> tuple[Account, ...]:
    """The doubles' accounts under the keys and ids of the policy."""
    known = {one["channel"]: (key, one["native_id"]) for key, one in config_data()["accounts"].items()}
    return tuple(replace(one, key=known[one.network][0], native_id=known[one.network][1]) for one in ACCOUNTS)


OURS = _ours()
CREDENTIALS = {
    (one.network, one.key): Credentials(
        (one.secret,), token=one.token or None, account=one.native_id, api=f"{HOST}/{one.network}"
    )
    for one in OURS
}


def fetched(link: str) -> str:
    """What a network keeps of a file: its media type, and here its link."""
    return f"{PNG if link.endswith('.png') else PDF} {link}"


@dataclass(slots=True, eq=False)
class Hook:
    """One webhook on its way: ``what`` names the truth it tells."""

    account: Account
    event: Event
    what: str
    accepted: int = 0
    refused: int = 0


@dataclass
class Customer:
    """Somebody on one network, at one of its places: in public, or in private."""

    account: Account
    place: Place
    ids: Ids
    person: Person

    def event(self, text: str, at: datetime) -> Event:
        if self.place.message == "mention":
            text = f"{text} @{self.account.handle}"
        told = Event(self.place.message, self.person, "", at, text, thread=self.ids.thread(self.place.public))
        return replace(told, id=self.ids.message(told))


@dataclass
class Network:
    """``ledger`` is what stands there of us, ``bounced`` the replies that did not arrive, as it told later."""

    world: "World"
    hooks: list[Hook] = field(default_factory=list)
    elsewhere: int = 0
    bounced: set[str] = field(default_factory=set)
    _customers: dict[str, Customer] = field(default_factory=dict)
    _number: int = 0

    def __post_init__(self) -> None:
        self.ledger = Ledger(lambda: self.at, fetch=fetched)
        self._client = Urllib3Http()
        self._client.__dict__["_pool"] = Line(self)

    # -- customers ------------------------------------------------------------------------------------------------

    def customer(self, at: Account | None = None) -> Customer:
        """Somebody new, of that account or any."""
        random = self.world.random
        account = at or random.choice(OURS)
        place = random.choice(PLACES[account.network])
        self._number += 1
        ids = Ids(account, random, random.randrange(10**6) * 100 + self._number)
        made = Customer(account, place, ids, Person(ids.person(), f"Customer {self._number}", "cust", ids.phone()))
        for name in (made.person.id, made.person.phone, f"conv_{made.person.id}"):
            self._customers[name] = made
        return made

    def tell(self, customer: Customer, event: Event, what: str, *, slow: int = 3) -> None:
        self._customers[event.id] = customer
        hook = Hook(customer.account, event, what)
        self.hooks.append(hook)
        faults, scheduler = self.world.faults, self.world.scheduler
        scheduler.between(0, 300 if faults.fires("webhook overtaken") else slow, lambda: self._post(hook))
        if faults.fires("webhook repeated"):
            scheduler.between(0, 900, lambda: self._post(hook))

    def _post(self, hook: Hook) -> None:
        """Sent again until there was a 200, as every network does for hours."""
        request = fresh(hook.account, build(hook.account, hook.event), moment(self.world.scheduler.now))
        answer = self.world.posted("edge", f"/hooks/{request.path}", request.headers, request.body.decode())
        if answer is not None:
            hook.accepted += 1
            return
        hook.refused += 1
        self.world.scheduler.after(RESEND, lambda: self._post(hook))

    def colleague(self, customer: Customer) -> None:
        """Somebody of ours answers in the network's own app."""
        kind = _COLLEAGUES.get(customer.account.network)
        if kind and not customer.place.public:
            self.elsewhere += 1
            text = f"A colleague says {self.elsewhere}"
            self.tell(customer, Event(kind, customer.person, self.fresh("else"), self.at, text), "colleague")

    # -- what stands there ----------------------------------------------------------------------------------------

    def reply_of(self, post: Post) -> str:
        """Which reply of ours that is: by what we attached to it, or else by its words or its file."""
        return post.reference or self.world.reply_saying(post.text or post.file)

    def posted(self) -> Counter[str]:
        return Counter(self.reply_of(post) for post in self.ledger.posts)

    def fresh(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}-{self._number}"

    @property
    def at(self) -> datetime:
        """The network's own clock."""
        return moment(self.world.scheduler.now + self.world.network_skew)

    # -- the port -------------------------------------------------------------------------------------------------

    def send(self, request: Request, timeout: timedelta) -> Response:
        """By Heed's own client: it is the line that is played."""
        return self._client.send(request, timeout)

    def act(self, name: str, call: Call) -> Answer:
        """What the network of that name does once a request has reached it."""
        known = len(self.ledger.posts)
        accounts = [one for one in OURS if one.network == name]
        answer = NETWORKS[name].answer(call, accounts, lambda account: Desk(self.ledger, account))
        for post in self.ledger.posts[known:]:
            self._news(name, post)
        return answer

    def knows(self, call: Call) -> bool:
        """Whether that is a reply it has, by our own id of it."""
        return any(one.reference == call.headers.get("webhook-id", "-") for one in self.ledger.posts)

    def _news(self, name: str, post: Post) -> None:
        customer = self._customers.get(post.recipient) or self._customers.get(post.parent)
        if customer is None:
            return
        faults, kinds = self.world.faults, KINDS[name]
        public = post.kind == "comment"
        echo = "comment_echo" if public else "echo"
        if echo in kinds and name != IDEMPOTENT and not faults.fires("echo missing"):
            parent = post.parent if public else post.reference
            thread = customer.ids.thread(public)
            file = post.file and ("image" if post.file.startswith("image/") else "file")
            event = Event(echo, customer.person, post.id, self.at, post.text, parent, thread, file)
            self.tell(customer, event, "echo")
        if not public and not faults.fires("receipt missing"):
            self._receipt(name, post, customer)

    def _receipt(self, name: str, post: Post, customer: Customer) -> None:
        kind = "failed" if self.world.faults.fires("fails late") else "delivered"
        if kind not in KINDS[name]:
            return
        if kind == "failed":
            self.bounced.add(self.reply_of(post))
        id = post.reference if name == IDEMPOTENT else post.id
        event = Event(kind, customer.person, id, self.at, parent=post.reference)
        self.tell(customer, event, "receipt", slow=90)
