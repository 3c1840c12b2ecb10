"""Keeps what encrypts a bucket's new objects whose writer says nothing.

The store keeps a default of AES256, the records one of a key of KMS, which the gateway then names
with each new object.
"""

from __future__ import annotations

from lensmith.domain.bucket import DefaultKey
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import NAMESPACE, parse, tag, text_of
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward_document
from lensmith.gateway.http.reply import Reply, xml
from lensmith.store.records import buckets

_ROOT = "ServerSideEncryptionConfiguration"
_KMS, _S3 = "aws:kms", "AES256"
_LONGEST_NAME = 2048  # characters of a key's name, as in KMS


async def bucket_encryption(exchange: Exchange) -> Reply:
    default = exchange.judged.record.default_key
    if default is None:
        return await forward_document(exchange, b"")
    key = "" if default.name is None else tag("KMSMasterKeyID", default.name)
    algorithm = tag("SSEAlgorithm", _KMS)
    rule = (
        f"<ApplyServerSideEncryptionByDefault>{algorithm}{key}</ApplyServerSideEncryptionByDefault>"
        + tag("BucketKeyEnabled", "true" if default.bucket_key else "false")
    )
    return xml(200, f"<{_ROOT} {NAMESPACE}><Rule>{rule}</Rule></{_ROOT}>")


async def put_bucket_encryption(exchange: Exchange) -> Reply:
    """Replace the default. The key is looked up for each object, as on AWS, not here."""
    document = await exchange.document()
    default = _default_key(document)
    await _keep(exchange, default)
    return Reply(200) if default is not None else await forward_document(exchange, document)


async def delete_bucket_encryption(exchange: Exchange) -> Reply:
    """Take the default away; a bucket without one is left as it is."""
    await _keep(exchange, None)
    reply = await forward_document(exchange, b"")
    return Reply(204) if reply.status == 404 else reply


def _default_key(document: bytes) -> DefaultKey | None:
    """Read a configuration; None stands for AES256. Raises S3Error."""
    rules = parse(document, _ROOT).findall("Rule")
    defaults = rules[0].findall("ApplyServerSideEncryptionByDefault") if len(rules) == 1 else []
    # Of two answers the store might read another than is read here.
    if len(defaults) != 1 or len({one.tag for one in defaults[0]}) != len(defaults[0]):
        raise S3Error("MalformedXML")
    default = defaults[0]
    blocked = [one.text for one in rules[0].iter("EncryptionType") if one.text != "NONE"]
    if blocked:
        raise S3Error("NotImplemented", "BlockedEncryptionTypes are not kept.")
    algorithm, key = text_of(default, "SSEAlgorithm"), text_of(default, "KMSMasterKeyID")
    if algorithm == _S3 and key is None:
        return None
    if algorithm == _S3:
        raise S3Error("InvalidArgument", f"KMSMasterKeyID needs SSEAlgorithm {_KMS}.")
    if algorithm == f"{_KMS}:dsse":
        raise S3Error("NotImplemented", f"A bucket's default is {_S3} or {_KMS}.")
    if algorithm != _KMS or key == "" or len(key or "") > _LONGEST_NAME:
        raise S3Error("MalformedXML")
    return DefaultKey(key, text_of(rules[0], "BucketKeyEnabled") == "true")


async def _keep(exchange: Exchange, default: DefaultKey | None) -> None:
    record = exchange.judged.record
    if record.default_key != default:
        await exchange.services.write(lambda it: buckets.set_default_key(it, record.name, default))
