"""The operations of S3 that the gateway answers or hands on, one a row."""

from __future__ import annotations

from lensmith.gateway.grammar.operation import Body, Level, Operation

_BUCKET, _OBJECT = Level.BUCKET, Level.OBJECT
_DOCUMENT = Body.DOCUMENT
_LISTING = ("delimiter", "encoding-type", "max-keys", "prefix")
_UNORDERED = "allow-unordered"  # which the store refuses beside a delimiter
_READING = (
    "partNumber",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "versionId",
)


def _get(name: str, mark: str, action: str) -> Operation:
    return Operation(name, "GET", _BUCKET, mark, action, (mark,))


def _put(name: str, mark: str, action: str) -> Operation:
    return Operation(name, "PUT", _BUCKET, mark, action, (mark,), _DOCUMENT)


def _delete(name: str, mark: str, action: str) -> Operation:
    return Operation(name, "DELETE", _BUCKET, mark, action, (mark,))


def _of_object(
    name: str, method: str, mark: str, action: str, versioned: str, body: Body = Body.NONE
) -> Operation:
    return Operation(
        name, method, _OBJECT, mark, action, (mark, "versionId"), body, versioned_action=versioned
    )


OPERATIONS = (
    Operation("ListBuckets", "GET", Level.SERVICE, action="s3:ListAllMyBuckets"),
    # buckets
    Operation("CreateBucket", "PUT", _BUCKET, body=_DOCUMENT),
    Operation("DeleteBucket", "DELETE", _BUCKET, action="s3:DeleteBucket"),
    Operation("HeadBucket", "HEAD", _BUCKET, action="s3:ListBucket"),
    Operation("PostObject", "POST", _BUCKET, action="s3:PutObject", body=Body.OBJECT),
    Operation(
        "ListObjects",
        "GET",
        _BUCKET,
        action="s3:ListBucket",
        query=(*_LISTING, "marker", _UNORDERED),
    ),
    Operation(
        "ListObjectsV2",
        "GET",
        _BUCKET,
        "list-type",
        "s3:ListBucket",
        (*_LISTING, "continuation-token", "fetch-owner", "list-type", "start-after", _UNORDERED),
    ),
    Operation(
        "ListObjectVersions",
        "GET",
        _BUCKET,
        "versions",
        "s3:ListBucketVersions",
        (*_LISTING, "key-marker", "version-id-marker", "versions"),
    ),
    Operation(
        "ListMultipartUploads",
        "GET",
        _BUCKET,
        "uploads",
        "s3:ListBucketMultipartUploads",
        (
            "delimiter",
            "encoding-type",
            "key-marker",
            "max-uploads",
            "prefix",
            "upload-id-marker",
            "uploads",
        ),
    ),
    Operation("DeleteObjects", "POST", _BUCKET, "delete", query=("delete",), body=_DOCUMENT),
    _get("GetBucketLocation", "location", "s3:GetBucketLocation"),
    _get("GetBucketAcl", "acl", "s3:GetBucketAcl"),
    _put("PutBucketAcl", "acl", "s3:PutBucketAcl"),
    _get("GetBucketCors", "cors", "s3:GetBucketCORS"),
    _put("PutBucketCors", "cors", "s3:PutBucketCORS"),
    _delete("DeleteBucketCors", "cors", "s3:PutBucketCORS"),
    _get("GetBucketPolicy", "policy", "s3:GetBucketPolicy"),
    _put("PutBucketPolicy", "policy", "s3:PutBucketPolicy"),
    _delete("DeleteBucketPolicy", "policy", "s3:DeleteBucketPolicy"),
    _get("GetBucketPolicyStatus", "policyStatus", "s3:GetBucketPolicyStatus"),
    _get("GetPublicAccessBlock", "publicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    _put("PutPublicAccessBlock", "publicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    _delete("DeletePublicAccessBlock", "publicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    _get("GetBucketOwnershipControls", "ownershipControls", "s3:GetBucketOwnershipControls"),
    _put("PutBucketOwnershipControls", "ownershipControls", "s3:PutBucketOwnershipControls"),
    _delete("DeleteBucketOwnershipControls", "ownershipControls", "s3:PutBucketOwnershipControls"),
    _get("GetBucketVersioning", "versioning", "s3:GetBucketVersioning"),
    _put("PutBucketVersioning", "versioning", "s3:PutBucketVersioning"),
    _get("GetBucketTagging", "tagging", "s3:GetBucketTagging"),
    _put("PutBucketTagging", "tagging", "s3:PutBucketTagging"),
    _delete("DeleteBucketTagging", "tagging", "s3:PutBucketTagging"),
    _get("GetBucketLifecycleConfiguration", "lifecycle", "s3:GetLifecycleConfiguration"),
    _put("PutBucketLifecycleConfiguration", "lifecycle", "s3:PutLifecycleConfiguration"),
    _delete("DeleteBucketLifecycle", "lifecycle", "s3:PutLifecycleConfiguration"),
    _get("GetBucketEncryption", "encryption", "s3:GetEncryptionConfiguration"),
    _put("PutBucketEncryption", "encryption", "s3:PutEncryptionConfiguration"),
    _delete("DeleteBucketEncryption", "encryption", "s3:PutEncryptionConfiguration"),
    _get("GetObjectLockConfiguration", "object-lock", "s3:GetBucketObjectLockConfiguration"),
    _put("PutObjectLockConfiguration", "object-lock", "s3:PutBucketObjectLockConfiguration"),
    _get("GetBucketRequestPayment", "requestPayment", "s3:GetBucketRequestPayment"),
    # objects
    Operation(
        "GetObject",
        "GET",
        _OBJECT,
        action="s3:GetObject",
        query=_READING,
        versioned_action="s3:GetObjectVersion",
    ),
    Operation(
        "HeadObject",
        "HEAD",
        _OBJECT,
        action="s3:GetObject",
        query=_READING,
        versioned_action="s3:GetObjectVersion",
    ),
    Operation("PutObject", "PUT", _OBJECT, action="s3:PutObject", body=Body.OBJECT),
    Operation("CopyObject", "PUT", _OBJECT, action="s3:PutObject", with_header="x-amz-copy-source"),
    Operation(
        "DeleteObject",
        "DELETE",
        _OBJECT,
        action="s3:DeleteObject",
        query=("versionId",),
        versioned_action="s3:DeleteObjectVersion",
    ),
    _of_object("GetObjectAttributes", "GET", "attributes", "s3:GetObject", "s3:GetObjectVersion"),
    _of_object("GetObjectAcl", "GET", "acl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    _of_object(
        "PutObjectAcl", "PUT", "acl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl", _DOCUMENT
    ),
    _of_object(
        "GetObjectTagging", "GET", "tagging", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"
    ),
    _of_object("PutObjectTagging", "PUT", "tagging", "", "", _DOCUMENT),
    _of_object(
        "DeleteObjectTagging",
        "DELETE",
        "tagging",
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersionTagging",
    ),
    _of_object("GetObjectRetention", "GET", "retention", "s3:GetObjectRetention", ""),
    _of_object("PutObjectRetention", "PUT", "retention", "", "", _DOCUMENT),
    _of_object("GetObjectLegalHold", "GET", "legal-hold", "s3:GetObjectLegalHold", ""),
    _of_object("PutObjectLegalHold", "PUT", "legal-hold", "", "", _DOCUMENT),
    # multipart uploads
    Operation("CreateMultipartUpload", "POST", _OBJECT, "uploads", "s3:PutObject", ("uploads",)),
    Operation(
        "UploadPart",
        "PUT",
        _OBJECT,
        "uploadId",
        "s3:PutObject",
        ("partNumber", "uploadId"),
        Body.OBJECT,
    ),
    Operation(
        "UploadPartCopy",
        "PUT",
        _OBJECT,
        "uploadId",
        "s3:PutObject",
        ("partNumber", "uploadId"),
        with_header="x-amz-copy-source",
    ),
    Operation(
        "CompleteMultipartUpload",
        "POST",
        _OBJECT,
        "uploadId",
        "s3:PutObject",
        ("uploadId",),
        _DOCUMENT,
    ),
    Operation(
        "AbortMultipartUpload",
        "DELETE",
        _OBJECT,
        "uploadId",
        "s3:AbortMultipartUpload",
        ("uploadId",),
    ),
    Operation(
        "ListParts",
        "GET",
        _OBJECT,
        "uploadId",
        "s3:ListMultipartUploadParts",
        ("max-parts", "part-number-marker", "uploadId", "encoding-type"),
    ),
)

_NOT_KEPT = """
    abac accelerate analytics annotation append intelligent-tiering inventory logging
    metadataAnnotationTable metadataConfiguration metadataInventoryTable metadataJournalTable
    metadataTable metrics notification renameObject replication restore select select-type session
    torrent website
"""
# Parameters that name a sub-resource, of which only those in the table are kept.
SUB_RESOURCES = frozenset(
    {*(operation.mark for operation in OPERATIONS if operation.mark), *_NOT_KEPT.split()}
)
