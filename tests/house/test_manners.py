"""Sizes, clocks, broad excepts and mocks: counted, so that they stay what they are."""

import ast
import re
import statistics
from collections.abc import Iterator
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
SECRETS = {"secret", "secrets", "signature", "signatures", "mac", "hmac", "password", "token", "tokens"}
SECRETS |= {"digest", "hexdigest"}
LOOKS_UP = {"get", "pop", "setdefault"}
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


NO_SECRETS = {
    "chalicelib/service/slack_inbox/standing.py place == slack_trouble.TOKEN": "where Heed cannot post: the word",
    "chalicelib/wiring.py known != token": "our token as it was against our token as it is; nobody hands one in",
}


def test_nothing_secret_is_compared_with_equals() -> None:
    """Its time tells how much of it was right. ``hub.mode == "subscribe"`` and the like compare with literals."""
    found = {f"{file} {one}" for file, tree in shipped().items() for one in compared(tree)}
    assert found == NO_SECRETS.keys()


def compared(tree: ast.AST) -> Iterator[str]:
    """Comparisons by value with a secret among the operands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and _by_value(node) and any(map(_secret, [node.left, *node.comparators])):
            yield ast.unparse(node)


def _by_value(node: ast.Compare) -> bool:
    literal = all(isinstance(one, ast.Constant) for one in node.comparators)
    return not literal and any(isinstance(one, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for one in node.ops)


def _secret(operand: ast.expr) -> bool:
    """Whatever in it is called like one: a name, an attribute, or the key under which something is looked up."""
    return any(set(re.split(r"\W|_", name.lower())) & SECRETS for node in ast.walk(operand) for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    keys: list[ast.expr] = []
    if isinstance(node, ast.Name | ast.Attribute):
        yield node.id if isinstance(node, ast.Name) else node.attr
    elif isinstance(node, ast.Subscript):
        keys = [node.slice]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOOKS_UP:
        keys = node.args[:1]
    yield from (one.value for one in keys if isinstance(one, ast.Constant) and isinstance(one.value, str))


@pytest.mark.parametrize(
    "source",
    [
        "given == wanted_signature",
        "headers['x-hub-signature-256'] == wanted",
        "request.headers.get('x-slack-signature', '') != wanted",
        "query.get('hub.verify_token') == wanted",
        "body['token'].strip() in known",
        "given == hmac_sha256(key, body).hex()",
        "mac.hexdigest() == given",
        "'abc' == credentials.verify_token",
        "one == two == self._secrets[0]",
    ],
)
def test_a_comparison_of_secrets_is_found(source: str) -> None:
    assert list(compared(ast.parse(source)))


@pytest.mark.parametrize("source", ["mode == 'subscribe'", "secret == ''", "len(parts) == count", "given['id'] == id"])
def test_a_comparison_of_other_things_is_not(source: str) -> None:
    assert list(compared(ast.parse(source))) == []


WEAK = {"random", "md5", "sha1"}
PLAYED = {
    "infra/doubles/networks/native_ids.py": {"random": "ids of networks that are played, the same for the same seed"},
    "infra/doubles/networks/storm.py": {"random": "who says what in a storm, the same for the same seed"},
    "infra/local/demo/agents.py": {"random": "what agents do in the demo, the same for the same seed"},
}


def test_no_chance_that_can_be_guessed_and_no_broken_hash_stands_where_security_does() -> None:
    """Nowhere in what is deployed; in what plays the world around it, where the same must come again."""
    ours = {file: tree for file, tree in everything().items() if file.parts[0] != "tests"}
    found = {str(file): weak(tree) for file, tree in ours.items() if weak(tree)}
    assert found == {file: set(reasons) for file, reasons in PLAYED.items()}
    assert all(file.startswith("infra/") for file in PLAYED)


def weak(tree: ast.AST) -> set[str]:
    """Which of these a file reaches for, by import, as an attribute, or by name in a call."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            found |= {part for name in names for part in name.split(".")}
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call):
            words = [*node.args, *(one.value for one in node.keywords)]
            found |= {str(one.value).lower().replace("-", "") for one in words if isinstance(one, ast.Constant)}
    return found & WEAK


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import choice",
        "import hashlib\nhashlib.md5(b'')",
        "from hashlib import sha1",
        "import hashlib\nhashlib.new('MD5')",
        "import hmac\nhmac.new(key, body, digestmod='sha1')",
        "import hmac, hashlib\nhmac.new(key, body, hashlib.sha1)",
    ],
)
def test_weak_chance_and_broken_hashes_are_found(source: str) -> None:
    assert weak(ast.parse(source))
