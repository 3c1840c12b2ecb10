"""Hands an object on to the store while it arrives."""

from __future__ import annotations

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.checksum import Checksums, trailer_length
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import headers_for_store, query_for_store
from lensmith.gateway.full_disk import refuse_full_disk
from lensmith.gateway.http.reply import Headers, Reply
from lensmith.gateway.http.store_connection import StoreConnection
from lensmith.gateway.store_call import MAX_ANSWER, headers_for_client


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
