"""Hands a request on to the store and its answer back, both while they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from lensmith.domain.audit_event import DataEvents
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.checksum import Checksums, trailer_length
from lensmith.gateway.encryption import refuse_undecryptable
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.full_disk import refuse_full_disk
from lensmith.gateway.http.reply import Headers, Reply, head
from lensmith.gateway.http.store_connection import StoreAnswer, StoreConnection
from lensmith.gateway.object_reply import ObjectReply
from lensmith.gateway.services import Services
from lensmith.gateway.store_call import (
    MAX_ANSWER,
    ask_store,
    call_store,
    canonical,
    headers_for_client,
)

_SENT_ON = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-language",
        "content-md5",
        "content-type",
        "expires",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "range",
    }
)
_PAUSES = (0.2, 0.4, 0.8)  # seconds

_KEPT_BACK = frozenset(
    {
        "x-amz-acl",
        "x-amz-content-sha256",
        "x-amz-copy-source",
        "x-amz-date",
        "x-amz-decoded-content-length",
        "x-amz-expected-bucket-owner",
        "x-amz-security-token",
        "x-amz-source-expected-bucket-owner",
        "x-amz-trailer",
        "x-amz-user-agent",
    }
)


def headers_for_store(exchange: Exchange, further: Iterable[tuple[str, str]] = ()) -> Headers:
    """Return the headers of a request that the store is to know."""
    sent = [
        (name, value)
        for name, value in exchange.request.headers.items()
        if name in _SENT_ON
        or (name.startswith("x-amz-") and name not in _KEPT_BACK and "-grant-" not in name)
    ]
    coding = exchange.request.headers.get("content-encoding")
    if coding:
        left = [part for part in coding.split(",") if part.strip().lower() != "aws-chunked"]
        if left:
            sent.append(("content-encoding", ",".join(left)))
    return [*sent, *further]


def query_for_store(exchange: Exchange) -> str:
    """Return the parameters that the operation has, canonical."""
    names = exchange.operation.query
    given = exchange.query
    if not names or not given:
        return ""
    return canonical({name: given[name] for name in names if name in given})


async def forward(exchange: Exchange) -> None:
    """Stream a request without a body, and its answer.

    Reading is tried again after an error of the store, which after a start answers before all of
    its objects are there.
    """
    services, method = exchange.services, exchange.request.method
    sent = services.signer.head(
        method, exchange.address.path, query_for_store(exchange), headers_for_store(exchange)
    )
    if exchange.operation.name == "GetObject" and not _is_recorded(services):
        client = exchange.connection.raw_socket()
        if client is not None:
            stream = services.store.idle_stream() or await services.store.open_stream()
            ObjectReply(exchange, sent, client, _forward).ask(stream)
            return
    await _forward(exchange, sent)


def _is_recorded(services: Services) -> bool:
    """Return whether an event is recorded at the end of each reply with an object."""
    return services.audit is not None and services.audit.keeps(DataEvents.OBJECTS)


async def _forward(exchange: Exchange, sent: bytes) -> None:
    services, method = exchange.services, exchange.request.method
    head_only = method == "HEAD"
    pauses = (*_PAUSES, None) if method in {"GET", "HEAD"} else (None,)
    for pause in pauses:
        connection, answer = await ask_store(services, sent, head_only=head_only)
        try:
            if exchange.operation.name == "GetObject":
                await refuse_undecryptable(exchange, answer)
            if pause is None or answer.status < 500:
                await _stream(exchange, connection, answer, head_only=head_only)
                return
            await connection.read_all(MAX_ANSWER)
        finally:
            services.store.give_back(connection)
        await asyncio.sleep(pause)


async def forward_document(
    exchange: Exchange, document: bytes, further: Iterable[tuple[str, str]] = ()
) -> Reply:
    """Send the request with a small body and return the answer whole."""
    headers = headers_for_store(exchange, [("Content-Length", str(len(document))), *further])
    reply = await call_store(
        exchange.services,
        exchange.request.method,
        exchange.address,
        query_for_store(exchange),
        headers,
        document,
    )
    if reply.status >= 500:
        refuse_full_disk(exchange.services.settings)
    return reply


async def forward_upload(exchange: Exchange) -> None:
    """Stream the object in a request's body into the store.

    The last bytes wait until the body turned out to be what was signed: of a false one nothing
    is kept.
    """
    length = exchange.body_length()
    checksums = Checksums(exchange.request.headers)
    trailer = checksums.trailer if trailer_length(checksums.trailer) is not None else ""
    framing, further, payload = _framing(length, trailer)
    headers = headers_for_store(exchange, further)
    services = exchange.services
    sent = services.signer.head(
        exchange.request.method, exchange.address.path, query_for_store(exchange), headers, payload
    )
    connection = await services.store.take_fresh()
    try:
        connection.prepare(sent + framing)
        reply = await _uploaded(exchange, connection, checksums, length)
    finally:
        services.store.give_back(connection)
    exchange.reply(reply)


async def _uploaded(
    exchange: Exchange, connection: StoreConnection, checksums: Checksums, length: int
) -> Reply:
    try:
        trailers = await _send_body(exchange, connection, checksums, length)
        trailer = checksums.trailer
        if trailer_length(trailer) is not None:
            end = "\r\n0" if length else "0"
            await connection.write(f"{end}\r\n{trailer}:{trailers[trailer]}\r\n\r\n".encode())
        elif not length:
            await connection.write(b"")
    except ConnectionResetError as error:
        if exchange.connection.is_closing:
            raise
        if not connection.has_answered:
            raise S3Error("ServiceUnavailable") from error
    try:
        answer = await connection.answer()
        content = await connection.read_all(MAX_ANSWER)
    except ConnectionResetError as error:
        raise S3Error("ServiceUnavailable") from error
    if answer.status >= 500:
        refuse_full_disk(exchange.services.settings)
    return Reply(answer.status, headers_for_client(answer), content)


async def _stream(
    exchange: Exchange, connection: StoreConnection, answer: StoreAnswer, *, head_only: bool
) -> None:
    client = exchange.connection
    exchange.status = answer.status
    if client.is_closing:
        raise ConnectionResetError("the client went away")
    headers = headers_for_client(answer)
    headers += exchange.added_to(headers)
    if answer.length is None:
        content = await connection.read_all(MAX_ANSWER)
        headers.append(("Content-Length", str(len(content))))
        client.transport.write(head(answer.status, headers) + content)
        return
    if answer.status not in {204, 304}:
        headers.append(("Content-Length", str(answer.length)))
    client.transport.write(head(answer.status, headers))
    if head_only or not answer.length:
        return
    client.abandoned = connection.close
    client.on_pause = connection.pause
    try:
        await client.drain()
        await connection.relay(client.transport.write)
    finally:
        client.abandoned = client.on_pause = None


def _framing(length: int, trailer: str) -> tuple[bytes, Headers, str]:
    """Return what stands before the body, headers, and the word for the payload.

    A trailer travels in one chunk, whose length with all around it is known beforehand.
    """
    if not trailer:
        return b"", [("Content-Length", str(length))], "UNSIGNED-PAYLOAD"
    first = f"{length:x}\r\n".encode() if length else b""
    size = trailer_length(trailer)
    assert size is not None
    around = len(first) + len(f"0\r\n{trailer}:\r\n\r\n") + (2 if length else 0) + size
    headers = [
        ("Content-Length", str(length + around)),
        ("x-amz-decoded-content-length", str(length)),
        ("x-amz-trailer", trailer),
    ]
    return first, headers, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


async def _send_body(
    exchange: Exchange, connection: StoreConnection, checksums: Checksums, length: int
) -> dict[str, str]:
    decoder = exchange.decoder()
    body = exchange.request.body
    arrived = 0
    waiting = b""
    while piece := await body.read():
        data = decoder.feed(piece)
        if not data:
            continue
        arrived += len(data)
        if arrived > length:
            raise S3Error("InvalidRequest", "The body is longer than was declared.")
        checksums.update(data)
        if waiting:
            await connection.write(waiting)
        waiting = data
    decoder.finish()
    if arrived < length:
        raise S3Error("IncompleteBody")
    checksums.check(decoder.trailers)
    if waiting:
        await connection.write(waiting)
    return decoder.trailers
