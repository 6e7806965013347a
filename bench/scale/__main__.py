"""``python -m bench.scale [--docs]``: the storm under every plan; ``--docs`` writes docs/scale.md and its plots."""

import argparse
from dataclasses import replace

from bench.scale import page
from bench.scale.model import Storm, simulate
from bench.scale.quotas import PLANS


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.scale", description="A hundredfold storm, second by second.")
    parser.add_argument("--docs", action="store_true", help="write docs/scale.md and its plots")
    options = parser.parse_args(arguments)
    storm = Storm()
    single = replace(storm, per_call=1)
    runs = [(simulate(plan, storm), simulate(plan, single)) for plan in PLANS]
    written = page.written(storm, runs)
    if not options.docs:
        print(written[page.PAGE])
        return
    for file, text in written.items():
        file.write_text(text)


if __name__ == "__main__":
    main()
