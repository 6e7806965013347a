"""News of a team's cases are shown in Slack. Warnings and breaches come by a queue of their own, ahead of the rest."""

from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from chalice.app import Blueprint

from chalicelib import channels
from chalicelib.aws.queues import name_of
from chalicelib.domain.errors import Later
from chalicelib.domain.timeline import Fact
from chalicelib.handlers.worker import work
from chalicelib.wiring import wired

if TYPE_CHECKING:
    from chalicelib.domain.timeline import TimelineEvent

URGENT = "-urgent"

logger = Logger(service="heed")

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="heed-team", batch_size=5, name="desk")
def desk(event: Any) -> dict[str, Any]:
    records = event.to_dict()["Records"]
    urgent = any(name_of(record).endswith(URGENT) for record in records)
    return work(records, partial(tell, urgent=urgent), wired.settings.code_version)


def tell(news: dict[str, Any], urgent: bool = False) -> None:
    event = wired.store.event(news["brand"], news["case_id"], news["seq"])
    if event is None:
        return
    from chalicelib.service.ports import SlackRefused

    try:
        _tell(event, urgent)
    except Later as later:
        if isinstance(later.__cause__, SlackRefused):
            _refused(event, later.__cause__.error)
        raise


def _tell(event: "TimelineEvent", urgent: bool) -> None:
    """Who gets it is decided first, and who is called hears it; the card shows it all the same when that fails."""
    try:
        wired.assigning.on(event, wired.now())
        if event.fact is Fact.CASE_NOTIFIED:
            wired.herald().tell(event)
    finally:
        _show(event, urgent)


def _show(event: "TimelineEvent", urgent: bool) -> None:
    from chalicelib.service.desk import show
    from chalicelib.service.pace import Paced

    show(
        event,
        store=wired.store,
        slack=Paced(wired.slack, wired.pace, wired.now, urgent),
        config=wired.config,
        channel=channels.load,
        meter=wired.meter,
        now=wired.now(),
    )


def _refused(event: "TimelineEvent", error: str) -> None:
    """Counted by what has to be done, for the alarms; the log says which team sees nothing."""
    from chalicelib.service.slack_outage import about

    wired.meter.count(f"slack_{about(error)}_refused")
    logger.warning("Slack refuses", extra={"error": error, "queue": event.queue, "case_id": event.case_id})
