"""Steps of routes on one dataset: find it, authorise, handle, serialise as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.lensmith.signed import answer_signed
from lensmith.api.request import ApiRequest, Reply
from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import InvalidParameterException, SerializationException
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.datasets import find_dataset
from lensmith.operations.permissions import to_act_on

DATASET_PATH = "/_lensmith/projects/{project}/datasets/{type}"

LARGE_BODY_LIMIT = 8 << 20  # bytes; some 10,000 boxes

T = TypeVar("T")
Answered = Callable[[Call, Dataset], Any]


async def answer_on_dataset(
    service: Service,
    request: Request,
    operation: str,
    action: str,
    answered: Answered,
    status: int = 200,
    body_limit: int = 64 << 10,
) -> Response:
    """Answer a call on the dataset that the path names to callers who may do `action` on it.

    The call's request holds the body under `body`.
    """

    def work(principal: Principal, sent: ApiRequest) -> Reply:
        path = request.path_params
        dataset = find_dataset(service, principal.caller, path["project"], path["type"])
        authorise(principal, [to_act_on(service, action, dataset.arn)], sent, service.settings)
        call = Call(operation, {"body": sent.http.body}, principal.caller, sent.request_id)
        answer = answered(call, dataset)
        return Reply(status, answer if isinstance(answer, bytes) else msgspec.json.encode(answer))

    return await answer_signed(service, request, operation, work, body_limit=body_limit)


def read_body_as(body: bytes, type_: type[T]) -> T:
    """Decode a body; raises SerializationException naming the member that is wrong."""
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SerializationException(f"The body is not as expected: {error}") from error


def number(text: str, name: str, *, minimum: int, maximum: int) -> int:
    """Parse a query parameter; raises InvalidParameterException."""
    if not (
        text.isascii() and text.isdigit() and len(text) <= 9 and minimum <= int(text) <= maximum
    ):
        raise InvalidParameterException(f"{name} must be a whole number, {minimum} to {maximum}.")
    return int(text)
