"""News of a team's cases are shown in Slack. Warnings and breaches come by a queue of their own, ahead of the rest."""

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib import channels
from chalicelib.aws.queues import TURN
from chalicelib.domain.errors import Later
from chalicelib.domain.instants import instant
from chalicelib.handlers.worker import logger, work
from chalicelib.wiring import wired

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.timeline import TimelineEvent

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="heed-team", batch_size=5, name="desk")
def desk(event: Any) -> dict[str, Any]:
    return work(event.to_dict()["Records"], tell, wired.settings.code_version)


def tell(news: dict[str, Any]) -> None:
    event = wired.store.event(news["brand"], news["case_id"], news["seq"])
    if event is None:
        return
    from chalicelib.service.ports import SlackBusy, SlackRefused

    try:
        _tell(event, instant(news[TURN]) if TURN in news else None)
    except Later as later:
        if isinstance(later.__cause__, SlackRefused):
            _refused(event, later.__cause__.error)
        if isinstance(later.__cause__, SlackBusy):
            later.turn = later.__cause__.turn
        raise


def _tell(event: "TimelineEvent", since: "datetime | None") -> None:
    """Who gets it is decided first, and who is called hears it; the card shows it all the same when that fails."""
    from chalicelib.domain.timeline import Fact

    try:
        wired.assigning.on(event, wired.now())
        if event.fact in (Fact.CASE_NOTIFIED, Fact.CLOCK_WARNED, Fact.CLOCK_BREACHED):
            wired.herald().tell(event)
    finally:
        _show(event, since)


def _show(event: "TimelineEvent", since: "datetime | None") -> None:
    from chalicelib.service.desk import show
    from chalicelib.service.pace import Paced

    turns = wired.turns(since)
    show(
        event,
        store=wired.store,
        slack=Paced(wired.slack, turns),
        config=wired.config,
        channel=channels.load,
        meter=wired.meter,
        now=wired.now(),
        turns=turns,
    )


def _refused(event: "TimelineEvent", error: str) -> None:
    """Counted by what has to be done, for the alarms; the log says which team sees nothing, and the Home tab where."""
    from chalicelib.service import slack_trouble
    from chalicelib.service.slack_outage import about

    wired.meter.count(f"slack_{about(error)}_refused")
    queue = wired.config.queues.get(event.queue)
    workspace = wired.config.workspace(queue) if queue else None
    if queue is not None and workspace is not None:
        slack_trouble.met(wired.store, workspace.team, queue.slack, error, wired.now())
    logger().warning("Slack refuses", extra={"error": error, "queue": event.queue, "case_id": event.case_id})
