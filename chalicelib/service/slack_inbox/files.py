"""A file that somebody chose in the reply window: looked at, fetched from Slack, and kept until it was sent."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import digest
from chalicelib.domain.reply import Enclosure
from chalicelib.service.files import check_file, key, plain
from chalicelib.service.ports import SlackRefused
from chalicelib.service.slack_inbox.desk import Inbox
from chalicelib.service.slack_inbox.words import NO_FILE
from chalicelib.slack import modals
from chalicelib.slack.destinations import Destination
from chalicelib.slack.incoming import Submitted


def enclosed(inbox: Inbox, sent: Submitted, where: Destination) -> Enclosure | None:
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


def _named(about: Mapping[str, Any], place: str) -> Enclosure:
    name = plain(str(about.get("name") or ""))
    return Enclosure(key(place, name), name, str(about.get("mimetype") or ""), int(about.get("size") or 0))
