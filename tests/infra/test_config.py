"""The policy file: every mistake is named with its line, and what is right compiles and loads."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import Origin, Priority
from chalicelib.domain.config import Config, load_config
from chalicelib.domain.contact import Contact
from chalicelib.domain.event import Event, Kind
from chalicelib.domain.instants import instant
from chalicelib.domain.message import Evidence
from chalicelib.domain.people import Role
from chalicelib.domain.policy import Traits
from chalicelib.domain.routing import route
from chalicelib.domain.target import Metric, Target, Terms
from infra.config import Checked, Level, check, compile_config
from tests.build import MINUTE, targets

CHANNELS = ("facebook", "instagram", "standard_webhooks", "telegram", "whatsapp", "x")
SAMPLE = Path(__file__).parents[2] / "care.yaml"

GOOD = """\
brands:
  harbor:
    name: Harbor & Hill
    queue: messages
    reopen_within: 7d
    evidence: hash
accounts:
  harbor-x:
    channel: x
    id: "145500"
    brand: harbor
    name: harborhill
queues:
  messages:
    name: Messages
    slack: C0MESSAGES
  escalations:
    name: Escalations
    slack: C0ESCALATE
rules:
  - because: angry
    when:
      channels: [x]
      kind: comment
      language: "no"
      keywords: [refund, "😡"]
    queue: escalations
    priority: high
  - because: the rest
    queue: messages
sla:
  - priorities: [high]
    first_response: 15m
    resolution: 8h
    warn: 75%
  - first_response: 1h
    warn: 10m
agents:
  ana:
    name: Ana
    email: ana@example.com
    slack: U0ANA
    role: agent
    brands: [harbor]
  mia:
    name: Mia
    email: mia@example.com
    slack: U0MIA
    role: supervisor
    brands: [harbor]
slack:
  team: T0HEED
  app: A0HEED
"""

KNOWN_QUEUES = "known queues: messages, escalations"
HOW_LONG = "write a number and s, m, h or d, such as 15m, 4h, 2d or 90s"
KEYS = "use 2 to 31 lower-case letters, digits and dashes, a letter first"
REMOVE_DOCUMENT = 'keep one document per file: remove the second "---"'

WRONG: dict[str, tuple[str, str, int, str]] = {
    "unknown queue": (
        "queue: escalations",
        "queue: escalatons",
        27,
        f'unknown queue "escalatons" in rule 1; did you mean "escalations"? {KNOWN_QUEUES}',
    ),
    "unknown queue in sla": (
        "  - first_response: 1h",
        "  - queue: zzz\n    first_response: 1h",
        36,
        f'unknown queue "zzz" in sla entry 2; {KNOWN_QUEUES}',
    ),
    "unknown fallback queue": (
        "queue: messages\n    reopen",
        "queue: mesages\n    reopen",
        4,
        f'unknown queue "mesages" in brand "harbor"; did you mean "messages"? {KNOWN_QUEUES}',
    ),
    "no fallback queue": (
        "    queue: messages\n    reopen",
        "    reopen",
        2,
        '"queue" is missing in brand "harbor"; give the fallback queue, which takes what no rule routes',
    ),
    "unknown channel": (
        "channel: x",
        "channel: facebok",
        9,
        'unknown channel "facebok" in account "harbor-x"; did you mean "facebook"? known channels: '
        "facebook, instagram, standard_webhooks, telegram, whatsapp, x",
    ),
    "unknown channel in a rule": ("channels: [x]", "channels: [x, y]", 23, 'unknown channel "y" in rule 1'),
    "unknown brand": (
        "brand: harbor",
        "brand: harbour",
        11,
        'unknown brand "harbour" in account "harbor-x"; did you mean "harbor"? known brands: harbor',
    ),
    "unknown brand of an agent": (
        "[harbor]\n  mia",
        "[harbor, hill]\n  mia",
        44,
        'unknown brand "hill" in agent "ana"',
    ),
    "unknown kind": (
        "kind: comment",
        "kind: like",
        24,
        'unknown kind "like" in rule 1; known kinds: message, comment, post, mention, review',
    ),
    "unknown priority": (
        "priority: high",
        "priority: hihg",
        28,
        'unknown priority "hihg" in rule 1; did you mean "high"? known priorities: low, normal, high, urgent',
    ),
    "unknown role": ("role: agent", "role: boss", 43, 'unknown role "boss" in agent "ana"; known roles: agent, super'),
    "unknown evidence": ("evidence: hash", "evidence: all", 6, 'unknown evidence "all" in brand "harbor"; known kinds'),
    "unknown key": (
        "      kind: comment",
        "      knd: comment",
        24,
        'unknown key "knd" in rule 1; did you mean "kinds"? known keys: brand, channels, kinds, languages, keywords, t',
    ),
    "list in singular and plural": ("kind: comment", "kind: comment\n      kinds: [post]", 24, 'unknown key "kind" in'),
    "merge key": ("    name: Messages", "    <<: {}\n    name: Messages", 15, 'unknown key "<<" in queue "messages"'),
    "unknown section": ("sla:", "slas:", 31, 'unknown section "slas"; did you mean "sla"? known sections: brands, acc'),
    "duration without unit": (
        "first_response: 15m",
        "first_response: 15",
        33,
        f'first_response "15" in sla entry 1 is not a duration; {HOW_LONG}',
    ),
    "compound duration": ("reopen_within: 7d", "reopen_within: 1d12h", 5, 'reopen_within "1d12h" in brand "harbor" is'),
    "endless duration": ("8h", "999999999d", 34, f'"999999999d" in sla entry 1 is not between 1s and 365d; {HOW_LONG}'),
    "no duration at all": ("8h", "0m", 34, 'resolution "0m" in sla entry 1 is not between 1s and 365d'),
    "odd percent": ("75%", "175%", 35, 'warn "175%" in sla entry 1 says no moment; write 75% (of the time has passed'),
    "percent as number": ("75%", "0.75", 35, 'warn "0.75" in sla entry 1 says no moment'),
    "warning before the start": (
        "warn: 10m",
        "warn: 2h",
        37,
        'warn "2h" in sla entry 2 is not shorter than its first_response; warn later, or at a share of the time',
    ),
    "promise of nothing": (
        "  - first_response: 1h\n",
        "  - queues: [messages]\n",
        36,
        "sla entry 2 promises nothing; ",
    ),
    "rule of nothing": (
        "the rest\n    queue: messages",
        "the rest",
        29,
        'rule 2 sets neither queue nor priority; give it a "queue", a "priority", or both',
    ),
    "rule without reason": (
        "- because: the rest\n    q",
        "- q",
        29,
        '"because" is missing in rule 2; give the reason ag',
    ),
    "number as text": (
        'id: "145500"',
        "id: 145500",
        10,
        'id "145500" in account "harbor-x" is read as a number; put it in quotes: "145500"',
    ),
    "word as yes or no": ('"no"', "no", 25, 'language "no" in rule 1 is read as yes or no; put it in quotes: "no"'),
    "date that does not exist": ("name: Messages", "name: 2026-13-45", 15, "is read as a date; put it in quotes"),
    "number without end": ('id: "145500"', f"id: {'9' * 5000}", 10, "put it in quotes"),
    "long language": (
        '"no"',
        "norsk",
        25,
        'language "norsk" in rule 1 does not fit; give language codes in quotes, such as "de", "pt-br"',
    ),
    "empty value": ("name: Ana", "name:", 40, 'name in agent "ana" is empty; give the name colleagues see'),
    "empty keywords": ('[refund, "😡"]', "[]", 26, "keywords in rule 1 does not fit; give a word or a list of words"),
    "blank keyword": ("refund", '" "', 26, 'keywords " " in rule 1 does not fit; give a word or a list of words'),
    "text for a map": (
        "  messages:\n    name: Messages\n    slack: C0MESSAGES",
        "  messages: x",
        14,
        "is not a map; give",
    ),
    "list for a text": (
        "name: Messages",
        "name: [a]",
        15,
        'name in queue "messages" is not text; give the team\'s name',
    ),
    "map for a list": (
        "keywords: [refund",
        "keywords: {a: 1} # [refund",
        26,
        "keywords in rule 1 is not a list; give a w",
    ),
    "nothing under when": (
        "queue: messages\nsla",
        "when:\n    queue: messages\nsla",
        30,
        "when in rule 2 is empty; give cond",
    ),
    "rules as map": ("rules:\n", "rules: x\nothers:\n", 20, '"rules" is not a list; start each'),
    "channel name for its id": (
        "slack: C0MESSAGES",
        'slack: "#messages"',
        16,
        'slack "#messages" in queue "messages" doe',
    ),
    "mail address": (
        "email: ana@example.com",
        "email: ana",
        41,
        'email "ana" in agent "ana" does not fit; give a mail a',
    ),
    "slack user twice": (
        "slack: U0MIA",
        "slack: U0ANA",
        45,
        'Slack id U0ANA stands twice: in agent "ana" (line 39) and agent "mia"; correct one of them or remove it',
    ),
    "e-mail twice": ("mia@example.com", "Ana@Example.com", 45, "e-mail ana@example.com stands twice"),
    "account twice": (
        "queues:\n",
        '  x-two: {channel: x, id: "145500", brand: harbor, name: y}\nqueues:\n',
        13,
        'x id 145500 stands twice: in account "harbor-x" (line 8) and account "x-two"',
    ),
    "key twice": (
        "    evidence: hash",
        "    name: again",
        6,
        '"name" stands twice in brand "harbor"; keep one of the two; the first is on line 3',
    ),
    "section twice": (
        "slack:\n  team",
        "brands:\n  team",
        51,
        '"brands" stands twice in the file; keep one of the two',
    ),
    "key with capitals": ("  ana:", "  Ana B:", 39, f'"Ana B" cannot be a key in agents; {KEYS}, such as "ana-b"'),
    "key of one letter": ("  ana:", "  a:", 39, f'"a" cannot be a key in agents; {KEYS}'),
    "tab": (
        "    name: Messages",
        "\tname: Messages",
        15,
        "a tab in the indentation; indent with spaces; YAML does not",
    ),
    "indentation": (
        "    slack: C0MESSAGES",
        "   slack: C0MESSAGES",
        16,
        "did not find expected key; indent it exactly as",
    ),
    "colon in a value": (
        "name: Messages",
        "name: Messages: all",
        15,
        "mapping values are not allowed in this context; p",
    ),
    "unquoted at": (
        "name: harborhill",
        "name: @harborhill",
        12,
        "found character that cannot start any token; put the",
    ),
    "open quote": ("app: A0HEED", 'app: "A0HEED', 53, "found unexpected end of stream; close the quote or bracket"),
    "undefined alias": ("name: Messages", "name: *name", 15, "found undefined alias; name the anchor (&...) before"),
    "tag": ("name: Messages", "name: !!python/name:os.system x", 15, "could not determine a constructor for the tag"),
    "two documents": ("sla:", "---\nsla:", 31, REMOVE_DOCUMENT),
    "control character": (
        "name: Messages",
        "name: Mess\x07ages",
        15,
        "a character YAML does not allow; remove the invisible",
    ),
    "deep nesting": (
        "name: Messages",
        f"name: {'[' * 100_000}",
        15,
        "more than 12 levels of nesting; a policy file needs",
    ),
    "nesting in itself": ("name: Messages", "name: &a [*a]", 15, "more than 12 levels of nesting"),
    "many aliases": (
        "name: Ana",
        f"name: &n Ana\n    x: [{'*n, ' * 60}]",
        41,
        "more than 50 aliases (*name); write the",
    ),
}


def checked(tmp_path: Path, text: str | bytes) -> Checked:
    file = tmp_path / "care.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return check(file, CHANNELS)


def loaded(policy: Checked, version: int = 1) -> Config:
    return load_config(json.loads(json.dumps(compile_config(policy, version))))


def test_the_good_example_has_no_problem(tmp_path: Path) -> None:
    assert checked(tmp_path, GOOD).problems == ()


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_with_its_line_and_its_cure(tmp_path: Path, case: str) -> None:
    old, new, line, words = WRONG[case]
    assert old in GOOD

    found = checked(tmp_path, GOOD.replace(old, new, 1))

    assert not found.ok
    assert any(problem.line == line and words in str(problem) for problem in found.errors), found.problems
    assert all(str(problem).startswith(f"{tmp_path}/care.yaml:") for problem in found.problems)


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = GOOD.replace("queue: escalations", "queue: x").replace("evidence: hash", "evidence: 1").replace("8h", "8")
    assert [problem.line for problem in checked(tmp_path, text).errors] == [6, 27, 34]


def test_a_wrong_entry_still_counts_as_known(tmp_path: Path) -> None:
    found = checked(tmp_path, GOOD.replace("slack: C0MESSAGES", "slack: 3"))
    assert [problem.line for problem in found.errors] == [16]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is empty; start it with: brands, accounts"),
        ("- a", 1, "is not a map of sections"),
        ("brands: {}\n", 1, '"brands" has no entry; a policy needs at least one under brands:'),
        (b"brands:\n  \xff: x\n", 2, "this line is not UTF-8 text; save the file as UTF-8"),
        (b"x" * 1_000_001, None, "has 1,000,001 bytes; keep it under 1,000,000"),
        (f"a: &a [{'x,' * 99}]\nb: &b [{'*a,' * 24}]\nc: [{'*b,' * 24}]", 2, "more than 50,000 values, aliases"),
        ("? [a, b]\n: c\n", 1, 'unknown section "a list or map"'),
    ],
)
def test_what_is_no_policy_at_all_is_refused(tmp_path: Path, text: str | bytes, line: int | None, words: str) -> None:
    problems = checked(tmp_path, text).errors
    assert any(words in str(problem) for problem in problems), problems
    assert line in {problem.line for problem in problems} | {None if line is None else 2}


def test_a_file_that_is_not_there_is_named_without_a_line(tmp_path: Path) -> None:
    (problem,) = check(tmp_path / "none.yaml").errors
    right = "cannot be read: no such file or directory; give the path of a policy file"
    assert str(problem) == f"{tmp_path / 'none.yaml'}: error: {right}"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert checked(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()).problems == ()


RULES: list[tuple[list[dict[str, Any]], list[int]]] = [
    ([{"queue": "q1", "priority": "low"}, {"queue": "q1"}], [2]),
    ([{"queue": "q1"}, {"priority": "high"}, {"queue": "q1", "priority": "low"}], [3]),
    ([{"queue": "q1"}, {"queue": "q1", "priority": "low"}], []),
    ([{"when": {"kinds": ["post", "comment"]}, "queue": "q1"}, {"when": {"kind": "post"}, "queue": "q1"}], [2]),
    ([{"when": {"kind": "post"}, "queue": "q1"}, {"queue": "q1"}], []),
    ([{"when": {"keyword": "Refund"}, "queue": "q1"}, {"when": {"keyword": "refund"}, "queue": "q1"}], [2]),
    ([{"when": {"brand": "b1"}, "queue": "q1"}, {"when": {"kind": "post"}, "queue": "q1"}], []),
    ([{"when": {"brand": "b1"}, "queue": "q1"}, {"when": {"brand": "b1", "tag": "vip"}, "queue": "q1"}], [2]),
]


@pytest.mark.parametrize(("rules", "dead"), RULES)
def test_rules_that_can_never_decide_are_warned_about(
    tmp_path: Path, rules: list[dict[str, Any]], dead: list[int]
) -> None:
    policy = minimal() | {"rules": [{"because": "why", **rule} for rule in rules]}
    found = checked(tmp_path, yaml.safe_dump(policy))
    assert found.ok
    assert [problem.what.split(" can never")[0] for problem in found.warnings] == [f"rule {number}" for number in dead]


def test_a_promise_behind_one_for_all_is_warned_about(tmp_path: Path) -> None:
    sla = [{"first_response": "1h"}, {"priority": "high", "first_response": "5m"}]
    (warning,) = checked(tmp_path, yaml.safe_dump(minimal() | {"sla": sla})).problems
    assert warning.level is Level.WARNING
    assert warning.what == "sla entry 2 is never used: sla entry 1 always matches first"


def promised(*entries: dict[str, Any]) -> str:
    accounts = {"a1": {"channel": "x", "id": "1", "brand": "b1", "name": "A", "market": "dach"}}
    chains = {"up": {"steps": [{"notify": "team"}]}}
    return yaml.safe_dump(minimal() | {"accounts": accounts, "chains": chains, "sla": list(entries)})


def test_everything_a_promise_can_say_arrives_as_it_was_written(tmp_path: Path) -> None:
    spans = {metric.value: "1h" for metric in Metric if metric not in (Metric.REPLY_WINDOW, Metric.PROMISE)}
    asked = {"brand": "b1", "channel": "x", "kinds": ["comment"], "market": "dach", "language": "de", "tag": "vip"}
    said = {"warn": ["75%", "50%", "5m"], "reply_window": ["2h", "30m"], "pause_on": ["pending", "on_hold"]}
    more = {"queue": "q1", "priority": "high", "replies": "any", "public": True, "escalate": "up"}
    (policy,) = loaded(checked(tmp_path, promised({**spans, **asked, **said, **more})), version=3).policies
    assert {target.metric for target in policy.targets} == set(Metric) - {Metric.PROMISE}
    assert all(target.warns == (30 * MINUTE, 15 * MINUTE, 5 * MINUTE) for target in policy.targets if target.within)
    assert [target.warns for target in policy.targets if not target.within] == [(120 * MINUTE, 30 * MINUTE)]
    assert policy.terms == Terms("1", 0, ("pending", "on_hold"), human_only=False, public_only=True, chain="up")
    fitting = Traits("b1", "q1", Priority.HIGH, Origin("x", "comment", "de", "dach", ("vip",)))
    assert policy.match.fits(fitting)
    assert policy.match.fits(replace(fitting, origin=replace(fitting.origin, tags=()), tags=("vip",)))
    here = fitting.origin
    elsewhere = [replace(here, channel="y"), replace(here, kind="post"), replace(here, language="en")]
    for origin in (*elsewhere, replace(here, market="uk"), replace(here, tags=())):
        assert not policy.match.fits(replace(fitting, origin=origin))
    for changed in (
        replace(fitting, queue="q2"),
        replace(fitting, priority=Priority.LOW),
        replace(fitting, brand="b2"),
    ):
        assert not policy.match.fits(changed)


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"first_response": "1h", "warn": ["75%", "2h"]}, 'warn "2h" in sla entry 1 is not shorter than its first_r'),
        ({"update": "1h", "warn": "1h"}, 'warn "1h" in sla entry 1 is not shorter than its update'),
        ({"first_response": "1h", "pause_on": "open"}, 'unknown status "open" in sla entry 1; known statuses: pend'),
        ({"first_response": "1h", "pause_on": ["pending", "solved"]}, 'unknown status "solved" in sla entry 1'),
        ({"first_response": "1h", "replies": "bots"}, 'unknown kind of reply "bots" in sla entry 1; known kinds of'),
        ({"reply_window": "75%"}, "sla entry 1 warns of the reply window at a share of it; write how long"),
        ({"first_response": "1h", "kind": "message", "public": True}, "sla entry 1 counts only public answers, but is"),
        ({"first_response": "1h", "market": "dahc"}, 'the market "dahc" of sla entry 1; did you mean "dach"?'),
        ({"first_response": "1h", "escalate": "upp"}, 'unknown chain "upp" in sla entry 1; did you mean "up"?'),
        ({"first_response": "1h", "channel": "y"}, 'unknown channel "y" in sla entry 1'),
        ({"pause_on": "pending"}, "sla entry 1 promises nothing"),
        ({"next_respons": "1h"}, 'unknown key "next_respons" in sla entry 1; did you mean "next_response"?'),
    ],
)
def test_a_promise_that_cannot_work_is_refused_with_its_line(tmp_path: Path, entry: dict[str, Any], wrong: str) -> None:
    (problem, *_) = checked(tmp_path, promised(entry)).errors
    assert wrong in str(problem)
    assert problem.line


def test_the_compiled_policy_loads_as_it_was_written(tmp_path: Path) -> None:
    config = loaded(checked(tmp_path, GOOD), version=7)

    assert config.version == 7
    assert config.brands["harbor"].reopen_within.days == 7
    assert config.brands["harbor"].evidence is Evidence.HASH
    assert config.account("x", "145500", "harbor-x") == config.accounts["harbor-x"]
    assert (config.rules[0].languages, config.rules[0].kinds) == (("no",), ("comment",))
    assert config.agent_in_slack("T0HEED", "U0MIA") is config.agents["mia"]
    assert config.agent_in_slack("T0OTHER", "U0MIA") is None
    assert config.agents["mia"].role is Role.SUPERVISOR
    assert config.slack is not None
    assert (config.slack.team, config.slack.app) == ("T0HEED", "A0HEED")


def test_warnings_are_a_share_of_each_promise_or_a_time_before_its_end(tmp_path: Path) -> None:
    config = loaded(checked(tmp_path, GOOD))
    assert [_minutes(target) for target in targets(config, "messages", Priority.HIGH)] == [
        (Metric.FIRST_RESPONSE, 15, 3.75),
        (Metric.RESOLUTION, 480, 120),
    ]
    assert [_minutes(target) for target in targets(config, "messages", Priority.LOW)] == [
        (Metric.FIRST_RESPONSE, 60, 10)
    ]


def _minutes(target: Target) -> tuple[Metric, float, float]:
    return target.metric, target.within.total_seconds() / 60, target.warn_before.total_seconds() / 60


def test_a_policy_with_errors_does_not_compile(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="see heed config check"):
        compile_config(checked(tmp_path, GOOD.replace("8h", "8")), 1)


def test_the_sample_is_valid_and_promises_what_it_says() -> None:
    sample = check(SAMPLE, CHANNELS)
    assert sample.problems == ()
    config = loaded(sample)
    assert {account.channel for account in config.accounts.values()} == set(CHANNELS)
    assert {role: key for key, agent in config.agents.items() if (role := agent.role)} == {
        Role.AGENT: "tom",
        Role.SUPERVISOR: "mia",
    }


@pytest.mark.parametrize(
    ("kind", "text", "queue", "priority"),
    [
        (Kind.MESSAGE, "where is my order?", "messages", Priority.NORMAL),
        (Kind.COMMENT, "nice beans", "social", Priority.NORMAL),
        (Kind.COMMENT, "Please REFUND me", "escalations", Priority.HIGH),
        (Kind.MESSAGE, "3 Wochen auf der Warteliste 😡 niemand antwortet!", "escalations", Priority.HIGH),
        (Kind.MESSAGE, "isto é um escândalo", "escalations", Priority.HIGH),
        (Kind.MENTION, "nadie responde", "escalations", Priority.HIGH),
        (Kind.REVIEW, "personne ne répond", "escalations", Priority.HIGH),
        (Kind.MESSAGE, "we are in hospital after your cake, refund!", "escalations", Priority.URGENT),
    ],
)
def test_the_sample_routes_angry_words_first(kind: Kind, text: str, queue: str, priority: Priority) -> None:
    event = Event(kind=kind, channel="x", text=text)
    contact = Contact(id="c", brand="harbor", identities=(), first_seen_at=instant("2026-06-01T09:00:00Z"))
    found = route(loaded(check(SAMPLE, CHANNELS)), "harbor", event, contact)
    assert (found.queue, found.priority) == (queue, priority)


def minimal() -> dict[str, Any]:
    return {
        "brands": {"b1": {"name": "B", "queue": "q1"}},
        "accounts": {"a1": {"channel": "x", "id": "1", "brand": "b1", "name": "A"}},
        "queues": {"q1": {"name": "Q", "slack": "C0Q"}},
    }


SLUG = st.from_regex(r"[a-z][a-z0-9-]{1,30}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.strip)
SPAN = st.builds("{}{}".format, st.integers(1, 300), st.sampled_from("smhd"))
WARN = st.integers(1, 100).map("{}%".format)


def slack_id(letter: str) -> st.SearchStrategy[str]:
    return st.from_regex(rf"{letter}[A-Z0-9]{{2,10}}", fullmatch=True)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    queues, brands = (draw(st.lists(SLUG, min_size=1, max_size=3, unique=True)) for _ in range(2))
    queue, brand, channel = st.sampled_from(queues), st.sampled_from(brands), st.sampled_from(CHANNELS)
    priority = st.sampled_from([one.value for one in Priority])
    when = st.fixed_dictionaries(
        {},
        optional={
            "brand": brand,
            "channel": channel,
            "kinds": st.lists(st.sampled_from(["comment", "post"]), min_size=1),
            "languages": st.lists(st.sampled_from(["en", "no"]), min_size=1),
            "keywords": st.lists(TEXT, min_size=1, max_size=3),
        },
    )
    rule = st.fixed_dictionaries({"because": TEXT, "queue": queue}, optional={"when": when, "priority": priority})
    promise = st.fixed_dictionaries(
        {"first_response": SPAN}, optional={"resolution": SPAN, "warn": WARN, "queue": queue, "priority": priority}
    )
    account = st.fixed_dictionaries({"channel": channel, "id": TEXT, "brand": brand, "name": TEXT})
    agent = st.fixed_dictionaries(
        {
            "name": TEXT,
            "email": st.uuids().map("{}@example.com".format),
            "role": st.sampled_from([one.value for one in Role]),
            "brands": st.just(brands),
        },
    )
    one_brand = st.fixed_dictionaries({"name": TEXT, "queue": queue}, optional={"reopen_within": SPAN})
    one_queue = st.fixed_dictionaries({"name": TEXT, "slack": slack_id("C")})
    return {
        "brands": {key: draw(one_brand) for key in brands},
        "accounts": draw(st.dictionaries(SLUG, account, min_size=1, max_size=1)),
        "queues": {key: draw(one_queue) for key in queues},
        "rules": draw(st.lists(rule, max_size=3)),
        "sla": draw(st.lists(promise, max_size=3)),
        "agents": draw(st.dictionaries(SLUG, agent, max_size=2)),
    }


@settings(max_examples=40, deadline=None)
@given(policy=policies())
def test_every_valid_policy_compiles_and_loads(
    tmp_path_factory: pytest.TempPathFactory, policy: dict[str, Any]
) -> None:
    found = checked(tmp_path_factory.mktemp("policy"), yaml.safe_dump(policy, allow_unicode=True))
    assert found.errors == ()
    config = loaded(found)
    assert set(config.brands) == set(policy["brands"])
    assert [rule.queue for rule in config.rules] == [rule["queue"] for rule in policy["rules"]]
    assert all(target.warn_before < target.within for policy in config.policies for target in policy.targets)


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, len(GOOD)), width=st.integers(0, 12), junk=st.text(max_size=6))
def test_no_damage_to_the_file_goes_past_the_checker(
    tmp_path_factory: pytest.TempPathFactory, cut: int, width: int, junk: str
) -> None:
    text = (GOOD[:cut] + junk + GOOD[cut + width :]).encode("utf-8", "surrogatepass")
    found = checked(tmp_path_factory.mktemp("damage"), text)
    assert found.errors or loaded(found)
