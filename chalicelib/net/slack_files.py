"""Files of a Slack workspace: read with the token, which goes to Slack alone and follows no redirect."""

from datetime import timedelta
from urllib.parse import urlsplit

from chalicelib.channels.base import Request
from chalicelib.net.http import Urllib3Http
from chalicelib.service.ports import NoAnswer, SlackRefused

TIMEOUT = timedelta(seconds=15)
SLACK = ".slack.com"


def read(url: str, token: str, base_url: str, most: int) -> bytes:
    """The bytes, at most so many. Raises SlackRefused, NotSent or NoAnswer."""
    if not _of_slack(url, base_url):
        raise SlackRefused("not_slacks_address")
    asked = Request("GET", url, {"Authorization": f"Bearer {token}"})
    answer = Urllib3Http(most + 1).send(asked, TIMEOUT)
    return _checked(answer.status, answer.headers.get("content-type", ""), answer.body, most)


def _checked(status: int, kind: str, body: bytes, most: int) -> bytes:
    """Without a right to the file Slack shows a login page, with the status 200."""
    if status >= 500:
        raise NoAnswer(f"Slack answered with status {status}")
    if status != 200 or kind.startswith("text/html"):
        raise SlackRefused("file_not_readable")
    if len(body) != most:
        raise SlackRefused("file_of_another_size")
    return body


def _of_slack(url: str, base_url: str) -> bool:
    """Slack's own hosts; where its API is elsewhere, as on a developer's machine, that very address."""
    asked, known = urlsplit(url), urlsplit(base_url)
    if (asked.scheme, asked.netloc) == (known.scheme, known.netloc):
        return True
    return asked.scheme == "https" and (asked.hostname or "").endswith(SLACK) and not asked.username
