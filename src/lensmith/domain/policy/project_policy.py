"""Project policies: which principals may copy the versions of a project (api.md 4.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lensmith.domain.arn import ProjectArn, version_arn_prefix
from lensmith.domain.policy.document import Effect, Policy, PolicyKind

COPY_ACTION = "rekognition:CopyProjectVersion"
_VERSION = "2012-10-17"
_REQUIRED = ("Effect", "Principal", "Action", "Resource")
_PROHIBITED = ("NotAction", "NotResource", "NotPrincipal")
_EFFECTS = {effect.value.upper(): effect.value for effect in Effect}


def parse_project_policy(text: str, project: ProjectArn) -> Policy:
    """Parse a document that is written to a project's policies.

    Raises ValueError naming the member that breaks the grammar.
    """
    document = _decoded(text)
    if not isinstance(document, dict):
        raise ValueError("a policy must be a JSON object")
    if document.get("Version") != _VERSION:
        raise ValueError(f"Version must be {_VERSION}")
    if not isinstance(document.get("Id", ""), str):
        raise ValueError("Id must be a string")
    given = document.get("Statement")
    statements = [given] if isinstance(given, dict) else given
    if not isinstance(statements, list) or not statements:
        raise ValueError("Statement must be an object or a list of objects")
    usual = [_usual_statement(each, version_arn_prefix(project)) for each in statements]
    return Policy.parse({**document, "Statement": usual}, PolicyKind.RESOURCE)


def stored_project_policy(text: str, project: ProjectArn) -> Policy:
    """Parse a document that was found; a malformed one refuses every copy."""
    try:
        return parse_project_policy(text, project)
    except ValueError as error:
        return Policy((), str(error) or "malformed")


def _usual_statement(given: Any, prefix: str) -> dict[str, Any]:
    """Check what project policies have beyond other policies; the Effect is written as usual."""
    if not isinstance(given, dict):
        raise ValueError("Statement must be an object or a list of objects")
    for member in _PROHIBITED:
        if member in given:
            raise ValueError(f"{member} is prohibited in a project policy")
    for member in _REQUIRED:
        if member not in given:
            raise ValueError(f"a statement needs {member}")
    _check_action(given["Action"])
    _check_principal(given["Principal"])
    for resource in _listed(given["Resource"]):
        _check_resource(resource, prefix)
    effect = given["Effect"]
    usual = _EFFECTS.get(effect.upper()) if isinstance(effect, str) else None
    if usual is None:
        raise ValueError("Effect must be Allow or Deny")
    return {**given, "Effect": usual}


def _check_action(given: Any) -> None:
    actions = _listed(given)
    named = [action.lower() for action in actions if isinstance(action, str)]
    if named != [COPY_ACTION.lower()] or len(actions) != 1:
        raise ValueError(f"Action must be {COPY_ACTION}, without wildcards")


def _check_principal(given: Any) -> None:
    """Raises ValueError for other kinds than AWS; the names are checked with the statement."""
    if given != "*" and not (isinstance(given, dict) and set(given) == {"AWS"}):
        raise ValueError('Principal must be "*" or {"AWS": …}')


def _check_resource(given: Any, prefix: str) -> None:
    is_inside = isinstance(given, str) and given.startswith(prefix) and given != prefix
    if given != "*" and not is_inside:
        raise ValueError(f"Resource must be * or begin with {prefix}")


def _listed(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list) else [given]


def _decoded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"a policy must be JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise ValueError("a policy must not be nested so deeply") from None


def _once_each(members: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise ValueError(f"the member {name[:64]} stands twice in one object")
        found[name] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"a policy must be JSON: {name} is no value of it")
