"""/_lensmith/objects: buckets, folders and objects, with the caller's own rights in the store.

Nothing that is sent is ever shown as a page of this server: see `_HEADERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.signed import Answer, Download, answer_signed
from lensmith.api.lensmith.upload import answer_upload
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.caller import Caller
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith import objects
from lensmith.operations.lensmith.objects import (
    StoredFile,
    on_bucket,
    on_buckets,
    on_object,
    refuse_odd_key,
)
from lensmith.operations.lensmith.upload import Upload
from lensmith.operations.lensmith.upload_batch import (
    MAX_BATCH_BYTES,
    Named,
    read_batch,
    store_batch,
)

OBJECTS_PATH = "/_lensmith/objects"
BUCKET_PATH = f"{OBJECTS_PATH}/{{bucket}}"
OBJECT_PATH = f"{BUCKET_PATH}/{{key:path}}"

_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}

Act = Callable[[Caller], Answer]


def objects_routes(service: Service) -> list[BaseRoute]:
    routes = ObjectsRoutes(service)
    return [
        Route(OBJECTS_PATH, routes.list_buckets, methods=["GET"]),
        Route(BUCKET_PATH, routes.list_objects, methods=["GET"]),
        Route(BUCKET_PATH, routes.create_bucket, methods=["PUT"]),
        Route(BUCKET_PATH, routes.put_several, methods=["POST"]),
        Route(OBJECT_PATH, routes.head, methods=["HEAD"]),
        Route(OBJECT_PATH, routes.get, methods=["GET"]),
        Route(OBJECT_PATH, routes.put, methods=["PUT"]),
        Route(OBJECT_PATH, routes.delete, methods=["DELETE"]),
    ]


class ObjectsRoutes:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def list_buckets(self, request: Request) -> Response:
        def act(caller: Caller) -> Reply:
            found = objects.list_buckets(self._service, caller)
            return Reply(200, msgspec.json.encode({"buckets": found}))

        return await self._answer(request, "ListBuckets", on_buckets("ListAllMyBuckets"), act)

    async def create_bucket(self, request: Request) -> Response:
        bucket = request.path_params["bucket"]

        def act(caller: Caller) -> Reply:
            objects.create_bucket(self._service, caller, bucket)
            return Reply(200, msgspec.json.encode({"bucket": bucket}))

        return await self._answer(request, "CreateBucket", on_bucket("CreateBucket", bucket), act)

    async def list_objects(self, request: Request) -> Response:
        bucket, query = request.path_params["bucket"], request.query_params

        def act(caller: Caller) -> Reply:
            prefix, token = query.get("prefix", ""), query.get("token")
            page = objects.list_objects(self._service, caller, bucket, prefix, token)
            return Reply(200, msgspec.json.encode(page))

        return await self._answer(request, "ListObjects", on_bucket("ListBucket", bucket), act)

    async def get(self, request: Request) -> Response:
        bucket, key = _address(request)

        def act(caller: Caller) -> Download:
            asked = request.headers.get("range")
            file = objects.open_file(self._service, caller, bucket, key, asked)
            status = 206 if file.content_range else 200
            return Download(
                key.rpartition("/")[2], file.media_type, file.parts, status, _headers(request, file)
            )

        return await self._answer(request, "GetObject", on_object("GetObject", bucket, key), act)

    async def head(self, request: Request) -> Response:
        bucket, key = _address(request)

        def act(caller: Caller) -> Reply:
            file = objects.describe_file(self._service, caller, bucket, key)
            headers = {**_headers(request, file), "Content-Type": file.media_type}
            return Reply(200, b"", headers=headers)

        return await self._answer(request, "HeadObject", on_object("GetObject", bucket, key), act)

    async def put(self, request: Request) -> Response:
        bucket, key = _address(request)
        needed = on_object("PutObject", bucket, key)
        return await answer_upload(self._service, request, needed, bucket, key)

    async def put_several(self, request: Request) -> Response:
        bucket = request.path_params["bucket"]

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            def upload_of(named: Named) -> Upload:
                needed = on_object("PutObject", bucket, named.key)
                authorise(principal, [needed], sent, self._service.settings)
                refuse_odd_key(named.key)
                caller, kind = principal.caller, named.media_type
                return Upload(self._service, caller, bucket, named.key, kind, only_new=True)

            results = store_batch(read_batch(sent.http.body), upload_of)
            return Reply(200, msgspec.json.encode({"objects": results}))

        return await answer_signed(
            self._service,
            request,
            "PutObjects",
            work,
            body_limit=MAX_BATCH_BYTES,
            is_json=False,
        )

    async def delete(self, request: Request) -> Response:
        bucket, key = _address(request)

        def act(caller: Caller) -> Reply:
            objects.delete_object(self._service, caller, bucket, key)
            return Reply(204, b"")

        needed = on_object("DeleteObject", bucket, key)
        return await self._answer(request, "DeleteObject", needed, act)

    async def _answer(
        self, request: Request, operation: str, needed: Permission, act: Act
    ) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Answer:
            authorise(principal, [needed], sent, self._service.settings)
            return act(principal.caller)

        return await answer_signed(self._service, request, operation, work)


def _address(request: Request) -> tuple[str, str]:
    return request.path_params["bucket"], request.path_params["key"]


def _headers(request: Request, file: StoredFile) -> dict[str, str]:
    kind = "attachment" if request.query_params.get("download") == "1" else "inline"
    name = quote(request.path_params["key"].rpartition("/")[2], safe="")
    headers = {
        **_HEADERS,
        "Content-Length": str(file.size),
        "Content-Disposition": f"{kind}; filename*=UTF-8''{name}",
        "ETag": f'"{file.etag}"',
        "Last-Modified": format_datetime(file.modified_at.astimezone(UTC), usegmt=True),
        "Accept-Ranges": "bytes",
    }
    if file.content_range:
        headers["Content-Range"] = file.content_range
    return headers
