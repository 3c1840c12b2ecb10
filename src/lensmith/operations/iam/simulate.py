"""SimulatePrincipalPolicy and SimulateCustomPolicy: decisions without an access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.identity_errors import InvalidInputError, NoSuchEntityError
from lensmith.domain.policy.decide import AccessRequest, Decision, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Call, Service
from lensmith.operations.iam.entities import document, page
from lensmith.store.records import groups, principals
from lensmith.store.records.managed_policies import attached_arns
from lensmith.store.records.managed_policies import document as managed_document
from lensmith.store.records.rights import rights_of


def simulate_principal_policy(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        rights = _rights_of(connection, call, call.request["PolicySourceArn"])
    further = tuple(_parsed(call.request.get("PolicyInputList")))
    return _answer(call, replace(rights, policies=rights.policies + further))


def simulate_custom_policy(_: Service, call: Call) -> dict[str, Any]:
    arn = call.request.get("CallerArn", f"arn:aws:iam::{call.caller.account_id}:user/simulated")
    identity = Identity(PrincipalType.USER, call.caller.account_id, arn)
    return _answer(call, Rights(identity, tuple(_parsed(call.request["PolicyInputList"]))))


def _rights_of(connection: Connection, call: Call, arn: str) -> Rights:
    account_id = call.caller.account_id
    found = principals.find_by_arn(connection, arn)
    if found is not None and found.account_id == account_id:
        return rights_of(connection, found)
    group = next(
        (each for each in groups.list_all(connection, account_id) if each.arn == arn), None
    )
    if group is None:
        raise NoSuchEntityError(f"The entity {arn} cannot be found.")
    documents = [
        *group.policies.values(),
        *(managed_document(connection, each) for each in attached_arns(connection, arn)),
    ]
    user = Identity(PrincipalType.USER, account_id, f"arn:aws:iam::{account_id}:user/member")
    return Rights(user, tuple(map(Policy.stored, documents)))


def _parsed(texts: Any) -> Iterator[Policy]:
    for text in texts or ():
        yield Policy.parse(document(text))


def _answer(call: Call, rights: Rights) -> dict[str, Any]:
    given = call.request
    boundaries = tuple(_parsed(given.get("PermissionsBoundaryPolicyInputList")))
    if len(boundaries) > 1:
        raise InvalidInputError("A principal has one permissions boundary at most.")
    if boundaries:
        rights = replace(rights, boundary=boundaries[0])
    of_resource = given.get("ResourcePolicy")
    policies = (
        [Policy.parse(document(of_resource, PolicyKind.RESOURCE), PolicyKind.RESOURCE)]
        if of_resource
        else []
    )
    context = {**rights.identity.context(), **_context(given.get("ContextEntries"))}
    owner = _account(given.get("ResourceOwner"))
    results = [
        _result(
            action,
            resource,
            decide(rights, AccessRequest(action, resource, context, owner), policies),
        )
        for action in given["ActionNames"]
        for resource in given.get("ResourceArns") or ["*"]
    ]
    return page(call, "EvaluationResults", results)


def _context(entries: Any) -> dict[str, tuple[str, ...]]:
    return {
        entry["ContextKeyName"].lower(): tuple(entry.get("ContextKeyValues") or ())
        for entry in entries or ()
        if "ContextKeyName" in entry
    }


def _account(owner: str | None) -> str | None:
    if owner is None or owner.count(":") < 4:
        return owner
    return owner.split(":")[4]


def _result(action: str, resource: str, decision: Decision) -> dict[str, Any]:
    verdict = "allowed" if decision.allowed else "implicitDeny"
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": "explicitDeny" if decision.explicitly_denied else verdict,
        "MatchedStatements": [],
        "MissingContextValues": [],
    }
