"""Changes test pictures as use does: recompressed, filmed, resized, blurred, turned, relit."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from functools import cache

import numpy as np
import simplejpeg  # type: ignore[import-untyped]
from PIL import ExifTags, Image, ImageFilter

from lensmith.domain.image_limits import MAX_IMAGE_SIDE, MIN_IMAGE_SIDE
from lensmith.evaluation.robustness import Change, ChangeKind
from lensmith.inference.image import Pixels, decode, read_header
from lensmith.inference.image_file import File

LONGEST_SIDE = (
    2048  # larger pictures are made smaller first, so that one takes tens of milliseconds
)
_NO_COMPRESSION = 0
_STORED = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90}


@cache
def can_film() -> bool:
    """Return whether PyAV (the extra `video`) is installed and has an encoder of H.264."""
    try:
        import av
    except ImportError:
        return False
    return "libx264" in av.codecs_available


def can_make(change: Change) -> bool:
    """Return whether this installation can make a change."""
    return change.kind is not ChangeKind.VIDEO or can_film()


def upright_picture(data: File) -> Image.Image:
    """Decode a file; sides above 2048 pixels are divided by a whole number, down to 64 at least.

    Raises as `image.read_header` and `image.decode` do.
    """
    picture = Image.fromarray(np.ascontiguousarray(decode(data, read_header(data))))
    factor = min(math.ceil(max(picture.size) / LONGEST_SIDE), min(picture.size) // MIN_IMAGE_SIDE)
    return picture.reduce(max(1, factor))


def lossless(picture: Image.Image, orientation: int = 1) -> bytes:
    """Encode as an uncompressed PNG, with an EXIF orientation."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=_NO_COMPRESSION, exif=exif)
    return file.getvalue()


def changed(picture: Image.Image, change: Change) -> bytes:
    """Encode a changed picture, uncompressed but for JPEG."""
    value = change.value
    match change.kind:
        case ChangeKind.JPEG:
            pixels = np.ascontiguousarray(picture)
            return bytes(simplejpeg.encode_jpeg(pixels, int(value), "RGB", "420"))
        case ChangeKind.TURNED:
            return lossless(picture.transpose(_STORED[int(value)]), int(value))
        case ChangeKind.VIDEO:
            return lossless(_filmed(picture, int(value)))
        case ChangeKind.RESIZED:
            return lossless(_resized(picture, value))
        case ChangeKind.BLURRED:
            deviation = value / 1000 * max(picture.size)
            return lossless(picture.filter(ImageFilter.GaussianBlur(deviation)))
        case ChangeKind.BRIGHTNESS:
            return lossless(_relit(picture, (value,) * 3))
        case ChangeKind.GAMMA:
            return lossless(_relit(picture, (1.0,) * 3, value))
        case ChangeKind.WHITE_BALANCE:
            return lossless(_relit(picture, (value, 1.0, 1 / value)))


def _resized(picture: Image.Image, factor: float) -> Image.Image:
    """Scale both sides, within what DetectCustomLabels takes."""
    least = MIN_IMAGE_SIDE / min(picture.size)
    factor = min(max(factor, least), MAX_IMAGE_SIDE / max(picture.size))
    size = math.ceil(picture.width * factor), math.ceil(picture.height * factor)
    return picture.resize(size, Image.Resampling.BICUBIC)


def _relit(picture: Image.Image, gains: tuple[float, ...], exponent: float = 1.0) -> Image.Image:
    levels = np.arange(256) / 255
    tables = [np.clip(255 * gain * levels**exponent, 0, 255).round() for gain in gains]
    return picture.point(np.concatenate(tables).astype(int).tolist())


def _filmed(picture: Image.Image, rate_factor: int) -> Image.Image:
    """Encode and decode one frame of H.264, which takes even sides: edges are repeated for it."""
    import av

    missing = (0, picture.height % 2), (0, picture.width % 2), (0, 0)
    pixels: Pixels = np.pad(np.asarray(picture), missing, "edge")
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = pixels.shape[:2]
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = Fraction(25)
    encoder.thread_count = 1
    encoder.options = {"crf": str(rate_factor), "preset": "veryfast", "tune": "zerolatency"}
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    frames = [one for packet in packets for one in decoder.decode(packet)]
    first = [*frames, *decoder.decode(None)][0]
    filmed = Image.fromarray(first.to_ndarray(format="rgb24"))
    return filmed.crop((0, 0, *picture.size))
