from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from lensmith.inference.preprocess import Placement
from lensmith.training.data.augment import (
    Jitter,
    Scene,
    joined,
    placed,
    random_crop,
    random_placement,
    recoloured,
)

FRAME = (96, 64)
NO_LABELS = np.zeros(0, np.int64)


def marked_picture() -> np.ndarray:
    """Black, with a white rectangle over x 0.25..0.5 and y 0.5..0.75."""
    picture = np.zeros((80, 120, 3), np.uint8)
    picture[40:60, 30:60] = 255
    return picture


MARK = np.array([[0.25, 0.5, 0.5, 0.75]], np.float32)


def white_area(pixels: np.ndarray) -> list[float]:
    rows, columns = np.nonzero(pixels[..., 0] > 200)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


@pytest.mark.parametrize("seed", range(12))
def test_boxes_stay_on_what_they_mark(seed: int) -> None:
    rng = default_rng(seed)
    placement = random_placement((120, 80), FRAME, FRAME, Jitter(zoom=(0.6, 1.5)), rng)
    scene = placed(marked_picture(), MARK, np.array([0]), placement, FRAME)
    if seed % 2:
        scene = scene.mirrored()
    if len(scene.boxes):
        np.testing.assert_allclose(scene.boxes[0], white_area(scene.pixels), atol=1.6)


@pytest.mark.parametrize("seed", range(12))
def test_a_box_to_be_shown_is_in_the_area(seed: int) -> None:
    rng = default_rng(seed)
    jitter = Jitter(zoom=(1.0, 2.0))
    placement = random_placement((120, 80), (240, 160), (96, 64), jitter, rng, MARK[0])
    scene = placed(marked_picture(), MARK, np.array([0]), placement, (96, 64))
    whole = placement.width * 0.25, placement.height * 0.25
    sides = scene.boxes[0, 2:] - scene.boxes[0, :2]
    np.testing.assert_allclose(sides, np.minimum(whole, (96, 64)), atol=2.0)


@pytest.mark.parametrize("tilt", [-25.0, 10.0, 40.0])
def test_a_tilted_box_lies_between_ellipse_and_rectangle(tilt: float) -> None:
    placement = Placement(left=-20, top=-10, width=120, height=80)
    straight = placed(marked_picture(), MARK, np.array([0]), placement, (80, 80))
    scene = placed(marked_picture(), MARK, np.array([0]), placement, (80, 80), tilt)
    around_rectangle = np.array(white_area(scene.pixels), np.float32)
    np.testing.assert_allclose(
        (scene.boxes[0, :2] + scene.boxes[0, 2:]) / 2,
        (around_rectangle[:2] + around_rectangle[2:]) / 2,
        atol=1.0,
    )
    before, after, most = (
        np.prod(box[2:] - box[:2]) for box in (straight.boxes[0], scene.boxes[0], around_rectangle)
    )
    assert before < after < most


def test_a_box_is_cut_to_the_frame() -> None:
    placement = Placement(left=-40, top=0, width=120, height=80)  # 20 of its 30 columns remain
    scene = placed(marked_picture(), MARK, np.array([0]), placement, (60, 64))
    np.testing.assert_allclose(scene.boxes, [[0, 40, 20, 60]])


def test_a_box_that_is_mostly_outside_goes() -> None:
    placement = Placement(left=-55, top=0, width=120, height=80)  # 5 of its 30 columns remain
    assert not len(placed(marked_picture(), MARK, np.array([0]), placement, (60, 64)).boxes)


def test_joined_scenes_keep_their_boxes() -> None:
    grey = Scene(np.zeros((64, 40, 3), np.uint8), np.zeros((0, 4), np.float32), NO_LABELS)
    marked = placed(marked_picture(), MARK, np.array([3]), Placement(0, 0, 56, 64), (56, 64))
    whole = joined([(grey, (0, 0)), (marked, (40, 0))], FRAME)
    assert whole.pixels.shape == (64, 96, 3)
    assert whole.labels.tolist() == [3]
    np.testing.assert_allclose(whole.boxes[0], white_area(whole.pixels), atol=1.1)


@pytest.mark.parametrize("seed", range(8))
def test_a_crop_fills_the_frame(seed: int) -> None:
    placement = random_crop((300, 100), FRAME, default_rng(seed))
    assert placement.left <= 0
    assert placement.top <= 0
    assert placement.left + placement.width >= FRAME[0]
    assert placement.top + placement.height >= FRAME[1]


def test_recolouring_changes_and_repeats() -> None:
    picture = default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    jitter = Jitter(zoom=(1, 1))
    once, again = (recoloured(picture, jitter, default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert (once != picture).any()
    still = recoloured(picture, Jitter(zoom=(1, 1), colour=0.0, tint=0.0), default_rng(5))
    assert np.abs(still.astype(int) - picture).max() <= 1
