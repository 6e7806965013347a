"""How long what is kept, as ``care.yaml`` says it."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from chalicelib.domain.retention import Retention as Kept
from infra.config.schema import Entry
from infra.config.words import wrong

_DAYS = re.compile(r"([1-9][0-9]{0,3})d")
_LONGER = (("cases", "messages"), ("cases", "notes"), ("audit", "cases"), ("contacts", "audit"))
"""What the second one hangs on must not end before it: whoever is no contact any more cannot be found and erased."""


def days(value: Any) -> timedelta:
    """``400d``: one day at least, and 9999 at most."""
    found = _DAYS.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise wrong("is no number of days", "write a number and d, such as 400d")
    return timedelta(days=int(found[1]))


Days = Annotated[timedelta, BeforeValidator(days)]


class Retention(Entry):
    messages: Days = Field(default=Kept().messages, description="how long messages and replies stay, such as 400d")
    notes: Days = Field(default=Kept().notes, description="how long internal notes stay, such as 400d")
    cases: Days = Field(default=Kept().cases, description="how long a case stays after its end, such as 1100d")
    contacts: Days = Field(default=Kept().contacts, description="how long a contact stays, such as 1100d")
    audit: Days = Field(default=Kept().audit, description="how long the audit trail stays, such as 1100d")
    raw: Days = Field(default=Kept().raw, description="how long raw bytes stay that nobody understood, such as 90d")

    @model_validator(mode="after")
    def _hangs_together(self) -> "Retention":
        for longer, shorter in _LONGER:
            if getattr(self, longer) < getattr(self, shorter):
                raise wrong(f"keeps {longer} shorter than {shorter}", f"let {longer} stay at least as long")
        return self


def retention_data(retention: Retention) -> dict[str, Any]:
    return {name: int(span.total_seconds()) for name, span in retention}
