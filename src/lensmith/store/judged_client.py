"""An S3 client that does what a caller may do, with the server's own credentials.

The server's reads and writes for a caller (datasets, training, detection, results) are judged
here by the caller's rights as they are at that moment, whichever object store there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from lensmith.config import Settings
from lensmith.domain.bucket import Bucket
from lensmith.domain.key_errors import KmsError
from lensmith.domain.policy.bucket_policy import EXISTING_TAG, applying, depends_on_tags
from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.request_context import request_context
from lensmith.domain.s3_key import has_dot_part, is_ambiguous, is_inner
from lensmith.store.call_conditions import conditions_of_call
from lensmith.store.keyring.judged_key import context_keys
from lensmith.store.keyring.key_service import key_service
from lensmith.store.keyring.s3_key import s3_key
from lensmith.store.records import accounts, buckets
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from sqlalchemy import Connection

# The actions of the calls that the server makes; any other is refused.
_ACTIONS = {
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "CompleteMultipartUpload": "s3:PutObject",
    "CreateBucket": "s3:CreateBucket",
    "CreateMultipartUpload": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
    "GetBucketAcl": "s3:GetBucketAcl",
    "GetBucketVersioning": "s3:GetBucketVersioning",
    "GetObject": "s3:GetObject",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "ListBuckets": "s3:ListAllMyBuckets",
    "ListObjectsV2": "s3:ListBucket",
    "PutBucketVersioning": "s3:PutBucketVersioning",
    "PutObject": "s3:PutObject",
    "UploadPart": "s3:PutObject",
}
_VERSIONED = {"s3:GetObject": "s3:GetObjectVersion", "s3:DeleteObject": "s3:DeleteObjectVersion"}
_NO_BUCKET = ("NoSuchBucket", 404)
_READS = frozenset({"DeleteObject", "GetObject", "HeadObject"})


class _JudgedBucket(NamedTuple):
    record: Bucket | None  # None: of an external store, or not there yet
    policies: tuple[Policy, ...] = ()

    @property
    def owner(self) -> str | None:
        return None if self.record is None else self.record.account_id


_OWNER = "lensmith_owner"  # key of botocore's context of a call
_ADDRESS = "lensmith_address"  # of an object that is read
_ADDRESS_MEMBERS = ("Bucket", "Key", "VersionId")
_UNOWNED = _JudgedBucket(None)
_MAKES_OBJECT = frozenset({"PutObject", "CreateMultipartUpload"})


class Judged:
    """Asks before every call of a client whether one key's principal may do it."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        access_key_id: str,
        internal: Callable[[], S3Client],
    ) -> None:
        """`internal` makes a client with the server's own rights, which reads an object's tags."""
        self._settings = settings
        self._records = records
        self._access_key_id = access_key_id
        self._internal = internal

    def guard(self, client: S3Client) -> S3Client:
        """Register the question with a client that is this caller's alone."""
        before: Any = self._before  # what it returns replaces the arguments
        client.meta.events.register("provide-client-params.s3", before)
        client.meta.events.register("after-call.s3.GetBucketAcl", _name_owner)
        client.meta.events.register("after-call.s3.GetObject", self._after_get)
        client.meta.events.register("after-call.s3.ListBuckets", self._leave_out_system_bucket)
        client.meta.events.register_first(
            "needs-retry.s3.GetObject", partial(self._on_failed_get, client)
        )
        return client

    def _before(
        self, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> dict[str, Any]:
        """Return the arguments, with the bucket's default key; botocore calls it with them.

        Raises ClientError unless the call is allowed.
        """
        name = str(model.name)
        bucket = str(params.get("Bucket", ""))
        self._refuse_odd_key(name, str(params.get("Key", "")))
        self._refuse_bucket(name, bucket)
        judged = self._of_bucket(bucket)
        if judged is None and name != "CreateBucket":
            raise _refusal(name, *_NO_BUCKET)
        if not self._allows(name, bucket, judged or _UNOWNED, params):
            raise _refusal(name, "AccessDenied", 403)
        params = self._with_default_key(name, judged or _UNOWNED, params)
        if "SSEKMSKeyId" in params:
            arn = self._require_key(name, str(params["SSEKMSKeyId"]), "kms:GenerateDataKey")
            params = {**params, "SSEKMSKeyId": arn}
        context[_OWNER] = (judged or _UNOWNED).owner
        if name == "GetObject":
            context[_ADDRESS] = {each: params[each] for each in _ADDRESS_MEMBERS if each in params}
        return dict(params)

    def _with_default_key(
        self, name: str, judged: _JudgedBucket, params: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        default = None if judged.record is None else judged.record.default_key
        if default is None or name not in _MAKES_OBJECT or "ServerSideEncryption" in params:
            return params
        given = default.name or s3_key(
            self._settings, self._records, self._settings.region, judged.owner or ""
        )
        return {**params, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": given}

    def _after_get(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        """Raise ClientError unless the caller may use the key that encrypts the object."""
        key_arn = parsed.get("SSEKMSKeyId")
        if key_arn is None or self._settings.s3_endpoint_url:
            return  # another store judges the server itself
        try:
            self._require_key(str(model.name), key_arn, "kms:Decrypt")
        except ClientError:
            parsed["Body"].close()
            raise

    def _on_failed_get(
        self, client: S3Client, response: Any, request_dict: dict[str, Any], **_: Any
    ) -> None:
        """Raise ClientError instead of a retry, where the store failed because of a key."""
        if response is None or response[0].status_code != 500:
            return
        address = request_dict["context"].get(_ADDRESS)
        if address is None or self._settings.s3_endpoint_url:
            return
        key_arn = client.head_object(**address).get("SSEKMSKeyId")
        if key_arn is not None:
            self._require_key("GetObject", key_arn, "kms:Decrypt")

    def _require_key(self, name: str, given: str, action: str) -> str:
        """Return the ARN of a key that the caller may use so; raises ClientError."""
        key = self._records.read_cached(accounts.find_access_key, self._access_key_id)
        if key is None:
            raise _refusal(name, "AccessDenied", 403)
        region = self._settings.region
        try:
            found = key_service(self._settings, self._records).find(
                given, region, key.rights.account_id
            )
        except KmsError as error:
            raise _refusal(name, f"KMS.{error.code}", 400) from error
        context = {
            **request_context(
                key.rights.identity,
                region=region,
                now=datetime.now(UTC),
                is_secure=True,
                resource_account=found.key.account_id,
            ),
            **context_keys({}, f"s3.{region}.amazonaws.com"),
            "aws:viaawsservice": ("true",),
            "kms:calleraccount": (key.rights.account_id,),
        }
        if not found.decide(key.rights, action, context).allowed:
            raise _refusal(name, "AccessDenied", 403)
        return found.key.arn

    def _allows(
        self, name: str, bucket: str, judged: _JudgedBucket, params: Mapping[str, Any]
    ) -> bool:
        action = _ACTIONS.get(name)
        key = self._records.read_cached(accounts.find_access_key, self._access_key_id)
        if action is None or key is None:
            return False
        version = params.get("VersionId")
        if version:
            action = _VERSIONED.get(action, action)
        of_bucket = _UNOWNED if name == "CreateBucket" else judged
        owner, policies = of_bucket.owner, of_bucket.policies
        if of_bucket.record is not None:
            policies = applying(of_bucket.record, policies, key.rights.account_id)
        context = request_context(
            key.rights.identity,
            region=self._settings.region,
            now=datetime.now(UTC),
            is_secure=True,  # it does not leave this server
            resource_account=owner,
        )
        context |= conditions_of_call(name, self._with_key_arn(params), owner)
        if params.get("Key") and depends_on_tags(key.rights, policies):
            context |= self._tags(params)
        asked = AccessRequest(action, _arn(bucket, params.get("Key")), context, owner)
        return decide(key.rights, asked, policies).allowed

    def _refuse_bucket(self, name: str, bucket: str) -> None:
        """Raise ClientError for the server's own bucket, and for a name that leads elsewhere."""
        is_made = name == "CreateBucket"
        # In a path `.` makes the key's first part the bucket; an ARN is of an access point.
        if has_dot_part(bucket) or ":" in bucket:
            raise _refusal(name, *(("InvalidBucketName", 400) if is_made else _NO_BUCKET))
        if self._settings.s3_endpoint_url and bucket == self._settings.system_bucket:
            raise _refusal(name, *(("BucketAlreadyExists", 409) if is_made else _NO_BUCKET))

    def _leave_out_system_bucket(self, parsed: dict[str, Any], **_: Any) -> None:
        if self._settings.s3_endpoint_url and "Buckets" in parsed:
            hidden = self._settings.system_bucket
            parsed["Buckets"] = [each for each in parsed["Buckets"] if each["Name"] != hidden]

    def _with_key_arn(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name a key as conditions compare it; one that is not there stays as it was given."""
        given = params.get("SSEKMSKeyId")
        key = self._records.read_cached(accounts.find_access_key, self._access_key_id)
        if given is None or key is None:
            return params
        keys, account_id = key_service(self._settings, self._records), key.rights.account_id
        try:
            found = keys.find(str(given), self._settings.region, account_id)
        except KmsError:
            return params
        return {**params, "SSEKMSKeyId": found.key.arn}

    def _refuse_odd_key(self, name: str, key: str) -> None:
        """Raise ClientError for a key that the store would not read as the judge does."""
        is_odd = has_dot_part(key)
        if not self._settings.s3_endpoint_url:
            is_odd = is_ambiguous(key) or is_inner(key)
        if is_odd:
            code, status = ("NoSuchKey", 404) if name in _READS else ("InvalidArgument", 400)
            raise _refusal(name, code, status)

    def _tags(self, params: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        """Return the condition keys of an object's tags, none of one that is not there.

        Raises ClientError when the store does not tell them: without them a Deny would not count.
        """
        address: Any = {each: params[each] for each in _ADDRESS_MEMBERS if params.get(each)}
        try:
            found = self._internal().get_object_tagging(**address)["TagSet"]
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 405):
                return {}
            raise
        return {f"{EXISTING_TAG}{tag['Key'].lower()}": (tag["Value"],) for tag in found}

    def _of_bucket(self, name: str) -> _JudgedBucket | None:
        if not name or self._settings.s3_endpoint_url:
            return _UNOWNED  # an external store's buckets are the server's
        return self._records.read_cached(_judged, name)


def _judged(connection: Connection, name: str) -> _JudgedBucket | None:
    record = buckets.find(connection, name)
    if record is None:
        return None
    given = record.policy
    policies = () if given is None else (Policy.stored(given, PolicyKind.RESOURCE),)
    return _JudgedBucket(record, policies)


def _name_owner(parsed: dict[str, Any], context: Mapping[str, Any], **_: Any) -> None:
    """Replace the embedded store's only owner by the account that has the bucket."""
    if context.get(_OWNER) is not None:
        parsed["Owner"] = {"ID": context[_OWNER]}


def _refusal(operation: str, code: str, status: int) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": code},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)


def _arn(bucket: str, key: Any) -> str:
    if not bucket:
        return "*"
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
