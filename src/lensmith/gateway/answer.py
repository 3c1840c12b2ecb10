"""Answers a request, step after step."""

from __future__ import annotations

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.audit import audited
from lensmith.gateway.buckets.cors import headers_for_page, preflight
from lensmith.gateway.encryption import KEY_ID, choose_key, leave_to_upload, name_key
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward, forward_document
from lensmith.gateway.grammar.address import find_address
from lensmith.gateway.grammar.operation import Body, Level
from lensmith.gateway.grammar.route import find_operation, read_query, refuse_odd_ids
from lensmith.gateway.handlers import HANDLERS
from lensmith.gateway.http.connection import ClientConnection
from lensmith.gateway.http.error_reply import error_reply
from lensmith.gateway.http.reply import Headers
from lensmith.gateway.http.request import Request
from lensmith.gateway.judge import Permission, require
from lensmith.gateway.objects.existing_tags import asks_for_tags, with_tags
from lensmith.gateway.objects.unkept import refuse_unkept
from lensmith.gateway.permissions import permissions_of
from lensmith.gateway.services import JudgedBucket, Services
from lensmith.gateway.signature.hoisted import hoisted_headers, take_hoisted
from lensmith.gateway.signer import ANONYMOUS, find_signer
from lensmith.gateway.upload import forward_upload

_NO_QUERY: dict[str, str] = {}
_PARTS = frozenset({"UploadPart", "UploadPartCopy"})
_WRITES = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})


class Gateway:
    """Answers every request of every connection."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, request: Request, connection: ClientConnection) -> None:
        """Write the reply to a request; an S3Error becomes its document."""
        added: Headers = [("x-amz-request-id", request.request_id), ("Server", "Lensmith")]
        try:
            await self._answer(request, connection, added)
        except S3Error as error:
            connection.reply(request, error_reply(error, request.path, request.request_id), added)

    async def _answer(self, request: Request, connection: ClientConnection, added: Headers) -> None:
        services = self._services
        headers = request.headers
        address = find_address(headers.get("host", ""), request.path, services.hosts)
        bucket = await services.bucket(address.bucket) if address.bucket else None
        if "origin" in headers:
            await self._for_page(request, bucket, added)
        if request.method == "OPTIONS":
            rules = bucket.record.cors if bucket is not None else ()
            connection.reply(request, preflight(rules, headers), added)
            return
        query = read_query(request.query) if request.query else _NO_QUERY
        refuse_odd_ids(query)
        hoisted = hoisted_headers(query)
        asked = {**headers, **hoisted} if hoisted else headers
        operation = find_operation(request.method, address.level, query, asked)
        if address.level is Level.BUCKET and bucket is not None:
            added.append(("x-amz-bucket-region", bucket.record.region))
        if operation.name == "PostObject":  # whose fields are signed, not its headers
            signer = ANONYMOUS
        else:
            signer = await find_signer(services, request, query)
            connection.is_authenticated |= not signer.is_anonymous
            take_hoisted(headers, hoisted)
        exchange = Exchange(
            services, request, connection, operation, address, query, signer, bucket, added
        )
        with audited(exchange):
            if KEY_ID in headers and operation.name in _WRITES:
                await name_key(exchange)
            if operation.name != "PostObject":
                for permission in self._unjudged(exchange):
                    await self._judge_with_tags(exchange, permission)
            await _dispatch(exchange)

    async def _for_page(
        self, request: Request, bucket: JudgedBucket | None, added: Headers
    ) -> None:
        if bucket is not None and request.method != "OPTIONS":
            added += headers_for_page(bucket.record.cors, request.headers["origin"], request.method)

    def _unjudged(self, exchange: Exchange) -> list[Permission]:
        """Raise S3Error unless the signer may do this, and the bucket is the one it expects.

        Returns the permissions that depend on an object's tags, which are not judged yet.
        """
        services, signer = exchange.services, exchange.signer
        unjudged = []
        for permission in permissions_of(
            exchange.operation, exchange.address, exchange.query, exchange.request, exchange.bucket
        ):
            if asks_for_tags(signer, permission, exchange.address):
                unjudged.append(permission)
            else:
                require(signer, exchange.request, permission, services.region)
        if signer.is_anonymous and exchange.address.level is Level.SERVICE:
            raise S3Error("AccessDenied")
        expected = exchange.request.headers.get("x-amz-expected-bucket-owner")
        bucket = exchange.bucket
        if expected is not None and bucket is not None and expected != bucket.record.account_id:
            raise S3Error("AccessDenied")
        return unjudged

    async def _judge_with_tags(self, exchange: Exchange, permission: Permission) -> None:
        services, version = exchange.services, exchange.query.get("versionId", "")
        tagged = await with_tags(services, permission, exchange.address, version)
        require(exchange.signer, exchange.request, tagged, services.region)


async def _dispatch(exchange: Exchange) -> None:
    operation = exchange.operation
    handler = HANDLERS.get(operation.name)
    if operation.name != "CreateBucket" and exchange.address.bucket:
        _ = exchange.judged
    if operation.name in _WRITES:
        refuse_unkept(exchange.request.headers)
        await choose_key(exchange)
    elif operation.name in _PARTS:
        leave_to_upload(exchange.request.headers)
    if handler is not None:
        exchange.reply(await handler(exchange))
    elif operation.body is Body.OBJECT:
        await forward_upload(exchange)
    elif operation.body is Body.DOCUMENT:
        exchange.reply(await forward_document(exchange, await exchange.document()))
    else:
        await forward(exchange)
