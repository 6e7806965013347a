"""A Chalice request in the shape the channels read: lower-case header names and the bytes as they came."""

from chalice.app import Request

from chalicelib.channels.base import Inbound


def inbound(request: Request) -> Inbound:
    body = request.raw_body
    return Inbound(
        method=request.method,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params or {}),
        body=body if isinstance(body, bytes) else body.encode(),
    )
