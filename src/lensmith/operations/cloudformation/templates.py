"""GetTemplate, GetTemplateSummary and ValidateTemplate."""

from __future__ import annotations

import json
from typing import Any

from lensmith.cloudformation.parameters import declarations
from lensmith.cloudformation.template import TYPES, Template, read_document, template_of
from lensmith.domain.stack import Definition
from lensmith.domain.stack_errors import StackValidationError
from lensmith.operations.call import Call, Service
from lensmith.operations.cloudformation.definition import refuse_unserved
from lensmith.operations.cloudformation.named import viewing

_SUMMARISED = ("ParameterKey", "DefaultValue", "NoEcho", "Description")


def get_template(service: Service, call: Call) -> dict[str, Any]:
    """Return the text of a stack's template, or of that which a change set brings."""
    with viewing(service, call) as own:
        if call.request.get("ChangeSetName"):
            definition: Definition | None = own.change_set(call)[1].definition
        else:
            definition = _definition(service, call)
    text = definition.template if definition is not None else ""
    return {"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]}


def get_template_summary(service: Service, call: Call) -> dict[str, Any]:
    refuse_unserved(call.request)
    if bool(call.request.get("StackName")) == bool(call.request.get("TemplateBody")):
        raise StackValidationError("Specify either StackName or TemplateBody.")
    document = _document(service, call)
    if not document:  # of a stack under review
        return {"Parameters": [], "Capabilities": [], "ResourceTypes": []}
    template = template_of(document)
    metadata = None if template.metadata is None else json.dumps(template.metadata)
    return {
        "Parameters": declarations(template),
        "Description": template.description,
        "Capabilities": [],
        "ResourceTypes": sorted({one.type for one in template.resources.values()}),
        "Version": document.get("AWSTemplateFormatVersion"),
        "Metadata": metadata,
        "DeclaredTransforms": [],
        "ResourceIdentifierSummaries": _identifiers(template),
    }


def validate_template(service: Service, call: Call) -> dict[str, Any]:
    refuse_unserved(call.request)
    if not call.request.get("TemplateBody"):
        raise StackValidationError("Specify TemplateBody.")
    template = template_of(read_document(call.request["TemplateBody"], service.settings.region))
    return {
        "Parameters": [{name: one[name] for name in _SUMMARISED} for one in declarations(template)],
        "Description": template.description,
        "Capabilities": [],
        "DeclaredTransforms": [],
    }


def _document(service: Service, call: Call) -> dict[str, Any]:
    if call.request.get("TemplateBody"):
        return read_document(call.request["TemplateBody"], service.settings.region)
    definition = _definition(service, call)
    return definition.document if definition is not None else {}


def _definition(service: Service, call: Call) -> Definition | None:
    name = call.request.get("StackName")
    if not name:
        raise StackValidationError("Specify StackName.")
    with viewing(service, call) as own:
        stack = own.stack(name)
    return stack.definition if stack.definition.document else stack.target


def _identifiers(template: Template) -> list[dict[str, Any]]:
    by_type: dict[str, list[str]] = {}
    for one in template.resources.values():
        by_type.setdefault(one.type, []).append(one.logical_id)
    return [
        {
            "ResourceType": kind,
            "LogicalResourceIds": names,
            "ResourceIdentifiers": [TYPES[kind].name_property],
        }
        for kind, names in by_type.items()
    ]
