"""Hands a request on to the store and its answer back, both while they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from lensmith.domain.audit_event import DataEvents
from lensmith.gateway.encryption import refuse_undecryptable
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.full_disk import refuse_full_disk
from lensmith.gateway.http.reply import Headers, Reply, head
from lensmith.gateway.http.store_connection import Sink, StoreAnswer, StoreConnection
from lensmith.gateway.object_head import object_head
from lensmith.gateway.object_reading import ObjectReading
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
    query, headers = query_for_store(exchange), headers_for_store(exchange)
    if exchange.operation.name != "GetObject":
        await _forward(exchange, query, headers)
        return
    services = exchange.services
    client = None if _is_recorded(services) else exchange.connection.raw_socket()
    if client is None:
        await _forward_object(exchange, query, headers)
        return
    stream = services.store.idle_stream() or await services.store.open_stream()
    ObjectReply(exchange, query, headers, client, _forward).ask(stream)


async def _forward_object(exchange: Exchange, query: str, headers: Headers) -> None:
    """As ObjectReply, where the client's socket cannot be written to, or an event is recorded."""
    services, path = exchange.services, exchange.address.path
    reading = ObjectReading(services.cache, path, query, headers)
    if reading.method == "HEAD":
        sent = services.signer.head("HEAD", path, query, headers)
        connection, answer = await ask_store(services, sent, head_only=True)
        services.store.give_back(connection)
        found = object_head(answer.raw)
        body = None if found is None else reading.body(found)
        if body is not None:
            exchange.reply(Reply(answer.status, headers_for_client(answer), body))
            return
    await _forward(exchange, query, headers, reading)


def _is_recorded(services: Services) -> bool:
    """Return whether an event is recorded at the end of each reply with an object."""
    return services.audit is not None and services.audit.keeps(DataEvents.OBJECTS)


async def _forward(
    exchange: Exchange, query: str, headers: Headers, reading: ObjectReading | None = None
) -> None:
    services, method = exchange.services, exchange.request.method
    sent = services.signer.head(method, exchange.address.path, query, headers)
    head_only = method == "HEAD"
    pauses = (*_PAUSES, None) if method in {"GET", "HEAD"} else (None,)
    for pause in pauses:
        connection, answer = await ask_store(services, sent, head_only=head_only)
        try:
            if exchange.operation.name == "GetObject":
                await refuse_undecryptable(exchange, answer)
            if pause is None or answer.status < 500:
                await _stream(exchange, connection, answer, reading)
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


async def _stream(
    exchange: Exchange,
    connection: StoreConnection,
    answer: StoreAnswer,
    reading: ObjectReading | None,
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
    if exchange.request.method == "HEAD" or not answer.length:
        return
    sink = _copying(client.transport.write, answer, reading)
    client.abandoned = connection.close
    client.on_pause = connection.pause
    try:
        await client.drain()
        await connection.relay(sink)
    finally:
        client.abandoned = client.on_pause = None
        if reading is not None:
            reading.end_copy()


def _copying(sink: Sink, answer: StoreAnswer, reading: ObjectReading | None) -> Sink:
    """Return a sink that copies, too, where the object is to be in memory."""
    found = None if reading is None else object_head(answer.raw)
    feed = None if reading is None or found is None else reading.begin_copy(found)
    if feed is None:
        return sink

    def both(piece: bytes) -> None:
        feed(piece)
        sink(piece)

    return both
