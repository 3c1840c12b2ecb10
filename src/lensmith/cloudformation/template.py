"""Templates that can be carried out: types, properties and functions that are served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lensmith.cloudformation.check_process import CheckProcess
from lensmith.cloudformation.functions import names_in, unknown_functions, uses_in
from lensmith.domain.stack_errors import TemplateError

MAX_BYTES = 51_200
POLICIES = ("Delete", "Retain", "RetainExceptOnCreate")

_CHECKS = CheckProcess()
_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Resources",
    "Outputs",
}
_RESOURCE_MEMBERS = {
    "Type",
    "Properties",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
}
_PARAMETER_TYPES = {"String", "Number", "CommaDelimitedList", "List<Number>"}


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of resources: what its properties and attributes are here."""

    name_property: str
    properties: frozenset[str]
    attributes: frozenset[str]


TYPES = {
    "AWS::Rekognition::Project": ResourceType(
        "ProjectName", frozenset({"ProjectName", "Tags"}), frozenset({"Arn"})
    ),
    "AWS::S3::Bucket": ResourceType(
        "BucketName", frozenset({"BucketName", "Tags"}), frozenset({"Arn"})
    ),
}


@dataclass(frozen=True, slots=True)
class TemplateResource:
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...]  # direct ones, by DependsOn and by functions
    deletion_policy: str
    replace_policy: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template whose every part is served. Resources come after those that they depend on."""

    description: str | None
    parameters: Mapping[str, Mapping[str, Any]]
    resources: Mapping[str, TemplateResource]
    outputs: Mapping[str, Mapping[str, Any]]
    metadata: Any = None


def read_document(text: str, region: str) -> dict[str, Any]:
    """Parse and check a template; raises TemplateError that names every fault.

    The result is shared and must not be changed.
    """
    if len(text.encode()) > MAX_BYTES:
        raise TemplateError(
            f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_BYTES}"
        )
    checked = _checked(text, region)
    document: dict[str, Any] | None = checked["template"]
    if document is None:
        raise TemplateError("; ".join(checked["faults"]))
    # Named first: schemas say nothing of what is not served.
    faults = unserved(document) or checked["faults"]
    if faults:
        raise TemplateError(f"Template error: {'; '.join(faults)}")
    template_of(document)
    return document


def template_of(document: Mapping[str, Any]) -> Template:
    """Return the template of a checked document; raises TemplateError for circular dependencies."""
    resources = {name: _resource(name, given) for name, given in document["Resources"].items()}
    return Template(
        document.get("Description"),
        document.get("Parameters") or {},
        _ordered(resources),
        document.get("Outputs") or {},
        document.get("Metadata"),
    )


@lru_cache(maxsize=64)
def _checked(text: str, region: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_CHECKS.check(text, region))
    except (OSError, ValueError) as error:
        raise TemplateError("Template format error: it cannot be read.") from error
    return found


def unserved(document: Mapping[str, Any]) -> list[str]:
    """Name the sections, types, properties and functions that are not served."""
    faults = [f"Section {name} is not supported." for name in document if name not in _SECTIONS]
    faults += [
        f"Section {name} must be a mapping."
        for name in ("Parameters", "Outputs")
        if not isinstance(document.get(name) or {}, Mapping)
    ]
    resources = document.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        return [*faults, "At least one Resources member must be defined."]
    if faults:
        return faults
    for name, resource in resources.items():
        if not isinstance(resource, Mapping):
            faults.append(f"Resource {name} must be a mapping.")
            continue
        faults += _unserved_in_resource(name, resource)
    for name, parameter in (document.get("Parameters") or {}).items():
        kind = parameter.get("Type") if isinstance(parameter, Mapping) else None
        if not isinstance(kind, str) or kind not in _PARAMETER_TYPES:
            faults.append(f"Type {kind} of parameter {name} is not supported.")
    for name, output in (document.get("Outputs") or {}).items():
        if isinstance(output, Mapping):
            faults += [
                f"{member} of output {name} is not supported."
                for member in ("Export", "Condition")
                if member in output
            ]
    faults += unknown_functions([resources, document.get("Outputs")])
    return faults or _unserved_attributes(document)


def _unserved_attributes(document: Mapping[str, Any]) -> list[str]:
    used = uses_in([document["Resources"], document.get("Outputs")])
    faults: dict[str, None] = {}
    for name, attribute in used:
        resource = document["Resources"].get(name)
        if attribute is None or resource is None:
            continue
        if attribute not in TYPES[resource["Type"]].attributes:
            faults[f"Attribute {attribute} of {resource['Type']} is not supported ({name})."] = None
    return list(faults)


def _unserved_in_resource(name: str, resource: Mapping[str, Any]) -> list[str]:
    faults = [
        f"{member} of resource {name} is not supported."
        for member in resource
        if member not in _RESOURCE_MEMBERS
    ]
    kind = TYPES.get(str(resource.get("Type")))
    if kind is None:
        return [*faults, f"Resource type {resource.get('Type')} of {name} is not supported."]
    properties = resource.get("Properties") or {}
    is_mapping = isinstance(properties, Mapping)
    if not is_mapping or any(str(key).startswith("Fn::") for key in properties):
        return [*faults, f"Properties of resource {name} must be a mapping."]
    faults += [
        f"Property {member} of {resource['Type']} is not supported ({name})."
        for member in properties
        if member not in kind.properties
    ]
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if resource.get(policy, "Delete") not in POLICIES:
            faults.append(f"{policy} {resource[policy]} of {name} is not supported.")
    return faults


def _resource(name: str, given: Mapping[str, Any]) -> TemplateResource:
    stated = given.get("DependsOn") or ()
    depends = {stated} if isinstance(stated, str) else set(stated)
    properties = given.get("Properties") or {}
    return TemplateResource(
        name,
        given["Type"],
        properties,
        tuple(sorted(depends | names_in(properties))),
        given.get("DeletionPolicy", "Delete"),
        given.get("UpdateReplacePolicy", "Delete"),
    )


def _ordered(resources: Mapping[str, TemplateResource]) -> dict[str, TemplateResource]:
    """Sort topologically, keeping the order of the template otherwise."""
    ordered: dict[str, TemplateResource] = {}
    left = dict(resources)
    while left:
        ready = [
            name
            for name, one in left.items()
            if not any(needed in left for needed in one.depends_on)
        ]
        if not ready:
            raise TemplateError(
                f"Circular dependency between resources: [{', '.join(sorted(left))}]"
            )
        for name in ready:
            ordered[name] = left.pop(name)
    return ordered
