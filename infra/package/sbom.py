"""What the zip is made of, as CycloneDX tells it: to be held against lists of licences and of known weaknesses."""

import json
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Any

ITSELF = "chalice"
"""Its runtime is packed by Chalice, from wherever it runs."""


def text(vendored: Path) -> str:
    """The same bytes for the same packages."""
    components = sorted((_component(one) for one in _packed(vendored)), key=lambda one: str(one["name"]))
    whole = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    return json.dumps(whole, indent=1) + "\n"


def _packed(vendored: Path) -> Iterator[Distribution]:
    yield from distributions(path=[str(vendored)])
    yield distribution(ITSELF)


def _component(package: Distribution) -> dict[str, Any]:
    name, version = package.metadata["Name"].lower().replace("_", "-"), package.version
    licences = [{"license": {"name": one}} for one in _licences(package)]
    purl = f"pkg:pypi/{name}@{version}"
    return {"type": "library", "name": name, "version": version, "purl": purl, "licenses": licences}


def _licences(package: Distribution) -> list[str]:
    """As its author gives them: one expression, or classifiers, or a word of their own."""
    known = package.metadata
    classified = [str(one) for one in known.get_all("Classifier") or () if str(one).startswith("License :: ")]
    return (
        [str(one) for one in known.get_all("License-Expression") or ()]
        or [one.rpartition(" :: ")[2] for one in classified]
        or [str(one) for one in known.get_all("License") or ["unknown"]]
    )
