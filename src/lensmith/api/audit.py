"""Makes the audit event of a call from what its steps found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lensmith.api.authenticate import Principal
from lensmith.api.request import ApiRequest, Reply
from lensmith.api.wire import Wire
from lensmith.domain.audit_event import AuditEvent, DataEvents, is_read_only
from lensmith.domain.audit_members import resources_of, shown
from lensmith.domain.policy.identity import PrincipalType
from lensmith.operations.call import Service

_DETECTION = "DetectCustomLabels"


def audit_call(service: Service, wire: Wire, reply: Reply) -> None:
    """Record a call of AWS; one whose caller was not proved has no account to belong to."""
    trail, principal = service.audit, wire.notes.principal
    if trail is None or principal is None or _is_of_the_store(wire, principal):
        return
    data = DataEvents.DETECTIONS if wire.name == _DETECTION else None
    if data is None or trail.keeps(data):
        trail.record(_of_call(service, wire, reply, principal, data))


def _of_call(
    service: Service, wire: Wire, reply: Reply, principal: Principal, data: DataEvents | None
) -> AuditEvent:
    notes, request = wire.notes, wire.request
    members, result = notes.members or {}, notes.result
    reads = is_read_only(wire.name)
    named = resources_of(members)
    if result and not reads:
        named += resources_of(result)
    return AuditEvent(
        source=f"{wire.source}.amazonaws.com",
        name=wire.name,
        identity=principal.rights.identity,
        access_key_id=principal.caller.access_key_id,
        account_id=_account(principal, members, service),
        region=principal.region,
        source_ip=request.source_ip,
        user_agent=(request.http.header("user-agent") or "")[:1024],
        request_id=request.request_id,
        parameters=shown(members),
        response=shown(result) if result and not reads else None,
        resources=tuple(dict.fromkeys(named)),
        error_code=reply.error_code,
        error_message=notes.error.message if notes.error is not None else None,
        data=data,
        is_read_only=reads,
    )


def _is_of_the_store(wire: Wire, principal: Principal) -> bool:
    """Return whether the embedded store uses a key for a call of S3, which is an event itself."""
    return wire.source == "kms" and principal.rights.identity.type is PrincipalType.ANONYMOUS


def _account(principal: Principal, members: Mapping[str, Any], service: Service) -> str:
    if principal.rights.identity.type is not PrincipalType.ANONYMOUS:
        return principal.caller.account_id
    parts = str(members.get("RoleArn", "")).split(":")  # of AssumeRoleWithWebIdentity
    return parts[4] if len(parts) > 4 else service.settings.account_id


def audit_route(
    service: Service,
    name: str,
    request: ApiRequest,
    principal: Principal,
    reply: Reply,
    data: DataEvents | None = None,
) -> None:
    """Record a call of what AWS does not have; reading is a data event of the console."""
    trail = service.audit
    reads = request.http.method in {"GET", "HEAD"}
    data = DataEvents.CONSOLE if reads else data
    if trail is None or (data is not None and not trail.keeps(data)):
        return
    trail.record(
        AuditEvent(
            source="lensmith.amazonaws.com",
            name=name,
            identity=principal.rights.identity,
            access_key_id=principal.caller.access_key_id,
            account_id=principal.caller.account_id,
            region=principal.region,
            source_ip=request.source_ip,
            user_agent=(request.http.header("user-agent") or "")[:1024],
            request_id=request.request_id,
            parameters={"method": request.http.method, "path": request.http.path[:2048]},
            error_code=reply.error_code,
            error_message="" if reply.error_code else None,
            data=data,
            is_read_only=reads,
            type="AwsConsoleSignIn" if name == "SignIn" else "AwsApiCall",
        )
    )
