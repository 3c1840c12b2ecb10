"""Makes small and upright pictures for people to look at, from hostile files."""

from __future__ import annotations

import io

from PIL import Image

from lensmith.inference.image import ImageFormat, Pixels, decode, read_header

_QUALITY = 82  # of a JPEG; lower ones show blocks around letters
_FULL_QUALITY = 92


def thumbnail(data: bytes, side: int) -> bytes:
    """Make an upright JPEG whose longer side has at most `side` pixels.

    A JPEG is decoded at a fraction of its size where that is enough. Raises the errors of
    `read_header` and `decode`.
    """
    header = read_header(data)
    longer = max(header.width, header.height)
    scale = min(1.0, side / longer)
    size = (max(1, round(header.width * scale)), max(1, round(header.height * scale)))
    image = Image.fromarray(_contiguous(decode(data, header, at_least=size)))
    if image.size != size:
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return _jpeg(image, _QUALITY)


def upright_file(data: bytes) -> tuple[bytes, str]:
    """Return a file that looks upright in every browser, and its media type.

    It is the file itself unless EXIF says that it is turned. Raises as `thumbnail` does.
    """
    header = read_header(data)
    if header.orientation == 1:
        return data, "image/jpeg" if header.format is ImageFormat.JPEG else "image/png"
    return _jpeg(Image.fromarray(_contiguous(decode(data, header))), _FULL_QUALITY), "image/jpeg"


def _contiguous(pixels: Pixels) -> Pixels:
    return pixels if pixels.flags["C_CONTIGUOUS"] else pixels.copy()


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
