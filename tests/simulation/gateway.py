"""API Gateway: requests in the shape in which it hands them to the app."""

from collections.abc import Mapping
from typing import Any

ROUTES = ("/hooks/{channel}/{account}", "/privacy/meta/{account}", "/slack")


def proxied(path: str, headers: Mapping[str, str], body: str) -> dict[str, Any]:
    """The event of one POST."""
    resource = next(one for one in ROUTES if path.startswith(one.partition("{")[0]))
    pairs = zip(resource.split("/"), path.split("/"), strict=True)
    parameters = {name.strip("{}"): given for name, given in pairs if name.startswith("{")}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": "POST",
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {"httpMethod": "POST", "resourcePath": resource, "path": path, "identity": {}},
        "body": body,
        "isBase64Encoded": False,
    }
