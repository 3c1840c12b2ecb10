from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.serving.shared_memory import (
    BUFFERS_PER_SLOT,
    Buffer,
    allocate,
    map_buffers,
)

SLOTS = 3


@pytest.fixture
def descriptor() -> Iterator[int]:
    descriptor = allocate(SLOTS)
    yield descriptor
    os.close(descriptor)


def every(descriptor: int) -> list[Buffer]:
    return list(chain.from_iterable(map_buffers(descriptor)))


def test_what_one_side_writes_the_other_reads(descriptor: int) -> None:
    ours, theirs = every(descriptor), every(descriptor)
    for number, buffer in enumerate(ours):
        buffer[:4] = bytes([number] * 4)
        buffer[-1:] = b"z"
    assert [bytes(buffer[:5]) for buffer in theirs] == [
        bytes([n] * 4) + b"\0" for n in range(SLOTS * BUFFERS_PER_SLOT)
    ]
    assert {len(buffer) for buffer in theirs} == {MAX_IMAGE_BYTES}


def test_nothing_is_kept_when_nobody_looks_any_more(descriptor: int) -> None:
    inode = str(os.fstat(descriptor).st_ino)

    def mapped() -> bool:
        lines = Path("/proc/self/maps").read_text().splitlines()
        return any("lensmith-images" in line and line.split()[4] == inode for line in lines)

    seen = list(map_buffers(descriptor))
    assert mapped()
    del seen
    assert not mapped()
