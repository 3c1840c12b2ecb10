"""Compares the resources of a stack with a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lensmith.cloudformation.functions import Values, resolve
from lensmith.cloudformation.parameters import typed
from lensmith.cloudformation.template import TYPES, Template, TemplateResource
from lensmith.domain.stack import Definition, Resource, Stack
from lensmith.domain.stack_errors import StackValidationError, TemplateError

LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of one resource, as change sets describe it."""

    action: str  # Add, Modify, Remove
    logical_id: str
    type: str
    physical_id: str | None = None
    replaces: bool = False
    properties: tuple[str, ...] = ()  # that differ

    def described(self) -> dict[str, Any]:
        """Return the change as DescribeChangeSet has it."""
        found: dict[str, Any] = {
            "Action": self.action,
            "LogicalResourceId": self.logical_id,
            "PhysicalResourceId": self.physical_id,
            "ResourceType": self.type,
            "Scope": [],
            "Details": [],
        }
        if self.action == "Modify":
            found["Replacement"] = "True" if self.replaces else "False"
            found["Scope"] = sorted(map(_scope, self.properties))
            found["Details"] = [self._detail(name) for name in self.properties]
        return {"Type": "Resource", "ResourceChange": found}

    def _detail(self, name: str) -> dict[str, Any]:
        is_name = name == TYPES[self.type].name_property
        target = {
            "Attribute": _scope(name),
            "Name": None if name == "Tags" else name,
            "RequiresRecreation": "Always" if is_name else "Never",
        }
        return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def values_of(
    stack: Stack, template: Template, definition: Definition, resources: Mapping[str, Resource]
) -> Values:
    """Gather the values that functions of a template refer to."""
    references: dict[str, Any] = {
        "AWS::AccountId": stack.account_id,
        "AWS::Region": stack.region,
        "AWS::StackName": stack.name,
        "AWS::StackId": stack.arn,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::NotificationARNs": [],
        **typed(template, definition.parameters),
        **{name: one.physical_id for name, one in resources.items()},
    }
    return Values(references, {name: one.attributes for name, one in resources.items()})


def properties_of(
    resource: TemplateResource, values: Values, stack_tags: Mapping[str, str]
) -> dict[str, Any]:
    """Resolve the properties of a resource; its tags, as a map, come after those of the stack."""
    found: dict[str, Any] = resolve(resource.properties, values)
    tags = _tags(resource.logical_id, found.pop("Tags", None) or [])
    name = TYPES[resource.type].name_property
    if name in found and not isinstance(found[name], str):
        raise TemplateError(f"Property {name} of {resource.logical_id} must be a text.")
    return {**found, "Tags": {**stack_tags, **tags}}


def _tags(logical_id: str, given: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given if isinstance(given, list) else [given]:
        match one:
            case {"Key": str() as key, "Value": str() | int() | float() as value}:
                found[key] = str(value)
            case _:
                raise TemplateError(f"Tags of {logical_id} must have a Key and a Value.")
    return found


def outputs_of(template: Template, values: Values) -> list[dict[str, str]]:
    """Resolve the outputs, as DescribeStacks has them."""
    return [
        {
            "OutputKey": name,
            "OutputValue": _output(name, resolve(one["Value"], values)),
            **({"Description": one["Description"]} if "Description" in one else {}),
        }
        for name, one in template.outputs.items()
    ]


def _output(name: str, value: Any) -> str:
    if isinstance(value, list | dict):
        raise TemplateError(f"Output {name} must be a text.")
    return str(value)


def compare(
    stack: Stack, template: Template, definition: Definition, resources: Mapping[str, Resource]
) -> list[Change]:
    """Return what an operation would change; raises StackValidationError for a changed type."""
    changes: list[Change] = []
    known = dict(resources)
    values = values_of(stack, template, definition, known)
    references = dict(values.references)
    attributes = dict(values.attributes)
    for name, one in template.resources.items():
        now = resources.get(name)
        if now is not None and now.type != one.type:
            raise StackValidationError(f"Update of resource type is not permitted: [{name}]")
        wanted = properties_of(one, Values(references, attributes), definition.tags)
        change = _compare_one(name, one, now, wanted)
        if change is None:
            continue
        changes.append(change)
        if change.action == "Add" or change.replaces:
            references[name] = wanted.get(TYPES[one.type].name_property, LATER)
            attributes[name] = dict.fromkeys(TYPES[one.type].attributes, LATER)
    changes += [
        Change("Remove", name, one.type, one.physical_id)
        for name, one in resources.items()
        if name not in template.resources
    ]
    return changes


def is_same(
    stack: Stack, template: Template, definition: Definition, resources: Mapping[str, Resource]
) -> bool:
    """Return whether nothing beside resources differs either: outputs, tags, policies."""
    values = values_of(stack, template, definition, resources)
    return (
        outputs_of(template, values) == stack.outputs
        and definition.tags == stack.definition.tags
        and all(
            resources[name].policy == one.deletion_policy
            for name, one in template.resources.items()
        )
    )


def differing(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[tuple[str, ...], bool]:
    """Return the names of properties that differ, and whether the name of the resource does."""
    names = sorted(
        name for name in {*before, *after} if (before.get(name) or {}) != (after.get(name) or {})
    )
    return tuple(names), TYPES[kind].name_property in names


def _compare_one(
    name: str, one: TemplateResource, now: Resource | None, wanted: Mapping[str, Any]
) -> Change | None:
    if now is None:
        return Change("Add", name, one.type)
    names, replaces = differing(one.type, now.properties, wanted)
    if not names:
        return None
    return Change("Modify", name, one.type, now.physical_id, replaces, names)


def _scope(name: str) -> str:
    return "Tags" if name == "Tags" else "Properties"
