"""Handlers run in this process, and in processes that can be killed."""

import json
import operator
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local import worker
from infra.local.invoke import FunctionError, InProcessInvoker, SubprocessInvoker, WorkerKilledError
from infra.local.stack import Function, Stack
from infra.template.render import fresh_modules
from tests.infra.sample_resources import PROJECT
from tests.infra.waiting import eventually

HANDLERS = """
import json, os, sys, time
from pathlib import Path

def echo(event, context):
    print("noise on stdout")
    left = context.get_remaining_time_in_millis()
    return {"event": event, "name": context.function_name, "arn": context.invoked_function_arn, "left": left,
            "id": context.aws_request_id, "env": os.environ["GREETING"], "handler": os.environ["_HANDLER"]}

def pid(event, context):
    return os.getpid()

def broken(event, context):
    raise LookupError("nobody there")

def unreadable(event, context):
    return object()

def packages(event, context):
    return [path for path in sys.path if "site-packages" in path]

def stuck(event, context):
    Path(event["mark"]).write_text("busy")
    time.sleep(60)
"""


def stack(*names: str) -> Stack:
    functions = {
        name: Function(name.title(), f"s-{name}", f"arn:{name}", f"work.{name}", 9, 256, {"GREETING": "hi"})
        for name in names
    }
    return Stack("s", functions, {}, {})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "work.py").write_text(HANDLERS)
    return tmp_path


@pytest.fixture
def workers(directory: Path) -> Iterator[SubprocessInvoker]:
    known = stack("echo", "pid", "broken", "unreadable", "packages", "stuck")
    invoker = SubprocessInvoker(known, directory, {"PATH": os.environ["PATH"]})
    yield invoker
    invoker.close()


def test_a_worker_answers_with_the_functions_context_and_environment(workers: SubprocessInvoker) -> None:
    answer = workers("echo", {"text": "grüß\n"})
    assert answer["event"] == {"text": "grüß\n"}
    assert (answer["name"], answer["arn"], answer["env"]) == ("s-echo", "arn:echo", "hi")
    assert answer["handler"] == "work.echo"
    assert 8_000 < answer["left"] <= 9_000
    assert answer["id"] != workers("echo", {})["id"]


def test_a_worker_is_reused_until_it_is_killed(workers: SubprocessInvoker) -> None:
    first = workers("pid", {})
    assert first == workers("pid", {}) != os.getpid()
    assert workers.kill("pid") == 1
    assert workers("pid", {}) != first


def test_errors_come_back_by_name(workers: SubprocessInvoker) -> None:
    with pytest.raises(FunctionError, match="LookupError: nobody there") as caught:
        workers("broken", {})
    assert caught.value.kind == "LookupError"
    with pytest.raises(FunctionError, match="TypeError"):
        workers("unreadable", {})


def test_an_isolated_worker_sees_no_installed_packages(workers: SubprocessInvoker, directory: Path) -> None:
    assert workers("packages", {}) == []
    open_workers = SubprocessInvoker(stack("packages"), directory, os.environ, isolated=False)
    try:
        assert open_workers("packages", {}) != []
    finally:
        open_workers.close()


def test_a_kill_in_the_middle_reaches_the_caller(workers: SubprocessInvoker, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    raised: list[BaseException] = []

    def call() -> None:
        try:
            workers("stuck", {"mark": str(mark)})
        except WorkerKilledError as error:
            raised.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    eventually(mark.exists)
    assert workers.kill("stuck") == 1
    caller.join(5)
    assert "ended with -9 while it worked" in str(raised[0])


def test_a_handler_that_cannot_be_loaded_ends_its_worker(directory: Path) -> None:
    (directory / "work.py").write_text("raise ImportError('no such library')")
    workers = SubprocessInvoker(stack("echo"), directory, {})
    with pytest.raises(WorkerKilledError, match="ended with 1"):
        workers("echo", {})


def in_process(name: str, event: Any) -> Any:
    functions = {"F": Function("F", "s-F", "arn:f", f"{__name__}.{name}", 9, 128)}
    return InProcessInvoker(Stack("s", functions, {}, {}))("f", event)


def change(event: dict[str, Any], context: Any) -> dict[str, Any]:
    event["seen"] = context.function_name
    return event


def opaque(event: Any, context: Any) -> object:
    return object()


def test_nothing_is_shared_with_the_caller() -> None:
    event = {"a": 1}
    assert in_process("change", event) == {"a": 1, "seen": "s-F"}
    assert event == {"a": 1}


def test_an_answer_that_is_not_json_is_an_error_as_on_lambda() -> None:
    with pytest.raises(TypeError):
        in_process("opaque", {})


def test_chalice_handlers_are_called_as_lambda_calls_them() -> None:
    functions = {"Store": Function("Store", "s-Store", "arn:store", "app.store", 9, 128)}
    with fresh_modules(PROJECT):
        assert InProcessInvoker(Stack("s", functions, {}, {}))("store", {"Records": []}) == {"batchItemFailures": []}


def test_an_unknown_function_is_named_with_those_that_exist() -> None:
    with pytest.raises(KeyError, match="no function 'nope'; there are pid"):
        stack("pid").function("nope")


def test_the_workers_protocol_is_one_line_in_one_line_out() -> None:
    request = json.dumps(
        {"event": {"a": "\n"}, "context": {"function_name": "f", "invoked_function_arn": "", "timeout": 1}}
    )
    assert json.loads(worker.answer(change, request)) == {"result": {"a": "\n", "seen": "f"}}
    failed = worker.answer(operator.itemgetter, request)
    assert "\n" not in failed
    assert json.loads(failed)["error"]["errorType"] == "TypeError"
