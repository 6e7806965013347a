"""Secrets from SSM through Powertools' cache: a rotated one is in use within minutes, and no call pays for it."""

import json
import re
from typing import Any

from aws_lambda_powertools.utilities.parameters import SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from chalicelib.aws.clients import client
from chalicelib.channels.base import Credentials

MAX_AGE = 300
_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class SsmVault:
    """Parameters ``{prefix}/hooks/{channel}/{account}`` and ``{prefix}/slack``, SecureStrings of JSON.

    Shape of a hook: ``{"secrets": [..], "verify_token", "token", "app_id", "account", "api", "options": {..}}``.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._provider = SSMProvider(boto3_client=client("ssm"))

    def hook(self, channel: str, account: str) -> Credentials | None:
        if not (_SAFE.fullmatch(channel) and _SAFE.fullmatch(account)):
            return None
        data = self._read(f"hooks/{channel}/{account}")
        if data is None:
            return None
        return Credentials(**{**data, "secrets": tuple(data.get("secrets", ()))})

    def slack(self) -> dict[str, Any]:
        """``{"signing_secrets": [..], "token"}``; empty when Slack is not connected yet."""
        return self._read("slack") or {}

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            text = self._provider.get(f"{self._prefix}/{name}", max_age=MAX_AGE, decrypt=True)
        except GetParameterError as error:
            if "ParameterNotFound" in str(error):
                return None
            raise
        data: dict[str, Any] = json.loads(str(text or "{}"))
        return data
