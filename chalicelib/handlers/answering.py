"""What every answer over HTTP has in common: headers that keep browsers from making anything of it, an id for errors.

The id is that of the invocation in Lambda's own log, so that whoever was told of an error can be helped.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from chalice.app import Request, Response

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
ERROR = 400
OURS = 500

log = logging.getLogger("heed")


def answering(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice's HTTP middleware. What no route catches is an answer already, with words that say nothing."""
    response = get_response(request)
    if response.status_code >= ERROR:
        number = str(getattr(request.lambda_context, "aws_request_id", ""))
        response.body = json.dumps({"error": _words(response.body), "id": number})
        response.headers["Content-Type"] = "application/json"
        if response.status_code >= OURS:
            log.error("answered with an error", extra={"status": response.status_code, "id": number})
    response.headers.update(HEADERS)
    return response


def _words(body: Any) -> str:
    """Ours are JSON or plain text; Chalice has its own for what it refuses by itself."""
    try:
        told = body if isinstance(body, dict) else json.loads(body)
    except ValueError:
        told = {"error": body}
    return str(told.get("error") or told.get("Message"))
