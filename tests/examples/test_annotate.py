"""Detections drawn onto a picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection
from lensmith.examples.annotate import PALETTE, annotate


def test_annotation_draws_boxes_in_the_colour_of_the_label() -> None:
    blank = Image.new("RGB", (640, 480), (255, 255, 255))
    found = [
        Detection("chip", 0.9, Box(0.25, 0.25, 0.5, 0.5)),
        Detection("whole picture", 0.4),
    ]
    drawn = annotate(blank, found, ["led", "chip"])
    assert drawn.getpixel((320, 120)) == PALETTE[1]
    assert blank.getpixel((320, 120)) == (255, 255, 255)
    assert np.asarray(drawn)[:30, :150].min() < 100
