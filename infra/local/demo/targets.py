"""The policy file with its promises shortened, so that warnings and breaches can be watched."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Policy = dict[str, Any]
Seconds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hurry:
    """Between which seconds the promises of each metric come to lie, the shortest and the longest."""

    first_response: Seconds
    resolution: Seconds

    def of(self, metric: str) -> Seconds:
        return self.first_response if metric == "first_response" else self.resolution


IN_A_STORM = Hurry((6, 20), (16, 28))
WITH_A_PERSON = Hurry((60, 240), (300, 900))


def shortened(policy: Mapping[str, Any], hurry: Hurry) -> Policy:
    """The same promises in the same order of length, around the clock; the share of the warning stays."""
    spans: dict[str, list[int]] = {}
    for target in (one for promise in policy["promises"] for one in promise["targets"] if one["within"]):
        spans.setdefault(target["metric"], []).append(target["within"])
    promises = [
        {
            **promise,
            "calendar": None,
            "targets": [_shorter(one, spans.get(one["metric"], []), hurry) for one in promise["targets"]],
        }
        for promise in policy["promises"]
    ]
    return {**policy, "promises": promises}


def _shorter(target: Mapping[str, Any], spans: list[int], hurry: Hurry) -> dict[str, Any]:
    if not target["within"]:
        return dict(target)
    shortest, longest = hurry.of(target["metric"])
    width = math.log(max(spans)) - math.log(min(spans))
    place = (math.log(target["within"]) - math.log(min(spans))) / width if width else 0.0
    within = round(shortest + (longest - shortest) * place)
    warn_before = max(1, round(within * target["warn_before"] / target["within"]))
    later = [round(within * one / target["within"]) for one in target.get("later_warns", ())]
    more = {"later_warns": [one for one in later if 0 < one < warn_before]} if later else {}
    clockwise = {"calendar": None} if "calendar" in target else {}
    return {**target, **clockwise, "within": within, "warn_before": warn_before, **more}
