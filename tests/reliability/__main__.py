"""``python -m tests.reliability`` writes the page; ``--check`` says whether it could, and would be another one.

``--keep-slow`` writes down what a long run came to.
"""

import os
import sys
from pathlib import Path

from tests.reliability.page import ABLE, LACKING, Broken, alike, listed, page
from tests.reliability.recorder import FIGURES, LONG_RUN, keep, kept, recorded

PAGE = Path("docs/reliability.md")


def main(arguments: list[str]) -> int:
    if arguments == ["--keep-slow"]:
        slow = keep(listed(), recorded(LONG_RUN))
        return 0 if slow.runs else _said("The long run left nothing to keep.")
    checks = arguments == ["--check"]
    try:
        text = page(listed(), recorded(FIGURES), kept(), LACKING if checks and not os.environ.get("CI") else ABLE)
    except Broken as broken:
        return _said(f"These promises are not held by the last run:\n{broken}")
    if checks:
        same = alike(text, PAGE.read_text())
        return 0 if same else _said(f"{PAGE} says something else than the run: make reliability")
    PAGE.write_text(text)
    return 0


def _said(what: str) -> int:
    sys.stderr.write(f"{what}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
