"""Writes an error as S3's XML document."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.reply import Reply, xml


def error_reply(error: S3Error, path: str, request_id: str) -> Reply:
    """Return the reply for an error on a path, percent-encoded as it was sent."""
    members = {
        "Code": error.code,
        "Message": error.message,
        **error.details,
        "Resource": path,
        "RequestId": request_id,
    }
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in members.items())
    return xml(error.status, f"<Error>{inner}</Error>")
