"""The policy file of the simulated company: everything that people can be promised, called and given by it."""

from chalicelib.domain.config import load_config
from chalicelib.domain.target import Metric
from tests.build import config_data

TARGETS = {Metric.FIRST_RESPONSE: (600, 180), Metric.RESOLUTION: (1800, 600)}
"""Seconds within which, and how many before that the warning comes."""
_TARGETS = [{"metric": one, "within": within, "warn_before": before} for one, (within, before) in TARGETS.items()]
_STEPS = [
    {"kind": "notify", "way": "team"},
    {"kind": "wait", "span": 120},
    {"kind": "notify", "way": "email", "target": "duty@example.com"},
]


def _data() -> dict[str, object]:
    plain = config_data()
    plain["queues"]["messages"] |= {"chain": "urgent", "alerts": [{"way": "sms", "target": "+4930555"}]}
    plain["queues"]["escalations"] |= {"assign": "auto"}
    chain = {"steps": _STEPS, "acknowledged_for": 300, "ends_on_answer": True}
    return {**plain, "promises": [{"targets": _TARGETS}], "chains": {"urgent": chain}}


CONFIG = load_config(_data())
