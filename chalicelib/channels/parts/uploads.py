"""Networks that want a file's bytes before the reply that shows it; all others fetch it by a link."""

from abc import ABC, abstractmethod

from chalicelib.channels.base import Credentials, Request, Response
from chalicelib.domain.reply import Failed, Later, Outgoing, Unclear


class Uploads(ABC):
    """Beside :class:`Channel`. Nobody sees an upload, so one that got lost is simply done again."""

    @abstractmethod
    def upload(self, outgoing: Outgoing, credentials: Credentials, body: bytes) -> Request:
        """The request that hands over the file of this reply."""

    @abstractmethod
    def uploaded(self, response: Response) -> str | Failed | Later | Unclear:
        """The id by which the reply shows it (``Outgoing.media``), or why there is none."""
