"""/_lensmith/projects/{project}/versions/{version}/evaluation…: results on the test set.

GET evaluation: an `EvaluationReport`; GET advice: a list of `Advice`; GET evaluation/images: a page
of test images with their predictions, the worst first; GET compare?with=: a `Comparison` with
another version of the project.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.dataset import number
from lensmith.api.lensmith.project_versions import VERSION_PATH, Needed
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import InvalidParameterException
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Service
from lensmith.operations.lensmith import version_training

if TYPE_CHECKING:
    from lensmith.training.job.evaluation_files import ImageQuery

# What reads evaluations loads NumPy, a tenth of a server's start: it is imported by the first call.

MAX_IMAGES = 500  # of one page
_ORDERS = {"worst": True, "manifest": False}
_FLAGS = {"true": True, "false": False}
_PARAMETERS = frozenset(
    {"label", "outcome", "name", "truth", "predicted", "unmatched", "order", "offset", "limit"}
)

Answered = Callable[[ProjectVersion], bytes]


def evaluation_routes(service: Service) -> list[BaseRoute]:
    routes = EvaluationRoutes(service)
    return [
        Route(f"{VERSION_PATH}/evaluation", routes.report, methods=["GET"]),
        Route(f"{VERSION_PATH}/evaluation/images", routes.images, methods=["GET"]),
        Route(f"{VERSION_PATH}/advice", routes.advice, methods=["GET"]),
        Route(f"{VERSION_PATH}/compare", routes.compare, methods=["GET"]),
    ]


class EvaluationRoutes:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def report(self, request: Request) -> Response:
        def answered(version: ProjectVersion) -> bytes:
            from lensmith.operations.lensmith import evaluation

            return evaluation.evaluation_report(self._service, version)

        return await self._respond(request, "GetEvaluation", [version_training.to_read], answered)

    async def advice(self, request: Request) -> Response:
        def answered(version: ProjectVersion) -> bytes:
            from lensmith.operations.lensmith import evaluation

            return msgspec.json.encode({"advice": evaluation.advice(self._service, version)})

        return await self._respond(request, "GetAdvice", [version_training.to_read], answered)

    async def images(self, request: Request) -> Response:
        def answered(version: ProjectVersion) -> bytes:
            from lensmith.operations.lensmith import evaluation

            query = image_query(request.query_params)
            return msgspec.json.encode(evaluation.evaluated_images(self._service, version, query))

        needed = [version_training.to_read, version_training.to_read_images]
        return await self._respond(request, "GetEvaluatedImages", needed, answered)

    async def compare(self, request: Request) -> Response:
        service, path = self._service, request.path_params
        other_name = request.query_params.get("with", "")

        def work(principal: Principal, signed: ApiRequest) -> Reply:
            from lensmith.operations.lensmith import evaluation

            version, other = (
                version_training.find_version(service, principal.caller, path["project"], name)
                for name in (path["version"], other_name)
            )
            needed = [version_training.to_read, version_training.to_read_images]
            permissions = [each(service, one) for one in (version, other) for each in needed]
            authorise(principal, permissions, signed, service.settings)
            compared = evaluation.compare_versions(service, version, other)
            return Reply(200, msgspec.json.encode(compared))

        return await answer_signed(service, request, "CompareVersions", work)

    async def _respond(
        self, request: Request, operation: str, needed: Sequence[Needed], answered: Answered
    ) -> Response:
        service = self._service
        project, name = request.path_params["project"], request.path_params["version"]

        def work(principal: Principal, signed: ApiRequest) -> Reply:
            version = version_training.find_version(service, principal.caller, project, name)
            permissions = [each(service, version) for each in needed]
            authorise(principal, permissions, signed, service.settings)
            return Reply(200, answered(version))

        return await answer_signed(service, request, operation, work)


def image_query(given: QueryParams) -> ImageQuery:
    """Parse the query (`label`, `outcome` may repeat); raises InvalidParameterException."""
    from lensmith.training.job.evaluation_files import OUTCOMES, ImageQuery

    unknown = sorted(given.keys() - _PARAMETERS)
    if unknown:
        raise InvalidParameterException(f"There is no parameter {unknown[0]}.")
    outcomes = frozenset(given.getlist("outcome"))
    if not outcomes <= OUTCOMES:
        raise InvalidParameterException(f"outcome must be one of {', '.join(sorted(OUTCOMES))}.")
    order = given.get("order", "worst")
    if order not in _ORDERS:
        raise InvalidParameterException(f"order must be one of {', '.join(_ORDERS)}.")
    unmatched = given.get("unmatched", "false")
    if unmatched not in _FLAGS:
        raise InvalidParameterException("unmatched must be true or false.")
    return ImageQuery(
        frozenset(given.getlist("label")),
        outcomes,
        given.get("name", ""),
        given.get("truth", ""),
        given.get("predicted", ""),
        _FLAGS[unmatched],
        _ORDERS[order],
        number(given.get("offset", "0"), "offset", minimum=0, maximum=1_000_000),
        number(given.get("limit", "50"), "limit", minimum=1, maximum=MAX_IMAGES),
    )
