"""Which function answers an operation; those without one stream to and from the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from lensmith.gateway.buckets import acl, controls, cors, encryption, lifetime, policy
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.http.reply import Reply, xml
from lensmith.gateway.objects import answers, copy, delete, lock, post, tagging

Handler = Callable[[Exchange], Awaitable[Reply]]


async def _request_payment(exchange: Exchange) -> Reply:
    _ = exchange.judged
    root = "RequestPaymentConfiguration"
    return xml(200, f"<{root}><Payer>BucketOwner</Payer></{root}>")


HANDLERS: dict[str, Handler] = {
    "ListBuckets": lifetime.list_buckets,
    "CreateBucket": lifetime.create_bucket,
    "DeleteBucket": lifetime.delete_bucket,
    "HeadBucket": lifetime.head_bucket,
    "GetBucketLocation": lifetime.bucket_location,
    "GetBucketAcl": acl.bucket_acl,
    "PutBucketAcl": acl.put_bucket_acl,
    "GetObjectAcl": acl.object_acl,
    "PutObjectAcl": acl.put_object_acl,
    "GetBucketCors": cors.bucket_cors,
    "PutBucketCors": cors.put_bucket_cors,
    "DeleteBucketCors": cors.delete_bucket_cors,
    "GetBucketPolicy": policy.bucket_policy,
    "PutBucketPolicy": policy.put_bucket_policy,
    "DeleteBucketPolicy": policy.delete_bucket_policy,
    "GetBucketPolicyStatus": policy.bucket_policy_status,
    "GetPublicAccessBlock": controls.public_access_block,
    "PutPublicAccessBlock": controls.put_public_access_block,
    "DeletePublicAccessBlock": controls.delete_public_access_block,
    "GetBucketOwnershipControls": controls.ownership_controls,
    "PutBucketOwnershipControls": controls.put_ownership_controls,
    "DeleteBucketOwnershipControls": controls.delete_ownership_controls,
    "GetBucketRequestPayment": _request_payment,
    "GetBucketEncryption": encryption.bucket_encryption,
    "PutBucketEncryption": encryption.put_bucket_encryption,
    "DeleteBucketEncryption": encryption.delete_bucket_encryption,
    "DeleteObjects": delete.delete_objects,
    "CopyObject": copy.copy,
    "UploadPartCopy": copy.copy,
    "PostObject": post.post_object,
    "PutObjectTagging": tagging.put_object_tagging,
    "PutObjectRetention": lock.put_object_retention,
    "PutObjectLegalHold": lock.put_object_legal_hold,
    "ListObjects": answers.listing,
    "ListObjectsV2": answers.listing,
    "ListObjectVersions": answers.listing,
    "ListMultipartUploads": answers.listing,
    "ListParts": answers.listing,
    "CreateMultipartUpload": answers.begun_upload,
    "CompleteMultipartUpload": answers.completed_upload,
}
