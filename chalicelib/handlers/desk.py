"""News of a team's cases are shown in Slack."""

from typing import Any

from chalice.app import Blueprint

from chalicelib import channels
from chalicelib.handlers.worker import work
from chalicelib.wiring import wired

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="heed-team", batch_size=5, name="desk")
def desk(event: Any) -> dict[str, Any]:
    return work(event.to_dict()["Records"], tell, wired.settings.code_version)


def tell(news: dict[str, Any]) -> None:
    from chalicelib.service.desk import show

    event = wired.store.event(news["brand"], news["case_id"], news["seq"])
    if event is not None:
        show(
            event,
            store=wired.store,
            slack=wired.slack,
            config=wired.config,
            channel=channels.load,
            meter=wired.meter,
            now=wired.now(),
        )
