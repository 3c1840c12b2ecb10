"""Forms that arrive in pieces; the oracle of a whole one is httpx2, which writes it."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.request import Body
from lensmith.gateway.objects.form import Form

TYPE = 'multipart/form-data; boundary="b"'
FIELD = b'--b\r\nContent-Disposition: form-data; name="Key"\r\n\r\nup/a\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
FILE += b"Content-Type: image/jpeg\r\n\r\ndata\r\n--b--\r\n"


def body_of(*pieces: bytes) -> Body:
    body = Body(None, lambda: None, lambda: None)
    for piece in pieces:
        body.feed(piece)
    body.end()
    return body


async def read(content_type: str, *pieces: bytes) -> tuple[Form, bytes]:
    form = Form(content_type, body_of(*pieces))
    await form.read_fields()
    file = b""
    while piece := await form.read_file():
        file += piece
    return form, file


def code_of(content_type: str, *pieces: bytes) -> str:
    with pytest.raises(S3Error) as raised:
        asyncio.run(read(content_type, *pieces))
    return raised.value.code


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_form_is_read_in_whatever_pieces_it_arrives(size: int) -> None:
    content = b"\r\n--b almost" * 20
    files = {"file": ("ü.jpg", content, "image/jpeg")}
    request = httpx2.Request("POST", "http://localhost", data={"Key": "up"}, files=files)
    sent = request.read()
    pieces = [sent[start : start + size] for start in range(0, len(sent), size)]
    form, file = asyncio.run(read(request.headers["Content-Type"], *pieces))
    assert form.fields == {"key": "up"}
    assert file == content
    assert form.file_type == "image/jpeg"


def test_what_comes_after_the_file_is_dropped() -> None:
    form, file = asyncio.run(read(TYPE, FIELD, FILE, b"more"))
    assert (form.fields, form.file_name, file) == ({"key": "up/a"}, "a.jpg", b"data")


@pytest.mark.parametrize(
    ("content_type", "sent", "code"),
    [
        ("application/json", b"{}", "MalformedPOSTRequest"),
        (TYPE, FIELD + b"--b--\r\n", "InvalidArgument"),
        (TYPE, FIELD, "IncompleteBody"),
        (TYPE, b"--b", "IncompleteBody"),
        (TYPE, FIELD.replace(b"up/a", b"\xff"), "MalformedPOSTRequest"),
        (TYPE, FIELD.replace(b'name="Key"', b"name"), "MalformedPOSTRequest"),
        (TYPE, FIELD.replace(b"up/a", bytes(70_000)), "MalformedPOSTRequest"),
        (TYPE, b"--b" + bytes(70_000), "MalformedPOSTRequest"),
    ],
)
def test_a_body_that_is_no_form(content_type: str, sent: bytes, code: str) -> None:
    assert code_of(content_type, sent + (FIELD if code == "MalformedPOSTRequest" else b"")) == code
