"""``python -m tests.reliability`` writes the page; with ``--check`` it only says whether it could."""

import sys
from pathlib import Path

from tests.reliability.page import Broken, page, promises
from tests.reliability.recorder import FIGURES, recorded

PAGE = Path("docs/reliability.md")


def main(arguments: list[str]) -> int:
    try:
        text = page(promises(), recorded(FIGURES))
    except Broken as broken:
        sys.stderr.write(f"These promises are not held by the last run:\n{broken}\n")
        return 1
    if arguments != ["--check"]:
        PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
