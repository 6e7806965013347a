"""What others spend to accept one message over HTTP and store it: measured elsewhere, beside what Heed spends here."""

from collections.abc import Mapping, Sequence

from bench.measure import Result, Table

PEERS = (
    ("Node-RED 5.0.7, function node + PostgreSQL pool", "the same webhook", "0.65 to 1.1"),
    ("hand-written WSGI server, 25 lines + PostgreSQL", "signed webhook, case and message", "1.4 to 1.5"),
    ("django-helpdesk 2.6.1", "append a follow-up by API", "20 to 22"),
    ("django-helpdesk 2.6.1", "create a ticket by API", "30 to 32"),
    ("n8n 2.40.7, tuned", "the same webhook, three nodes", "35 to 46"),
    ("Roundup 2.6.0", "create an issue by REST, two calls", "91 to 97"),
    ("n8n 2.40.7, as it comes", "the same webhook, three nodes", "124 to 137"),
    ("Request Tracker 5.0.3", "correspond by REST", "169"),
    ("Request Tracker 5.0.3", "create a ticket by REST", "256 to 335"),
)
WHERE = """Milliseconds of CPU for one accepted message. The peers were measured in November 2026 on another machine of
this class (2 virtual cores, 24 GB, noisy), with PostgreSQL 15 beside them, whose CPU is in their figures; Node-RED and
n8n check no signature. Heed's rows are from the run of this page; the CPU of AWS, which does the storing, is not in
them. So compare orders of magnitude and nothing finer; no target here mixes the two. Zammad, Chatwoot, Frappe and
Rocket.Chat could not be installed there."""


def table(results: Sequence[Result]) -> Table:
    """Ours first; from the edge and intake of this run."""
    by_name = {result.name: result for result in results}
    edge, intake = (_medians(by_name.get(name)) for name in ("edge", "intake"))
    ours: list[tuple[str, str, float | None]] = [
        ("**Heed**: webhook of one message, into the queue", "the whole function", edge.get("function")),
        ("**Heed**: the message made true", "the whole function, batches of ten", intake.get("handler")),
    ]
    rows = [[name, what, f"{us / 1e3:.2f}"] for name, what, us in ours if us is not None]
    return Table("", ["who", "what", "ms of CPU"], [*rows, *([*peer] for peer in PEERS)])


def _medians(result: Result | None) -> Mapping[str, float]:
    """The CPU medians of a result's first table: one message; a new contact."""
    if result is None:
        return {}
    words = {"the whole function, as Lambda calls it": "function", "whole Lambda handler": "handler"}
    return {words[row[0]]: row[1] for row in result.tables[0].rows if row[0] in words}
