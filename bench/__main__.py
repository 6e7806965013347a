"""``python -m bench [--smoke] [--slow] [--json FILE] [--docs] [NAME...]``: measure, print, and keep what was found."""

import argparse
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import docs
from bench.measure import SMOKE, Effort, Result, machine
from bench.report import readable

NAMES = ("edge", "intake", "calls", "growth", "cold", "timers", "throughput", "cost")


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    effort = SMOKE if options.smoke else Effort(slow=options.slow)
    about, results = machine(), []
    for name in options.names or NAMES:
        began = time.monotonic()
        results.append(measured(name, effort))
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(readable(about, results))
    if options.json:
        keep(options.json, about, results)
    if options.docs:
        docs.PAGE.write_text(docs.page(about, results))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="What Heed costs in CPU, calls and dollars.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all by default")
    parser.add_argument("--smoke", action="store_true", help="run everything once and tiny; the figures mean nothing")
    parser.add_argument("--slow", action="store_true", help="add the largest sizes; needs Java, takes an hour")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md from this run")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if options.docs and (options.names or options.smoke):
        parser.error("the page tells of a whole run: use --docs alone")
    return options


def measured(name: str, effort: Effort) -> Result:
    found: Result = import_module(f"bench.{name}").run(effort)
    return found


def keep(file: Path, about: dict[str, Any], results: list[Result]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"machine": about, "results": [one.as_json() for one in results]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
