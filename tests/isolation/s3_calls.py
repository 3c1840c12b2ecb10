"""Requests of S3's verbs, made from the gateway's table."""

from __future__ import annotations

from collections.abc import Iterator

from tests.isolation.aws_calls import Build
from tests.isolation.client import Sent
from tests.isolation.places import At

from lensmith.gateway.grammar.operation import Level, Operation
from lensmith.gateway.grammar.table import OPERATIONS

_DELETE = (
    '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>{}</Key></Object>'
    "</Delete>"
)
_FORM = (
    '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n{}\r\n'
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ndata\r\n--b--\r\n'
)


def s3_requests() -> Iterator[tuple[str, Build]]:
    for operation in OPERATIONS:
        yield f"s3:{operation.name}", _build(operation)


def _build(operation: Operation) -> Build:
    def build(at: At) -> Sent:
        path = "/" if operation.level is Level.SERVICE else f"/{at('bucket')}"
        if operation.level is Level.OBJECT:
            path += f"/{at('key')}"
        headers = {}
        if operation.with_header:
            headers["x-amz-copy-source"] = f"{at('bucket', 'source')}/{at('key', 'source')}"
        body = b"data" if operation.name in ("PutObject", "UploadPart") else b""
        if operation.name == "DeleteObjects":
            body = _DELETE.format(at("key")).encode()
        if operation.name == "PostObject":
            body = _FORM.format(at("key")).encode()
            headers["content-type"] = "multipart/form-data; boundary=b"
        return Sent("s3", operation.method, path + _query(operation, at), body, headers)

    return build


def _query(operation: Operation, at: At) -> str:
    if not operation.mark:
        return ""
    if operation.mark == "list-type":
        return "?list-type=2"
    if operation.mark == "uploadId":
        part = "partNumber=1&" if operation.name.startswith("UploadPart") else ""
        return f"?{part}uploadId={at('upload')}"
    return f"?{operation.mark}"
