"""Results as text: tables whose columns line up, and bars."""

from collections.abc import Mapping
from typing import Any

from bench.measure import Judged, Table, busy
from bench.record import Record

WIDTH = 40


def readable(record: Record) -> str:
    lines = [", ".join(f"{name} {value}" for name, value in record.machine.items()), busy(record.machine), ""]
    for result in record.results:
        lines += [f"== {result.title}", result.what, ""]
        for one in result.tables:
            lines += [one.title, *aligned(one), ""]
        for title, bars in result.bars.items():
            lines += [title, *plot(bars), ""]
        lines += [verdict(one) for one in result.judged]
        lines += [f"note: {note}" for note in result.notes]
        lines.append("")
    return "\n".join(lines)


def aligned(table: Table) -> list[str]:
    rows = [table.columns, *[[cell(one) for one in row] for row in table.rows]]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.columns))]
    return ["  " + "  ".join(_justified(row, widths)).rstrip() for row in rows]


def _justified(row: list[str], widths: list[int]) -> list[str]:
    return [
        text.ljust(width) if not place else text.rjust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def plot(bars: Mapping[str, float]) -> list[str]:
    longest, most = max(map(len, bars)), max(bars.values()) or 1
    return [f"  {n.ljust(longest)} {'#' * max(1, round(v / most * WIDTH))} {cell(v)}" for n, v in bars.items()]


def verdict(judged: Judged) -> str:
    return f"  {'met   ' if judged.met else 'MISSED'} {judged.name}: {cell(judged.value)} (target <= {judged.target:g})"


def cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
