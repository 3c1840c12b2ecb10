"""The size of plain JPEG files; Pillow is the oracle."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from lensmith.inference.image_file import plain_jpeg_size

SIZE = (130, 70)


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (9, 13, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize(SIZE).convert(mode).save(file, "JPEG", **options)
    return file.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return exif


PLAIN = {
    "colours": jpeg(),
    "grey": jpeg("L"),
    "progressive": jpeg(progressive=True),
    "profile": jpeg(icc_profile=bytes(100)),
    "comment": jpeg(comment=b"a"),
    "restarts": jpeg(restart_marker_blocks=2),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_file_has_the_size_that_pillow_reads(name: str) -> None:
    data = PLAIN[name]
    with Image.open(io.BytesIO(data)) as opened:
        assert plain_jpeg_size(data) == opened.size == SIZE
    assert plain_jpeg_size(memoryview(data)) == SIZE


def test_what_a_decoder_must_look_at_has_none() -> None:
    data = PLAIN["colours"]
    scan = data.index(b"\xff\xda")
    frame = data.index(b"\xff\xc0")
    sideless = data[: frame + 5] + bytes(2) + data[frame + 7 :]
    twice = data[:scan] + data[frame : frame + 19] + data[scan:]
    others = {
        "turned": jpeg(exif=turned()),
        "inks": jpeg("CMYK"),
        "no height": sideless,
        "two frames": twice,
        "bytes between": data[:frame] + b"\x00" + data[frame:],
        "no scan": data[:scan],
        "cut": data[: frame + 6],
        "arithmetic": data[:frame] + b"\xff\xc9" + data[frame + 2 :],
    }
    assert {name: plain_jpeg_size(one) for name, one in others.items()} == dict.fromkeys(others)
