from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng
from PIL import Image, ImageDraw
from tests.training.drawn import drawn_examples

from lensmith.domain.geometry import Box
from lensmith.training.data.example import Example
from lensmith.training.data.pictures import picture_size
from lensmith.training.detector.batches import DetectionBatches, label_weights

ORANGE, NAVY = (240, 130, 20), (20, 30, 120)
STORED = {  # what was done to the upright picture that a viewer undoes by this orientation
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def one_colour(path: Path, colour: tuple[int, int, int], *boxes: Box) -> Example:
    Image.new("RGB", (200, 150), colour).save(path)
    return Example(path, (), tuple((0, box) for box in boxes))


def test_views_are_smaller_than_the_frame_and_show_boxes_at_its_scale(tmp_path: Path) -> None:
    example = one_colour(tmp_path / "a.png", (200, 0, 0), Box(0.4, 0.4, 0.1, 0.1))
    frames = DetectionBatches([example], (640, 480), (128, 96), default_rng(0))
    images, truth = frames.batch(40, mosaic=0.0)
    assert images.shape == (40, 96, 128, 3)
    sides = (truth.boxes[..., 2] - truth.boxes[..., 0])[truth.labels >= 0]
    assert len(sides) > 20  # a random part of a tenth of the frame would rarely show the box
    assert 35 < float(sides.median()) < 110  # 64 pixels in the frame


def test_only_the_named_pictures_are_drawn(tmp_path: Path) -> None:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    examples = [one_colour(tmp_path / f"{c.index(250)}.png", c) for c in colours]
    frames = DetectionBatches(examples, (64, 64), (64, 64), default_rng(0))
    frames.learn_from([1])
    images, _ = frames.batch(20, mosaic=0.5)
    pixels = images.numpy().reshape(-1, 3).astype(int)
    assert (pixels[:, 1] >= pixels[:, 0] - 20).all()
    frames.learn_from(range(3))
    pixels = frames.batch(20, mosaic=0.0)[0].numpy().reshape(20, -1, 3).mean(1)
    assert set(pixels.argmax(1).tolist()) == {0, 1, 2}


def test_the_same_seed_gives_the_same_frames(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 4, (0, 2), seed=1)
    once, again = (
        DetectionBatches(examples, (96, 96), (64, 64), default_rng(3)).batch(6, 0.5)[0]
        for _ in range(2)
    )
    assert once.equal(again)


def test_boxes_of_rare_labels_are_shown_more_often() -> None:
    everywhere = [np.array([0, 0, 1]), np.array([0, 0])]
    weights = label_weights(everywhere[0], everywhere)
    np.testing.assert_allclose(weights, np.array([0.5, 0.5, 1.0]) / 2)
    assert len(label_weights(np.zeros(0, np.int64), everywhere)) == 0


def turned_picture(path: Path, orientation: int) -> Example:
    """A JPEG of an orange rectangle, far from the middle, that its EXIF data set upright."""
    upright = Image.new("RGB", (480, 320), NAVY)
    ImageDraw.Draw(upright).rectangle((48, 32, 48 + 143, 32 + 95), fill=ORANGE)
    change, tags = STORED[orientation], Image.Exif()
    tags[0x0112] = orientation
    (upright if change is None else upright.transpose(change)).save(path, exif=tags, quality=95)
    return Example(path, (), ((0, Box(0.1, 0.1, 0.3, 0.3)),))


def within(start: float, end: float) -> slice:
    """The middle two thirds of a side: a tilted rectangle leaves the corners of its box."""
    first = round(start + (end - start) / 6)
    return slice(first, max(round(end - (end - start) / 6), first + 1))


@pytest.mark.parametrize("orientation", STORED)
def test_boxes_of_a_turned_picture_are_where_a_viewer_shows_them(
    tmp_path: Path, orientation: int
) -> None:
    example = turned_picture(tmp_path / "a.jpg", orientation)
    assert picture_size(example.image) == (480, 320)
    frames = DetectionBatches([example], (120, 80), (96, 96), default_rng(orientation))
    images, truth = frames.batch(24, mosaic=0.25)
    orange = images[..., 0].numpy() > images[..., 2].numpy()  # however recoloured
    found = 0
    for view, boxes, labels in zip(orange, truth.boxes, truth.labels, strict=True):
        for left, top, right, bottom in boxes[labels >= 0].tolist():
            assert view[within(top, bottom), within(left, right)].mean() > 0.9
            found += 1
    assert found >= 15
