"""Our metric lines are Powertools' own, character by character."""

import json
from contextlib import redirect_stdout
from io import StringIO

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.aws.meter import EmfMeter
from tests.build import NOON

OWN = ("service", "_aws")
"""What Powertools itself writes into every line."""
WORD = st.text(alphabet="abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=30).filter(lambda word: word not in OWN)
VALUE = st.text(min_size=1, max_size=30).filter(str.strip)


def ours(name: str, amount: int, dimensions: dict[str, str]) -> str:
    with redirect_stdout(StringIO()) as line:
        EmfMeter(lambda: NOON).count(name, amount, **dimensions)
    return line.getvalue()


def theirs(name: str, amount: int, dimensions: dict[str, str]) -> str:
    """At noon, which Powertools cannot be told."""
    with redirect_stdout(StringIO()) as line, single_metric(name, MetricUnit.Count, amount, namespace="Heed") as metric:
        for key, value in {**dimensions, "service": "heed"}.items():
            metric.add_dimension(key, value)
    stamp = json.loads(line.getvalue())["_aws"]["Timestamp"]
    return line.getvalue().replace(str(stamp), str(int(NOON.timestamp()) * 1000), 1)


@given(WORD, st.integers(0, 10**9), st.dictionaries(WORD, VALUE, max_size=5))
def test_a_metric_is_the_line_powertools_would_write(name: str, amount: int, dimensions: dict[str, str]) -> None:
    dimensions.pop(name, None)
    assert ours(name, amount, dimensions) == theirs(name, amount, dimensions)


def test_each_count_is_one_line() -> None:
    line = ours("replies", 2, {"state": "sent"})
    assert line.count("\n") == 1
    assert (json.loads(line)["replies"], json.loads(line)["state"]) == ([2.0], "sent")
