"""``python -m tests.simulation SEED [--bug BUG] [--helpless] [--blow CALL --after] [--calls]`` replays one run."""

import argparse
import sys

from tests.simulation.planted import HELPLESS, PLANTED
from tests.simulation.run import CORRECT, simulate
from tests.simulation.world import Blow


def main(arguments: list[str]) -> int:
    """Prints what the checker found, what happened and where the process died; 1 when it found something."""
    asked = _parser().parse_args(arguments)
    parts = PLANTED[asked.bug].parts if asked.bug else HELPLESS if asked.helpless else CORRECT
    blow = Blow(asked.blow, asked.after) if asked.blow is not None else None
    outcome = simulate(asked.seed, parts, blow)
    tally = outcome.world.tally
    words = [*outcome.findings, f"seed {asked.seed}: {outcome.figures}", *tally.crashes]
    words += tally.calls if asked.calls else []
    sys.stdout.write("\n".join(words) + "\n")
    return int(bool(outcome.findings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("seed", type=int)
    parser.add_argument("--bug", choices=PLANTED, help="with this bug planted")
    parser.add_argument("--helpless", action="store_true", help="the stream and the timers do nothing")
    parser.add_argument("--blow", type=int, help="the process dies at this call of the run")
    parser.add_argument("--after", action="store_true", help="it dies after the call took effect, not before")
    parser.add_argument("--calls", action="store_true", help="print every call of a port, too, in order")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
