"""A request as received, and its body, read while it arrives."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.proxies import Client

HIGH_WATER = 512 << 10  # bytes of a body that wait to be read
PAUSE_SECONDS = 60.0  # of a client in the middle of a body


class Body:
    """The bytes after a head. `read` gives them in pieces, and pauses the client in between."""

    def __init__(self, length: int | None, resume: Callable[[], None], begin: Callable[[], None]):
        """`length` is None for a chunked body; `begin` is called at the first read."""
        self.length = length
        self.complete = False
        self.begun = False
        self.held = 0
        self._pieces: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._broken = False
        self._resume = resume
        self._begin = begin

    async def read(self) -> bytes:
        """Return the next piece, b"" at the end.

        Raises ConnectionResetError when the client went away, S3Error after a pause of a minute.
        """
        if not self.begun:
            self.begun = True
            self._begin()
        while not self._pieces:
            if self.complete:
                return b""
            if self._broken:
                raise ConnectionResetError("the client went away")
            await self._next()
        piece = self._pieces.popleft()
        self.held -= len(piece)
        if self.held < HIGH_WATER // 2:
            self._resume()
        return piece

    async def read_all(self, limit: int) -> bytes:
        """Return the whole body; raises S3Error when it is larger than `limit` bytes."""
        pieces: list[bytes] = []
        size = 0
        while piece := await self.read():
            size += len(piece)
            if size > limit:
                raise S3Error("EntityTooLarge", f"The body may have {limit} bytes.")
            pieces.append(piece)
        return b"".join(pieces)

    def feed(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self.held += len(piece)
        self._wake()

    def end(self) -> None:
        self.complete = True
        self._wake()

    def break_off(self) -> None:
        self._broken = True
        self._wake()

    async def _next(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._waiting
        except TimeoutError as error:
            raise S3Error("RequestTimeout") from error
        finally:
            self._waiting = None

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class _NoBody(Body):
    """The body of every request without one."""

    def __init__(self) -> None:
        super().__init__(0, lambda: None, lambda: None)
        self.complete = True

    def end(self) -> None:
        pass

    def break_off(self) -> None:
        pass


NO_BODY: Body = _NoBody()


@dataclass(slots=True)
class Request:
    """The head of a request, and its body."""

    method: str
    path: str  # as sent, percent-encoded
    query: str  # as sent
    headers: dict[str, str]  # names in lower case; the values of one name joined by commas
    body: Body
    client: Client
    request_id: str

    def header(self, name: str) -> str | None:
        """Return a header; `name` in lower case."""
        return self.headers.get(name)

    @property
    def is_secure(self) -> bool:
        """Whether the client used TLS up to a trusted proxy."""
        return self.client.is_secure
