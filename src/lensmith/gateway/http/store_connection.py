"""A connection to the object store, over its Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import httptools

from lensmith.domain.s3_errors import S3Error

_HIGH_WATER = 512 << 10  # bytes of an answer that wait to be read
_READS = (b"GET ", b"HEAD ")

T = TypeVar("T")
Sink = Callable[[bytes], None]


class Patience(NamedTuple):
    """Seconds for which the store may be silent: when it reads, and when it writes or copies.

    The first is less than the 60 s after which SDKs give up, so that they see the error.
    """

    reading: float = 50.0
    writing: float = 300.0


class StoreAnswer:
    """Status and headers of the store's answer; names as the store writes them."""

    __slots__ = ("headers", "length", "raw", "status")

    def __init__(
        self, raw: bytes, status: int, headers: list[tuple[str, str]], length: int | None
    ) -> None:
        self.raw = raw  # the head as it came, without the empty line at its end
        self.status = status
        self.headers = headers
        self.length = length  # None when the body is chunked

    def header(self, name: str) -> str | None:
        """Return a header; `name` in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


class StoreConnection(asyncio.Protocol):
    """Sends one request at a time and reads its answer.

    Pieces of the answer's body go to a sink as they arrive, or wait in bounded memory.
    """

    _answer: asyncio.Future[StoreAnswer] | None
    _done: asyncio.Future[None] | None
    _sink: Sink | None
    _held: list[bytes]

    def __init__(self, lost: Callable[[StoreConnection], None], patience: Patience) -> None:
        self._lost = lost
        self._patience = patience
        self.is_open = False
        self.used = False  # has answered before
        self.idle_since = 0.0
        self._drained: asyncio.Future[None] | None = None
        self._reset()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(1 << 20)
        self._loop = asyncio.get_running_loop()
        self.is_open = True

    def connection_lost(self, _: Exception | None) -> None:
        self.is_open = False
        self._lost(self)
        error = ConnectionResetError("the store closed the connection")
        for waiting in (self._answer, self._done, self._drained):
            if waiting is not None and not waiting.done():
                waiting.set_exception(error)
                waiting.exception()

    def pause_writing(self) -> None:
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def data_received(self, data: bytes) -> None:
        self._heard += 1
        if self._parser is not None:
            self._parser.feed_data(data)
        elif self._left:
            self._body_piece(data)
        else:
            self._head_piece(data)

    # requests

    def send(self, head: bytes, *, without_body: bool = False) -> None:
        """Begin a request; `without_body` is for HEAD, whose answer has no body."""
        self.prepare(head)
        self._bodiless = without_body
        if head.startswith(_READS):
            self._seconds = self._patience.reading
        self.transport.write(head)
        self._prepared = b""

    def prepare(self, head: bytes) -> None:
        """Begin a request whose head goes with the first piece of its body.

        A head alone, whose connection is then closed, would make the store keep an empty object.
        """
        self._reset()
        self._answer = self._loop.create_future()
        self._done = self._loop.create_future()
        self._prepared = head

    async def write(self, data: bytes) -> None:
        """Send a piece of the request's body; raises S3Error when the store takes none."""
        if not self.is_open:
            raise ConnectionResetError("the store closed the connection")
        self.transport.write(self._prepared + data if self._prepared else data)
        self._prepared = b""
        if self._drained is not None:
            await self._patiently(self._drained)

    @property
    def has_answered(self) -> bool:
        return self._answer is not None and self._answer.done()

    async def answer(self) -> StoreAnswer:
        """Wait for the head of the answer; raises S3Error when it does not come."""
        assert self._answer is not None
        return await self._patiently(self._answer)

    async def relay(self, sink: Sink) -> None:
        """Hand the body to `sink` as it arrives, until its end.

        Raises ConnectionResetError when the store closes the connection or falls silent.
        """
        assert self._done is not None
        self._sink = sink
        held, self._held, self._held_bytes = self._held, [], 0
        for piece in held:
            sink(piece)
        if not self._is_paused:  # by the sink, which had enough of what was held
            self.transport.resume_reading()
        while not self._done.done():
            heard = self._heard
            await asyncio.wait((self._done,), timeout=self._seconds)
            if heard == self._heard and not self._is_paused and not self._done.done():
                self.close()
                raise ConnectionResetError("the store fell silent")
        self._done.result()

    async def read_all(self, limit: int) -> bytes:
        """Return the whole body of at most `limit` bytes; raises S3Error when it is longer."""
        pieces: list[bytes] = []
        size = 0

        def keep(piece: bytes) -> None:
            nonlocal size
            size += len(piece)
            if size <= limit:
                pieces.append(piece)

        await self.relay(keep)
        if size > limit:
            raise S3Error("InternalError")
        return b"".join(pieces)

    def pause(self, paused: bool) -> None:
        """Stop or go on reading the answer, as fast as its reader takes it."""
        self._is_paused = paused
        self._heard += 1  # what it had no occasion to say is not silence
        if self.is_open:
            (self.transport.pause_reading if paused else self.transport.resume_reading)()

    @property
    def is_idle(self) -> bool:
        """Whether a next request may be sent."""
        if self._prepared:  # nothing of the last one was sent
            return True
        return self._done is not None and self._done.done() and not self._closes

    def close(self) -> None:
        self.is_open = False
        self.transport.abort()

    async def _patiently(self, waiting: asyncio.Future[T]) -> T:
        # No asyncio.timeout: the caller may run in no task (`eager`).
        if not waiting.done():
            await asyncio.wait((waiting,), timeout=self._seconds)
        if not waiting.done():
            self.close()
            raise S3Error("ServiceUnavailable")
        return waiting.result()

    # answers

    def _reset(self) -> None:
        self._prepared = b""
        self._head = b""
        self._left = 0
        self._parser: httptools.HttpResponseParser | None = None
        self._sink = None
        self._held = []
        self._held_bytes = 0
        self._closes = False
        self._bodiless = False
        self._is_paused = False
        self._heard = 0  # grows with what arrives
        self._seconds = self._patience.writing
        self._answer = None
        self._done = None

    def _head_piece(self, data: bytes) -> None:
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return
        whole, self._head = self._head, b""
        answer = parse_answer(whole[:end])
        rest = whole[end + 4 :]
        if answer.status < 200:  # 100 Continue
            if rest:
                self._head_piece(rest)
            return
        self._closes = (answer.header("connection") or "").lower() == "close"
        self._begin_body(answer, whole, rest)

    def _begin_body(self, answer: StoreAnswer, whole: bytes, rest: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nothing was asked
            return
        self._answer.set_result(answer)
        if self._bodiless or answer.status in {204, 304}:
            self._finish()
        elif answer.length is None:
            self._parser = httptools.HttpResponseParser(_Chunked(self._body_bytes, self._finish))
            self._parser.feed_data(whole)
        elif answer.length == 0:
            self._finish()
        else:
            self._left = answer.length
            if rest:
                self._body_piece(rest)

    def _body_piece(self, data: bytes) -> None:
        self._left -= len(data)
        self._body_bytes(data)
        if self._left <= 0:
            self._finish()

    def _body_bytes(self, data: bytes) -> None:
        if self._sink is not None:
            self._sink(data)
            return
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > _HIGH_WATER:
            self.transport.pause_reading()

    def _finish(self) -> None:
        self._left = 0
        self._parser = None
        self.used = True
        if self._done is not None and not self._done.done():
            self._done.set_result(None)


class _Chunked:
    """Callbacks of httptools for a chunked body."""

    def __init__(self, piece: Sink, end: Callable[[], None]) -> None:
        self.on_body = piece
        self.on_message_complete = end


def parse_answer(head: bytes) -> StoreAnswer:
    """Parse the head of an answer, without the empty line at its end."""
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers: list[tuple[str, str]] = []
    length: int | None = 0
    for line in lines:
        name, _, value = line.partition(": ")
        lowered = name.lower()
        if lowered == "content-length":
            length = int(value)
        elif lowered == "transfer-encoding":
            length = None
        headers.append((name, value))
    return StoreAnswer(head, int(status_line[9:12]), headers, length)
