"""/_lensmith/reviews: people verify what a model predicts of pictures (the feedback loop).

GET lists reviews, POST begins one. …/{id}: GET shows it, DELETE removes it; GET …/images pages its
pictures (`state`, `label`, `offset`, `limit`); POST …/answers keeps answers, …/resume continues
predictions, …/manifest writes the verified pictures as a manifest, a task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise, is_authorised
from lensmith.api.lensmith.dataset import LARGE_BODY_LIMIT, number, read_body_as
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.errors import InvalidParameterException, ResourceNotReadyException
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion
from lensmith.domain.review import ImageState, Review
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.datasets import find_project, to_describe_all
from lensmith.operations.lensmith.review_answers import Answer, save_answers
from lensmith.operations.lensmith.review_output import output_place, start_writing, to_write
from lensmith.operations.lensmith.review_state import (
    MAX_IMAGES,
    find_review_images,
    list_reviews,
    show_review,
)
from lensmith.operations.lensmith.reviews import (
    ReviewOrder,
    find_review,
    remove_review,
    resume_review,
    start_review,
    to_start,
    to_view,
)
from lensmith.operations.lensmith.suggestions import find_model
from lensmith.operations.permissions import to_act_on

REVIEWS_PATH = "/_lensmith/reviews"
REVIEW_PATH = f"{REVIEWS_PATH}/{{id}}"

_PARAMETERS = frozenset({"state", "label", "offset", "limit"})

Answered = Callable[[Principal, ApiRequest, Review], Any]


class Answers(Struct):
    answers: list[Answer]


def reviews_routes(service: Service) -> list[BaseRoute]:
    routes = ReviewsRoutes(service)
    return [
        Route(REVIEWS_PATH, routes.list, methods=["GET"]),
        Route(REVIEWS_PATH, routes.start, methods=["POST"]),
        Route(REVIEW_PATH, routes.show, methods=["GET"]),
        Route(REVIEW_PATH, routes.remove, methods=["DELETE"]),
        Route(f"{REVIEW_PATH}/images", routes.images, methods=["GET"]),
        Route(f"{REVIEW_PATH}/answers", routes.answers, methods=["POST"]),
        Route(f"{REVIEW_PATH}/resume", routes.resume, methods=["POST"]),
        Route(f"{REVIEW_PATH}/manifest", routes.manifest, methods=["POST"]),
    ]


class ReviewsRoutes:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def list(self, request: Request) -> Response:
        service = self._service

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            authorise(principal, [to_describe_all()], sent, service.settings)
            shown = [
                summary
                for review, summary in list_reviews(service, principal.caller)
                if is_authorised(
                    principal, to_view(service, review.version_arn), sent, service.settings
                )
            ]
            return Reply(200, msgspec.json.encode({"reviews": shown}))

        return await answer_signed(service, request, "ListReviews", work)

    async def start(self, request: Request) -> Response:
        service = self._service

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            order = read_body_as(sent.http.body, ReviewOrder)
            caller = principal.caller
            project = find_project(service, caller, order.project)
            version = _model(service, principal, sent, project, order.version)
            authorise(principal, [to_view(service, version.arn)], sent, service.settings)
            needed = to_start(service, caller, version, order)
            authorise(principal, needed, sent, service.settings)
            call = Call("StartReview", {}, caller, sent.request_id)
            review = start_review(service, call, project, version, order)
            return Reply(201, msgspec.json.encode({"id": review.token}))

        return await answer_signed(service, request, "StartReview", work)

    async def show(self, request: Request) -> Response:
        def answered(_: Principal, __: ApiRequest, review: Review) -> Any:
            return show_review(self._service, review)

        return await self._respond(request, "GetReview", answered)

    async def remove(self, request: Request) -> Response:
        def answered(_: Principal, __: ApiRequest, review: Review) -> Any:
            remove_review(self._service, review)
            return {}

        return await self._respond(request, "RemoveReview", answered)

    async def images(self, request: Request) -> Response:
        def answered(_: Principal, __: ApiRequest, review: Review) -> Any:
            return find_review_images(self._service, review, **image_query(request.query_params))

        return await self._respond(request, "ListReviewImages", answered)

    async def answers(self, request: Request) -> Response:
        def answered(_: Principal, sent: ApiRequest, review: Review) -> Any:
            given = read_body_as(sent.http.body, Answers)
            return save_answers(self._service, review, given.answers)

        return await self._respond(request, "SaveAnswers", answered, body_limit=LARGE_BODY_LIMIT)

    async def resume(self, request: Request) -> Response:
        def answered(principal: Principal, _: ApiRequest, review: Review) -> Any:
            resume_review(self._service, principal.caller, review)
            return {}

        return await self._respond(request, "ResumeReview", answered)

    async def manifest(self, request: Request) -> Response:
        service = self._service

        def answered(principal: Principal, sent: ApiRequest, review: Review) -> Any:
            place = output_place(service, principal.caller, review)
            needed = to_write(service, review, place)
            authorise(principal, needed, sent, service.settings)
            return {"task": str(start_writing(service, principal.caller, review, place))}

        return await self._respond(request, "WriteReview", answered, status=202)

    async def _respond(
        self,
        request: Request,
        operation: str,
        answered: Answered,
        status: int = 200,
        body_limit: int = 64 << 10,
    ) -> Response:
        service = self._service

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            review = find_review(service, principal.caller, request.path_params["id"])
            needed = to_view(service, review.version_arn)
            authorise(principal, [needed], sent, service.settings)
            return Reply(status, msgspec.json.encode(answered(principal, sent, review)))

        return await answer_signed(service, request, operation, work, body_limit=body_limit)


def _model(
    service: Service, principal: Principal, sent: ApiRequest, project: Project, name: str | None
) -> ProjectVersion:
    """Find a model; that the project has none is for those to know who may describe it."""
    try:
        return find_model(service, project.id, name)
    except ResourceNotReadyException:
        describing = to_act_on(service, "DescribeProjectVersions", project.arn)
        authorise(principal, [describing], sent, service.settings)
        raise


def image_query(given: QueryParams) -> dict[str, Any]:
    """Parse the query; raises InvalidParameterException."""
    unknown = sorted(given.keys() - _PARAMETERS)
    if unknown:
        raise InvalidParameterException(f"There is no parameter {unknown[0]}.")
    try:
        states = [ImageState(name) for name in given.getlist("state")] or list(ImageState)
    except ValueError as error:
        names = ", ".join(ImageState)
        raise InvalidParameterException(f"state must be one of {names}.") from error
    return {
        "states": states,
        "label": given.get("label"),
        "offset": number(given.get("offset", "0"), "offset", minimum=0, maximum=10_000_000),
        "limit": number(given.get("limit", "50"), "limit", minimum=1, maximum=MAX_IMAGES),
    }
