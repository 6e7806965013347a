"""Sizes, clocks, broad excepts and mocks: counted, so that they stay what they are."""

import ast
import statistics
from pathlib import Path

import pytest

from tests.house.source import everything, functions, imports, shipped

LONGEST_FUNCTION = 50
LONGEST_FILE = 300
BROAD = {
    Path("chalicelib/channels/base.py"): 2,  # hostile signatures; a poisoned piece beside healthy ones
    Path("chalicelib/slack/verify.py"): 1,  # hostile signatures
    Path("chalicelib/handlers/worker.py"): 1,  # whatever it was, the fifth time is the last
    Path("chalicelib/service/privacy.py"): 1,  # one erasure must not keep the others waiting
    Path("chalicelib/service/outbox.py"): 1,  # one effect must not keep the others waiting
    Path("chalicelib/service/sweeping.py"): 1,  # one row, case or channel must not keep the others waiting
    Path("chalicelib/service/reapply.py"): 1,  # one case must not keep the others waiting for a new policy
}
CLOCKS = {"now", "utcnow", "today", "time", "uuid4", "uuid1", "monotonic"}
SECRETS = {"secret", "secrets", "signature", "signatures", "mac", "hmac", "password"}
STOPWATCHES = {"monotonic", "perf_counter", "process_time", "thread_time", "monotonic_ns", "perf_counter_ns"}
CLOCK_OWNERS = {"datetime", "time", "uuid", "date"}


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_and_files_stay_small(record_property: pytest.FixtureRequest) -> None:
    lengths = {f"{file}:{one.name}": lines(one) for file, tree in everything().items() for one in functions(tree)}
    files = {str(file): file.read_text().count("\n") for file in everything()}
    figures = f"functions: median {statistics.median(lengths.values()):.0f}, longest {max(lengths.values())} lines; "
    record_property("sizes", f"{figures}files: median {statistics.median(files.values()):.0f}")  # type: ignore[operator]
    assert {name: size for name, size in lengths.items() if size > LONGEST_FUNCTION} == {}
    assert {name: size for name, size in files.items() if size > LONGEST_FILE and "tests" not in name} == {}
    assert statistics.median(lengths.values()) <= 10


def test_every_broad_except_is_known_by_name() -> None:
    found: dict[Path, int] = {}
    for file, tree in shipped().items():
        broad = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and _broad(node)]
        if broad:
            found[file] = len(broad)
    assert found == BROAD


def _broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in ("Exception", "BaseException")
    )


def test_only_the_wiring_looks_at_the_clock() -> None:
    for file, tree in shipped().items():
        calls = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in CLOCK_OWNERS
        }
        assert not calls & CLOCKS or file == Path("chalicelib/wiring.py"), f"{file} looks at the clock"


def test_no_test_judges_seconds() -> None:
    """A slower machine would fail it, and a faster one hide what it looks for; work is counted instead, or compared."""
    waiting = {Path("tests/infra/waiting.py"), Path("tests/storage/dynamodb_local.py")}
    for file, tree in everything().items():
        if file.parts[0] == "tests" and file not in {*waiting, Path("tests/cost.py")}:
            read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
            read |= {name.rsplit(".", 1)[1] for name in imports(tree) if name.startswith("time.")}
            assert not read & STOPWATCHES, f"{file} reads {read & STOPWATCHES}; see tests/cost.py"


def test_only_the_wiring_reads_the_environment() -> None:
    for file, tree in shipped().items():
        reads = any(isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") for node in ast.walk(tree))
        assert not reads or file == Path("chalicelib/wiring.py"), f"{file} reads the environment"


def test_nothing_is_patched_and_nothing_is_mocked() -> None:
    banned = {"unittest.mock", "mock"}
    for file, tree in everything().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
                assert not names & banned, f"{file} mocks"


def test_signatures_and_tokens_are_compared_in_constant_time() -> None:
    """The one place that compares secrets is channels/parts/signatures.py; nobody else imports hmac to do so."""
    users = {str(file) for file, tree in shipped().items() if any(name.startswith("hmac") for name in imports(tree))}
    assert users == {"chalicelib/channels/parts/signatures.py"}


def test_nothing_secret_is_compared_with_equals() -> None:
    """Its time tells how much of it was right. ``hub.mode == "subscribe"`` and the like compare with literals."""
    found = {
        f"{file}:{node.lineno} {ast.unparse(node)}"
        for file, tree in shipped().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and _by_value(node) and any(map(_secret, [node.left, *node.comparators]))
    }
    assert found == set()


def _by_value(node: ast.Compare) -> bool:
    literal = all(isinstance(one, ast.Constant) for one in node.comparators)
    return not literal and any(isinstance(one, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for one in node.ops)


def _secret(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return any(part in SECRETS for part in name.lower().strip("_").split("_"))
