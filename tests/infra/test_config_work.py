"""The parts of the policy file about people at work: macros, undo, approval, who is given what."""

from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.domain.case import Priority
from chalicelib.domain.config import Assign, Config, load_config
from chalicelib.domain.macros import Macro
from chalicelib.domain.people import CAPACITY, Approvers
from infra.config import Level, check, compile_config
from tests.infra.test_config import CHANNELS, GOOD

MACROS = """\
macros:
  late:
    title: It is late
    text: |
      Dear {contact.name},
      it is on its way.
    tags: [Late Parcel]
    priority: high
    resolve: yes
"""


def problems(tmp_path: Path, text: str, level: Level = Level.ERROR) -> list[str]:
    file = tmp_path / "care.yaml"
    file.write_text(text)
    checked = check(file, CHANNELS)
    return [f"{one.line}: {one.what}; {one.right}" for one in checked.problems if one.level is level]


def loaded(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "care.yaml"
    file.write_text(text)
    checked = check(file, CHANNELS)
    assert checked.errors == ()
    return load_config(compile_config(checked, 1))


def test_a_file_that_says_nothing_about_it_gets_the_quiet_defaults(tmp_path: Path) -> None:
    config = loaded(tmp_path, GOOD)
    assert (config.undo, config.approvers, config.macros) == (timedelta(), Approvers.SUPERVISOR, {})
    queue, agent = config.queues["messages"], config.agents["ana"]
    assert (queue.assign, queue.claim, queue.skills) == (Assign.PULL, None, ())
    assert (agent.capacity, agent.hours, agent.approval, agent.languages) == (CAPACITY, None, False, ())


def test_a_macro_with_too_many_placeholders_is_refused(tmp_path: Path) -> None:
    many = MACROS.replace("it is on its way.", "{case.id} " * 21)
    assert any("has more than 20 placeholders" in one for one in problems(tmp_path, GOOD + many))


def test_everything_arrives_in_the_running_system(tmp_path: Path) -> None:
    text = GOOD.replace(
        "    slack: C0MESSAGES", "    slack: C0MESSAGES\n    assign: auto\n    claim: 30m\n    skill: billing"
    )
    text = text.replace(
        "    slack: U0ANA",
        '    slack: U0ANA\n    skills: [billing]\n    languages: ["de", "no"]\n    capacity: 3\n'
        "    hours: office\n    approval: yes",
    )
    text += "calendars:\n  office:\n    timezone: Europe/Berlin\n    week: {mon-fri: '08:00-18:00'}\n"
    config = loaded(tmp_path, f"{text}{MACROS}undo: 10s\napproval: anyone\n")
    assert (config.undo, config.approvers) == (timedelta(seconds=10), Approvers.ANYONE)
    words = "Dear {contact.name},\nit is on its way."
    assert config.macros == {"late": Macro("late", "It is late", words, ("late-parcel",), Priority.HIGH, True)}
    queue, agent = config.queues["messages"], config.agents["ana"]
    assert (queue.assign, queue.claim, queue.skills) == (Assign.AUTO, timedelta(minutes=30), ("billing",))
    assert (agent.skills, agent.languages, agent.capacity, agent.approval) == (("billing",), ("de", "no"), 3, True)
    assert agent.hours is not None and agent.hours.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            MACROS.replace("{contact.name}", "{contact.nam}"),
            4,
            'unknown placeholder "{contact.nam}" in macro "late"; did',
        ),
        (MACROS.replace("{contact.name}", "{contact.__class__}"), 4, "unknown placeholder"),
        (MACROS.replace("Late Parcel", "'#x'"), 7, 'macro "late" has a tag that is none'),
        (MACROS.replace("title", "titel"), 2, '"title" is missing in macro "late"'),
        ("undo: soon\n", 1, 'undo "soon" in the file is not a duration'),
        ("undo: 2h\n", 1, 'undo "2h" keeps customers waiting; give at most 10m'),
        ("approval: nobody\n", 1, 'unknown kind of approver "nobody"'),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    found = problems(tmp_path, GOOD + text)
    assert any(one.startswith(f"{GOOD.count(chr(10)) + line}: ") and words in one for one in found), found


def test_hours_and_skills_that_lead_nowhere(tmp_path: Path) -> None:
    nowhere = GOOD.replace("    slack: U0ANA", "    slack: U0ANA\n    hours: offcie")
    assert any('unknown calendar "offcie" in agent "ana"' in one for one in problems(tmp_path, nowhere))
    skilled = GOOD.replace("    slack: C0MESSAGES", "    slack: C0MESSAGES\n    skills: [billing]")
    found = problems(tmp_path, skilled, Level.WARNING)
    assert any('nobody has the skill "billing" of queue "messages"' in one for one in found)
    many = GOOD.replace("    slack: U0ANA", "    slack: U0ANA\n    capacity: 51")
    assert any("capacity" in one and "1 to 50" in one for one in problems(tmp_path, many))
