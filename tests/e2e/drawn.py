"""Small sets of drawn pictures: enough to learn from in seconds."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bench.drawn.drawn_image import DrawnBox, DrawnImage
from bench.drawn.flowers import FLOWERS
from PIL import Image, ImageDraw

KINDS = ("daisy", "poppy", "sunflower")
PARTS = ("chip", "lamp")
_SMALL = (160, 120)


def flowers(split: str, of_each_kind: int) -> list[DrawnImage]:
    """Three of the four kinds of the built-in set, in turn, a ninth of its size."""
    drawn = FLOWERS.images(split, of_each_kind * len(FLOWERS.labels))
    return [
        replace(picture, image=picture.image.resize(_SMALL))
        for picture in drawn
        if picture.label in KINDS
    ]


def boards(split: str, count: int) -> list[DrawnImage]:
    """Bare boards with one to three large parts: a dark chip or a red lamp."""
    return [_board(Random(f"{split} {index}"), index) for index in range(count)]


def _board(chance: Random, index: int) -> DrawnImage:
    image = Image.new("RGB", _SMALL, (20, 92 + chance.randint(-20, 20), 58))
    pen = ImageDraw.Draw(image)
    boxes = []
    for place in range(3):
        if place != index % 3 and chance.random() < 0.5:
            continue
        kind = PARTS[(index + place) % len(PARTS)]
        side = chance.randint(32, 46)
        left, top = place * 53 + chance.randint(2, 5), chance.randint(2, _SMALL[1] - side - 2)
        corners = (left, top, left + side - 1, top + side - 1)
        if kind == "chip":
            pen.rectangle(corners, fill=(30, 32, 36))
        else:
            pen.ellipse(corners, fill=(232, 48, 44))
        boxes.append(DrawnBox(kind, left, top, side, side))
    return DrawnImage(f"board-{index:02d}.jpg", image, boxes=tuple(boxes))
