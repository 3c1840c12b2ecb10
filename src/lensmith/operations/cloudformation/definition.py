"""Reads what a request wants a stack to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lensmith.cloudformation.parameters import parameter_values
from lensmith.cloudformation.template import Template, read_document, template_of
from lensmith.domain.stack import Definition, OnFailure
from lensmith.domain.stack_errors import StackValidationError
from lensmith.operations.call import Call, Service

_UNSERVED = (
    "TemplateURL",
    "RoleARN",
    "NotificationARNs",
    "TimeoutInMinutes",
    "StackPolicyBody",
    "StackPolicyURL",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "EnableTerminationProtection",
    "ResourceTypes",
    "ResourcesToImport",
    "IncludeNestedStacks",
    "ImportExistingResources",
    "RetainExceptOnCreate",
    "DeploymentMode",
    "DeploymentConfig",
    "StackSetName",
    "DisableValidation",
)
_MAX_TAGS = 50


def refuse_unserved(request: Mapping[str, Any]) -> None:
    """Raise StackValidationError for what a request asks and this server does not do."""
    asked = [name for name in _UNSERVED if request.get(name)]
    rollback = request.get("RollbackConfiguration") or {}
    if rollback.get("RollbackTriggers") or rollback.get("MonitoringTimeInMinutes"):
        asked.append("RollbackConfiguration")
    if request.get("DeletionMode", "STANDARD") != "STANDARD":
        asked.append("DeletionMode")
    if asked:
        raise StackValidationError(f"Not supported by this server: {', '.join(asked)}.")


def wanted(
    service: Service, call: Call, previous: Definition | None
) -> tuple[Definition, Template]:
    """Return the definition that a request gives; raises StackValidationError."""
    request = call.request
    uses_previous = bool(request.get("UsePreviousTemplate"))
    if uses_previous == ("TemplateBody" in request):
        raise StackValidationError(
            "Either Template URL or Template Body must be specified, or the previous one used."
        )
    if uses_previous and previous is None:
        raise StackValidationError("There is no previous template.")
    text = previous.template if uses_previous and previous else request["TemplateBody"]
    document = read_document(text, service.settings.region)
    template = template_of(document)
    before = previous.parameters if previous is not None else {}
    values = parameter_values(template, request.get("Parameters") or (), before)
    tags = previous.tags if previous is not None else {}
    if request.get("Tags") is not None:
        tags = _tags(request["Tags"])
    return Definition(text, document, values, tags), template


def on_failure_of(request: Mapping[str, Any]) -> OnFailure:
    """Return what follows a creation that fails; raises StackValidationError."""
    given = request.get("OnFailure") or request.get("OnStackFailure")
    if given and request.get("DisableRollback") is not None:
        raise StackValidationError("Only one of DisableRollback and OnFailure can be specified.")
    if request.get("DisableRollback"):
        return OnFailure.DO_NOTHING
    try:
        return OnFailure(given or OnFailure.ROLLBACK)
    except ValueError as error:
        raise StackValidationError("OnFailure must be DO_NOTHING, ROLLBACK or DELETE.") from error


def _tags(given: list[Mapping[str, str]]) -> dict[str, str]:
    tags = {one["Key"]: one["Value"] for one in given}
    if len(tags) > _MAX_TAGS:
        raise StackValidationError(f"A stack can have at most {_MAX_TAGS} tags.")
    if len(tags) < len(given):
        raise StackValidationError("Tag keys must be unique.")
    reserved = [key for key in tags if key.lower().startswith("aws:")]
    if reserved:
        raise StackValidationError(f"Tag keys that begin with aws: are reserved: {reserved[0]}")
    return tags
