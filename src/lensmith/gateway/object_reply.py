"""Answers GetObject: the store's bytes go on as they come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import structlog

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.http.error_reply import error_reply
from lensmith.gateway.http.object_stream import ObjectStream
from lensmith.gateway.http.reply import Headers
from lensmith.gateway.object_head import ObjectHead, object_head
from lensmith.gateway.object_reading import Feed, ObjectReading
from lensmith.gateway.store_call import REQUEST_ID

log = structlog.get_logger(__name__)

Otherwise = Callable[[Exchange, str, Headers], Awaitable[None]]


class ObjectReply:
    """A reply under way: what the store answers goes to the client.

    Of an object in memory the store is asked for the head, and its body comes from memory if that
    head names it.
    """

    def __init__(
        self,
        exchange: Exchange,
        query: str,
        headers: Headers,
        client: socket.socket,
        otherwise: Otherwise,
    ) -> None:
        """`query` and `headers` are for the store; `otherwise` answers what is no plain object."""
        self._exchange = exchange
        self._connection = exchange.connection
        self._query = query
        self._headers = headers
        self._client = client
        self._otherwise = otherwise
        path, cache = exchange.address.path, exchange.services.cache
        self._reading = ObjectReading(cache, path, query, headers)

    def ask(self, stream: ObjectStream) -> None:
        """Ask the store for the object; its answer becomes the reply when it comes."""
        self._connection.reply_goes_on()
        self._stream = stream
        self._connection.abandoned = stream.close
        stream.ask(self._request(), self._answered)

    def _request(self) -> bytes:
        self._method = self._reading.method
        signer, path = self._exchange.services.signer, self._exchange.address.path
        return signer.head(self._method, path, self._query, self._headers)

    def _answered(self, head: bytes, first: memoryview) -> None:
        try:
            if self._stream.was_silent:
                self._refuse(S3Error("ServiceUnavailable"))
                self._connection.finish()
            elif not self._pass_on(head, first):
                self._connection.abandoned = None
                self._stream.close()
                self._task = asyncio.get_running_loop().create_task(self._answer_otherwise())
        except Exception as error:  # a connection's edge
            log.exception("request failed", error=str(error))
            self._end(is_whole=False)

    async def _answer_otherwise(self) -> None:
        try:
            if not self._connection.is_closing:
                await self._otherwise(self._exchange, self._query, self._headers)
        except S3Error as error:
            self._refuse(error)
        except ConnectionError:
            self._connection.transport.abort()
        except Exception as error:  # a connection's edge
            log.exception("request failed", error=str(error))
            self._connection.transport.abort()
        self._connection.finish()

    def _refuse(self, error: S3Error) -> None:
        request = self._exchange.request
        self._exchange.reply(error_reply(error, request.path, request.request_id))

    def _pass_on(self, head: bytes, first: memoryview) -> bool:
        """Begin to pass on an object; False when it needs more than that."""
        found = object_head(head)
        if found is None:
            return False
        if self._method == "GET":
            self._write(found, first, self._reading.begin_copy(found))
            return True
        body = self._reading.body(found)
        if body is not None:
            self._write(found, memoryview(body), None)
        else:
            self._stream.ask(self._request(), self._answered)
        return True

    def _write(self, found: ObjectHead, first: memoryview, copy: Feed | None) -> None:
        status, length, lines, _, _ = found
        left = 0
        if status != 304:
            lines.append(b"Content-Length: %d" % length)
            left = length - len(first)
        if left < 0:
            raise ValueError("the store sends more than it said")
        added = "".join(
            [
                f"\r\n{name}: {value}"
                for name, value in self._exchange.added
                if status < 400 or name != REQUEST_ID
            ]
        )
        written = b"%b%b\r\n\r\n" % (b"\r\n".join(lines), added.encode("latin-1"))
        stalled = self._connection.stalled
        self._stream.pass_on(written, first, left, self._client, stalled, self._passed_on, copy)

    def _passed_on(self, is_whole: bool) -> None:
        self._end(is_whole=is_whole)

    def _end(self, *, is_whole: bool) -> None:
        self._connection.abandoned = None
        self._reading.end_copy()
        if is_whole:
            self._exchange.services.store.give_back_stream(self._stream)
        else:
            self._stream.close()
            self._connection.transport.abort()
        self._connection.finish()
