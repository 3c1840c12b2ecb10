"""Frames at a chosen rate."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import pytest
from tests.cli.detect.footage import film, noisy_film, two_coloured_film

from lensmith.cli.detect.failure import PictureError
from lensmith.cli.detect.video import Frame, Sampling, Video, opened


def read(path: Path, sampling: Sampling) -> tuple[int, list[Frame]]:
    with opened(path, sampling) as video:
        return video.expected, list(video.frames())


@pytest.mark.parametrize(
    ("sampling", "frames"),
    [
        (Sampling(), [0, 12, 24, 36]),
        (Sampling(fps=5), [math.ceil(2.4 * number - 0.5) for number in range(20)]),
        (Sampling(fps=0.1), [0]),
        (Sampling(fps=1000), list(range(48))),
        (Sampling(every=20), [0, 20, 40]),
    ],
    ids=["once a second", "5 a second", "every 10 s", "all", "every 20th"],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_which_frames(tmp_path: Path, sampling: Sampling, frames: list[int], suffix: str) -> None:
    path = film(tmp_path / f"film{suffix}", frames=48, rate=12)
    expected, found = read(path, sampling)
    assert [each.moment.frame for each in found] == frames
    assert expected == len(found)
    for each in found:
        assert each.moment.seconds == pytest.approx(each.moment.frame / 12, abs=2e-3)
        assert each.image.getpixel((9, 9))[0] == pytest.approx(  # type: ignore[index]
            255 * each.moment.frame / 48, abs=12
        )


@pytest.mark.parametrize("is_cut", [True, False], ids=["cut", "overwritten"])
def test_a_damaged_video_gives_what_can_be_read_and_says_so(tmp_path: Path, is_cut: bool) -> None:
    path = noisy_film(tmp_path / "film.mp4", frames=60)
    data = path.read_bytes()
    middle = len(data) // 2
    rest = b"" if is_cut else bytes(5000) + data[middle + 5000 :]
    path.write_bytes(data[:middle] + rest)
    with opened(path, Sampling(every=1)) as video:
        seen, said = count(video)
    assert 10 < seen < 50
    assert ("ends after" if is_cut else "Not a video") in said


def count(video: Video) -> tuple[int, str]:
    """Frames up to the failure, and what it says."""
    seen = 0
    try:
        for _ in video.frames():
            seen += 1
    except PictureError as error:
        return seen, str(error)
    return seen, ""


def test_frames_of_a_turned_camera_are_upright(tmp_path: Path) -> None:
    path = two_coloured_film(tmp_path / "film.mp4")
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40  # ISO/IEC 14496-12, 8.3.2: how the track is shown
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    (frame,) = read(path, Sampling())[1]
    assert frame.image.size == (64, 96)
    top, bottom = (frame.image.getpixel((32, y)) for y in (10, 86))
    assert top[0] > 200 > bottom[0]  # type: ignore[index]
    assert bottom[2] > 200 > top[2]  # type: ignore[index]


def test_what_is_no_video_is_said(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video")
    with pytest.raises(PictureError, match="Not a video"):
        read(path, Sampling())
    with pytest.raises(PictureError, match="Not a video"):
        read(tmp_path / "gone.mp4", Sampling())
