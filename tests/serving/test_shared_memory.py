from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from lensmith.serving.shared_memory import FILES, LARGEST_FILE, Area, areas, reserve

PLACES = 3


@pytest.fixture
def descriptor() -> Iterator[int]:
    descriptor = reserve(PLACES)
    yield descriptor
    os.close(descriptor)


def every(descriptor: int) -> list[Area]:
    return list(chain.from_iterable(areas(descriptor)))


def test_what_one_side_writes_the_other_reads(descriptor: int) -> None:
    ours, theirs = every(descriptor), every(descriptor)
    for number, area in enumerate(ours):
        area[:4] = bytes([number] * 4)
        area[-1:] = b"z"
    assert [bytes(area[:5]) for area in theirs] == [
        bytes([n] * 4) + b"\0" for n in range(PLACES * FILES)
    ]
    assert {len(area) for area in theirs} == {LARGEST_FILE}


def test_nothing_is_kept_when_nobody_looks_any_more(descriptor: int) -> None:
    inode = str(os.fstat(descriptor).st_ino)

    def mapped() -> bool:
        lines = Path("/proc/self/maps").read_text().splitlines()
        return any("lensmith-images" in line and line.split()[4] == inode for line in lines)

    seen = list(areas(descriptor))
    assert mapped()
    del seen
    assert not mapped()
