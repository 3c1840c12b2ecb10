"""POST …/datasets/{type}/suggestions: what a trained model says of pictures; a task.

Nothing is written: a person accepts, corrects or rejects what is suggested.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.dataset import DATASET_PATH, LARGE_BODY_LIMIT, read_body_as
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.datasets import find_dataset
from lensmith.operations.lensmith.suggestions import (
    SuggestionOrder,
    find_model,
    start_suggesting,
    to_read_pictures,
)
from lensmith.operations.permissions import to_act_on


def suggestions_routes(service: Service) -> list[BaseRoute]:
    async def post(request: Request) -> Response:
        path = request.path_params

        def work(principal: Principal, sent: ApiRequest) -> Reply:
            order = read_body_as(sent.http.body, SuggestionOrder)
            dataset = find_dataset(service, principal.caller, path["project"], path["type"])
            listing = to_act_on(service, "ListDatasetEntries", dataset.arn)
            authorise(principal, [listing], sent, service.settings)
            version = find_model(service, dataset.project_id, order.version)
            detecting = to_act_on(service, "DetectCustomLabels", version.arn)
            reading = to_read_pictures(service, dataset, order)
            authorise(principal, [detecting, *reading], sent, service.settings)
            call = Call("SuggestLabels", {}, principal.caller, sent.request_id)
            job_id = start_suggesting(service, call, dataset, version, order)
            return Reply(202, msgspec.json.encode({"task": str(job_id)}))

        return await answer_signed(
            service, request, "SuggestLabels", work, body_limit=LARGE_BODY_LIMIT
        )

    return [Route(f"{DATASET_PATH}/suggestions", post, methods=["POST"])]
