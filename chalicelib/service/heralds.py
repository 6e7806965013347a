"""Every minute: what was gathered is told, who took over, and what waits. One that fails keeps no other waiting."""

from collections.abc import Callable
from functools import partial

from chalicelib.service import crowds
from chalicelib.service.handover import tell_change
from chalicelib.service.notices import Herald


def proclaim(herald: Herald) -> int:
    """Returns how many bundles were told. Raises an ExceptionGroup when something must be told by the next sweep."""
    store, config = herald.store, herald.config
    ripe = [one for brand in sorted(config.brands) for one in store.bundles(brand) if one.ripe(herald.now)]
    work: list[Callable[[], None]] = [partial(herald.flush, bundle) for bundle in ripe]
    work += [partial(tell_change, herald, rotation) for rotation in config.rotations.values()]
    work += [partial(crowds.tell, herald, channel) for channel in crowds.channels(herald)]
    failures = [failure for one in work if (failure := _failed(one))]
    if failures:
        raise ExceptionGroup(f"{len(failures)} summaries are told later", failures)
    return len(ripe)


def _failed(work: Callable[[], None]) -> Exception | None:
    try:
        work()
    except Exception as error:  # one channel that refuses must not silence the others
        return error
    return None
