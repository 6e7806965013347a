"""What people did in Slack is done: each person's doings in their order, nobody waiting for anybody else's."""

from typing import Any

from chalice.app import Blueprint

from chalicelib import channels
from chalicelib.handlers.worker import work
from chalicelib.wiring import wired

bp = Blueprint(__name__)

AGAIN = (2, 15, 60)
"""Seconds after which what failed is tried again, when somebody waits for it; after that as its queue has it."""


@bp.on_sqs_message(queue="heed-slack.fifo", batch_size=1, name="inbox")
def inbox(event: Any) -> dict[str, Any]:
    return work(event.to_dict()["Records"], carry_out, wired.settings.code_version, AGAIN)


def carry_out(body: dict[str, Any]) -> None:
    from chalicelib.service.slack_inbox.worker import handle
    from chalicelib.slack.errands import read

    errand = read(body)
    handle(
        errand,
        store=wired.store,
        bus=wired.bus,
        slack=wired.slack_in(errand.did.team),
        files=wired.archive,
        answers=wired.answers,
        config=wired.config,
        channel=channels.load,
        meter=wired.meter,
        badges=wired.badges,
        now=wired.now(),
    )
