"""Chalice's SAM template, rendered in process: what ``chalice package --merge-template`` writes, but without a zip."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalice.cli.factory import CLIFactory
from chalice.config import Config
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.deployer import BaseDeployStep, BuildStage, DeploymentPackager, create_build_stage
from chalice.deploy.models import DeploymentPackage
from chalice.deploy.swagger import CFNSwaggerGenerator
from chalice.package import PackageOptions, ResourceBuilder, SAMTemplateGenerator, TemplateDeepMerger
from chalice.utils import UI, OSUtils, serialize_to_json

PACKAGE = "./deployment.zip"


def render(stage: str, project: Path, merge: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The SAM template of the Chalice project for one stage, with ``merge`` laid over it as Chalice lays it.

    The project's modules are imported afresh and forgotten again, so that a later import sees the environment of its
    own time, and an app of the same name imported before is left as it was.
    """
    with fresh_modules(project):
        config = CLIFactory(str(project), environ={}).create_config_obj(stage)
        resources = _resource_builder(config).construct_resources(config, stage)
        template = SAMTemplateGenerator(config, _Principals()).generate(resources)
    merged = TemplateDeepMerger().merge(dict(merge or {}), template)
    rendered: dict[str, Any] = json.loads(serialize_to_json(merged))
    return rendered


class _Principals(PackageOptions):
    """What the generator asks of AWS, answered from the one partition the template is rendered for."""

    def __init__(self) -> None:
        """Needs no client."""

    def service_principal(self, service: str) -> str:
        return f"{service}.amazonaws.com"


class _NoPackage(BaseDeployStep):  # type: ignore[misc, unused-ignore]
    """Names the zip where Chalice's own step would build it."""

    def handle_deploymentpackage(self, _config: Config, resource: DeploymentPackage) -> None:
        resource.filename = PACKAGE


def _resource_builder(config: Config) -> ResourceBuilder:
    recipe = create_build_stage(OSUtils(), UI(), CFNSwaggerGenerator(), config)
    steps = [_NoPackage() if isinstance(step, DeploymentPackager) else step for step in recipe._steps]
    return ResourceBuilder(ApplicationGraphBuilder(), DependencyBuilder(), BuildStage(steps))


@contextmanager
def fresh_modules(project: Path) -> Iterator[None]:
    """Imports of ``app`` and ``chalicelib`` come from the project; afterwards both are what they were before."""
    path, modules = list(sys.path), _forget_project_modules()
    sys.path.insert(0, str(project))
    try:
        yield
    finally:
        _forget_project_modules()
        sys.modules.update(modules)
        sys.path[:] = path


def _forget_project_modules() -> dict[str, Any]:
    """Only what Chalice puts into the zip is the project's own: the app module and its library."""
    names = [name for name in sys.modules if name.partition(".")[0] in {"app", "chalicelib"}]
    return {name: sys.modules.pop(name) for name in names}
