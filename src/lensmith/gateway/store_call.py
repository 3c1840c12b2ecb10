"""Calls to the store whose answer is read whole."""

from __future__ import annotations

from collections.abc import Iterable

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.address import Address
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.http.reply import Headers, Reply
from lensmith.gateway.http.store_connection import StoreAnswer, StoreConnection
from lensmith.gateway.http.store_request import encoded
from lensmith.gateway.services import Services

REQUEST_ID = "x-amz-request-id"  # the store's own stands in the document of its error
MAX_ANSWER = 16 << 20  # bytes of an XML answer
_DROPPED = frozenset(
    {"connection", "content-length", "server", "transfer-encoding", "vary", REQUEST_ID}
)


async def call_store(
    services: Services,
    method: str,
    named: Address,
    query: str = "",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
) -> Reply:
    """Send a request with a small body and return the answer; raises S3Error without one."""
    sent = services.signer.head(method, named.path, query, headers) + body
    connection, answer = await ask_store(services, sent, head_only=method == "HEAD")
    try:
        content = await connection.read_all(MAX_ANSWER)
    except ConnectionResetError as error:
        raise S3Error("ServiceUnavailable") from error
    finally:
        services.store.give_back(connection)
    return Reply(answer.status, headers_for_client(answer), content)


async def ask_store(
    services: Services, sent: bytes, *, head_only: bool
) -> tuple[StoreConnection, StoreAnswer]:
    """Send a whole request, again on a new connection where an idle one was closed meanwhile."""
    connection = await services.store.take()
    was_used = connection.used
    connection.send(sent, without_body=head_only)
    try:
        return connection, await connection.answer()
    except ConnectionResetError as error:
        if not was_used:
            raise S3Error("ServiceUnavailable") from error
    connection = await services.store.open()
    connection.send(sent, without_body=head_only)
    try:
        return connection, await connection.answer()
    except ConnectionResetError as error:
        raise S3Error("ServiceUnavailable") from error


async def require_object(services: Services, named: Address, version: str) -> None:
    """Raise S3Error unless there is such an object."""
    query = canonical({"versionId": version} if version else {})
    reply = await call_store(services, "HEAD", named, query)
    if reply.status == 404:
        raise S3Error("NoSuchKey", Key=named.key)
    if reply.status != 200:
        raise S3Error("InvalidArgument" if reply.status < 500 else "ServiceUnavailable")


def canonical(query: Query) -> str:
    """Write parameters encoded and sorted."""
    return "&".join([f"{encoded(name)}={encoded(query[name])}" for name in sorted(query)])


def headers_for_client(answer: StoreAnswer) -> Headers:
    """Return the headers of an answer that a client is to see."""
    is_error = answer.status >= 400
    return [
        (name, value)
        for name, value in answer.headers
        if is_for_client(lowered := name.lower()) or (is_error and lowered == REQUEST_ID)
    ]


def is_for_client(name: str) -> bool:
    """Return whether a client is to see a header of the store; `name` in lower case."""
    return name not in _DROPPED and not name.startswith(("access-control-", "seaweed-"))
