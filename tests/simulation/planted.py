"""Bugs put in on purpose, each breaking one rule: a checker that does not find them all is no checker."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation import broken, broken_store
from tests.simulation.world import Parts

HELPLESS = Parts(doors={"publisher": broken.nothing, "clock": broken.nothing}, punctual=False)
"""No bug, but stream and timers that do nothing: the sweeper and the auditor have to do it all."""


@dataclass(frozen=True)
class Bug:
    """``finding`` is a pattern of what the checker must say of it; anything else might be an accident."""

    parts: Parts
    finding: str


PLANTED: Mapping[str, Bug] = {
    "no dedupe": Bug(Parts(intake=broken.NoDedupe), "message .* is told 2|unexpected: nobody wrote message"),
    "delete before commit": Bug(Parts(queue=broken.DeletesFirst), "^lost|^stuck"),
    "a batch is done though one failed": Bug(Parts(queue=broken.AllOrNothing), "^lost|^stuck"),
    "resend of unknown": Bug(Parts(delivery=broken.ResendsUnknown), "^doubled"),
    "stream-only outbox": Bug(Parts(doors={"sweeper": broken.nothing}), "^pending"),
    "wall-clock SLA": Bug(
        Parts(doors={"clock": broken.working(broken.wall_clock)}), "a breach for a promise that was kept"
    ),
    "missing condition": Bug(Parts(store=broken_store.LastWriteWins), "^lost|^doubled|^wrong|^stuck|times a|is told"),
    "a reply claimed without condition": Bug(Parts(store=broken_store.ClaimsFreely), "^doubled"),
    "what follows an answer is forgotten": Bug(Parts(delivery=broken.ForgetsTheRest), "^lost: the .* does not follow"),
    "what follows an answer does not wait for it": Bug(
        Parts(delivery=broken.FollowsAtOnce), "^unexpected: the .* follows"
    ),
    "effect before commit": Bug(Parts(delivery=broken.SendsFirst), "^doubled"),
    "ack before queueing at the edge": Bug(Parts(edge=broken.AnswersTooSoon), "^lost"),
    "timer not re-armed after the warning": Bug(
        Parts(doors={"publisher": broken.publishing(broken.not_rearmed)}), "nothing failed, and yet"
    ),
    "timer stopped by the write that starts it": Bug(
        Parts(doors={"publisher": broken.publishing(broken.stopped_at_once)}), "nothing failed, and yet"
    ),
    "an old record of the stream taken for new": Bug(
        Parts(doors={"publisher": broken.publishing(broken.taken_for_new)}), "tells .* again"
    ),
    "no auditor": Bug(Parts(doors={"auditor": broken.nothing}), "never quiet|0 times a"),
    "echo counted as a customer's message": Bug(
        Parts(intake=broken.EchoIsCustomer), "^unexpected: nobody wrote message"
    ),
    "edit applied over delete": Bug(Parts(intake=broken.EditRevives), "^wrong: message"),
    "lost answer retried at Slack": Bug(Parts(slack=broken.PostsAgain), "has 2 cards|stands 2 times"),
    "a card is never edited": Bug(Parts(slack=broken.DrawsOnce), "shows an older state"),
    "429 never retried": Bug(Parts(delivery=broken.NeverRetries), "^stuck"),
    "unclear taken for failed": Bug(Parts(delivery=broken.UnclearIsFailed), "has failed .*, and the network has it"),
    "unclear taken for sent": Bug(Parts(delivery=broken.UnclearIsSent), "is sent, and the network does not have it"),
    "late failures ignored": Bug(Parts(intake=broken.IgnoresReceipts), "the network told that it bounced"),
    "mail twice": Bug(Parts(pager=broken.PagesTwice), "^doubled: .* is paged"),
    "nobody is called": Bug(Parts(doors={"desk": broken.working(broken.no_calls)}), "^lost: .* is not called"),
    "a notice about what is over": Bug(
        Parts(doors={"desk": broken.working(broken.stale_notices)}), "^stale: .* calls somebody"
    ),
    "a breach counted again": Bug(Parts(store=broken_store.CountsAgain), "^doubled: breach .* is counted"),
    "a lost draft": Bug(Parts(store=broken_store.DropsDrafts), "^lost: answer .* nor a draft"),
    "words of whoever Slack does not vouch for": Bug(
        Parts(doors={"inbox": broken.working(broken.turns_words_away)}), "^lost: (answer|note)"
    ),
    "acts on messages forgotten": Bug(Parts(doors={"delivery": broken.working(broken.no_acts)}), "^stuck: act"),
}
