"""Chains and rotations in the policy file: mistakes are named with their lines; what is right compiles and loads."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.domain.config import Config, load_config
from chalicelib.domain.escalation import Step, StepKind, Way
from chalicelib.domain.oncall import on_call
from infra.config import Checked, check, compile_config
from tests.infra.test_config import GOOD

TODAY = date(2026, 6, 1)
CHAINS = """\
chains:
  urgent:
    acknowledged_for: 45m
    ends_on_answer: no
    steps:
      - notify: assignee
      - wait: 10m
      - on_call: social
      - user_group: S0LEADS
      - {more_than: 20, within: 10m}
      - email: lead@example.com
      - sms: "+4930123456"
      - webhook: https://hooks.example.com/heed
      - priority: urgent
      - queue: escalations
      - only_within: office
      - repeat: 5
on_call:
  social:
    timezone: Europe/Berlin
    members: [ana, mia]
    every: week
    handover: "mon 09:00"
    start: 2026-06-03
    queue: messages
    overrides:
      - {from: 2026-06-24 09:00, to: 2026-06-25 09:00, who: mia}
calendars:
  office:
    timezone: Europe/Berlin
    week: {mon-fri: "09:00-17:00"}
"""
LINES = GOOD.count("\n")
SUN = """\
on_call:
  world:
    layers:
      - {members: [ana], timezone: Europe/Berlin, hours: "08:00-17:00"}
      - {members: [mia], timezone: America/New_York, hours: ["11:00-24:00", "00:00-02:00"]}
"""


def checked(folder: Path, text: str) -> Checked:
    file = folder / "care.yaml"
    file.write_text(text)
    return check(file, ("x",), TODAY)


def loaded(folder: Path, text: str) -> Config:
    found = checked(folder, text)
    assert found.problems == ()
    return load_config(compile_config(found, 1))


def test_what_is_written_is_what_runs(tmp_path: Path) -> None:
    config = loaded(tmp_path, GOOD.replace("slack: C0ESCALATE", "slack: C0ESCALATE\n    chain: urgent") + CHAINS)
    chain = config.chains["urgent"]
    assert (chain.acknowledged_for, chain.ends_on_answer) == (timedelta(minutes=45), False)
    assert config.queues["escalations"].chain == "urgent" and config.queues["messages"].chain is None
    kinds = [(one.kind, one.way) for one in chain.steps]
    notify, wait = StepKind.NOTIFY, (StepKind.WAIT, None)
    assert kinds[:5] == [
        (notify, Way.ASSIGNEE),
        wait,
        (notify, Way.ON_CALL),
        (notify, Way.USER_GROUP),
        (StepKind.FLOOD, None),
    ]
    assert [one.way for one in chain.steps[5:8]] == [Way.EMAIL, Way.SMS, Way.WEBHOOK]
    assert chain.steps[4] == Step(StepKind.FLOOD, span=timedelta(minutes=10), count=20)
    assert [one.target for one in chain.steps[5:10]] == [
        "lead@example.com",
        "+4930123456",
        "https://hooks.example.com/heed",
        "urgent",
        "escalations",
    ]
    assert chain.steps[10].calendar is not None and chain.steps[10].calendar.name == "office"
    assert chain.steps[11] == Step(StepKind.REPEAT, count=5)


def test_turns_begin_on_the_day_of_the_week_that_is_given(tmp_path: Path) -> None:
    rotation = loaded(tmp_path, GOOD + CHAINS).rotations["social"]
    assert rotation.layers[0].start == date(2026, 6, 8) and rotation.queue == "messages"
    at = [datetime(2026, 6, day, 7, tzinfo=UTC) for day in (8, 15, 22, 24, 25)]
    assert [on_call(rotation, one).who for one in at] == ["ana", "mia", "ana", "mia", "ana"]
    assert on_call(rotation, at[3]).until == at[4]


WRONG = {
    "rotation": ("on_call: social", "on_call: sozial", 8, 'unknown rotation "sozial" in chain "urgent"; did you mean'),
    "queue": ("queue: escalations", "queue: escalate", 15, 'unknown queue "escalate" in chain "urgent"; did you mean'),
    "calendar": ("within: office", "within: offise", 16, 'unknown calendar "offise" in chain "urgent"; did you mean'),
    "member": ("[ana, mia]", "[ana, mai]", 21, 'unknown agent "mai" in rotation "social"; did you mean "mia"?'),
    "override": ("who: mia", "who: mi", 27, 'unknown agent "mi" in rotation "social"; did you mean "mia"?'),
    "reader": ("queue: messages", "queue: messagess", 25, 'unknown queue "messagess" in rotation "social"; did you'),
    "zone": (
        "timezone: Europe/Berlin\n    mem",
        "timezone: Europe/Berlim\n    mem",
        20,
        'unknown timezone "Europe/Berlim"',
    ),
    "forever": (
        "repeat: 5",
        "repeat: forever",
        17,
        'repeat "forever" in chain "urgent" does not come to an end; repeat 1 to 5',
    ),
    "often": (
        "repeat: 5",
        "repeat: 6",
        17,
        'repeat "6" in chain "urgent" does not come to an end; repeat 1 to 5 times',
    ),
    "no pause": ("      - wait: 10m\n", "", 2, 'chain "urgent" repeats without a pause; let it wait at least 1m'),
    "mid repeat": (
        "- wait: 10m",
        "- repeat: 2",
        2,
        'chain "urgent" repeats before its end; let repeat be the last step',
    ),
    "two things": ("- wait: 10m", "- {wait: 10m, notify: team}", 7, "a step with notify and wait; write one thing"),
    "half a flood": ("{more_than: 20, within: 10m}", "more_than: 20", 10, "has a step with more_than; write one thing"),
    "unknown step": ("- wait: 10m", "- pause: 10m", 7, 'unknown key "pause" in chain "urgent"; known keys: notify'),
    "group": (
        "S0LEADS",
        "leads",
        9,
        'user_group "leads" in chain "urgent" does not fit; give the id of a Slack user group',
    ),
    "number": ('"+4930123456"', "030123456", 12, 'sms "030123456" in chain "urgent"'),
    "plain http": ("https://hooks", "http://hooks", 13, "webhook"),
    "time": ('"mon 09:00"', "10:00", 23, 'handover "10:00" in rotation "social" is no time to hand over'),
    "period": ("every: week", "every: 36h", 22, "is not a number of whole days; write day, week, or such as 3d"),
    "weekday": ("every: week", "every: day", 19, "hands over on a day of the week, but not every week"),
    "backwards": ("to: 2026-06-25", "to: 2026-06-02", 27, "has an override that ends before it begins; swap the two"),
    "moment": ("from: 2026-06-24 09:00", "from: tomorrow", 27, "is no moment; write it as 2026-12-24 09:00"),
    "nobody": ("    members: [ana, mia]\n", "", 19, "has neither members nor layers, or both"),
    "chain": (
        "acknowledged_for: 45m",
        "acknowledged_for: 45",
        3,
        'acknowledged_for "45" in chain "urgent" is not a duration',
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_with_its_line_and_its_cure(tmp_path: Path, case: str) -> None:
    right, wrong, line, words = WRONG[case]
    assert CHAINS.count(right) == 1
    (problem,) = checked(tmp_path, GOOD + CHAINS.replace(right, wrong)).errors
    assert words in f"{problem.what}; {problem.right}"
    assert problem.line == LINES + line


def test_a_queue_without_its_chain_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("slack: C0MESSAGES", "slack: C0MESSAGES\n    chain: urgnt") + CHAINS
    (problem,) = checked(tmp_path, text).errors
    assert problem.what == 'unknown chain "urgnt" in queue "messages"' and 'did you mean "urgent"?' in problem.right


def test_an_hour_with_nobody_on_call_is_found_even_where_only_changing_clocks_open_it(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, GOOD + SUN).errors
    assert problem.what == 'rotation "world" has nobody on call from 2026-10-25 06:00 UTC'
    assert problem.right == "let the hours of its layers meet, or write gaps: yes"


def test_a_gap_that_is_meant_is_none(tmp_path: Path) -> None:
    rotation = loaded(tmp_path, GOOD + SUN.replace("    layers", "    gaps: yes\n    layers")).rotations["world"]
    at = [datetime(2026, 6, 1, 6, 30, tzinfo=UTC), datetime(2026, 6, 1, 16, tzinfo=UTC)]
    at.append(datetime(2026, 10, 25, 6, 30, tzinfo=UTC))
    assert [on_call(rotation, one).who for one in at] == ["ana", "mia", None]


def test_who_is_on_call_without_slack_is_warned_about(tmp_path: Path) -> None:
    text = (GOOD + CHAINS).replace("    slack: U0MIA\n", "")
    found = checked(tmp_path, text)
    assert found.ok
    assert 'agent "mia" is on call in rotation "social", but has no Slack id' in found.warnings[0].what
