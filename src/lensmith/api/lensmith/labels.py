"""…/datasets/{type}/labels: GET and PUT colours, keys and drafts; rename and remove are tasks."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.lensmith.dataset import (
    DATASET_PATH,
    LARGE_BODY_LIMIT,
    answer_on_dataset,
    read_body_as,
)
from lensmith.domain.dataset import Dataset
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.labels import (
    GivenLabel,
    list_labels,
    put_labels,
    start_removing,
    start_renaming,
)

LABELS_PATH = f"{DATASET_PATH}/labels"

_WRITE = "UpdateDatasetEntries"


class GivenLabels(Struct):
    labels: list[GivenLabel]


class Renaming(Struct):
    name: str = field(name="from")
    other: str = field(name="to")


class Removing(Struct):
    name: str


def labels_routes(service: Service) -> list[BaseRoute]:
    routes = LabelsRoutes(service)
    return [
        Route(LABELS_PATH, routes.get, methods=["GET"]),
        Route(LABELS_PATH, routes.put, methods=["PUT"]),
        Route(f"{LABELS_PATH}/rename", routes.rename, methods=["POST"]),
        Route(f"{LABELS_PATH}/remove", routes.remove, methods=["POST"]),
    ]


class LabelsRoutes:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def get(self, request: Request) -> Response:
        def answered(_: Call, dataset: Dataset) -> dict[str, Any]:
            return {"labels": list_labels(self._service, dataset)}

        return await answer_on_dataset(
            self._service, request, "ListLabels", "ListDatasetLabels", answered
        )

    async def put(self, request: Request) -> Response:
        def answered(call: Call, dataset: Dataset) -> dict[str, Any]:
            given = read_body_as(call.request["body"], GivenLabels)
            return {"labels": put_labels(self._service, call, dataset, given.labels)}

        return await answer_on_dataset(
            self._service, request, "PutLabels", _WRITE, answered, body_limit=LARGE_BODY_LIMIT
        )

    async def rename(self, request: Request) -> Response:
        def answered(call: Call, dataset: Dataset) -> dict[str, str]:
            given = read_body_as(call.request["body"], Renaming)
            job_id = start_renaming(self._service, call, dataset, given.name, given.other)
            return {"task": str(job_id)}

        return await answer_on_dataset(self._service, request, "RenameLabel", _WRITE, answered, 202)

    async def remove(self, request: Request) -> Response:
        def answered(call: Call, dataset: Dataset) -> dict[str, str]:
            given = read_body_as(call.request["body"], Removing)
            return {"task": str(start_removing(self._service, call, dataset, given.name))}

        return await answer_on_dataset(self._service, request, "RemoveLabel", _WRITE, answered, 202)
