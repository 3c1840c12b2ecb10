"""…/datasets/{type}/images: a page of a gallery; …/entries: what a person labelled; …/origins.

GET images takes `offset`, `limit`, `label` (several: any of them), `labeled`, `errors`, `name`
(part of the file name), `source_ref` and `order=line`. With `after` (`start`, then `next` of the
page before) it looks through a bounded number of images instead of counting all.

POST entries takes `{"request_id", "changes"}`; a request that comes again is answered as the first
time and changes nothing.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.lensmith.dataset import (
    DATASET_PATH,
    LARGE_BODY_LIMIT,
    answer_on_dataset,
    number,
    read_body_as,
)
from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import InvalidParameterException
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.dataset_origins import DatasetOrigins, count_origins
from lensmith.operations.lensmith.entry_changes import Change, save_changes
from lensmith.operations.lensmith.images import MAX_IMAGES, ImagePage, ImageQuery, find_images
from lensmith.store.records.image_page import ImageFilter

_PARAMETERS = frozenset(
    {"offset", "limit", "label", "labeled", "errors", "name", "source_ref", "order", "after"}
)
_BOOLEANS = {"true": True, "false": False}


class Changes(Struct):
    request_id: UUID
    changes: list[Change]


def images_routes(service: Service) -> list[BaseRoute]:
    routes = ImagesRoutes(service)
    return [
        Route(f"{DATASET_PATH}/images", routes.images, methods=["GET"]),
        Route(f"{DATASET_PATH}/entries", routes.entries, methods=["POST"]),
        Route(f"{DATASET_PATH}/origins", routes.origins, methods=["GET"]),
    ]


class ImagesRoutes:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def images(self, request: Request) -> Response:
        def answered(_: Call, dataset: Dataset) -> ImagePage:
            return find_images(self._service, dataset, image_query(request.query_params))

        return await answer_on_dataset(
            self._service, request, "ListImages", "ListDatasetEntries", answered
        )

    async def origins(self, request: Request) -> Response:
        def answered(_: Call, dataset: Dataset) -> DatasetOrigins:
            return count_origins(self._service, dataset)

        return await answer_on_dataset(
            self._service, request, "GetDatasetOrigins", "ListDatasetEntries", answered
        )

    async def entries(self, request: Request) -> Response:
        def answered(call: Call, dataset: Dataset) -> bytes:
            given = read_body_as(call.request["body"], Changes)
            request_id = str(given.request_id)
            return save_changes(self._service, call, dataset, request_id, given.changes)

        return await answer_on_dataset(
            self._service,
            request,
            "SaveEntries",
            "UpdateDatasetEntries",
            answered,
            body_limit=LARGE_BODY_LIMIT,
        )


def image_query(given: QueryParams) -> ImageQuery:
    """Parse the query; raises InvalidParameterException."""
    unknown = sorted(given.keys() - _PARAMETERS)
    if unknown:
        raise InvalidParameterException(f"There is no parameter {unknown[0]}.")
    if given.get("order", "line") != "line":
        raise InvalidParameterException("order must be line.")
    filters = ImageFilter(
        tuple(given.getlist("label")),
        _boolean(given, "labeled"),
        bool(_boolean(given, "errors")),
        given.get("name", ""),
        given.get("source_ref"),
    )
    return ImageQuery(
        filters,
        number(given.get("offset", "0"), "offset", minimum=0, maximum=10_000_000),
        number(given.get("limit", "50"), "limit", minimum=1, maximum=MAX_IMAGES),
        _position(given),
    )


def _position(given: QueryParams) -> int | None:
    text = given.get("after")
    if text is None or text == "start":
        return None if text is None else -1
    return number(text, "after", minimum=0, maximum=999_999_999)


def _boolean(given: QueryParams, name: str) -> bool | None:
    text = given.get(name)
    if text is None:
        return None
    if text not in _BOOLEANS:
        raise InvalidParameterException(f"{name} must be true or false.")
    return _BOOLEANS[text]
