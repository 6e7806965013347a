"""What a machine needs for Heed, looked at one by one. Nothing here uses the network or shows a secret."""

import configparser
import re
import shutil
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[.*?\])?(==(?P<pin>[^\s;,]+))?.*?(extra == .(?P<extra>\w+).)?")
_SHIPPED = (None, "demo")
_INSTALL = "run: pip install -e '.[demo]'"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Health(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """``next_step`` is what to do about it; None when all is well."""

    name: str
    health: Health
    says: str
    next_step: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Machine:
    """What is looked at."""

    environ: Mapping[str, str]
    home: Path
    policy: Path
    requirements: tuple[str, ...]
    ports: tuple[int, ...] = (8700, 8701, 8702)
    python: tuple[int, int] = sys.version_info[:2]


def examine(machine: Machine) -> Iterator[Finding]:
    """Every finding, the most basic first."""
    yield python(machine.python)
    yield packages(machine.requirements)
    yield from (port(number) for number in machine.ports)
    path = machine.environ.get("PATH")
    yield program("java", ("java",), path, "the tests against DynamoDB Local (pytest -m jvm)")
    yield program("chromium", _BROWSERS, path, "the tests of the demo's pages")
    yield credentials(machine.environ, machine.home)
    yield policy(machine.policy)


def python(version: tuple[int, int]) -> Finding:
    says = ".".join(map(str, version))
    if not (3, 11) <= version < (3, 15):
        return Finding("python", Health.FAIL, says, "use Python 3.11, 3.12, 3.13 or 3.14")
    if sys.prefix == sys.base_prefix:
        step = "make one with python -m venv .venv, so that Heed's packages stay apart"
        return Finding("python", Health.WARN, f"{says}, outside a virtual environment", step)
    return Finding("python", Health.OK, says)


def packages(requirements: Iterable[str]) -> Finding:
    """Whether the packages for running and for the demo are there, in the versions that were tested."""
    wanted = [one for text in requirements if (one := _REQUIREMENT.fullmatch(text)) and one["extra"] in _SHIPPED]
    versions = {one["name"]: _installed(one["name"]) for one in wanted}
    missing = [name for name, version in versions.items() if version is None]
    others = [
        f"{one['name']} {versions[one['name']]} (tested: {one['pin']})"
        for one in wanted
        if one["pin"] and versions[one["name"]] not in (None, one["pin"])
    ]
    if missing:
        return Finding("packages", Health.FAIL, f"missing: {', '.join(missing)}", _INSTALL)
    if others:
        return Finding("packages", Health.WARN, f"other versions: {', '.join(others)}", _INSTALL)
    return Finding("packages", Health.OK, f"all {len(versions)} are installed")


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def port(number: int) -> Finding:
    name = f"port {number}"
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
        except OSError as error:
            says = f"127.0.0.1:{number} cannot be used: {(error.strerror or str(error)).lower()}"
            return Finding(name, Health.WARN, says, "stop what listens there, or run: heed demo --port 9700")
    return Finding(name, Health.OK, "free")


def program(name: str, commands: Iterable[str], path: str | None, use: str) -> Finding:
    """An optional program, by any of its names."""
    found = next((where for one in commands if (where := shutil.which(one, path=path))), None)
    if found is None:
        return Finding(name, Health.WARN, "not found", f"install it only for {use}")
    return Finding(name, Health.OK, found)


def credentials(environ: Mapping[str, str], home: Path) -> Finding:
    """Which AWS credentials a deployment would use, by name; of a key id only its end."""
    key, profiles = environ.get("AWS_ACCESS_KEY_ID"), _profiles(environ, home)
    if key:
        says = f"AWS_ACCESS_KEY_ID ending in {key[-4:] if len(key) >= 16 else '(short)'}"
    elif profile := environ.get("AWS_PROFILE"):
        says = f"profile {profile}"
        if profile not in profiles:
            step = f"choose one of: {', '.join(profiles) or 'none yet'}; or run: aws configure --profile {profile}"
            return Finding("aws", Health.WARN, f"{says}, which does not exist", step)
    elif profiles:
        says = f"profiles: {', '.join(profiles)}"
    else:
        return Finding("aws", Health.WARN, "no credentials", "run aws configure before deploying; the demo needs none")
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if region is None and key:
        return Finding("aws", Health.WARN, f"{says}, no region", "set AWS_REGION, such as eu-central-1")
    return Finding("aws", Health.OK, f"{says}, region {region or 'of the profile'}")


def _profiles(environ: Mapping[str, str], home: Path) -> list[str]:
    """The names of the profiles in AWS's own files; their values are not kept."""
    files = {
        environ.get("AWS_SHARED_CREDENTIALS_FILE", str(home / ".aws" / "credentials")),
        environ.get("AWS_CONFIG_FILE", str(home / ".aws" / "config")),
    }
    reader = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        reader.read(files, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return []
    names = {section.removeprefix("profile ") for section in reader.sections()}
    return sorted(name for name in names if not name.startswith(("sso-session ", "services ")))


def policy(file: Path) -> Finding:
    from infra.config import check

    name = str(file)
    if not file.exists():
        return Finding(name, Health.WARN, "not here", "run heed beside your policy file, or name it: heed doctor FILE")
    checked = check(file)
    if checked.errors:
        says = f"{len(checked.errors)} wrong, first: {checked.errors[0].what}"
        return Finding(name, Health.FAIL, says, f"run: heed config check {file}")
    if checked.warnings:
        says = f"valid, {len(checked.warnings)} warnings, first: {checked.warnings[0].what}"
        return Finding(name, Health.WARN, says, f"run: heed config check {file}")
    return Finding(name, Health.OK, "valid")


def in_force(running: Mapping[str, Any] | None, stage: str, today: date) -> Finding:
    """The policy file that a stage has, and whether its calendars still know of what is to come."""
    from infra.config.holidays import running_out

    name, push = f"on {stage}", f"run: heed config push care.yaml --stage {stage}"
    if running is None:
        return Finding(name, Health.FAIL, "no policy file was pushed", push)
    says = f"version {running['version']}, pushed {str(running.get('pushed_at') or 'long ago')[:10]}"
    ends = [f"{key} knows no holiday after {last}" for key, last in running_out(running, today)]
    if ends:
        return Finding(name, Health.WARN, f"{says}; {', '.join(ends)}", push)
    return Finding(name, Health.OK, says)
