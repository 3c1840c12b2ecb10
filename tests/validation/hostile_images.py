"""Image files that try validation: each is refused as ERROR_INVALID_IMAGE, or read as it is."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import ExifTags, Image
from tests.training.job.training_bench import picture

MEGABYTES_15 = 15 << 20


def saved(image: Image.Image, image_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def plain(width: int = 96, height: int = 96, mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(7).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(noise).convert(mode)


def png(width: int = 96, height: int = 96) -> bytes:
    return saved(plain(width, height), "PNG")


def jpeg(**options: Any) -> bytes:
    return saved(plain(), "JPEG", **options)


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_of_chunks(width: int, height: int, *chunks: bytes, colour_type: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join((chunk(b"IHDR", header), *chunks, chunk(b"IEND", b"")))


def text_bomb() -> bytes:
    """200 MB of text in 200 KB, before the pixels."""
    text = b"Comment\0\0" + zlib.compress(bytes(200 << 20), 9)
    whole = png()
    return whole[:33] + chunk(b"zTXt", text) + whole[33:]


def chunk_flood() -> bytes:
    """As many empty chunks as fit into 4 MiB: three seconds of Pillow's on an idle core."""
    whole = png()
    return whole[:33] + chunk(b"teSt", b"") * 340_000 + whole[33:]


def segment_flood() -> bytes:
    whole = jpeg()
    return whole[:2] + b"\xff\xfe\x00\x02" * 1_000_000 + whole[2:]


def fill_byte_flood() -> bytes:
    whole = jpeg()
    return whole[:2] + b"\xff" * 4_000_000 + whole[2:]


def pixel_flood() -> bytes:
    """Pixel data that unpacks to far more than the header says."""
    return png_of_chunks(64, 64, chunk(b"IDAT", zlib.compress(bytes(64 << 20), 9)))


def palette_missing() -> bytes:
    """Pixels that are indices into nothing; found by mutation."""
    pixels = zlib.compress(bytes(97 * 96))
    return png_of_chunks(96, 96, chunk(b"IDAT", pixels), colour_type=3)


def jpeg_header_bomb() -> bytes:
    """A small JPEG that says it is 65,500 pixels wide and high."""
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(data)


def animated_png() -> bytes:
    frames = [plain(), plain().rotate(90)]
    return saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=40)


def sixteen_bits() -> bytes:
    ramp = np.linspace(0, 65_535, 96 * 96, dtype=np.uint16).reshape(96, 96)
    return saved(Image.fromarray(ramp), "PNG")


def turned() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return saved(plain(128, 64), "JPEG", exif=exif.tobytes())


def with_rows_cut_off() -> bytes:
    whole = picture("red", 5)
    return whole[: len(whole) // 2]


def padded(data: bytes, size: int) -> bytes:
    """Bytes after the end of an image mean nothing."""
    return data + bytes(size - len(data))


INVALID: dict[str, Callable[[], bytes]] = {
    "zero-bytes.png": lambda: b"",
    "text.png": lambda: b"not a picture at all",
    "gif-inside.png": lambda: saved(plain(), "GIF"),
    "webp-inside.jpg": lambda: saved(plain(), "WEBP"),
    "tiff-inside.png": lambda: saved(plain(), "TIFF"),
    "signature-only.png": lambda: png()[:8],
    "truncated.png": with_rows_cut_off,
    "truncated.jpg": lambda: jpeg()[:700],
    "bomb-header.png": lambda: png_of_chunks(
        60_000, 60_000, chunk(b"IDAT", zlib.compress(bytes(99)))
    ),
    "bomb-header.jpg": jpeg_header_bomb,
    "text-bomb.png": text_bomb,
    "chunk-flood.png": chunk_flood,
    "segment-flood.jpg": segment_flood,
    "fill-byte-flood.jpg": fill_byte_flood,
    "broken-pixels.png": lambda: png_of_chunks(96, 96, chunk(b"IDAT", b"garbage")),
    "palette-missing.png": palette_missing,
    "no-pixels.png": lambda: png_of_chunks(96, 96),
    "too-many-bytes.png": lambda: padded(png(), MEGABYTES_15 + 1),
    "63-wide.png": lambda: png(63, 96),
    "63-high.png": lambda: png(96, 63),
    "4097-wide.png": lambda: png(4097, 256),
    "21-to-1.png": lambda: png(21 * 64, 64),
}

SOUND: dict[str, Callable[[], bytes]] = {
    "plain.png": png,
    "plain.jpg": jpeg,
    "64.png": lambda: png(64, 64),
    "4096-wide.png": lambda: png(4096, 205),
    "20-to-1.png": lambda: png(1280, 64),
    "all-bytes.png": lambda: padded(png(), MEGABYTES_15),
    "jpeg-inside.png": jpeg,
    "png-inside.jpg": png,
    "no-extension": png,
    "cmyk.jpg": lambda: saved(plain(mode="CMYK"), "JPEG"),
    "grey.jpg": lambda: saved(plain(mode="L"), "JPEG"),
    "progressive.jpg": lambda: jpeg(progressive=True),
    "palette.png": lambda: saved(plain(mode="P"), "PNG"),
    "one-bit.png": lambda: saved(plain(mode="1"), "PNG"),
    "transparent.png": lambda: saved(plain(mode="RGBA"), "PNG"),
    "16-bit.png": sixteen_bits,
    "animated.png": animated_png,
    "exif-turned.jpg": turned,
    "pixel-flood.png": pixel_flood,
}
