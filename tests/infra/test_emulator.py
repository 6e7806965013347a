"""The emulator's life: where it listens, how it ends, what it keeps."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.clients import clients
from infra.local.emulator import Emulator, EmulatorError
from infra.local.environment import environment, exported

ROOT = Path(__file__).parents[2]
LISTENING = "0A"


def listening_addresses(pid: int) -> set[str]:
    """The hexadecimal local addresses of a process's listening sockets, from both address families."""
    inodes = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    found = set()
    for family in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{family}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTENING and f"socket:[{columns[9]}]" in inodes:
                found.add(columns[1].partition(":")[0])
    return found


@contextmanager
def own_process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "infra.local.emulator", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout
        try:
            endpoint = process.stdout.readline().strip()
            with exported(environment(endpoint)):
                yield process, endpoint
        finally:
            process.kill()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's socket tables")
def test_an_own_process_listens_on_loopback_only_and_ends_on_request() -> None:
    with own_process() as (process, endpoint):
        clients(endpoint)("sqs").create_queue(QueueName="one")
        assert listening_addresses(process.pid) == {"0100007F"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_killed_process_is_gone_at_once_and_its_port_is_free() -> None:
    with own_process() as (process, endpoint):
        process.kill()
        process.wait(5)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(endpoint.rpartition(":")[2]))) != 0


def test_a_data_directory_outlives_a_clean_stop(tmp_path: Path) -> None:
    for expected in ([], ["kept"]):
        with own_process("--data", str(tmp_path)) as (process, endpoint):
            aws = clients(endpoint)
            assert [url.rpartition("/")[2] for url in aws("sqs").list_queues().get("QueueUrls", [])] == expected
            aws("sqs").create_queue(QueueName="kept")
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


@pytest.mark.usefixtures("emulator")
def test_it_answers_under_the_account_and_region_it_exports() -> None:
    identity = clients()("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert clients()("sqs").meta.region_name == "us-east-1"


@pytest.mark.usefixtures("emulator")
def test_a_process_has_one_at_a_time() -> None:
    with pytest.raises(EmulatorError, match="runs in this process already"):
        Emulator().start()


def test_a_taken_port_is_named(emulator: str) -> None:
    port = emulator.rpartition(":")[2]
    command = [sys.executable, "-m", "infra.local.emulator", "--port", port]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2
    assert f"port {port} on 127.0.0.1 is taken" in ended.stderr


RESTART = """
from pathlib import Path
from infra.local.clients import clients
from infra.local.emulator import Emulator, EmulatorError, export

for _ in range(2):
    with Emulator() as running:
        export(running.endpoint)
        assert clients()("sqs").list_queues().get("QueueUrls", []) == []
        clients()("sqs").create_queue(QueueName="gone")
try:
    Emulator(Path("elsewhere")).start()
except EmulatorError as error:
    print(error)
"""


def test_in_one_process_it_starts_anew_each_time_but_never_with_other_data() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", RESTART], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert "another data directory" in ended.stdout
    assert ended.stderr == ""


def test_the_environment_leads_nowhere_else() -> None:
    variables = environment("http://127.0.0.1:1")
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert variables["AWS_EC2_METADATA_DISABLED"] == "true"
    assert variables["AWS_CONFIG_FILE"] == variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_exported_variables_are_taken_back() -> None:
    before = dict(os.environ)
    with exported({"HEED_X": "1", "TZ": "UTC"}):
        assert os.environ["HEED_X"] == "1"
    assert dict(os.environ) == before
