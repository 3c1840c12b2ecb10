"""Drawn requests to every operation of KMS: only errors that the service model names."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from tests.operations.bench import ACCOUNT, Bench

from lensmith.domain.errors import ServiceError
from lensmith.operations.call import Call
from lensmith.operations.kms.table import OPERATIONS
from lensmith.wire import json_protocol, kms_model
from lensmith.wire.validate import validate

COMMON = {"ValidationException"}
TEXTS = (
    *("alias/mine", "alias/aws/s3", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/mine"),
    *(f"arn:aws:kms:us-east-1:{ACCOUNT}:key/", "arn:aws:s3:::b", "*", "x", "default"),
    *('{"Statement":[]}', "[" * 500, "null", f"arn:aws:iam::{ACCOUNT}:user/ana", "é", "x" * 300),
)


class Inline:
    """Runs offloaded work at once."""

    async def __call__(self, work: Any, /) -> Any:
        return work()

    async def unless_cached(self, work: Any, /) -> Any:
        return work()


class Drawn:
    """Draws members that fit a shape's types, and often its constraints."""

    def __init__(self, seed: int, texts: list[str]) -> None:
        self.rng = random.Random(seed)
        self.texts = texts
        self.blobs = [b"\x01" * 60, b"x"]

    def value(self, shape: Shape) -> Any:
        if isinstance(shape, StructureShape):
            return {
                name: self.value(member)
                for name, member in shape.members.items()
                if name in shape.required_members or self.rng.random() < 0.35
            }
        if isinstance(shape, ListShape):
            return [self.value(shape.member) for _ in range(self.rng.randrange(3))]
        if isinstance(shape, MapShape):
            return {self.value(shape.key): self.value(shape.value) for _ in range(2)}
        return self._scalar(shape)

    def _scalar(self, shape: Shape) -> Any:
        match shape.type_name:
            case "string":
                names: list[str] = shape.metadata.get("enum") or []
                is_named = bool(names) and self.rng.random() < 0.95
                return self.rng.choice(names if is_named else self.texts)
            case "boolean":
                return self.rng.random() < 0.2
            case "blob":
                return self.rng.choice(self.blobs)
        return self.rng.choice((1, 7, 30, 90, 365, 1000))


def requests(drawn: Drawn, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    names = list(OPERATIONS)
    for _ in range(count):
        name = drawn.rng.choice(names)
        request = drawn.value(kms_model.input_shape(name))
        try:
            validate(kms_model.input_shape(name), request)
        except ServiceError:
            continue
        yield name, request


@pytest.mark.parametrize("seed", [1, 2])
def test_drawn_requests(bench: Bench, seed: int) -> None:
    bench = bench.with_key("alias/mine")
    drawn = Drawn(seed, [*TEXTS, "alias/mine", "alias/mine"])
    succeeded, unmodelled = set(), []
    for name, request in requests(drawn, 1500):
        try:
            answer = ask(bench, name, request)
        except ServiceError as error:
            if error.code not in kms_model.error_codes(name) | COMMON:
                unmodelled.append((name, error.code, request))
            continue
        succeeded.add(name)
        for member, value in answer.items():
            if member == "CiphertextBlob":
                drawn.blobs = [*drawn.blobs[-5:], value]
            elif member == "KeyMetadata":
                drawn.texts = [*drawn.texts, value["KeyId"], value["Arn"]][-60:]
    assert unmodelled == []
    assert {"CreateKey", "DescribeKey", "Encrypt"} <= succeeded


def ask(bench: Bench, name: str, request: dict[str, Any]) -> dict[str, Any]:
    call = Call(name, request, bench.caller, "test")
    operation, service = OPERATIONS[name], bench.service
    operation.permissions(service, call)

    async def handled() -> dict[str, Any]:
        return await operation.handle(service, call, Inline())

    answer = asyncio.run(handled())
    shape = kms_model.output_shape(name)
    if shape is not None:
        json_protocol.serialize_response(shape, answer)
    return answer
