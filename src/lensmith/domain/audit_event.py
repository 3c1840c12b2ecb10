"""One call as an audit event in the form of CloudTrail (record contents, event version 1.11)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from lensmith.domain.policy.identity import Identity, PrincipalType

_VERSION = "1.11"
_READING = ("Describe", "Detect", "Get", "Head", "List", "Lookup", "Search", "Simulate")
# Of STS and KMS: they change nothing that is kept here.
_ALSO_READING = frozenset(
    {"AssumeRole", "AssumeRoleWithWebIdentity", "Decrypt", "Encrypt", "GenerateDataKey"}
    | {"GenerateDataKeyWithoutPlaintext", "GenerateRandom", "ReEncrypt"}
)


class DataEvents(StrEnum):
    """Kinds of data events, which are many and are kept by setting."""

    DETECTIONS = "detections"  # DetectCustomLabels
    OBJECTS = "objects"  # calls of S3 that concern objects
    CONSOLE = "console"  # what the console and the command line read from Lensmith's own routes


@dataclass(frozen=True, slots=True)
class Resource:
    type: str  # as AWS::S3::Bucket
    name: str  # an ARN, or a name


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """A call: who, what, from where, how it ended. Parameters are fit to be shown."""

    source: str  # as rekognition.amazonaws.com
    name: str
    identity: Identity
    access_key_id: str
    account_id: str  # whose event it is
    region: str
    source_ip: str
    user_agent: str
    request_id: str
    parameters: Mapping[str, Any] | None
    response: Mapping[str, Any] | None = None
    resources: tuple[Resource, ...] = ()
    error_code: str | None = None
    error_message: str | None = None
    data: DataEvents | None = None  # None: a management event
    is_read_only: bool = True
    type: str = "AwsApiCall"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def form(self) -> dict[str, Any]:
        """Return the event as CloudTrail writes it."""
        written: dict[str, Any] = {
            "eventVersion": _VERSION,
            "userIdentity": _user_identity(self.identity, self.access_key_id),
            "eventTime": self.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": self.region,
            "sourceIPAddress": self.source_ip,
            "userAgent": self.user_agent,
            "requestParameters": self.parameters or None,
            "responseElements": self.response or None,
            "requestID": self.request_id,
            "eventID": self.id,
            "readOnly": self.is_read_only,
            "eventType": self.type,
            "managementEvent": self.data is None,
            "recipientAccountId": self.account_id,
            "eventCategory": "Management" if self.data is None else "Data",
        }
        if self.error_code is not None:
            written["errorCode"] = self.error_code
            written["errorMessage"] = self.error_message or ""
        if self.resources:
            written["resources"] = [
                {"type": one.type, "ARN": one.name, "accountId": self.account_id}
                for one in self.resources
            ]
        return written


def is_read_only(name: str) -> bool:
    """Return whether an operation of this name changes nothing."""
    return name in _ALSO_READING or name.startswith(_READING)


def user_name(identity: Identity) -> str:
    """Return what LookupEvents calls Username: of a user, a session, or the root."""
    if identity.type is PrincipalType.ACCOUNT:
        return "root"
    return identity.arn.rpartition("/")[2]


def _user_identity(identity: Identity, access_key_id: str) -> dict[str, Any]:
    if identity.type is PrincipalType.ANONYMOUS:
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    known: dict[str, Any] = {
        "type": _TYPES[identity.type],
        "principalId": identity.user_id or identity.account_id,
        "arn": identity.arn,
        "accountId": identity.account_id,
        "accessKeyId": access_key_id,
    }
    if identity.type is PrincipalType.USER:
        known["userName"] = user_name(identity)
    session = _session(identity)
    return {**known, "sessionContext": session} if session else known


_TYPES = {
    PrincipalType.ACCOUNT: "Root",
    PrincipalType.USER: "IAMUser",
    PrincipalType.ASSUMED_ROLE: "AssumedRole",
}


def _session(identity: Identity) -> dict[str, Any]:
    """Describe temporary credentials; empty for permanent ones."""
    session: dict[str, Any] = {}
    if identity.type is PrincipalType.ASSUMED_ROLE:
        session["sessionIssuer"] = {
            "type": "Role",
            "principalId": identity.user_id.partition(":")[0],
            "arn": identity.role_arn,
            "accountId": identity.account_id,
            "userName": identity.role_arn.rpartition("/")[2],
        }
    if identity.issued_ms is not None:
        begun = datetime.fromtimestamp(identity.issued_ms / 1000, UTC)
        session["attributes"] = {
            "creationDate": begun.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "mfaAuthenticated": "false",
        }
    return session
