"""The smallest picture that is one."""

from __future__ import annotations

import io

from PIL import Image


def _pixel() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (204, 153, 0)).save(file, "PNG")
    return file.getvalue()


PIXEL = _pixel()
