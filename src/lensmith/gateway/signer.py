"""Finds who signed a request."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import NamedTuple

from lensmith.domain.clock import now_ms
from lensmith.domain.policy.identity import PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.http.request import Request
from lensmith.gateway.services import Services
from lensmith.gateway.signature import version2
from lensmith.gateway.signature.claim import Claim, check_scope, check_time, read_claim
from lensmith.gateway.signature.payload import UNSIGNED, declared_payload
from lensmith.gateway.signature.verify import check_signature
from lensmith.store.records import accounts
from lensmith.store.records.accounts import AccessKey


class Signer(NamedTuple):
    """Who sent a request, and how its body is signed."""

    rights: Rights
    payload: str = UNSIGNED  # the hash of the body, or a word for it
    claim: Claim | None = None
    signing_key: bytes = b""
    auth_type: str = ""  # REST-HEADER, REST-QUERY-STRING or POST; s3:authType
    stamp: str = ""  # yyyymmddThhmmssZ, when it was signed by SigV4

    def __repr__(self) -> str:
        """Leave out the signing key."""
        return f"Signer({self.rights.identity.arn!r})"

    @property
    def is_anonymous(self) -> bool:
        return self.rights.identity.type is PrincipalType.ANONYMOUS


ANONYMOUS = Signer(Rights.anonymous())


async def find_signer(services: Services, request: Request, query: Query) -> Signer:
    """Verify the signature of a request, if it has one; raises S3Error when it is not valid."""
    if version2.is_presigned(query) and "authorization" not in request.headers:
        return await _presigned_by_2(services, request, query)
    claim = read_claim(request, query)
    if claim is None:
        _refuse_overrides(query)
        return ANONYMOUS
    error = "AuthorizationHeaderMalformed"
    if claim.is_presigned:
        error = "AuthorizationQueryParametersError"
    check_scope(claim.scope, claim.stamp, services.regions, error)
    payload = declared_payload(request, claim)
    key_id = claim.scope.access_key_id
    key = valid_key(await services.read(accounts.find_access_key, key_id), key_id, claim.token)
    signing_key = check_signature(claim, request, payload, key.secret_access_key)
    check_time(claim, datetime.now(UTC))
    admit(services, key)
    auth_type = "REST-QUERY-STRING" if claim.is_presigned else "REST-HEADER"
    return Signer(key.rights, payload, claim, signing_key, auth_type, claim.stamp)


def _refuse_overrides(query: Query) -> None:
    """Raise S3Error where a link that no one signed would make a page of an object."""
    if any(name.startswith("response-") for name in query):
        raise S3Error(
            "InvalidRequest",
            "Request specific response headers cannot be used for anonymous GET requests.",
        )


async def _presigned_by_2(services: Services, request: Request, query: Query) -> Signer:
    key_id, token = query["AWSAccessKeyId"], query.get("x-amz-security-token")
    key = valid_key(await services.read(accounts.find_access_key, key_id), key_id, token)
    bucket = services.hosts.bucket_of(request.headers.get("host", ""))
    version2.check_presigned(request, query, bucket, key.secret_access_key)
    admit(services, key)
    return Signer(key.rights, auth_type="REST-QUERY-STRING")


async def find_key(services: Services, access_key_id: str, token: str | None) -> AccessKey:
    """Return a key that is valid now; raises S3Error for any other."""
    return valid_key(
        await services.read(accounts.find_access_key, access_key_id), access_key_id, token
    )


def valid_key(key: AccessKey | None, access_key_id: str, token: str | None) -> AccessKey:
    """Return the key that was found if it is valid now; raises S3Error otherwise."""
    if key is None:
        raise S3Error("InvalidAccessKeyId", AWSAccessKeyId=access_key_id[:128])
    if (token or key.session_token) and not hmac.compare_digest(
        (key.session_token or "").encode(), (token or "").encode()
    ):
        raise S3Error("InvalidToken")
    if key.expires_ms is not None and key.expires_ms <= now_ms():
        raise S3Error("ExpiredToken")
    return key


def admit(services: Services, key: AccessKey) -> None:
    """Count a request whose signature was verified; raises S3Error when they come too fast."""
    if not services.rates.admit(key.caller):
        raise S3Error("SlowDown")
