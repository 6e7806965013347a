"""The promises as the running system reads them: one policy for all priorities that are promised the same."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.domain.case import Priority
from chalicelib.domain.target import Metric
from infra.config.promises import ALWAYS, Aim, Promise
from infra.config.words import Warn

_MATCHES = {"brand", "channels", "kinds", "markets", "languages", "queues", "priorities", "tags"}


def promise_data(place: int, promise: Promise) -> Iterator[dict[str, Any]]:
    """An entry of the file, in as many parts as its priorities need. ``place`` is its number there."""
    groups = list(promise.groups())
    for priorities, spans in groups:
        whole = len(groups) == 1
        name = str(place) if whole else f"{place}/{'+'.join(priorities)}"
        yield {"id": name, **_entry(promise, promise.priorities if whole else priorities, spans)}


def _entry(promise: Promise, priorities: Sequence[Priority], spans: Mapping[Metric, timedelta]) -> dict[str, Any]:
    targets = [_target(promise, metric, span) for metric, span in spans.items()]
    if promise.reply_window is not None:
        own = _own(promise.reply_window.model_dump(include={"replies", "escalate"}))
        targets.append(_times(Metric.REPLY_WINDOW, timedelta(), promise.reply_window.warn) | own)
    facts = promise.model_dump(mode="json", include=_MATCHES | {"pause_on"})
    terms = {"replies": promise.replies.value, "public": promise.public, "chain": promise.escalate}
    asked = {"priorities": [one.value for one in priorities], "calendar": _calendar(promise.calendar)}
    return {"targets": targets, **{name: one for name, one in (facts | asked | terms).items() if one}}


def _target(promise: Promise, metric: Metric, span: timedelta) -> dict[str, Any]:
    aim = promise.aims[metric]
    calendar = {"calendar": _calendar(aim.calendar)} if aim.calendar is not None else {}
    return _times(metric, span, promise.warned(metric)) | calendar | _own(_said(aim))


def _said(aim: Aim) -> dict[str, Any]:
    return aim.model_dump(mode="json", include={"pause_on", "replies", "public", "escalate"})


def _own(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a promise says of itself, so that its entry does not."""
    named = {"chain" if name == "escalate" else name: one for name, one in said.items()}
    return {name: one for name, one in named.items() if one is not None}


def _calendar(name: str | None) -> str | None:
    return None if name == ALWAYS else name


def _times(metric: Metric, within: timedelta, warns: Sequence[Warn]) -> dict[str, Any]:
    """Its warnings by how long before the end they come, the earliest first, each once."""
    first, *later = sorted({_seconds(warn.before(within)) for warn in warns}, reverse=True) or [0]
    more = [one for one in later if one]
    target = {"metric": metric.value, "within": _seconds(within), "warn_before": first}
    return {**target, "later_warns": more} if more else target


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
