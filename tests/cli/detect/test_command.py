"""`lensmith detect` against models that run on a live server."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops
from tests.cli.detect.conftest import BOXES, COLOURS, PROJECT, RESTING, status, wait_for
from tests.cli.detect.footage import RED, film, frames_of, noise, picture
from tests.support.command import Done, lensmith
from tests.support.live_server import BIN, LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

Detect = Callable[..., Done]

pytestmark = pytest.mark.usefixtures("models")


@pytest.fixture
def detect(lensmith_env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Detect:
    monkeypatch.chdir(tmp_path)

    def run(version: str, *arguments: str | Path) -> Done:
        environment = {**lensmith_env, "COLUMNS": "200"}
        done = lensmith(environment, "detect", f"{PROJECT}/{version}", *arguments)
        assert "Traceback" not in done.stderr
        return done

    return run


def lines(text: str) -> list[dict[str, Any]]:
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder of everything: large, turned, of other formats, damaged."""
    folder = tmp_path / "album"
    (folder / "inner").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "no.jpg").write_bytes(picture())
    (folder / "notes.txt").write_text("no picture")
    (folder / "a.jpg").write_bytes(picture("JPEG"))
    (folder / "b.PNG").write_bytes(picture("PNG"))
    (folder / "broken.jpg").write_bytes(picture("JPEG", (640, 480))[:900])
    (folder / "empty.png").write_bytes(b"")
    (folder / "heavy.png").write_bytes(noise((1250, 1250), "PNG"))
    (folder / "inner" / "c.webp").write_bytes(picture("WEBP"))
    (folder / "inner" / "d.tiff").write_bytes(picture("TIFF"))
    (folder / "inner" / "tiny.jpg").write_bytes(picture("JPEG", (20, 20)))
    (folder / "inner" / "wide.jpg").write_bytes(picture("JPEG", (5000, 400)))
    turned = Image.new("RGB", (96, 64), RED)
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "turned.jpg", exif=exif)
    return folder


def test_a_folder_of_everything(detect: Detect, album: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    done = detect(COLOURS, "album", "--annotated", copies, "--min-confidence", "50")
    assert done.returncode == 1, done.stderr
    results = {each["source"]: each for each in lines(done.stdout)}
    assert list(results) == [
        *(f"album/{name}" for name in ("a.jpg", "b.PNG", "broken.jpg", "empty.png", "heavy.png")),
        *("album/turned.jpg", "album/inner/c.webp", "album/inner/d.tiff", "album/inner/tiny.jpg"),
        "album/inner/wide.jpg",
    ]
    failed = {name: each["error"] for name, each in results.items() if "error" in each}
    assert "InvalidImageFormatException" in failed.pop("album/broken.jpg")
    assert "no format" in failed.pop("album/empty.png")
    assert "at least 64" in failed.pop("album/inner/tiny.jpg")
    assert failed == {}
    sizes = {name: (each["width"], each["height"]) for name, each in results.items()}
    assert sizes["album/turned.jpg"] == (64, 96)
    assert sizes["album/inner/wide.jpg"] == (5000, 400)
    for name in ("a.jpg", "b.PNG", "inner/c.webp", "inner/d.tiff", "inner/wide.jpg", "turned.jpg"):
        (found,) = results[f"album/{name}"]["detections"]
        assert found == {"name": "red", "confidence": pytest.approx(80, abs=1)}
    written = sorted(path.relative_to(copies).as_posix() for path in copies.rglob("*.*"))
    assert written == [
        *("a.jpg", "b.PNG", "heavy.png", "inner/c.webp.jpg", "inner/d.tiff.jpg", "inner/wide.jpg"),
        "turned.jpg",
    ]
    assert opened(copies / "turned.jpg").size == (64, 96)
    drawn = ImageChops.difference(opened(copies / "b.PNG"), opened(album / "b.PNG"))
    assert drawn.getbbox() is not None
    assert "7 looked at" in done.stderr
    assert "3 failed" in done.stderr
    assert "album/broken.jpg: InvalidImageFormatException" in done.stderr


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.copy()


def test_boxes_in_s3_as_csv(detect: Detect, s3: S3Client, bucket: str, tmp_path: Path) -> None:
    for key in ("shop/1.jpg", "shop/deep/2.png", "shop/notes.txt", "elsewhere/3.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=picture(size=(200, 100)))
    s3.put_object(Bucket=bucket, Key="shop/4.webp", Body=picture("WEBP", (200, 100)))
    s3.put_object(Bucket=bucket, Key="shop/film.mp4", Body=film(tmp_path / "f.mp4", 5).read_bytes())
    out = tmp_path / "out" / "found.csv"
    done = detect(
        BOXES, f"s3://{bucket}/shop/", "--output", out, "--annotated", "copies", "--max-results=1"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ["1.jpg", "4.webp", "deep/2.png", "film.mp4"]
    assert [row["source"] for row in rows] == [f"s3://{bucket}/shop/{name}" for name in names]
    assert {row["name"] for row in rows} == {"bolt"}
    for row in rows[:3]:
        assert (row["width"], row["height"], row["frame"], row["error"]) == ("200", "100", "", "")
        pixels = [float(row[name]) for name in ("left", "top", "box_width", "box_height")]
        assert pixels == pytest.approx([20, 20, 80, 40], abs=0.2)
        assert float(row["width_ratio"]) == pytest.approx(0.4, abs=1e-3)
    assert (rows[3]["frame"], float(rows[3]["seconds"])) == ("0", 0.0)
    copies = tmp_path / "copies"
    written = sorted(path.relative_to(copies).as_posix() for path in copies.rglob("*.*"))
    assert written == ["1.jpg", "4.webp.jpg", "deep/2.png", "film.mp4"]


def test_a_video_frame_by_frame(detect: Detect, tmp_path: Path) -> None:
    film(tmp_path / "growing.mov", frames=50, rate=10)
    (tmp_path / "cut.mp4").write_bytes(film(tmp_path / "whole.mp4").read_bytes()[:700])
    arguments = ("growing.mov", "cut.mp4", "--fps=2", "--min-confidence=0", "--annotated=drawn")
    done = detect(COLOURS, *arguments)
    assert done.returncode == 1, done.stderr
    *frames, cut = lines(done.stdout)
    assert cut["source"] == "cut.mp4"
    assert "Not a video" in cut["error"]
    assert [each["frame"] for each in frames] == list(range(0, 50, 5))
    assert [each["seconds"] for each in frames] == [number / 2 for number in range(10)]
    reds = [found["confidence"] for each in frames for found in each["detections"][:1]]
    assert reds[1:] == sorted(reds[1:])
    assert reds[-1] == pytest.approx(90, abs=3)
    drawn = frames_of(tmp_path / "drawn" / "growing.mov.mp4")
    assert [seconds for seconds, _ in drawn] == pytest.approx([n / 2 for n in range(10)])
    assert drawn[0][1].getextrema() != ((0, 0), (0, 0), (0, 0))  # the caption on black


def test_a_model_that_rests(
    detect: Detect, rekognition: RekognitionClient, models: str, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    refused = detect(RESTING, "a.jpg")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "is TRAINING_COMPLETED" in refused.stderr
    assert "aws rekognition start-project-version" in refused.stderr
    assert status(rekognition, models, RESTING) == "TRAINING_COMPLETED"
    started = detect(RESTING, "a.jpg", "--start")
    assert started.returncode == 0, started.stderr
    assert [each["name"] for each in lines(started.stdout)[0]["detections"]] == ["red"]
    wait_for(rekognition, models, RESTING, "STOPPED")


def test_what_is_wrong_at_once(detect: Detect, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.jpg").write_bytes(picture())
    (tmp_path / "none").mkdir()
    for version, arguments, said in (
        ("v9", ["folder"], "There is no version v9"),
        (COLOURS, ["none"], "no pictures or videos in none"),
        (COLOURS, ["folder", "--annotated", "folder"], "another folder"),
    ):
        done = detect(version, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr


def test_on_a_terminal_lines_are_for_people(lensmith_env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    screen, terminal = os.openpty()
    process = subprocess.Popen(
        [str(BIN / "lensmith"), "detect", f"{PROJECT}/{COLOURS}", "."],
        env={**lensmith_env, "TERM": "xterm", "COLUMNS": "100"},
        cwd=tmp_path,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # how a terminal ends that nobody writes to
        while part := os.read(screen, 1 << 16):
            shown += part
    os.close(screen)
    assert process.wait() == 1
    assert b"a.jpg: red 80 %\r\n" in shown
    assert b"b.jpg: failed: " in shown
    assert b"Looking" in shown
    assert b"1 looked at" in shown


def test_stopped_by_ctrl_c_what_is_written_is_whole(
    lensmith_env: dict[str, str], tmp_path: Path
) -> None:
    for number in range(400):
        os.link(_shared(tmp_path), tmp_path / f"{number:03}.png")
    process = subprocess.Popen(
        [str(BIN / "lensmith"), "detect", f"{PROJECT}/{COLOURS}", ".", "--in-flight", "1"],
        env=lensmith_env,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whatever a shell starts in the background ignores Ctrl-C, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    # So little goes into the pipe that it cannot have ended before it is interrupted.
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate()
    assert process.returncode == 130, said
    seen = lines(first + rest)
    assert 0 < len(seen) < 400
    assert "Interrupted" in said
    assert f"{len(seen)} looked at" in said


def _shared(folder: Path) -> Path:
    path = folder / "shared.bin"
    if not path.exists():
        path.write_bytes(picture("PNG", (1200, 1200)))
    return path


def test_videos_without_pyav_say_what_to_install(
    server: LiveServer, lensmith_env: dict[str, str], tmp_path: Path
) -> None:
    film(tmp_path / "a.mp4", frames=3)
    without = "import sys; sys.modules['av'] = None; from lensmith.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "detect", f"{PROJECT}/{COLOURS}", "a.mp4"],
        env=lensmith_env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "pip install 'lensmith[video]'" in done.stderr
