"""The template rendered in process is the one Chalice would package."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.local.environment import environment
from infra.template.render import fresh_modules, render
from tests.infra.sample_resources import PROJECT, resources


def test_it_equals_what_chalice_package_writes(tmp_path: Path, template: dict[str, Any]) -> None:
    project, out, merge = tmp_path / "sample", tmp_path / "out", tmp_path / "merge.json"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    merge.write_text(json.dumps(resources()))
    chalice = Path(sys.executable).with_name("chalice")
    command = [str(chalice), "package", "--stage", "local", "--merge-template", str(merge), str(out)]
    offline = environment("http://127.0.0.1:9")
    subprocess.run(command, cwd=project, env={**os.environ, **offline}, check=True, capture_output=True, timeout=60)

    assert template == json.loads((out / "sam.json").read_text())


def test_event_sources_are_merged_and_not_replaced(template: dict[str, Any]) -> None:
    events = template["Resources"]["Store"]["Properties"]["Events"]
    assert events["StoreSqsEventSource"]["Type"] == "SQS"
    assert events["StoreSqsEventSource"]["Properties"] == {
        "Queue": {"Fn::Sub": "${Inbound.Arn}"},
        "BatchSize": 5,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }


def test_without_a_merge_it_is_chalices_own_template() -> None:
    assert "Notes" not in render("local", PROJECT)["Resources"]


def test_imports_and_path_are_left_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("name = 'mine'\n")
    path = list(sys.path)
    with fresh_modules(tmp_path):
        mine = importlib.import_module("app")
        render("local", PROJECT)
        assert sys.modules["app"] is mine
    assert sys.path == path
    assert sys.modules.get("app") is not mine
