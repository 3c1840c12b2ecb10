"""Bytes that are no request, or almost one."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from hypothesis import strategies as st

_METHODS = (b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"PATCH", b"\x00", b"G" * 9000, b"PRI")
_PATHS = (
    *(
        b"/",
        b"/b/k",
        b"//",
        b"/%00",
        b"/%ff%fe",
        b"/../..",
        b"*",
        b"http://else/",
        b"/" + b"a" * 70_000,
    ),
    *(
        b"/_lensmith/health",
        b"/_lensmith/session",
        b"/_lensmith/projects/a/versions/b",
        b"/b?policy",
    ),
    *(b"/service/GraniteServiceVersion20100801/operation/ListMetrics", b"/?" + b"a=b&" * 3000),
)
_VERSIONS = (b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"")
_HEADERS = (
    b"Host: 127.0.0.1",
    b"Host: else.example",
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 5, 6",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: \xb2",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: \x0bchunked",
    b"Expect: 100-continue",
    b"Upgrade: websocket",
    b"Connection: keep-alive, close",
    b"X-Amz-Target: RekognitionService.CreateProject",
    b"X-Amz-Target: \xff\xfe",
    b"Content-Type: application/x-www-form-urlencoded",
    b"Content-Type: multipart/form-data; boundary=",
    b"Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=;;, Signature=\xe9",
    b"Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request",
    b"Authorization: AWS a:b",
    b"Authorization: \x00",
    b"X-Amz-Date: 99999999T999999Z",
    b"X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    b"X-Amz-Decoded-Content-Length: 9" + b"9" * 40,
    b"Cookie: lensmith_session=\xff",
    b"X-Forwarded-For: \x00, ::1",
    b"Range: bytes=" + b"0-1," * 2000,
    b"no colon",
    b": no name",
    b" folded",
    b"a\0b: c",
    b"A: " + b"x" * 90_000,
)
_BODIES = (
    b"",
    b"{}",
    b"Action=ListUsers&Version=2010-05-08",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"-5\r\nx\r\n",
    b"5;a=b\r\nhel",
    b"\xff" * 3000,
    b"<" * 5000,
)
_WHOLE = (
    b"",
    b"\r\n" * 500,
    b"\0" * 500,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x55" * 40,  # TLS
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n",
)


def raw_requests() -> st.SearchStrategy[bytes]:
    """Draw what a client writes before it closes its side."""
    made = st.builds(
        _written,
        st.sampled_from(_METHODS),
        st.sampled_from(_PATHS),
        st.sampled_from(_VERSIONS),
        st.lists(st.sampled_from(_HEADERS), max_size=5),
        st.one_of(st.sampled_from(_BODIES), st.binary(max_size=200)),
        st.sampled_from((b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r")),
    )
    cut = st.tuples(made, st.integers(0, 400)).map(lambda pair: pair[0][: pair[1]])
    twice = st.tuples(made, made).map(b"".join)
    return st.one_of(made, made, cut, twice, st.sampled_from(_WHOLE), st.binary(max_size=300))


def _written(
    method: bytes, path: bytes, version: bytes, headers: Iterable[bytes], body: bytes, end: bytes
) -> bytes:
    lines = [b" ".join((method, path, version)), *headers]
    return end.join(lines) + end + end + body


def statuses(port: int, written: bytes) -> list[int]:
    """Write the bytes, close that side, and return the statuses of all answers."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(written)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(1 << 16):
                received += part
        except TimeoutError:
            raise
        except OSError:
            pass  # it closed before it had read all
    lines = [line for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.")]
    return [int(line.split()[1]) for line in lines]
