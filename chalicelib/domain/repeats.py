"""A case remembers the latest commands, so that a late repeat does not undo what came after it, at no extra call."""

from dataclasses import replace

from chalicelib.domain.case import Case
from chalicelib.domain.ids import command_mark

COMMANDS_KEPT = 16


def heard(case: Case, command: str) -> Case:
    """The case remembering this command; the oldest it knows is forgotten for it."""
    return replace(case, commands=(*case.commands, command_mark(command))[-COMMANDS_KEPT:])


def has_heard(case: Case, command: str) -> bool:
    """Whether this very command was carried out, as one of the latest."""
    return command_mark(command) in case.commands
