"""Reads multipart/form-data while it arrives: fields first, then one file."""

from __future__ import annotations

import re
from email.message import Message

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.request import Body

_MAX_FIELDS = 64 << 10  # bytes of all fields and their heads
_BOUNDARY = re.compile(r"""multipart/form-data\s*;.*boundary=("?)([^";,\s]{1,70})\1""", re.I | re.S)


class Form:
    """The fields before the file; the file is read in pieces."""

    def __init__(self, content_type: str, body: Body) -> None:
        """Raises S3Error when the body is no form."""
        found = _BOUNDARY.match(content_type)
        if found is None:
            raise S3Error("MalformedPOSTRequest", "The body must be multipart/form-data.")
        self._delimiter = b"\r\n--" + found[2].encode("latin-1")
        self._body = body
        self._pending = b"\r\n"  # the first delimiter has no line before it
        self._size = 0
        self.fields: dict[str, str] = {}  # names in lower case
        self.file_name = ""
        self.file_type = ""

    async def read_fields(self) -> None:
        """Read up to the file's content; raises S3Error for a form without one."""
        await self._until(self._delimiter)
        while True:
            if await self._ends():
                raise S3Error(
                    "InvalidArgument", "POST requires exactly one file upload per request."
                )
            head = await self._until(b"\r\n\r\n")
            name, file_name, media_type = _described(head)
            if name.lower() == "file":
                self.file_name, self.file_type = file_name, media_type
                return
            value = await self._until(self._delimiter)
            try:
                self.fields[name.lower()] = value.decode()
            except UnicodeDecodeError as error:
                raise S3Error("MalformedPOSTRequest") from error

    async def read_file(self) -> bytes:
        """Return the next piece of the file, b"" at its end."""
        while True:
            end = self._pending.find(self._delimiter)
            if end == 0:
                await self._drop_rest()
                return b""
            if end > 0:
                return self._take(end)
            safe = len(self._pending) - len(self._delimiter)
            if safe > 0:
                return self._take(safe)
            await self._more()

    def _take(self, count: int) -> bytes:
        piece, self._pending = self._pending[:count], self._pending[count:]
        return piece

    async def _ends(self) -> bool:
        """Read what follows a delimiter; returns whether it was the last."""
        while len(self._pending) < 2:
            await self._more()
        return self._take(2) == b"--"

    async def _until(self, mark: bytes) -> bytes:
        """Return what stands before `mark`, and go on behind it."""
        while (end := self._pending.find(mark)) < 0:
            if len(self._pending) > _MAX_FIELDS:
                raise S3Error("MalformedPOSTRequest", "The form's fields are too large.")
            await self._more()
        before = self._take(end)
        self._pending = self._pending[len(mark) :]
        self._size += end
        if self._size > _MAX_FIELDS:
            raise S3Error("MalformedPOSTRequest", "The form's fields are too large.")
        return before

    async def _more(self) -> None:
        piece = await self._body.read()
        if not piece:
            raise S3Error("IncompleteBody", "The form ends before its last boundary.")
        self._pending += piece

    async def _drop_rest(self) -> None:
        while await self._body.read():
            pass


def _described(head: bytes) -> tuple[str, str, str]:
    """Return the name, file name and media type of a part."""
    message = Message()
    for line in head.decode("utf-8", "replace").split("\r\n"):
        header, colon, value = line.partition(":")
        if colon:
            message[header.strip()] = " ".join(value.split())
    name, file_name = (
        message.get_param(of, header="content-disposition") for of in ("name", "filename")
    )
    if not isinstance(name, str) or not name:
        raise S3Error("MalformedPOSTRequest")
    return name, file_name if isinstance(file_name, str) else "", message.get("content-type", "")
