"""Oracle: Pillow's own decoding, orientation and transparency."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from lensmith.domain.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
    ServiceError,
)
from lensmith.inference.image import Header, ImageFormat, Pixels, decode, read_header
from lensmith.inference.image_file import File

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def picture(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """Smooth colours with a bright corner, so that every orientation looks different."""
    across = np.linspace(0, 255, width)[None, :, None]
    down = np.linspace(0, 255, height)[:, None, None]
    pixels = np.concatenate([across + 0 * down, down + 0 * across, 0 * down + 0 * across], axis=2)
    pixels[: height // 4, : width // 4] = 255
    return Image.fromarray(pixels.astype(np.uint8)).convert(mode)


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def read(data: File) -> Pixels:
    return decode(data, read_header(data))


def difference(pixels: Pixels, reference: Image.Image) -> float:
    expected = np.asarray(reference.convert("RGB")).astype(int)
    assert pixels.shape == expected.shape
    assert pixels.dtype == np.uint8
    return float(np.abs(pixels.astype(int) - expected).mean())


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_set_upright(kind: str, orientation: int) -> None:
    data = encoded(picture(), kind, exif=exif(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))

    header = read_header(data)

    assert header == Header(ImageFormat(kind), *upright.size, orientation)
    assert difference(decode(data, header), upright) < 1


def test_an_orientation_behind_the_png_pixels_counts() -> None:
    plain = encoded(picture(), "PNG")
    data = plain[:-12] + chunk(b"eXIf", exif(6).removeprefix(b"Exif\0\0")) + plain[-12:]
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))

    assert read_header(data).orientation == 6
    assert difference(read(data), upright) == 0


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_a_nonsensical_orientation_is_none(orientation: int) -> None:
    assert read_header(encoded(picture(), "JPEG", exif=exif(orientation))).orientation == 1


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize("as_view", [False, True])
def test_a_jpeg_may_lack_its_end_marker(how: dict[str, Any], as_view: bool) -> None:
    whole = encoded(picture(), "JPEG", **how)
    assert whole.endswith(b"\xff\xd9")
    for cut in (1, 2):
        data = memoryview(whole)[:-cut] if as_view else whole[:-cut]
        assert np.array_equal(decode(data, read_header(data)), read(whole))
    for cut in (40, len(whole) // 4):
        with pytest.raises(InvalidImageFormatException):
            decode(whole[:-cut], read_header(whole[:-cut]))


@pytest.mark.parametrize("progressive", [False, True])
def test_nor_need_one_of_cmyk_have_it(progressive: bool) -> None:
    whole = encoded(noise().convert("CMYK"), "JPEG", progressive=progressive)
    assert np.array_equal(read(whole[:-2]), read(whole))
    for cut in (whole[:-40], whole[: len(whole) // 2]):
        with pytest.raises(InvalidImageFormatException):
            read(cut)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 4}])
def test_half_a_jpeg_is_none_whatever_follows(mode: str, how: dict[str, Any]) -> None:
    whole = encoded(noise().convert(mode), "JPEG", **how)
    expected = read(whole)
    scans = [at for at in range(len(whole)) if whole[at : at + 2] == b"\xff\xda"]
    for behind in (b"dhav\x59\x19\x01\x00", b"SEFHe\0\0SEFT", b"\xff\xd9", b"\0\xff\xd9"):
        assert np.array_equal(read(whole[:-2] + behind), expected)
        for cut in range(len(whole) // 3, len(whole) * 5 // 6, len(whole) // 97):
            if behind == b"\xff\xd9" and any(cut < at < cut + 60 for at in scans):
                continue  # a scan fewer, ended by the marker, is a JPEG too
            with pytest.raises(InvalidImageFormatException):
                read(whole[:cut] + behind)


def test_a_progressive_jpeg_may_not_lack_scans() -> None:
    whole = encoded(noise(), "JPEG", progressive=True)
    starts = [at for at in range(len(whole)) if whole[at : at + 2] == b"\xff\xda"]
    assert len(starts) == 10
    for at in starts[1:]:
        with pytest.raises(InvalidImageFormatException):
            read(whole[: whole.rindex(b"\xff\xc4", 0, at)])


def test_damaged_exif_does_not_spoil_the_picture() -> None:
    data = encoded(picture(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert read_header(data).orientation == 1
    assert difference(read(data), Image.open(io.BytesIO(data))) < 1


READABLE: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(picture(), "JPEG"),
    "progressive jpeg": lambda: encoded(picture(), "JPEG", progressive=True),
    "jpeg without subsampling": lambda: encoded(picture(), "JPEG", subsampling=0),
    "grey jpeg": lambda: encoded(picture(mode="L"), "JPEG"),
    "cmyk jpeg": lambda: encoded(picture(mode="CMYK"), "JPEG"),
    "png": lambda: encoded(picture(), "PNG"),
    "grey png": lambda: encoded(picture(mode="L"), "PNG"),
    "bilevel png": lambda: encoded(picture(mode="1"), "PNG"),
    "palette png": lambda: encoded(picture(mode="P"), "PNG"),
    "animated png": lambda: encoded(
        picture(), "PNG", save_all=True, append_images=[picture(mode="L").convert("RGB")]
    ),
    "multi picture jpeg": lambda: encoded(
        picture(), "MPO", save_all=True, append_images=[picture(60, 80)]
    ),
    "jpeg with bytes behind its end": lambda: encoded(picture(), "JPEG") + b"\0" * 100,
}


@pytest.mark.parametrize("name", READABLE)
def test_readable_files_look_as_in_pillow(name: str) -> None:
    data = READABLE[name]()
    assert difference(read(data), Image.open(io.BytesIO(data))) < 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "palette"])
def test_transparency_is_shown_on_white(mode: str) -> None:
    seen = picture().convert("RGBA")
    seen.putalpha(Image.linear_gradient("L").resize(seen.size))
    if mode == "palette":
        stored = picture(mode="P")
        data = encoded(stored, "PNG", transparency=stored.getpixel((0, 0)))
    else:
        data = encoded(seen.convert(mode), "PNG")
    layer = Image.open(io.BytesIO(data)).convert("RGBA")
    reference = Image.new("RGBA", layer.size, "white")
    reference.alpha_composite(layer)
    assert difference(read(data), reference) < 1


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    levels = np.linspace(0, 65535, 120 * 80).reshape(80, 120).astype(np.uint16)
    data = encoded(Image.fromarray(levels), "PNG")
    assert np.array_equal(read(data)[:, :, 1], levels >> 8)


def test_sixteen_bit_colour_keeps_its_upper_byte() -> None:
    levels = np.random.default_rng(0).integers(0, 65536, (80, 120, 3)).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    header = struct.pack(">IIBBBBB", 120, 80, 16, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    assert np.array_equal(read(data), (levels >> 8).astype(np.uint8))


@pytest.mark.parametrize(("at_least", "size"), [((100, 75), (160, 120)), ((700, 1), (1280, 960))])
def test_a_jpeg_may_come_smaller_but_never_too_small(
    at_least: tuple[int, int], size: tuple[int, int]
) -> None:
    data = encoded(picture(1280, 960), "JPEG")
    pixels = decode(data, read_header(data), at_least)
    assert (pixels.shape[1], pixels.shape[0]) == size


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_turned_jpeg_comes_smaller_too(mode: str) -> None:
    data = encoded(picture(1280, 640, mode), "JPEG", exif=exif(6))
    assert decode(data, read_header(data), (160, 320)).shape == (320, 160, 3)


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"these are no pixels",
    "gif": lambda: encoded(picture(), "GIF"),
    "tiff": lambda: encoded(picture(), "TIFF"),
    "bmp": lambda: encoded(picture(), "BMP"),
    "webp": lambda: encoded(picture(), "WEBP"),
    "signature of a jpeg": lambda: b"\xff\xd8\xff",
    "signature of a png": lambda: b"\x89PNG\r\n\x1a\n",
    "half a jpeg": lambda: encoded(picture(), "JPEG")[:900],
    "half a png": lambda: encoded(noise(), "PNG")[:9000],
    "a jpeg of countless scans": lambda: encoded(picture(), "JPEG") + b"\xff\xda" * 600,
    "text compressed into a bomb": lambda: png_with_text_bomb(),
}


def png_with_text_bomb() -> bytes:
    plain = encoded(picture(), "PNG")
    bomb = chunk(b"zTXt", b"note\0\0" + zlib.compress(b"\0" * (80 << 20)))
    return plain[:33] + bomb + plain[33:]


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_files_are_refused(name: str) -> None:
    with pytest.raises(InvalidImageFormatException):
        read(UNREADABLE[name]())


@pytest.mark.parametrize("name", READABLE | UNREADABLE)
def test_memory_is_read_as_a_file_is(name: str) -> None:
    data = (READABLE | UNREADABLE)[name]()
    try:
        expected = read(data)
    except InvalidImageFormatException:
        with pytest.raises(InvalidImageFormatException):
            read(memoryview(data))
    else:
        assert np.array_equal(read(memoryview(data)), expected)


@pytest.mark.parametrize("before", [b"", b"\0"])
@pytest.mark.parametrize(("scans", "judged"), [(499, "read"), (500, "refused")])
def test_scans_are_counted_at_even_and_odd_places(before: bytes, scans: int, judged: str) -> None:
    data = encoded(picture(), "JPEG") + before + b"\xff\xda" * scans
    try:
        read_header(data)
    except InvalidImageFormatException:
        assert judged == "refused"
    else:
        assert judged == "read"


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that promises its size and has no pixels: reading them would fail."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x")


@pytest.mark.parametrize(
    ("width", "height", "error"),
    [
        (4097, 4096, ImageTooLargeException),
        (100_000, 100_000, ImageTooLargeException),
        (2_000_000_000, 2_000_000_000, ImageTooLargeException),
        (63, 64, InvalidParameterException),
        (640, 63, InvalidParameterException),
        (1281, 64, InvalidParameterException),
        (0, 64, InvalidImageFormatException),
    ],
)
def test_sizes_are_judged_before_pixels(width: int, height: int, error: type[ServiceError]) -> None:
    with pytest.raises(error):
        read_header(png_of_size(width, height))


@pytest.mark.parametrize(("width", "height"), [(4096, 4096), (64, 64), (1280, 64), (64, 1280)])
def test_sizes_at_the_limits_are_accepted(width: int, height: int) -> None:
    header = read_header(png_of_size(width, height))
    assert (header.width, header.height) == (width, height)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("seed", range(20))
def test_mutated_files_are_read_or_refused(kind: str, seed: int) -> None:
    chance = random.Random(seed)
    whole = encoded(picture(), kind, exif=exif(6))
    for _ in range(25):
        data = memoryview(mutated(whole, chance))
        try:
            header = read_header(data)
            pixels = decode(data, header, (32, 32))
        except ServiceError:
            continue
        assert pixels.shape[2] == 3
        assert min(pixels.shape[:2]) >= 32


def mutated(whole: bytes, chance: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.randint(1, 8)):
        data.extend(b"\0" * (20 - len(data)))
        # Half of the hits in the headers, where the structure is.
        place = chance.randrange(len(data) if chance.random() < 0.5 else min(200, len(data)))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randrange(1, 30)]
            case 2:
                data[place:place] = chance.randbytes(chance.randrange(1, 30))
            case _:
                del data[max(place, 20) :]
    return bytes(data)
