"""``python -m bench [--smoke] [--slow] [--json FILE] [--docs] [NAME...]``: measure, print, and keep what was found."""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

from bench import docs, record
from bench.measure import SMOKE, Effort, Result, machine
from bench.record import Record
from bench.report import readable

NAMES = ("edge", "intake", "calls", "growth", "cold", "timers", "throughput", "cost")
COUNTED = frozenset({"calls", "cost"})
"""What is counted and not timed: the page may tell it anew by itself."""
GROWN = ["growth"]
"""What has larger sizes."""


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    effort = SMOKE if options.smoke else Effort(slow=options.slow)
    done = Record(machine())
    for name in options.names or NAMES:
        began = time.monotonic()
        done.results.append(measured(name, effort))
        done.seconds[name] = round(time.monotonic() - began, 1)
        print(f"{name}: {done.seconds[name]:.0f} s", file=sys.stderr, flush=True)
    print(readable(done))
    if options.json:
        record.write(options.json, done)
    if options.docs:
        _keep(done, options)


def _keep(done: Record, options: argparse.Namespace) -> None:
    """In the place of the last run, or in it; then the page anew."""
    if options.slow:
        record.write(record.SLOW, done)
    else:
        last = record.read(record.LAST)
        record.write(record.LAST, last.recounted(done) if last and options.names else done)
    docs.write()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description="What Heed costs in CPU, calls and dollars. Needs a JDK and npm, but for --smoke."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all by default")
    parser.add_argument("--smoke", action="store_true", help="run everything once and tiny; the figures mean nothing")
    parser.add_argument("--slow", action="store_true", help="growth to the largest sizes, which takes an hour")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures there")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md from this run")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if options.docs and options.smoke:
        parser.error("figures that mean nothing are not for the page: leave out --smoke")
    if options.slow and options.names != GROWN:
        parser.error("only growth has larger sizes: python -m bench growth --slow")
    if options.docs and not options.slow and options.names and not COUNTED.issuperset(options.names):
        parser.error("the page tells of a whole run; alone may be told anew: " + ", ".join(sorted(COUNTED)))
    return options


def measured(name: str, effort: Effort) -> Result:
    found: Result = import_module(f"bench.{name}").run(effort)
    return found


if __name__ == "__main__":
    main()
