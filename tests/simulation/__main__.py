"""``python -m tests.simulation SEED [BUG]`` replays one run and tells what the checker found."""

import sys

from tests.simulation.planted import PLANTED
from tests.simulation.run import CORRECT, simulate


def main(seed: int, bug: str = "") -> int:
    outcome = simulate(seed, PLANTED[bug] if bug else CORRECT)
    words = [*outcome.findings, f"seed {seed}: {outcome.figures}"]
    sys.stdout.write("\n".join(words) + "\n")
    return len(outcome.findings) > 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:3]))
