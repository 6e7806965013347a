"""One file per network, found by its name and imported only when that network speaks."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from chalicelib.channels.base import Channel

_CONTRACT = "base"


def names() -> list[str]:
    """Every channel there is: each file beside the contract is one."""
    return sorted(one.name for one in iter_modules(__path__) if not one.ispkg and one.name != _CONTRACT)


@cache
def load(name: str) -> Channel:
    """The channel of that name. Raises LookupError when there is none; the name may come from a URL."""
    if name not in names():
        raise LookupError(f"no channel {name!r}; there are {', '.join(names())}")
    channel: Channel = import_module(f"{__name__}.{name}").CHANNEL
    return channel
