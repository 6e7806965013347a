"""``heed demo`` as people run it: in a process of its own, interrupted at any moment, leaving nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import pytest

from infra.local.demo.assembly import free
from tests.infra.waiting import eventually

MARK = "HEED_DEMO_TEST"


class Command:
    """``heed demo`` in a process of its own. Everything it starts carries its mark, and its temporary files too."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.mark = uuid4().hex
        self.temporary = directory / "tmp"
        self.temporary.mkdir()
        environ = {**os.environ, MARK: self.mark, "TMPDIR": str(self.temporary), "HTTP_PROXY": "http://127.0.0.1:9"}
        command = [sys.executable, "-c", "from infra.cli import main; main()", "demo", *arguments]
        self._said = (directory / "stderr").open("w+")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._said, text=True, env=environ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self._said.close()

    def line(self) -> dict[str, Any]:
        assert self.process.stdout
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)

    def said(self) -> str:
        self._said.seek(0)
        return self._said.read()

    def left_behind(self) -> list[str]:
        """Processes that carry the mark, and temporary files."""
        alive = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit() and self._marked(entry)]
        return alive + [path.name for path in self.temporary.iterdir()]

    def _marked(self, entry: Path) -> bool:
        try:
            return f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes()
        except OSError:
            return False


def three_free_ports() -> int:
    return next(
        port for port in range(20_000 + os.getpid() % 20_000, 60_000, 3) if all(map(free, range(port, port + 3)))
    )


def ask(url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as response:
        told: dict[str, Any] = json.load(response)
        return told


def test_the_command_prints_one_object_and_ends_clean(tmp_path: Path) -> None:
    with Command(tmp_path, "--storm", "4", "--exit", "--json", "--port", str(three_free_ports())) as command:
        out, _ = command.process.communicate(timeout=180)
        told = json.loads(out)
        assert command.process.returncode == 0, command.said()
        assert (told["lost"], told["doubled"], told["cases"]) == (0, 0, 4)
        assert command.left_behind() == []


def test_a_person_answers_in_slack_and_the_network_has_it_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    first = three_free_ports()
    with occupied(first), Command(tmp_path, "--storm", "3", "--json", "--port", str(first)) as command:
        urls = command.line()
        assert f"Port {first} is taken" in command.said()
        assert f":{first}/" not in urls["webhooks"]
        assert urls["slack"] == f"http://127.0.0.1:{first + 1}"
        card = eventually(lambda: _unanswered(urls))[0]
        where = {"channel": card["channel"], "ts": card["ts"], "user": "U0ANA"}
        assert ask(f"{urls['slack']}/_double/click", {**where, "action_id": "case_reply"})["ok"]
        [view] = eventually(lambda: _filled(urls, "U0ANA"))
        values = {"text": {"text": "A person says hello"}}
        for block in view["blocks"]:
            if block["block_id"] == "where":
                values["where"] = {"where": block["element"]["options"][0]["value"]}
        sent = ask(f"{urls['slack']}/_double/submit", {"view_id": view["id"], "values": values, "user": "U0ANA"})
        assert sent["outcome"] == "close"
        eventually(lambda: "A person says hello" in [post["text"] for post in ask(urls["networks_state"])["posts"]])
        assert command.interrupt() == 0
        assert "Traceback" not in command.said()
        assert command.left_behind() == []
        assert all(map(free, (first + 1, first + 2)))


def _unanswered(urls: Mapping[str, str]) -> list[dict[str, Any]]:
    """The cards that still have their Take button."""
    messages: list[dict[str, Any]] = ask(urls["slack_state"])["messages"]
    return [one for one in messages if "case_take" in json.dumps(one["message"].get("blocks", []))]


def _filled(urls: Mapping[str, str], user: str) -> list[dict[str, Any]]:
    """The windows somebody looks at in which there is something to fill in: no more those that say to wait."""
    views: list[dict[str, Any]] = ask(urls["slack_state"])["views"].get(user, [])
    return [one for one in views if any(block["type"] == "input" for block in one["blocks"])]


@contextmanager
def occupied(port: int) -> Iterator[None]:
    """Somebody else listens there."""
    with socket.create_server(("127.0.0.1", port)):
        yield


def test_ctrl_c_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    first = three_free_ports()
    with Command(tmp_path, "--storm", "3", "--exit", "--port", str(first)) as command:
        eventually(lambda: not free(first + 1), 30)
        assert command.interrupt() == 130
        assert "Traceback" not in command.said()
        assert command.left_behind() == []
        assert all(map(free, range(first, first + 3)))


@pytest.mark.slow
def test_two_hundred_customers(tmp_path: Path) -> None:
    with Command(tmp_path, "--storm", "200", "--exit", "--json") as command:
        out, _ = command.process.communicate(timeout=600)
        assert command.process.returncode == 0, out
