"""Resolves KmsKeyId at the call: which key, and whether the caller may encrypt a model with it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lensmith.domain.errors import InvalidParameterException
from lensmith.domain.key import model_context
from lensmith.domain.key_errors import KmsError
from lensmith.domain.policy.request_context import request_context
from lensmith.operations.call import Call, Service
from lensmith.store.keyring.judged_key import JudgedKey, context_keys
from lensmith.store.keyring.key_service import key_service
from lensmith.store.records import accounts
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.sealed.folder import create_sealed

_ACTIONS = ("kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")


def model_key(service: Service, call: Call, project_arn: str) -> str | None:
    """Return the ARN of the key that KmsKeyId names; None when it is not given.

    Raises InvalidParameterException for a key that is unknown, disabled or pending deletion, and
    for a caller whose rights do not include all that AWS asks for.
    """
    key_id = call.request.get("KmsKeyId")
    if key_id is None:
        return None
    settings = service.settings
    if settings.s3_endpoint_url and not settings.kms_endpoint_url:
        raise InvalidParameterException(
            "KmsKeyId needs the embedded object store, or LENSMITH_KMS_ENDPOINT_URL: another store "
            "cannot encrypt results under keys of this server."
        )
    try:
        found = key_service(settings, service.records).find(
            key_id, settings.region, call.caller.account_id
        )
    except KmsError as error:
        raise _unusable(key_id) from error
    if not _may_use(service, call, found, project_arn):
        raise _unusable(key_id)
    return found.key.arn


def sealed_folder(service: Service, key_arn: str, project_arn: str, path: Path) -> SealedFolder:
    """Make a data key for a folder; raises InvalidParameterException if the key is of no use."""
    keys = key_service(service.settings, service.records)
    try:
        return create_sealed(path, keys, key_arn, model_context(project_arn))
    except KmsError as error:
        raise _unusable(key_arn) from error


def _may_use(service: Service, call: Call, found: JudgedKey, project_arn: str) -> bool:
    caller = service.records.read_cached(accounts.find_access_key, call.caller.access_key_id)
    if caller is None:
        return False
    region = service.settings.region
    context = {
        **request_context(
            caller.rights.identity,
            region=region,
            now=datetime.now(UTC),
            is_secure=True,
            resource_account=found.key.account_id,
        ),
        **context_keys(model_context(project_arn), f"rekognition.{region}.amazonaws.com"),
        "aws:viaawsservice": ("true",),
        "kms:grantisforawsresource": ("true",),
        "kms:calleraccount": (call.caller.account_id,),
    }
    return all(found.decide(caller.rights, action, context).allowed for action in _ACTIONS)


def _unusable(key_id: str) -> InvalidParameterException:
    return InvalidParameterException(f"The KMS key {key_id} cannot be used.")
