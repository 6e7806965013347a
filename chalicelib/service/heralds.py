"""Every minute: what was gathered is told, who took over, and what waits. One that fails keeps no other waiting."""

from collections.abc import Callable
from functools import partial

from chalicelib.domain.bundling import by_reader
from chalicelib.service import crowds
from chalicelib.service.handover import tell_change
from chalicelib.service.notices import Herald
from chalicelib.service.summaries import flush
from chalicelib.service.sweeping import Run


def proclaim(herald: Herald, run: Run | None = None) -> int:
    """Returns how many messages were told. Raises an ExceptionGroup when something must be told by the next sweep."""
    store, config, run = herald.store, herald.config, run or Run()
    gathered = [bundle for brand in sorted(config.brands) for bundle in store.bundles(brand)]
    work: list[Callable[[], int]] = [partial(flush, herald, bundles) for bundles in by_reader(gathered)]
    work += [partial(tell_change, herald, rotation) for rotation in config.rotations.values()]
    work += [partial(crowds.tell, herald, channel) for channel in crowds.channels(herald)]
    told = run.over(work, lambda act: act(), herald.meter, "summaries_told")
    run.end("summaries are told later")
    return told
