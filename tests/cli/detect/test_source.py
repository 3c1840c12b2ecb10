"""Which files are looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest

from lensmith.cli.detect.failure import DetectError
from lensmith.cli.detect.source import Source, gather

_NO_S3 = cast(Any, None)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.jpg", "a/film.MP4", "a/1.Png", "a/notes.txt", ".cache/c.jpg", "copies/b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    return tmp_path


def relative(sources: list[Source]) -> list[str]:
    return [str(source.relative) for source in sources]


def test_a_folder_gives_pictures_and_videos_sorted(tree: Path) -> None:
    found = gather([str(tree)], _NO_S3, without=tree / "copies")
    assert relative(found) == ["b.jpg", "a/1.Png", "a/film.MP4"]
    assert [source.is_video for source in found] == [False, False, True]


def test_files_that_are_named_are_taken_whatever_they_are_called(tree: Path) -> None:
    named = [str(tree / name) for name in ("a/notes.txt", ".cache/c.jpg")]
    assert [source.name for source in gather(named, _NO_S3)] == named


def test_nothing_is_looked_at_twice(tree: Path) -> None:
    paths = [str(tree / "a" / "1.Png"), str(tree / "a"), str(tree / "a")]
    assert relative(gather(paths, _NO_S3)) == ["1.Png", "film.MP4"]


def test_a_path_that_does_not_exist_is_told_before_anything_is_done(tree: Path) -> None:
    with pytest.raises(DetectError, match=r"gone\.jpg does not exist"):
        gather([str(tree), str(tree / "gone.jpg")], _NO_S3)


def test_names_that_are_no_text_can_be_written(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.jpg")).touch()
    (found,) = gather([str(tmp_path)], _NO_S3)
    assert found.name == f"{tmp_path}/�.jpg"
