"""Pictures and films that tests make."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from random import Random

import av
from PIL import Image

RED = (204, 51, 0)


def picture(
    image_format: str = "JPEG", size: tuple[int, int] = (96, 64), colour: tuple[int, int, int] = RED
) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, image_format)
    return file.getvalue()


def noise(size: tuple[int, int], image_format: str) -> bytes:
    """What no encoder makes small."""
    file = io.BytesIO()
    pixels = Random(1).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, pixels).save(file, image_format, quality=97, subsampling=0)
    return file.getvalue()


def film(path: Path, frames: int = 50, rate: int = 10) -> Path:
    """A video that grows brighter in red, frame by frame."""
    shown = (Image.new("RGB", (96, 64), (255 * each // frames, 0, 0)) for each in range(frames))
    return _film(path, shown, rate, {})


def noisy_film(path: Path, frames: int = 50, rate: int = 10) -> Path:
    """An mp4 whose frames take about the same space each, behind its index."""
    chance = Random(1)
    shown = (Image.frombytes("RGB", (96, 64), chance.randbytes(96 * 64 * 3)) for _ in range(frames))
    return _film(path, shown, rate, {"movflags": "faststart"})


def two_coloured_film(path: Path) -> Path:
    """Ten frames, red on the left and blue on the right."""
    image = Image.new("RGB", (96, 64), (255, 0, 0))
    image.paste((0, 0, 255), (48, 0, 96, 64))
    return _film(path, [image] * 10, 10, {})


def _film(path: Path, shown: Iterable[Image.Image], rate: int, options: dict[str, str]) -> Path:
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("h264", rate=rate)
        stream.width, stream.height = 96, 64
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        for image in shown:
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def frames_of(path: Path) -> list[tuple[float, Image.Image]]:
    """Seconds and picture of every frame."""
    with av.open(str(path)) as container:
        return [
            (frame.time or 0.0, frame.to_image())  # type: ignore[no-untyped-call]
            for frame in container.decode(video=0)
        ]
