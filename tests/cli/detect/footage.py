"""Pictures and films that tests make."""

from __future__ import annotations

import io
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


def film(path: Path, frames: int = 50, rate: int = 10, size: tuple[int, int] = (96, 64)) -> Path:
    """A video that grows brighter in red, frame by frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        for number in range(frames):
            shown = Image.new("RGB", size, (255 * number // frames, 0, 0))
            frame = av.VideoFrame.from_image(shown)  # type: ignore[no-untyped-call]
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
