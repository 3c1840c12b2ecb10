from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lensmith.serving.shared_memory import LARGEST_FILE, areas, reserve


@pytest.fixture
def descriptor() -> Iterator[int]:
    descriptor = reserve(3)
    yield descriptor
    os.close(descriptor)


def test_what_one_side_writes_the_other_reads(descriptor: int) -> None:
    ours, theirs = list(areas(descriptor)), list(areas(descriptor))
    for number, area in enumerate(ours):
        area[:4] = bytes([number] * 4)
        area[-1:] = b"z"
    assert [bytes(area[:5]) for area in theirs] == [bytes([n] * 4) + b"\0" for n in range(3)]
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
