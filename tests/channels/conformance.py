"""What every channel must pass. A check takes a channel and its fixture folder, so it judges any, even a new one."""

from collections.abc import Callable
from pathlib import Path

from chalicelib.channels.base import Channel
from tests.channels import fuzzing, moderating, reading, signing, speaking

Check = Callable[[Channel, Path], None]
CHECKS: tuple[Check, ...] = (
    *reading.CHECKS,
    *signing.CHECKS,
    *speaking.CHECKS,
    *moderating.CHECKS,
    *fuzzing.CHECKS,
)


def conform(channel: Channel, folder: Path) -> None:
    """Put one channel through every check."""
    for check in CHECKS:
        check(channel, folder)
