"""Fit a picture to the network as the server does: the same pixels (needs numpy and Pillow).

Models that the server resizes for with cykooz-resizer need that, too; without it, pixels differ by
1 or 2 of 255.
"""

import math

import numpy as np
from PIL import ExifTags, Image, ImageOps

try:
    import cykooz_resizer
except ImportError:
    cykooz_resizer = None


def fitted(path, frame, how):
    """Return the input [height, width, 3], and corner and size of the upright picture in it."""
    image = Image.open(path)
    turned = image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    sides = np.array(image.size[::-1] if turned else image.size)
    fit = frame / sides
    scale = {"stretch": fit, "letterbox": fit.min(), "crop": fit.max() / how["crop"]}[how["resize"]]
    size = np.round(sides * scale).clip(1).astype(int)
    image.draft("RGB", tuple(size[::-1] if turned else size))  # a JPEG at a half, quarter, eighth
    image = rgb(ImageOps.exif_transpose(image))

    corner = (frame - size) // 2
    shown = np.clip((corner, corner + size), 0, frame)  # what sticks out is cut off
    source = (shown - corner) * (np.array(image.size) / size)
    resized = resize(image, shown[1] - shown[0], source, how.get("resampler"))
    canvas = Image.new("RGB", tuple(frame), (how["fill"],) * 3)
    canvas.paste(resized, tuple(shown[0]))
    return np.asarray(canvas), corner, size


def resize(image, size, source, resampler):
    """Scale the part between two corners to a size."""
    if resampler != "fast_image_resize" or cykooz_resizer is None:
        return image.resize(size, Image.Resampling.BILINEAR, tuple(source.flat))
    length = np.minimum(source[1], image.size) - source[0]
    length = [
        math.nextafter(part, 0) if start + part > side else part
        for start, part, side in zip(source[0], length, image.size, strict=True)
    ]
    pixels = cykooz_resizer.PixelType.U8x3
    target = cykooz_resizer.ImageData(*map(int, size), pixels)
    cykooz_resizer.Resizer().resize(
        cykooz_resizer.ImageData(*image.size, pixels, image.tobytes()),
        target,
        cykooz_resizer.ResizeOptions(
            cykooz_resizer.ResizeAlg.convolution(cykooz_resizer.FilterType.bilinear),
            crop_box=cykooz_resizer.CropBox(*source[0], *length),
        ),
    )
    return Image.frombytes("RGB", tuple(map(int, size)), target.get_buffer())


def rgb(image):
    """Show transparency on white, and keep the upper byte of 16-bit samples."""
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")
