"""Cold starts: CPU and modules of each function from a fresh interpreter to its first event handled."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from typing import Any

from bench.bodies import BRAND, api_event, messages, queue_event, signed
from bench.intake import fragment, recorded
from bench.measure import Effort, Judged, Result, Table, Timing, ratio
from bench.starts import STARTS
from bench.world import PROJECT, on_fake, silent
from chalicelib.domain.instants import iso
from tests.build import NOON

TARGET = 1.3
RUNS = 7
FLOORS = {"webhook": "floor: chalice + sqs"}
WORKER_FLOOR = "floor: chalice + dynamodb"
_OURS = ("bare interpreter", "floor: ")


def run(effort: Effort) -> Result:
    result = Result(
        "cold",
        "Cold starts: from a fresh interpreter to the first event handled",
        "Milliseconds of CPU of a whole process with its bytecode in place: imports, clients, the first event against "
        "a fake endpoint. The floors are the least a Chalice function with one botocore client does.",
    )
    with on_fake():
        with silent():
            events = first_events()
        starts = list(STARTS) if not effort.smoke else ["bare interpreter", *FLOORS.values(), WORKER_FLOOR, "webhook"]
        _tabulate(_measured({name: events.get(name, {"body": "{}"}) for name in starts}, effort), result)
        _explain(events["webhook"], result)
    result.notes.append(
        "No network, no fetching of the zip, no microVM: what AWS adds is not here. /slack is not started. A client "
        "costs what its service's model and endpoint rules cost to read: compare the webhook's two floors."
    )
    return result


def first_events() -> dict[str, Any]:
    """What each function is handed first."""
    raw, headers = signed(messages(1))
    rows = [one["Put"]["Item"] for one in recorded()[-1]["TransactItems"]]
    image = next(row for row in rows if row["kind"]["S"] == "TimelineEvent" and "arm" in row)
    case = {"brand": BRAND, "case_id": image["case_id"]["S"]}
    timer = {**case, "revision": 0, "at": iso(NOON)}
    stream = {"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1"}
    change = {"NewImage": image, "SequenceNumber": "1", "StreamViewType": "NEW_IMAGE", "Keys": {}}
    schedule = {"version": "0", "account": "1", "region": "us-east-1", "detail": {}, "detail-type": "Scheduled Event"}
    return {
        "webhook": api_event(raw, headers),
        "intake": queue_event("heed-bench-inbound.fifo", json.dumps(fragment())),
        "publisher": {"Records": [{**stream, "dynamodb": change}]},
        "clock": queue_event("heed-bench-timers", json.dumps(timer)),
        "delivery": queue_event("heed-bench-outbound", json.dumps({"brand": BRAND, "reply_id": "r"})),
        "desk": queue_event("heed-bench-team-messages", json.dumps({**case, "seq": 1})),
        "sweeper": {**schedule, "source": "aws.events", "time": iso(NOON), "id": "1", "resources": []},
    }


def _measured(events: dict[str, Any], effort: Effort) -> dict[str, tuple[Timing, int]]:
    """Every start in turn, run after run; the first round only puts bytecode and files at hand."""
    modules = {name: once(name, event)[2] for name, event in events.items()}
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in events}
    for _ in range(min(effort.runs, RUNS)):
        for name, event in events.items():
            runs[name].append(once(name, event)[:2])
    timings = {name: Timing(tuple(c for c, _ in one), tuple(w for _, w in one)) for name, one in runs.items()}
    return {name: (timing, modules[name]) for name, timing in timings.items()}


def once(name: str, event: Any) -> tuple[float, float, int]:
    """CPU and wall milliseconds of one start, and its modules."""
    with tempfile.TemporaryFile("w+") as given:
        json.dump(event, given)
        given.seek(0)
        began = time.perf_counter()
        command = [sys.executable, "-m", "bench.starts", name]
        process = subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=PROJECT)
        assert process.stdout
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = (time.perf_counter() - began) * 1e3
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"the start of {name} failed with {process.returncode}")
    return (used.ru_utime + used.ru_stime) * 1e3, wall, int(said)


def _tabulate(found: dict[str, tuple[Timing, int]], result: Result) -> None:
    rows = []
    for name, (timing, modules) in found.items():
        floor = FLOORS.get(name, WORKER_FLOOR)
        against: Any = "" if name.startswith(_OURS) else ratio(timing, found[floor][0])
        rows.append([name, modules, *timing.cells(), against])
    columns = ["function", "modules", "CPU median", "best", "worst", "wall", "x floor"]
    result.tables.append(Table("ms from a fresh process to the first event handled", columns, rows))
    result.bars["ms of CPU"] = {name: timing.median for name, (timing, _) in found.items()}
    least = found[FLOORS["webhook"]][0]
    result.judged.append(Judged("cold webhook, x floor", ratio(found["webhook"][0], least), TARGET))


def _explain(event: Any, result: Result) -> None:
    """Where the webhook's imports go, by package, against the floor's."""
    ours, floor = import_times("webhook", event), import_times(FLOORS["webhook"], event)
    names = [name for name, _ in (ours - floor).most_common(12)]
    rows = [[name, round(ours[name] / 1e3, 1), round(floor[name] / 1e3, 1)] for name in names]
    rows.append(["all imports", round(ours.total() / 1e3, 1), round(floor.total() / 1e3, 1)])
    result.tables.append(
        Table(
            "ms of imports by package (-X importtime, one run): what the webhook adds",
            ["package", "ours", "floor"],
            rows,
        )
    )


def import_times(name: str, event: Any) -> Counter[str]:
    """Microseconds of importing by package, as the interpreter says."""
    command = [sys.executable, "-X", "importtime", "-m", "bench.starts", name]
    told = subprocess.run(command, input=json.dumps(event), capture_output=True, text=True, cwd=PROJECT, check=True)
    found: Counter[str] = Counter()
    for line in told.stderr.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            found[_package(parts[2].strip())] += int(parts[0])
    return found


def _package(module: str) -> str:
    parts = module.split(".")
    if parts[0] in sys.stdlib_module_names:
        return f"(stdlib) {parts[0]}"
    return ".".join(parts[:2]) if parts[0] == "aws_lambda_powertools" else parts[0]
