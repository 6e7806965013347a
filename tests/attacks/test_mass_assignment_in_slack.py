"""Windows and buttons that carry more than they asked for, or other than we put into them: ignored or refused."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import ids
from chalicelib.domain.case import Case
from chalicelib.domain.commands import Answer
from chalicelib.domain.draft import Draft
from chalicelib.domain.marks import Mark
from chalicelib.domain.presence import Writing
from chalicelib.domain.reply import Mode
from chalicelib.slack import buttons, forms, modals
from chalicelib.slack.destinations import destinations
from chalicelib.wiring import wired
from infra.doubles.networks.people import Event, Person, build
from tests.attacks.kit import CUSTOMER, EVE, HARBOR, RIVAL, Stand, accounts, two_brands
from tests.attacks.test_cross_brand import click, in_window, names, views, window
from tests.attacks.test_mass_assignment import WISHES, places
from tests.build import NOON, config

MIA, TOM = "U0MIA", "U0TOM"
OTHER = Person("8345118832190456", "Otto Other", "otto_o", "491701234999")
ASIDE = Draft | Mark | Writing
"""Words that somebody may send again, who is known to be who, and who writes."""
THEIRS = {"theirs": {"title": "Theirs", "text": "x", "tags": ["stolen"], "resolve": True, "brands": [RIVAL]}}
FIELDS = (
    *(forms.WHO, forms.QUEUE, forms.PRIORITY, forms.UNTIL, forms.TAGS, forms.CASE, forms.ACT, forms.MESSAGE),
    *(forms.PERSON_TAGS, modals.TEXT, modals.WHERE, modals.MACRO, modals.APPROVAL, modals.ALSO, modals.PUBLIC),
    *(modals.PROMISED, modals.FILE),
)
"""Every field that some window has."""


@dataclass(frozen=True)
class Window:
    """What is sent from it, what else it may hold, and fields with which somebody reaches for what is not theirs."""

    sent: Mapping[str, str]
    more: tuple[str, ...] = ()
    reaching: Mapping[str, str] | None = None


class Desk:
    """Two cases of harbor with an answer that is held, and one of the rival."""

    def __init__(self, heed: Stand) -> None:
        self.heed = heed
        policy = two_brands()
        policy["queues"]["messages"]["chain"] = "urgent"
        steps = [{"kind": "notify", "way": "team"}]
        chains = {"urgent": {"steps": steps, "acknowledged_for": 300, "ends_on_answer": True}}
        wired.use(config(**{**policy, "macros": THEIRS, "chains": chains}))
        for brand, person, id in ((HARBOR, CUSTOMER, "7001"), (HARBOR, OTHER, "7002"), (RIVAL, CUSTOMER, "7003")):
            heed.tell(build(accounts(brand)["facebook"], Event("comment", person, id, NOON, "Where?", thread="1_2")))
        heed.take_in()
        self.case, self.other = heed.cases()
        [self.rival] = heed.cases(RIVAL)
        self.held = [self._holds(case, f"w{at}") for at, case in enumerate((self.case, self.other))]

    def _holds(self, case: Case, id: str) -> str:
        [(conversation, _)] = case.threads.items()
        wired.bus(Answer(id, HARBOR, case.id, "ana", "Sorry!", Mode.PUBLIC, conversation, True), NOON)
        return ids.reply_id(HARBOR, id)

    def about(self, **more: str) -> dict[str, str]:
        return {"brand": HARBOR, "case": self.case.id, "reply": self.held[0], **more}

    def rows(self) -> dict[Any, Any]:
        """All that is stored but what is beside it."""
        return {key: row for key, row in self.heed.parts.store._rows.items() if not isinstance(row, ASIDE)}

    def after(self, payload: dict[str, Any]) -> dict[Any, Any]:
        """What is stored when that was told."""
        with undone(self.heed):
            assert self.heed.presses(payload).status_code == 200
            return self.rows()


@contextmanager
def undone(heed: Stand) -> Iterator[None]:
    """Whatever is stored in between is as if it never had been."""
    store = heed.parts.store
    kept = {name: copy(value) for name, value in vars(store).items() if name != "_lock"}
    kept["_sorts"] = deepcopy(store._sorts)
    yield
    vars(store).update(kept)


def wishing(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with the wishes in each of its objects; a block of a window is one by the name of its element."""
    made: dict[str, Any] = json.loads(json.dumps(payload))
    for node in [one for one in places(made) if "x" not in one]:
        node |= {name: wish for name, wish in WISHES.items() if name not in node}
    return made


@pytest.fixture
def desk(heed: Stand) -> Desk:
    return Desk(heed)


def windows(desk: Desk) -> dict[str, Window]:
    case, other, rival = desk.case, desk.other, desk.rival
    last = {one.id: next(iter(one.threads.values())).last_message_id for one in (case, other, rival)}
    there = {one.id: destinations(one)[0].value for one in (case, other, rival)}
    why, later = {modals.TEXT: "because"}, str(int((NOON + timedelta(hours=5)).timestamp()))
    beside = (modals.MACRO, modals.APPROVAL, modals.ALSO, modals.PUBLIC, modals.PROMISED, modals.FILE)
    hides = {forms.ACT: "hide", forms.MESSAGE: last[case.id], **why}
    return {
        modals.REPLY_VIEW: Window({**why, modals.WHERE: there[case.id]}, beside, {modals.WHERE: there[other.id]}),
        modals.NOTE_VIEW: Window(why),
        forms.ASSIGN_VIEW: Window({forms.WHO: TOM}, (modals.TEXT,), {forms.WHO: EVE}),
        forms.MOVE_VIEW: Window({forms.QUEUE: "escalations"}, (modals.TEXT,), {forms.QUEUE: "nowhere"}),
        forms.PRIORITY_VIEW: Window({forms.PRIORITY: "urgent"}, (modals.TEXT,), {forms.PRIORITY: "divine"}),
        forms.SNOOZE_VIEW: Window({forms.UNTIL: later}, (modals.TEXT,), {forms.UNTIL: "99999999999999"}),
        forms.TAGS_VIEW: Window({forms.TAGS: "vip"}, (forms.PERSON_TAGS,), {forms.TAGS: "<!here>"}),
        forms.MERGE_VIEW: Window({forms.CASE: other.id}, (), {forms.CASE: rival.id}),
        forms.LINK_VIEW: Window({forms.CASE: other.id}, (), {forms.CASE: rival.id}),
        forms.DISMISS_VIEW: Window(why),
        forms.ESCALATE_VIEW: Window(why),
        forms.MODERATE_VIEW: Window(hides, (), {**hides, forms.MESSAGE: last[other.id]}),
        forms.REJECT_VIEW: Window(why),
        forms.ADD_VIEW: Window({forms.CASE: case.id, **why}, (forms.WHO,), {forms.CASE: rival.id}),
    }


def test_every_window_is_in_the_table(desk: Desk) -> None:
    assert sorted(windows(desk)) == views()


@pytest.mark.parametrize("callback", views())
def test_a_window_is_read_by_its_own_fields(desk: Desk, callback: str, figure: Any) -> None:
    """Wishes at every place of the payload; then, one by one, fields that other windows have."""
    one, before = windows(desk)[callback], desk.rows()
    plain = window(MIA, "view_submission", callback, desk.about(), dict(one.sent))
    wanted = desk.after(plain)
    assert wanted != before, "it does what it is for"
    metadata = desk.about() | {name: str(wish) for name, wish in WISHES.items() if name not in desk.about()}
    told = window(MIA, "view_submission", callback, metadata, {**dict.fromkeys(WISHES, "eve"), **one.sent})
    assert desk.after(wishing(told)) == wanted
    foreign = [name for name in FIELDS if name not in (*one.sent, *one.more)]
    for name in foreign:
        hidden = window(MIA, "view_submission", callback, desk.about(), {**one.sent, name: "eve"})
        assert desk.after(hidden) in (wanted, before), name
    figure("assigned", f"{callback}: {len(WISHES)} wishes and {len(foreign)} hidden fields, 0 differences")


@pytest.mark.parametrize("callback", views())
def test_a_window_that_names_what_is_not_its_own_changes_nothing(desk: Desk, callback: str) -> None:
    """What we put into it is another's now: the brand, the case, the answer; and so is what was chosen."""
    one, before = windows(desk)[callback], desk.rows()
    tampered = [{"brand": RIVAL}, {"case": desk.rival.id}, {"brand": RIVAL, "case": desk.rival.id}, {"case": ""}]
    tampered += [{"reply": desk.held[1]}, {"reply": ids.reply_id(HARBOR, "never")}]
    for changed in tampered if callback != forms.ADD_VIEW else ():
        if "reply" in changed and callback != forms.REJECT_VIEW:
            continue
        told = window(MIA, "view_submission", callback, desk.about(**changed), dict(one.sent))
        assert desk.after(told) == before, changed
    if one.reaching:
        told = window(MIA, "view_submission", callback, desk.about(), {**one.sent, **one.reaching})
        assert desk.after(told) == before


def test_a_saved_reply_of_another_brand_adds_nothing_to_an_answer(desk: Desk) -> None:
    sent = windows(desk)[modals.REPLY_VIEW].sent
    wanted = desk.after(window(MIA, "view_submission", modals.REPLY_VIEW, desk.about(), dict(sent)))
    told = window(MIA, "view_submission", modals.REPLY_VIEW, desk.about(), {**sent, modals.MACRO: "theirs"})
    assert desk.after(told) == wanted


@pytest.mark.parametrize("action", names(buttons))
def test_a_button_says_who_and_what_and_nothing_more(desk: Desk, action: str) -> None:
    about = f"{HARBOR}/{desk.case.id}/{desk.held[0]}"
    chosen = in_window(MIA, action, about, desk.about(), 1)
    for plain in (click(MIA, action, about, "1.1", 1), chosen):
        wanted = desk.after(plain)
        assert desk.after(wishing(plain)) == wanted
