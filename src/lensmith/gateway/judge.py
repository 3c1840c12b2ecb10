"""Asks the one evaluator whether a signer may do what a request needs."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import structlog

from lensmith.domain.policy.bucket_policy import applying
from lensmith.domain.policy.decide import AccessRequest, Decision, decide
from lensmith.domain.policy.lazy_context import LazyContext
from lensmith.domain.policy.wildcard import Context
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.condition_keys import global_keys, keys_of_request
from lensmith.gateway.http.request import Request
from lensmith.gateway.services import JudgedBucket
from lensmith.gateway.signer import Signer

Keys = dict[str, tuple[str, ...]]

# A bucket policy that denies these to all must not make the bucket unusable for good.
_RESCUE = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})

log = structlog.get_logger(__name__)


_NO_KEYS: Keys = {}


class Permission(NamedTuple):
    """One action on one resource; `keys` are its own condition keys, in lower case."""

    action: str
    resource: str
    bucket: JudgedBucket | None
    keys: Keys = _NO_KEYS


def _context(signer: Signer, request: Request, permission: Permission, region: str) -> Keys:
    bucket = permission.bucket
    account = bucket.record.account_id if bucket is not None else None
    return {
        **global_keys(signer, request, region, account),
        **keys_of_request(signer, request, account),
        **permission.keys,
    }


def require(signer: Signer, request: Request, permission: Permission, region: str) -> None:
    """Raise S3Error unless the signer has the permission."""
    decision = ask(signer, request, permission, region)
    if not decision.allowed:
        raise denied(signer, permission.action, permission.resource, decision)


def denied(signer: Signer, action: str, resource: str, decision: Decision) -> S3Error:
    """Log a refusal; returns the error that S3 answers."""
    caller = signer.rights.identity.arn
    log.info(
        "access denied",
        caller=caller or "anonymous",
        action=action,
        resource=resource,
        reason=decision.reason.value,
    )
    if signer.is_anonymous:
        return S3Error("AccessDenied")
    return S3Error(
        "AccessDenied",
        f"User: {caller} is not authorized to perform: {action} on resource: {resource}",
    )


def ask(
    signer: Signer, request: Request, permission: Permission, region: str, *, rescues: bool = True
) -> Decision:
    """Decide one access, by the policies of the signer and of the bucket.

    With `rescues`, a bucket's policy cannot keep an administrator of its account from replacing it.
    """
    bucket = permission.bucket
    account_id = signer.rights.account_id
    policies = () if bucket is None else applying(bucket.record, bucket.policies, account_id)
    account = bucket.record.account_id if bucket is not None else None
    context = LazyContext(partial(_context, signer, request, permission, region))
    asked = AccessRequest(permission.action, permission.resource, context, account)
    decision = decide(signer.rights, asked, policies)
    if (
        rescues
        and policies
        and not decision.allowed
        and permission.action in _RESCUE
        and signer.rights.account_id == account
        and is_administrator(signer, context)
    ):
        return decide(signer.rights, asked)
    return decision


def is_administrator(signer: Signer, context: Context) -> bool:
    """Return whether a principal may do everything in its account, as its root may."""
    root = f"arn:aws:iam::{signer.rights.account_id}:root"
    return decide(signer.rights, AccessRequest("*:*", root, context)).allowed
