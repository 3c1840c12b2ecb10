"""Members of calls as audit events show them: no bytes, no secrets, nothing endless."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from lensmith.domain.audit_event import Resource

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"

_SECRET = re.compile(
    r"secret|password|plaintext|ciphertext|privatekey|token|samlassertion|parametervalue", re.I
)
_NO_SECRET = frozenset({"ClientRequestToken", "ClientToken", "NextToken", "TokenIssueTime"})
_MAPS = frozenset({"Tags", "TrainingTags", "EncryptionContext", "GrantConstraints"})  # free names
_SHORT = 64  # characters of a name that is worth remembering
_MAX_NAME = 2048  # characters of a resource's name
_MAX_TEXT = 8192  # characters; a policy has at most 6,144
_MAX_LIST = 100
_MAX_DEPTH = 8

_TYPES = (
    (re.compile(r":rekognition:.*:project/[^/]+/version/"), "AWS::Rekognition::ProjectVersion"),
    (re.compile(r":rekognition:.*:project/[^/]+/dataset/"), "AWS::Rekognition::Dataset"),
    (re.compile(r":rekognition:.*:project/"), "AWS::Rekognition::Project"),
    (re.compile(r":iam:.*:user/"), "AWS::IAM::User"),
    (re.compile(r":iam:.*:role/"), "AWS::IAM::Role"),
    (re.compile(r":iam:.*:policy/"), "AWS::IAM::Policy"),
    (re.compile(r":iam:.*:group/"), "AWS::IAM::Group"),
    (re.compile(r":iam:.*:oidc-provider/"), "AWS::IAM::OIDCProvider"),
    (re.compile(r":kms:"), "AWS::KMS::Key"),
    (re.compile(r":cloudformation:.*:stack/"), "AWS::CloudFormation::Stack"),
)
_NAMED = {
    "ProjectName": "AWS::Rekognition::Project",
    "UserName": "AWS::IAM::User",
    "RoleName": "AWS::IAM::Role",
    "GroupName": "AWS::IAM::Group",
    "PolicyName": "AWS::IAM::Policy",
    "AccessKeyId": "AWS::IAM::AccessKey",
    "KeyId": "AWS::KMS::Key",
    "StackName": "AWS::CloudFormation::Stack",
}


def shown(members: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return the members with names in lowerCamelCase; bytes are left out, secrets hidden."""
    found = {}
    for name, value in members.items():
        if value is None or isinstance(value, bytes | bytearray | memoryview):
            continue
        is_secret = (_is_secret_cached if len(name) <= _SHORT else _is_secret)(name)
        found[name[:1].lower() + name[1:]] = (
            HIDDEN if is_secret and not isinstance(value, Mapping) else _shown(name, value, depth)
        )
    return found


def _is_secret(name: str) -> bool:
    return _SECRET.search(name) is not None and name not in _NO_SECRET


_is_secret_cached = lru_cache(maxsize=1024)(_is_secret)  # nearly all names are members of models


def resources_of(members: Mapping[str, Any]) -> tuple[Resource, ...]:
    """Find the resources that the outermost members name."""
    found: dict[Resource, None] = {}
    for name, value in members.items():
        if not isinstance(value, str):
            continue
        value = value[:_MAX_NAME]
        kind = _kind_of(value) if value.startswith("arn:") else _NAMED.get(name)
        if kind is not None:
            found[Resource(kind, value)] = None
    return tuple(found)


@lru_cache(maxsize=1024)
def _kind_of(arn: str) -> str | None:
    return next((kind for form, kind in _TYPES if form.search(arn)), None)


def _shown(name: str, value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        if name in _MAPS:
            return {key: _shown("", one, depth + 1) for key, one in value.items()}
        return shown(value, depth + 1)
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else f"{value[:_MAX_TEXT]}…"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Sequence):
        kept = [one for one in value[:_MAX_LIST] if not isinstance(one, bytes)]
        return [_shown("", one, depth + 1) for one in kept]
    return value if isinstance(value, bool | int | float) else str(value)
