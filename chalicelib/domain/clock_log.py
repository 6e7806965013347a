"""The log of a clock: what happened to it, entry by entry, kept with the facts of the case's timeline."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.target import Metric


class ClockStep(StrEnum):
    """What can happen to a clock."""

    ACTIVATE = "activate"
    PAUSE = "pause"
    RESUME = "resume"
    WARN = "warn"
    FULFIL = "fulfil"
    BREACH = "breach"
    CANCEL = "cancel"
    RECOMPUTE = "recompute"


DISMISSED, IN_TIME = "dismissed", "in time after all"
VOID = (DISMISSED, IN_TIME)
"""Why a promise counts neither as kept nor as broken, whatever was told of it before."""


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One entry of a clock's log, from which everything about the clock can be reckoned anew.

    ``consumed`` is the time that has counted so far, ``target`` what was promised, where the entry changes them.
    """

    metric: Metric
    instance: int
    kind: ClockStep
    at: datetime
    due_at: datetime | None = None
    why: str = ""
    consumed: timedelta | None = None
    target: timedelta | None = None
