"""Annotated copies: what they are called, and that they show what was found."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from PIL import Image, ImageChops
from tests.cli.detect.footage import frames_of

from lensmith.cli.detect.annotated import AnnotatedVideos, Pen, copy_paths
from lensmith.cli.detect.failure import DetectError
from lensmith.cli.detect.result import Found
from lensmith.cli.detect.source import Source
from lensmith.domain.geometry import Box
from lensmith.exchange.services import Location


def objects(*keys: str) -> list[Source]:
    return [Source(Location("bucket", key), PurePosixPath(key)) for key in keys]


def copies(folder: Path, sources: list[Source]) -> list[str]:
    paths = copy_paths(sources, folder).values()
    return [path.relative_to(folder.resolve()).as_posix() for path in paths]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("a/b.JPG", "a/b.JPG"),
        ("a/b.webp", "a/b.webp.jpg"),
        ("a/film.mov", "a/film.mov.mp4"),
        ("film.mp4", "film.mp4"),
        ("../../etc/x.png", "etc/x.png"),
        ("/etc/x.png", "etc/x.png"),
        ("..", "picture.jpg"),
        ("a\\..\\b\0.png", "a_.._b_.png"),
    ],
)
def test_copies_stay_below_the_folder(tmp_path: Path, key: str, name: str) -> None:
    assert copies(tmp_path, objects(key)) == [name]


def test_no_two_copies_are_the_same_and_none_is_an_original(tmp_path: Path) -> None:
    original = Source(tmp_path / "a.jpg", PurePosixPath("a.jpg"))
    assert copies(tmp_path, [original, *objects("a.jpg", "a-2.jpg")]) == [
        *("a-2.jpg", "a-3.jpg", "a-2-2.jpg")
    ]


def test_a_label_has_one_colour_and_boxes_lie_where_they_were_found() -> None:
    pen, image = Pen(), Image.new("RGB", (640, 480), "white")
    bolt = Found("bolt", 90, Box(0.25, 0.5, 0.5, 0.25))
    first, second = pen.draw(image, [bolt, Found("nut", 80)]), pen.draw(image, [bolt])
    corner = (160, 240)
    assert first.getpixel(corner) == second.getpixel(corner) != (255, 255, 255)
    left, top, right, bottom = ImageChops.difference(second, image).getbbox() or (0,) * 4
    assert (left, right, bottom) == pytest.approx((160, 480, 360), abs=3)
    assert 200 < top <= 240
    assert image.getextrema() == ((255, 255),) * 3


def test_frames_keep_their_times_in_an_annotated_video(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.mp4" for name in ("one", "two")}
    videos = AnnotatedVideos(paths)
    for name, size in (("one", (65, 99)), ("two", (96, 64))):
        for number in range(3):
            videos.add(name, number * 1.5, Image.new("RGB", size, (0, 100 * number, 0)))
    assert not paths["two"].exists()
    videos.close()
    for name, size in (("one", (64, 98)), ("two", (96, 64))):
        frames = frames_of(paths[name])
        assert [seconds for seconds, _ in frames] == pytest.approx([0, 1.5, 3], abs=1e-3)
        assert {image.size for _, image in frames} == {size}
        assert frames[2][1].getpixel((30, 30))[1] == pytest.approx(200, abs=9)  # type: ignore[index]
    assert sorted(tmp_path.iterdir()) == sorted(paths.values())


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DetectError, match="cannot be made"):
        copy_paths([], tmp_path / "file" / "copies")
