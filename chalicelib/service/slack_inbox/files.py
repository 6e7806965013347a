"""A file that somebody chose in the reply window: looked at, fetched from Slack, kept until it was sent, and shown."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import digest
from chalicelib.domain.people import Agent
from chalicelib.domain.reply import Enclosure, enclosed
from chalicelib.service.files import check_file, key, plain
from chalicelib.service.ports import SlackRefused
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import FILE_GONE, NO_FILE, SEE
from chalicelib.slack import modals
from chalicelib.slack.destinations import Destination
from chalicelib.slack.incoming import Click, Submitted


def fetched(inbox: Inbox, sent: Submitted, where: Destination) -> Enclosure | None:
    """Raises Refusal when it cannot go there, and what a later try may cure."""
    chosen = sent.values.get(modals.FILE)
    if not chosen:
        return None
    try:
        about = inbox.slack.call("files.info", file=chosen)["file"]
        named = _named(about, digest("file", sent.identity))
        check_file(inbox.channel(where.thread.channel), where.mode, named.mime, named.size)
        body = inbox.slack.read(str(about.get("url_private_download") or ""), named.size)
    except SlackRefused as refused:
        raise Refusal(NO_FILE.format(why=refused.error.replace("_", " "))) from refused
    inbox.files.put(named.key, body, named.mime)
    return named


def shown(inbox: Inbox, click: Click, agent: Agent) -> None:
    """Whoever works on the case may look at what a colleague sends, or wants to send: a link, for them alone."""
    if barred := inbox.barred(agent, click.brand, click.case_id):
        inbox.tell(barred)
        return
    reply = inbox.store.reply(click.brand, click.subject)
    case = inbox.case(click.brand, reply.case_id, agent) if reply else None
    file = next(iter(enclosed(reply)), None) if reply and case else None
    inbox.tell(SEE.format(name=file.name, link=inbox.files.link(file.key)) if file else FILE_GONE)


def _named(about: Mapping[str, Any], place: str) -> Enclosure:
    name = plain(str(about.get("name") or ""))
    return Enclosure(key(place, name), name, str(about.get("mimetype") or ""), int(about.get("size") or 0))
