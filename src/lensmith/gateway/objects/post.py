"""PostObject: a form of a web page that uploads one file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import parse, tag, text_of
from lensmith.gateway.encryption import ALGORITHM, KEY_ID, choose_key, name_key
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.grammar.address import Address, address
from lensmith.gateway.http.reply import Headers, Reply, xml
from lensmith.gateway.http.store_connection import StoreConnection
from lensmith.gateway.judge import require
from lensmith.gateway.objects.form import Form
from lensmith.gateway.objects.unkept import refuse_unkept
from lensmith.gateway.permissions import permissions_of
from lensmith.gateway.signature.claim import check_scope
from lensmith.gateway.signature.form_policy import FormPolicy, credential_of
from lensmith.gateway.signature.verify import is_signature, key_of
from lensmith.gateway.signature.version2 import is_signature as is_signature_2
from lensmith.gateway.signer import ANONYMOUS, Signer, admit, find_key
from lensmith.gateway.store_call import MAX_ANSWER, headers_for_client

_MAX_FILE = 5 << 30  # bytes
_AS_HEADERS = frozenset(
    {"cache-control", "content-type", "content-disposition", "content-encoding", "expires"}
)
# Other fields go nowhere: to the store, x-amz-copy-source would be another operation.
_OF_OBJECTS = (
    "x-amz-acl",
    "x-amz-checksum-",
    "x-amz-grant-",
    "x-amz-meta-",
    "x-amz-object-lock-",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
)
_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")  # of a header (RFC 9110)


async def post_object(exchange: Exchange) -> Reply:
    """Store the form's file, if its policy, its signer and the bucket allow it."""
    form = Form(exchange.request.headers.get("content-type", ""), exchange.request.body)
    await form.read_fields()
    fields = form.fields
    name = form.file_name.replace("\\", "/").rpartition("/")[2]
    fields["key"] = fields.get("key", "").replace("${filename}", name)
    if not fields["key"]:
        raise S3Error("InvalidArgument", "Bucket POST must contain a field named 'key'.")
    signer, sizes = await _signer(exchange, fields)
    named = address(exchange.address.bucket, fields["key"])
    headers = _headers(fields)
    judged = Exchange(
        exchange.services,
        exchange.request,
        exchange.connection,
        exchange.operation,
        named,
        {},
        signer,
        exchange.bucket,
    )
    request = exchange.request
    # The page's own say nothing of the object, and are no condition of its storing.
    own = {
        name: text
        for name, text in request.headers.items()
        if not name.startswith(("x-amz-", "if-"))
    }
    request.headers = {**own, **dict(headers)}
    await name_key(judged)
    for permission in permissions_of(exchange.operation, named, {}, request, exchange.bucket):
        require(signer, request, permission, exchange.services.region)
    _ = exchange.judged
    refuse_unkept(dict(headers))
    await choose_key(judged)
    chosen = [(it, request.headers[it]) for it in (ALGORITHM, KEY_ID) if it in request.headers]
    kept_back = {"x-amz-acl", ALGORITHM, KEY_ID}
    sent = [(name, value) for name, value in headers if name not in kept_back] + chosen
    stored = await _store(judged, form, sent, sizes)
    return stored if stored.status != 200 else _succeeded(exchange, named, fields, stored)


async def _signer(
    exchange: Exchange, fields: dict[str, str]
) -> tuple[Signer, tuple[int, int] | None]:
    """Verify the form's signature and policy; returns also the bytes that the file may have."""
    encoded = fields.get("policy")
    signed = "x-amz-signature" in fields or "signature" in fields
    if not encoded:
        if signed:
            raise S3Error("InvalidArgument", "Bucket POST must contain a field named 'policy'.")
        return ANONYMOUS, None
    signer = await _of_policy(exchange, fields, encoded)
    policy = FormPolicy.parse(encoded)
    named = {**fields, "bucket": exchange.address.bucket}  # whatever a field says
    policy.check(named, datetime.now(UTC))
    return signer, policy.size_range()


async def _of_policy(exchange: Exchange, fields: dict[str, str], encoded: str) -> Signer:
    token = fields.get("x-amz-security-token")
    if "awsaccesskeyid" in fields or "signature" in fields:
        if "awsaccesskeyid" not in fields or "signature" not in fields:
            raise S3Error("InvalidArgument", "The form needs AWSAccessKeyId and signature.")
        key = await find_key(exchange.services, fields["awsaccesskeyid"], token)
        if not is_signature_2(fields["signature"], encoded, key.secret_access_key):
            raise S3Error("SignatureDoesNotMatch")
        admit(exchange.services, key)
        return Signer(key.rights, auth_type="POST")
    scope, stamp = credential_of(fields)
    check_scope(scope, stamp, exchange.services.regions, "InvalidArgument")
    key = await find_key(exchange.services, scope.access_key_id, token)
    if not is_signature(fields["x-amz-signature"], key_of(scope, key.secret_access_key), encoded):
        raise S3Error("SignatureDoesNotMatch")
    admit(exchange.services, key)
    return Signer(key.rights, auth_type="POST", stamp=stamp)


def _headers(fields: dict[str, str]) -> Headers:
    headers = []
    for name, value in fields.items():
        wanted = name in _AS_HEADERS or name.startswith(_OF_OBJECTS)
        if name == "acl":
            headers.append(("x-amz-acl", value))
        elif name == "tagging":
            headers.append(("x-amz-tagging", _tagging(value)))
        elif wanted:
            headers.append((name, value.encode().decode("latin-1")))
    if len(dict(headers)) < len(headers):  # the store might take the other
        raise S3Error("InvalidArgument", "The form has acl or tagging twice.")
    for name, value in headers:
        if not _NAME.fullmatch(name):
            raise S3Error("InvalidArgument", f"The field {name[:64]!r} is no header.")
        if any(character in name + value for character in "\r\n\0"):
            raise S3Error("InvalidArgument", f"The field {name[:64]!r} has a line break.")
    return headers


def _tagging(document: str) -> str:
    root = parse(document.encode(), "Tagging")
    return urlencode(
        [(text_of(one, "Key") or "", text_of(one, "Value") or "") for one in root.iter("Tag")]
    )


async def _store(
    exchange: Exchange, form: Form, headers: Headers, sizes: tuple[int, int] | None
) -> Reply:
    """Stream the file into the store, which keeps nothing of one that is refused at its end."""
    services = exchange.services
    low, high = sizes or (0, _MAX_FILE)
    sent = services.signer.head(
        "PUT", exchange.address.path, "", [*headers, ("Transfer-Encoding", "chunked")]
    )
    connection = await services.store.take_fresh()
    try:
        connection.prepare(sent)
        size = 0
        while piece := await form.read_file():
            size += len(piece)
            if size > high:
                raise S3Error("EntityTooLarge", ProposedSize=str(size), MaxSizeAllowed=str(high))
            await connection.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if size < low:
            raise S3Error("EntityTooSmall", ProposedSize=str(size), MinSizeAllowed=str(low))
        return await _end(connection)
    except ConnectionResetError as error:
        if exchange.connection.is_closing:
            raise
        raise S3Error("ServiceUnavailable") from error
    finally:
        services.store.give_back(connection)


async def _end(connection: StoreConnection) -> Reply:
    await connection.write(b"0\r\n\r\n")
    answer = await connection.answer()
    content = await connection.read_all(MAX_ANSWER)
    return Reply(answer.status, headers_for_client(answer), content)


def _succeeded(exchange: Exchange, named: Address, fields: dict[str, str], stored: Reply) -> Reply:
    etag = next((value for name, value in stored.headers if name.lower() == "etag"), "")
    host = exchange.request.headers.get("host", "")
    scheme = "https" if exchange.request.is_secure else "http"
    location = f"{scheme}://{host}{exchange.request.path.rstrip('/')}/{named.path.split('/', 2)[2]}"
    headers: Headers = [("ETag", etag), ("Location", location)]
    redirect = fields.get("success_action_redirect") or fields.get("redirect")
    if redirect and urlsplit(redirect).scheme in {"http", "https"}:
        query = urlencode({"bucket": named.bucket, "key": named.key, "etag": etag})
        joined = f"{redirect}{'&' if '?' in redirect else '?'}{query}"
        if not any(character in joined for character in "\r\n"):
            return Reply(303, [("ETag", etag), ("Location", joined)])
    status = fields.get("success_action_status", "204")
    if status == "201":
        inner = (
            tag("Location", location)
            + tag("Bucket", named.bucket)
            + tag("Key", named.key)
            + tag("ETag", etag)
        )
        created = xml(201, f"<PostResponse>{inner}</PostResponse>")
        created.headers += headers
        return created
    return Reply(200 if status == "200" else 204, headers)
