"""Lines over time as an SVG, with nothing but the standard library. Ages are drawn by their logarithm."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

WIDTH, HEIGHT, LEFT, TOP = 760, 320, 60, 30
COLOURS = ("#1f6feb", "#bf3989", "#9a6700", "#1a7f37", "#cf222e")
MARKS = ((1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (21600, "6 h"))
POINTS = 240


def ages(title: str, lines: Mapping[str, Sequence[int]]) -> str:
    """How old the oldest waiting work is, for every stage."""
    span = max(map(len, lines.values()))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        "<style>text { font-size: 12px }</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18">{escape(title)}</text>',
        *(_mark(seconds, words) for seconds, words in MARKS),
        *_times(span),
    ]
    for place, (name, values) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{_points(values, span)}"/>')
        parts.append(f'<text x="{WIDTH - 90}" y="{TOP + 16 * place + 12}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _y(seconds: float) -> float:
    most = log10(MARKS[-1][0] + 1)
    return HEIGHT - 30 - log10(max(seconds, 0) + 1) / most * (HEIGHT - 30 - TOP)


def _x(second: float, span: int) -> float:
    return LEFT + second / max(span - 1, 1) * (WIDTH - LEFT - 100)


def _points(values: Sequence[int], span: int) -> str:
    step = max(1, -(-len(values) // POINTS))
    at = range(0, len(values), step)
    return " ".join(f"{_x(second, span):.1f},{_y(max(values[second : second + step])):.1f}" for second in at)


def _mark(seconds: int, words: str) -> str:
    y = _y(seconds)
    line = f'<line x1="{LEFT}" x2="{WIDTH - 100}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
    return f'{line}<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{words}</text>'


def _times(span: int) -> list[str]:
    return [_time(span * part / 4, span) for part in range(5)]


def _time(second: float, span: int) -> str:
    x = _x(second, span)
    return f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{second / 60:.0f} min</text>'
