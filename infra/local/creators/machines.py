"""Step Functions state machines, in CloudFormation's and in SAM's spelling."""

import re
from collections.abc import Mapping
from typing import Any

from infra.local.creators.order import Order, as_json
from infra.local.stack import Resource
from infra.template.intrinsics import TemplateError

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def create_state_machine(order: Order) -> Resource:
    name = order.name("StateMachineName")
    role, kind = order.take("RoleArn"), order.take("StateMachineType", "STANDARD")
    definition = _definition(order)
    order.ignore("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration", "Tags")
    return _create(order, name, definition, role, kind)


def create_serverless_state_machine(order: Order) -> Resource:
    name = order.name("Name")
    role, kind = order.take("Role"), order.take("Type", "STANDARD")
    definition = _definition(order)
    order.ignore("Logging", "Tracing", "Policies", "PermissionsBoundary", "Tags")
    return _create(order, name, definition, role, kind)


def _create(order: Order, name: str, definition: str, role: str | None, kind: str) -> Resource:
    order.check()
    client = order.clients("stepfunctions")
    arn = order.place.arn("states", f"stateMachine:{name}")
    request = {"definition": definition, "roleArn": role or order.place.arn("iam", "role/local")}
    try:
        client.create_state_machine(name=name, type=kind, **request)
    except client.exceptions.StateMachineAlreadyExists:
        client.update_state_machine(stateMachineArn=arn, **request)
    return order.made(arn, Arn=arn, Name=name)


def _definition(order: Order) -> str:
    """The definition from text, mapping or file, with its substitutions made."""
    text, mapping, uri = order.take("DefinitionString"), order.take("Definition"), order.take("DefinitionUri")
    given = [value for value in (text, mapping, uri) if value is not None]
    if len(given) != 1:
        raise TemplateError(f"{order.logical_id}: give one of DefinitionString, Definition and DefinitionUri")
    source = (order.place.directory / uri).read_text(encoding="utf-8") if uri else as_json(given[0])
    return _substitute(order.logical_id, source, order.take("DefinitionSubstitutions", {}))


def _substitute(logical_id: str, text: str, names: Mapping[str, Any]) -> str:
    missing = sorted(set(_PLACEHOLDER.findall(text)) - set(names))
    if missing:
        raise TemplateError(f"{logical_id}: DefinitionSubstitutions lacks {', '.join(missing)}")
    return _PLACEHOLDER.sub(lambda match: str(names[match[1]]), text)
