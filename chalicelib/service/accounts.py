"""What an account may, from the policy file, laid over what its secrets say: so windows and delivery agree."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.channels.base import Credentials
from chalicelib.domain.config import POLICY_OPTIONS, Config
from chalicelib.service.ports import Vault


@dataclass(frozen=True, slots=True)
class PolicyVault:
    """The vault, whose credentials carry the options of the policy file. Those of its own secrets do not count."""

    vault: Vault
    config: Callable[[], Config]

    def hook(self, channel: str, account: str) -> Credentials | None:
        known = self.vault.hook(channel, account)
        if known is None:
            return None
        kept = {name: value for name, value in known.options.items() if name not in POLICY_OPTIONS}
        return replace(known, options={**kept, **self.config().options(account)})
