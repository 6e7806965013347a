"""Secrets from SSM, kept for minutes: a rotated one is in use soon, and no event pays for a call.

The cache is ours and not Powertools': its parameters bring boto3 along, an eighth of the webhook's cold start.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.clients import client
from chalicelib.channels.base import Credentials

MAX_AGE = 300.0
"""Seconds for which an answer is trusted."""
ABSENT, MOST_ABSENT = 10.0, 1000
"""So long, and of so many, it is trusted that there is none: who knocks at doors that are not there costs few calls."""
_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")

Parameter = dict[str, Any]


class SsmVault:
    """Parameters ``{prefix}/hooks/{channel}/{account}`` and ``{prefix}/slack``, SecureStrings of JSON.

    Shape of a hook: ``{"secrets": [..], "verify_token", "token", "app_id", "account", "api", "options": {..}}``.
    ``clock`` tells seconds that only pass.
    """

    def __init__(self, prefix: str, clock: Callable[[], float]) -> None:
        self._prefix = prefix
        self._clock = clock
        self._kept: dict[str, tuple[float, Parameter]] = {}
        self._absent: dict[str, float] = {}

    def hook(self, channel: str, account: str) -> Credentials | None:
        if not (_SAFE.fullmatch(channel) and _SAFE.fullmatch(account)):
            return None
        data = self._read(f"hooks/{channel}/{account}")
        if data is None:
            return None
        return Credentials(**{**data, "secrets": tuple(data.get("secrets", ()))})

    def slack(self, name: str = "slack") -> Parameter:
        """``{"signing_secrets": [..], "token"}``; empty when it is not connected yet. Of several: ``slack/{team}``."""
        return self._read(name) or {}

    def _read(self, name: str) -> Parameter | None:
        read_at, kept = self._kept.get(name, (0.0, None))
        if kept is not None and self._clock() - read_at < MAX_AGE:
            return kept
        if self._clock() < self._absent.get(name, 0.0):
            return None
        found = self._fetch(f"{self._prefix}/{name}", kept)
        if found is not None:
            self._kept[name] = (self._clock(), found)
        else:
            self._remember_absent(name)
        return found

    def _remember_absent(self, name: str) -> None:
        if len(self._absent) >= MOST_ABSENT:
            self._absent.clear()
        self._absent[name] = self._clock() + ABSENT

    def _fetch(self, path: str, known: Parameter | None) -> Parameter | None:
        """While SSM cannot be asked, what it said last goes on being true."""
        ssm = client("ssm")
        try:
            answer = ssm.get_parameter(Name=path, WithDecryption=True)
        except ssm.exceptions.ParameterNotFound:
            return None
        except (ClientError, BotoCoreError):
            if known is None:
                raise
            return known
        parameter = json.loads(answer["Parameter"]["Value"])
        if not isinstance(parameter, dict):
            raise ValueError(f"{path} holds no JSON object")
        return parameter
