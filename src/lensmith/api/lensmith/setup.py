"""/_lensmith/setup: GET names the console's bucket, or proposes one; POST creates it."""

from __future__ import annotations

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.dataset import read_body_as
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.operations.call import Service
from lensmith.operations.lensmith.datasets import to_describe_all
from lensmith.operations.lensmith.objects import on_bucket
from lensmith.operations.lensmith.setup import find_setup, set_up

SETUP_PATH = "/_lensmith/setup"


class Wanted(Struct):
    bucket: str


def setup_routes(service: Service) -> list[BaseRoute]:
    async def get(request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            authorise(principal, [to_describe_all()], sent, service.settings)
            return Reply(200, msgspec.json.encode(find_setup(service, principal.caller)))

        return await answer_signed(service, request, "GetSetup", work)

    async def post(request: Request) -> Response:
        def work(principal: Principal, sent: ApiRequest) -> Reply:
            wanted = read_body_as(sent.http.body, Wanted)
            needed = [on_bucket("CreateBucket", wanted.bucket)]
            authorise(principal, needed, sent, service.settings)
            set_up(service, principal.caller, wanted.bucket)
            return Reply(200, msgspec.json.encode(wanted))

        return await answer_signed(service, request, "SetUp", work)

    return [
        Route(SETUP_PATH, get, methods=["GET"]),
        Route(SETUP_PATH, post, methods=["POST"]),
    ]
