from __future__ import annotations

import os
from pathlib import Path

import pytest

from lensmith.store.picture_cache import PictureCache


def test_a_file_is_made_once(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"small"

    assert [cache.get(("bucket", "key"), make) for _ in range(3)] == [b"small"] * 3
    assert cache.get(("bucket", "other"), make) == b"small"
    assert len(made) == 2


def test_parts_of_a_key_are_not_confused(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)
    assert cache.get(("ab", "c"), lambda: b"1") == b"1"
    assert cache.get(("a", "bc"), lambda: b"2") == b"2"


def test_those_not_read_for_the_longest_time_go_first(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)
    for name in ("old", "read", "new"):
        cache.get((name,), lambda: bytes(300))
    for age, file in enumerate(sorted(tmp_path.rglob("*"), key=lambda f: f.stat().st_mtime)):
        if file.is_file():
            os.utime(file, (age, age))
    cache.get(("read",), lambda: b"")
    cache.get(("more",), lambda: bytes(300))
    held = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
    assert held == 900
    assert cache.get(("read",), lambda: b"again") == bytes(300)


def test_what_fails_is_tried_again(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)

    def fail() -> bytes:
        raise LookupError("not today")

    with pytest.raises(LookupError, match="not today"):
        cache.get(("a",), fail)
    assert cache.get(("a",), lambda: b"fine") == b"fine"


def test_files_that_go_while_they_are_counted_are_none(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / ".being-written").symlink_to(tmp_path / "gone")  # listed, and not there
    assert cache.get(("a",), lambda: b"fine") == b"fine"
