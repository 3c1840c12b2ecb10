"""Images in S3 that arrive otherwise than announced."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from botocore.response import StreamingBody
from tests.operations.bench import CALLER, Bench

from lensmith.domain.errors import ImageTooLargeException, InternalServerError
from lensmith.operations.call import Call
from lensmith.operations.s3_object import S3Object, read_image


class OneImageStore:
    """Stands where the object store would: no real one breaks off an answer on demand."""

    def __init__(self, sent: bytes, announced: int) -> None:
        self.raw = io.BytesIO(sent)
        self._announced = announced

    def for_key(self, _: str) -> OneImageStore:
        return self

    def get_object(self, **_: Any) -> dict[str, Any]:
        body = StreamingBody(self.raw, self._announced)
        return {"Body": body, "ContentLength": self._announced}


def read(bench: Bench, store: OneImageStore) -> bytes:
    service = replace(bench.service, objects=store)  # type: ignore[arg-type]
    call = Call("DetectCustomLabels", {}, CALLER, "test")
    return read_image(service, call, S3Object("shop", "a.png"), limit=100)


def test_an_image_that_breaks_off_is_no_image(bench: Bench) -> None:
    store = OneImageStore(b"half", announced=8)
    with pytest.raises(InternalServerError):
        read(bench, store)
    assert store.raw.closed


def test_a_large_image_is_not_read(bench: Bench) -> None:
    store = OneImageStore(b"x" * 101, announced=101)
    with pytest.raises(ImageTooLargeException):
        read(bench, store)
    assert store.raw.closed


def test_a_whole_image_is_read(bench: Bench) -> None:
    assert read(bench, OneImageStore(b"whole", announced=5)) == b"whole"
