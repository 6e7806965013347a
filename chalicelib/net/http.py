"""One attempt over urllib3. What matters is whether the other side may have acted: NotSent proves it did not."""

from datetime import timedelta

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from chalicelib.channels.base import Request, Response
from chalicelib.service.ports import NoAnswer, NotSent

CONNECT = 3.0
LARGEST_ANSWER = 1_000_000

_NEVER_LEFT = (NewConnectionError, ConnectTimeoutError, NameResolutionError)


class Urllib3Http:
    def __init__(self, most: int = LARGEST_ANSWER) -> None:
        self._most = most
        self._pool = urllib3.PoolManager(retries=False, maxsize=4)

    def send(self, request: Request, timeout: timedelta) -> Response:
        try:
            answer = self._pool.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                body=request.body,
                timeout=urllib3.Timeout(connect=CONNECT, total=timeout.total_seconds()),
                redirect=False,
                preload_content=False,
            )
            body = answer.read(self._most)
            answer.release_conn()
        except _NEVER_LEFT as error:
            raise NotSent(type(error).__name__) from None
        except (HTTPError, OSError) as error:
            raise NoAnswer(type(error).__name__) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, headers, body)
