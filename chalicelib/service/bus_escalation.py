"""Commands about escalation."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.commands import Acknowledge, Command, Escalate
from chalicelib.service import escalations
from chalicelib.service.bus_plan import Around, Handler, Plan


def escalate(around: Around, case: Case, command: Escalate, now: datetime) -> Plan:
    return escalations.escalate(case, command, around.config, around.store, now), []


def acknowledge(around: Around, case: Case, command: Acknowledge, now: datetime) -> Plan:
    return escalations.acknowledge(case, command, now), []


HANDLERS: Mapping[type[Command], Handler] = {Escalate: escalate, Acknowledge: acknowledge}
