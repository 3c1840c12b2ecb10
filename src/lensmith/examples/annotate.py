"""Draws detections onto an image."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from lensmith.domain.label import Detection

Colour = tuple[int, int, int]

# Okabe and Ito's colours, distinguishable with any kind of colour vision.
PALETTE: tuple[Colour, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 200, 140),
    (240, 228, 66),
    (213, 94, 0),
    (204, 121, 167),
    (70, 130, 220),
)


def annotate(
    image: Image.Image, detections: Sequence[Detection], labels: Sequence[str]
) -> Image.Image:
    """Return a copy of the upright image with a box and a caption for each detection.

    A label's colour depends on its index in `labels`. Detections without a box are listed in
    the top left corner.
    """
    drawn = image.convert("RGB")
    pen = ImageDraw.Draw(drawn)
    scale = max(drawn.size) / 640
    font = ImageFont.load_default(max(11, round(15 * scale)))
    row = 0
    for detection in detections:
        colour = PALETTE[_colour_number(labels, detection.name) % len(PALETTE)]
        caption = f"{detection.name} {detection.confidence:.0%}"
        if detection.box is None:
            _caption(pen, (6 * scale, (6 + 24 * row) * scale), caption, colour, font)
            row += 1
            continue
        left, top = detection.box.left * drawn.width, detection.box.top * drawn.height
        right = left + detection.box.width * drawn.width
        bottom = top + detection.box.height * drawn.height
        pen.rectangle((left, top, right, bottom), outline=colour, width=max(2, round(3 * scale)))
        _caption(pen, (left, top - 19 * scale), caption, colour, font)
    return drawn


def _caption(
    pen: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    colour: Colour,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    x, y = max(place[0], 0), max(place[1], 0)
    left, top, right, bottom = pen.textbbox((x + 4, y + 2), text, font=font)
    pen.rectangle((left - 4, top - 3, right + 4, bottom + 3), fill=colour)
    pen.text((x + 4, y + 2), text, fill=(16, 16, 16), font=font)


def _colour_number(labels: Sequence[str], name: str) -> int:
    return labels.index(name) if name in labels else len(labels)
