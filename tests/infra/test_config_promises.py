"""What an sla entry can say of each promise, and what it cannot mean."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.channels import load
from chalicelib.domain.case import Origin, Priority
from chalicelib.domain.config import Config
from chalicelib.domain.event import INBOUND
from chalicelib.domain.policy import Policy, Traits, match
from chalicelib.domain.target import Metric, Target, Terms
from infra.config import compile_config
from infra.local.demo.targets import WITH_A_PERSON, shortened
from tests.build import MINUTE
from tests.channels import kit
from tests.infra.test_calendars import CLOSURES
from tests.infra.test_config import CHANNELS, checked, loaded, minimal

HOUR = timedelta(hours=1)
OFFICE = {"timezone": "Europe/Berlin", "week": {"mon-fri": "08:00-18:00"}}
FIRST, RESOLUTION = Metric.FIRST_RESPONSE, Metric.RESOLUTION


def written(*entries: dict[str, Any], channel: str = "x", **more: Any) -> str:
    accounts = {"a1": {"channel": channel, "id": "1", "brand": "b1", "name": "A"}}
    chains = {"up": {"steps": [{"notify": "team"}]}, "down": {"steps": [{"notify": "team"}]}}
    calendars = {"office": OFFICE, "nights": {**OFFICE, "week": {"mon-fri": "22:00-06:00"}}}
    file = {"accounts": accounts, "chains": chains, "calendars": calendars, "sla": list(entries), **more}
    return yaml.safe_dump(minimal() | file)


def promised(tmp_path: Path, *entries: dict[str, Any]) -> Config:
    found = checked(tmp_path, written(*entries))
    assert found.problems == ()
    return loaded(found)


def only(tmp_path: Path, entry: dict[str, Any]) -> Policy:
    (policy,) = promised(tmp_path, entry).policies
    return policy


def of(policy: Policy | None, metric: Metric) -> Target:
    assert policy is not None
    [target] = [one for one in policy.targets if one.metric is metric]
    return target


def test_around_the_clock_for_the_answer_and_in_office_hours_for_the_solution(tmp_path: Path) -> None:
    for entry in (
        {"first_response": "15m", "resolution": {"within": "8h", "calendar": "office"}},
        {"calendar": "office", "first_response": {"within": "15m", "calendar": "24/7"}, "resolution": "8h"},
    ):
        policy = only(tmp_path, entry)
        calendar = of(policy, RESOLUTION).calendar
        assert calendar is not None and calendar.name == "office"
        assert of(policy, FIRST).calendar is None


def test_each_promise_says_what_is_its_own_and_has_the_rest_from_its_entry(tmp_path: Path) -> None:
    own = {"within": "1h", "warn": ["50%", "5m"], "pause_on": "on_hold", "replies": "any", "public": True}
    entry = {
        "resolution": own | {"escalate": "up"},
        "update": {"within": "2h", "pause_on": "never"},
        "first_response": "30m",
        "pause_on": ["pending"],
        "warn": "10m",
        "escalate": "down",
    }
    policy = only(tmp_path, entry)
    resolution = of(policy, RESOLUTION)
    assert (resolution.within, resolution.warns) == (HOUR, (30 * MINUTE, 5 * MINUTE))
    assert (resolution.pause_on, resolution.human_only) == (("on_hold",), False)
    assert (resolution.public_only, resolution.chain) == (True, "up")
    assert of(policy, Metric.UPDATE).pause_on == ()
    first = of(policy, FIRST)
    assert first == Target(FIRST, 30 * MINUTE, 10 * MINUTE)
    assert policy.terms == Terms("1", 0, ("pending",), chain="down")
    assert policy.terms.under(resolution) == Terms("1", 0, ("on_hold",), False, True, "up")
    assert policy.terms.under(first) == policy.terms


def test_the_networks_window_has_words_of_its_own(tmp_path: Path) -> None:
    window = of(
        only(tmp_path, {"reply_window": {"warn": "2h", "replies": "any", "escalate": "up"}}), Metric.REPLY_WINDOW
    )
    assert (window.warns, window.human_only, window.chain) == ((2 * HOUR,), False, "up")


BY_PRIORITY = {"first_response": {"urgent": "15m", "high": "30m", "default": "2h"}, "resolution": "1d"}


def test_one_entry_promises_each_priority_its_own(tmp_path: Path) -> None:
    config = promised(tmp_path, BY_PRIORITY)
    found = {one: match(config.policies, Traits("b1", "q1", one)) for one in Priority}
    spans = {one.value: of(policy, FIRST).within / MINUTE for one, policy in found.items()}
    assert spans == {"low": 120, "normal": 120, "high": 30, "urgent": 15}
    assert [policy.id for policy in config.policies] == ["1/low+normal", "1/high", "1/urgent"]
    assert all(of(policy, RESOLUTION).within == timedelta(days=1) for policy in found.values())


def test_priorities_and_settings_go_together(tmp_path: Path) -> None:
    entry = {
        "resolution": {"within": {"high": "1h", "default": "4h"}, "calendar": "office"},
        "priorities": ["high", "low"],
    }
    config = promised(tmp_path, entry)
    found = {one: match(config.policies, Traits("b1", "q1", one)) for one in Priority}
    assert of(found[Priority.HIGH], RESOLUTION).within == HOUR
    assert of(found[Priority.LOW], RESOLUTION).within == 4 * HOUR
    assert found[Priority.URGENT] is found[Priority.NORMAL] is None


def test_an_entry_that_is_the_same_for_all_is_one_policy(tmp_path: Path) -> None:
    entry = {"first_response": {"urgent": "15m", "default": "15m"}}
    assert only(tmp_path, entry).id == "1"


def test_the_demo_runs_every_promise_around_the_clock(tmp_path: Path) -> None:
    entry = {"first_response": {"within": "15m", "calendar": "office"}, "resolution": "8h"}
    data = compile_config(checked(tmp_path, written(entry)), 1)
    [promise] = shortened(data, WITH_A_PERSON)["promises"]
    assert [one.get("calendar") for one in promise["targets"]] == [None, None]


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"first_response": "soon"}, 'first_response "soon" in sla entry 1 is not a duration'),
        ({"first_response": 15}, 'first_response "15" in sla entry 1 is not a duration'),
        ({"first_response": {"urgent": "soon", "default": "1h"}}, 'urgent "soon" in sla entry 1 is not a duration'),
        ({"first_response": {"within": "soon"}}, 'within "soon" in sla entry 1 is not a duration'),
        ({"first_response": {"calendar": "office"}}, '"within" is missing in sla entry 1; give how long it may take'),
        ({"first_response": {"urgnt": "1h"}}, 'unknown key "urgnt" in sla entry 1; did you mean "urgent"?'),
        (
            {"first_response": {"within": "1h", "calender": "office"}},
            'unknown key "calender" in sla entry 1; did you m',
        ),
        ({"first_response": {"within": "1h", "calendar": "offce"}}, 'unknown calendar "offce" in sla entry 1; did you'),
        ({"first_response": {"within": "1h", "escalate": "upp"}}, 'unknown chain "upp" in sla entry 1; did you mean'),
        ({"first_response": {"within": "1h", "warn": "2h"}}, 'warn "2h" in sla entry 1 is not shorter than its first'),
        ({"first_response": {"urgent": "5m", "default": "1h"}, "warn": "10m"}, 'warn "10m" in sla entry 1 is not shor'),
        ({"first_response": {"within": "1h", "pause_on": "open"}}, 'unknown status "open" in sla entry 1'),
        ({"first_response": {"within": "1h", "replies": "bots"}}, 'unknown kind of reply "bots" in sla entry 1'),
        ({"first_response": {"urgent": "1h"}}, "sla entry 1 promises nothing to cases of priority low, normal, high"),
        ({"reply_window": {"warn": "75%"}}, "sla entry 1 warns of the reply window at a share of it"),
        ({"reply_window": {"warn": "1h", "escalate": "upp"}}, 'unknown chain "upp" in sla entry 1'),
        ({"first_response": "1h", "tag": "not_a tag!"}, 'tag "not_a tag!" in sla entry 1 cannot be a tag; use letters'),
        ({"first_response": "1h", "language": "portuguese"}, 'language "portuguese" in sla entry 1 does not fit'),
    ],
)
def test_what_a_promise_cannot_mean_is_named_with_its_line(tmp_path: Path, entry: dict[str, Any], wrong: str) -> None:
    (problem, *_) = checked(tmp_path, written(entry)).errors
    assert wrong in str(problem)
    assert problem.line


def test_a_mistake_stands_on_its_own_line(tmp_path: Path) -> None:
    text = written({"first_response": "1h"}).replace(
        "- first_response: 1h", "- first_response:\n    within: 1h\n    warn: 75%\n    calendar: offce"
    )
    (problem,) = checked(tmp_path, text).errors
    assert text.splitlines()[(problem.line or 0) - 1].strip() == "calendar: offce"


# -- where nobody else can read it ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry", [{"public": True, "first_response": "1h"}, {"first_response": {"within": "1h", "public": True}}]
)
@pytest.mark.parametrize(
    ("channel", "more", "right"),
    [
        ("whatsapp", {}, False),
        ("x", {}, True),
        ("x", {"kind": "message"}, False),
        ("x", {"kinds": ["message", "comment"]}, True),
        ("x", {"channel": "whatsapp"}, False),
        ("telegram", {}, True),
        ("telegram", {"kind": "message"}, True),
        ("telegram", {"kind": "comment"}, False),
    ],
)
def test_public_answers_are_asked_for_only_where_there_are_some(
    tmp_path: Path, entry: dict[str, Any], channel: str, more: dict[str, Any], right: bool
) -> None:
    found = checked(tmp_path, written({**entry, **more}, channel=channel))
    assert found.ok is right
    assert all("counts only public answers, but is for private messages" in one.what for one in found.errors)


def test_a_public_word_is_promised_only_where_somebody_reads_it(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, written({"loop_close": "1h"}, channel="whatsapp")).errors
    assert "promises a public word, but is for private messages" in problem.what


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_says_where_its_customers_are_read_by_all(name: str) -> None:
    channel = load(name)
    told = [one for body in kit.bodies(channel, kit.FIXTURES / name).values() for one in channel.read(body)]
    public = {one.kind for one in told if one.public and one.kind in INBOUND}
    private = {one.kind for one in told if not one.public and one.kind in INBOUND}
    assert public <= channel.public_kinds
    assert not (private - public) & channel.public_kinds


# -- spelled in more than one way -------------------------------------------------------------------------------------


def test_tags_are_asked_for_as_cases_have_them(tmp_path: Path) -> None:
    rules = [{"because": "guests", "when": {"tag": "VIP Kunde"}, "queue": "q1"}]
    config = loaded(checked(tmp_path, written({"first_response": "1h", "tag": "VIP Kunde"}, rules=rules)))
    assert (config.policies[0].match.tags, config.rules[0].tags) == (("vip-kunde",), ("vip-kunde",))


@pytest.mark.parametrize(
    ("asked", "spoken", "fits"),
    [
        ("pt", "pt-br", True),
        ("pt", "PT_BR", True),
        ("pt-br", "pt-br", True),
        ("PT-BR", "pt-br", True),
        ("pt-br", "pt", False),
        ("pt-br", "pt-pt", False),
        ("pt", "", False),
        ("p", "pt", None),
    ],
)
def test_a_language_means_that_of_every_country(tmp_path: Path, asked: str, spoken: str, fits: bool | None) -> None:
    found = checked(tmp_path, written({"first_response": "1h", "language": asked}))
    if fits is None:
        assert not found.ok
        return
    policies = loaded(found).policies
    traits = Traits("b1", "q1", Priority.NORMAL, Origin("x", "comment", spoken))
    assert (match(policies, traits) is not None) is fits


def test_an_entry_for_portuguese_leaves_nothing_to_one_for_brazil(tmp_path: Path) -> None:
    entries = {"first_response": "1h", "language": "pt"}, {"first_response": "2h", "language": "pt-br"}
    (warning,) = checked(tmp_path, written(*entries)).problems
    assert "sla entry 2 is never used" in warning.what
    assert checked(tmp_path, written(*reversed(entries))).problems == ()


# -- the page ---------------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "docs" / "sla.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.partition("\n")[2].strip().partition("\n")[0][:40])
def test_what_the_page_shows_is_right(tmp_path: Path, example: str) -> None:
    shown = yaml.safe_load(example)
    base = yaml.safe_load(written({"first_response": "1h"}))
    brand = {"harbor": {"name": "Harbor", "queue": "q1"}}
    file = base | {"chains": {**base["chains"], "urgent": base["chains"]["up"]}, "brands": base["brands"] | brand}
    for section, entries in shown.items():
        file[section] = {**file[section], **entries} if isinstance(entries, dict) else entries
    (tmp_path / "closures.ics").write_text(CLOSURES.replace("\n", "\r\n"))
    assert [str(one) for one in checked(tmp_path, yaml.safe_dump(file)).errors] == []
