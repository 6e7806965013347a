"""A file is handed to a network that wants it before the reply. Without it the reply is not sent at all."""

from datetime import timedelta

from chalicelib.channels.base import Channel, Credentials
from chalicelib.channels.parts.uploads import Uploads
from chalicelib.domain.reply import Failed, Later, Reply, Unclear
from chalicelib.service.files import FileStore
from chalicelib.service.ports import Http, NoAnswer, NotSent

TIMEOUT = timedelta(seconds=20)
AGAIN = timedelta(seconds=15)
TRIES = 120
"""So often may a network break off, for half an hour at least, before the file counts as refused."""


def handed_over(
    reply: Reply, channel: Channel, credentials: Credentials, files: FileStore, http: Http
) -> str | Failed | Later:
    """What the network calls the file now, "" where it fetches files itself; or why the reply cannot be sent."""
    if reply.file is None or not isinstance(channel, Uploads):
        return ""
    body = files.find(reply.file.key)
    if body is None:
        return Failed("not_kept")
    try:
        answer = channel.uploaded(http.send(channel.upload(reply.outgoing, credentials, body), TIMEOUT))
    except (NotSent, NoAnswer) as error:
        answer = Unclear(str(error))
    if isinstance(answer, Unclear):
        return Later(AGAIN, "unreachable") if reply.attempt < TRIES else Failed("unreachable", answer.detail)
    return answer
