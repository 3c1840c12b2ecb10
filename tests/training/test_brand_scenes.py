from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng
from tests.training.drawn_marks import NAMES, logo

from lensmith.training import brand_scenes
from lensmith.training.augment import Scene
from lensmith.training.brand_distractors import NO_LABEL, draw_distractors
from lensmith.training.brand_marks import Mark, cut_mark
from lensmith.training.brand_paint import Ink, choose_ink, contrast
from lensmith.training.brand_scenes import Painter, Sizes
from lensmith.training.brand_views import view_of

FRAME = (192, 160)
MAGENTA = np.array([255, 0, 255], np.float32)


def drawn_marks() -> list[list[Mark]]:
    dark, white = (20, 20, 20), (255, 255, 255)
    return [[cut_mark(np.asarray(logo(name, dark, white)), n)] for n, name in enumerate(NAMES)]


def painter(seed: int) -> Painter:
    marks, chance = drawn_marks(), default_rng(seed)
    return Painter(marks, draw_distractors([*marks[0], *marks[1]], 8, chance), FRAME, chance)


@pytest.fixture
def only_magenta_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks in a colour that nothing else has; nothing blurs it or is in front of it."""

    def ink(mark: Mark, *_: object) -> Ink:
        colour = MAGENTA if mark.label >= 0 else np.zeros(3, np.float32)
        return Ink(colour, colour)

    monkeypatch.setattr(brand_scenes, "choose_ink", ink)
    monkeypatch.setattr(brand_scenes, "HIDDEN_SHARE", 0.0)
    monkeypatch.setattr(brand_scenes, "_shade", lambda *_: np.ones((1, 1, 1), np.float32))
    monkeypatch.setattr(brand_scenes, "_opacity", lambda _: np.float32(1))
    monkeypatch.setattr(
        brand_scenes, "_photographed", lambda colours, _: colours.round().astype(np.uint8)
    )


def magenta(scene: Scene) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where ink covers about half of a pixel or more: another ground is unlike it in red."""
    near = np.abs(scene.pixels.astype(np.float32) - MAGENTA).max(2)
    inked: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = near < 60
    return inked


@pytest.mark.usefixtures("only_magenta_marks")
def test_boxes_are_as_tight_as_the_ink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brand_scenes, "MARKS", (1, 1))
    black = np.zeros((FRAME[1], FRAME[0], 3), np.float32)
    one = painter(0)
    monkeypatch.setattr(one._grounds, "next", lambda: black.copy())
    scenes = [one.scene(Sizes(30, 90)) for _ in range(30)]
    shown = [scene for scene in scenes if len(scene.boxes)]
    assert len(shown) >= 20
    for scene in shown:
        rows, columns = np.nonzero(magenta(scene))
        extent = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        np.testing.assert_allclose(scene.boxes, [extent], atol=2)


def test_boxes_lie_in_the_frame_and_apart() -> None:
    one = painter(1)
    scenes = [one.scene(Sizes(16, 100)) for _ in range(30)]
    boxes = np.concatenate([scene.boxes for scene in scenes])
    assert boxes.min() >= 0
    assert (boxes[:, [0, 2]] <= FRAME[0]).all()
    assert (boxes[:, [1, 3]] <= FRAME[1]).all()
    assert ((boxes[:, 2:] - boxes[:, :2]) >= 4).all()
    labels = np.concatenate([scene.labels for scene in scenes])
    counts = np.bincount(labels, minlength=2)
    assert counts.min() > 0.35 * counts.sum()
    for scene in scenes:
        for a, first in enumerate(scene.boxes):
            for second in scene.boxes[a + 1 :]:
                shared = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
                assert shared.min() <= 0


def test_the_same_seed_makes_the_same_scenes() -> None:
    once, again = ([one.scene(Sizes(20, 80)) for _ in range(4)] for one in (painter(3), painter(3)))
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)
        np.testing.assert_array_equal(a.boxes, b.boxes)
        np.testing.assert_array_equal(a.labels, b.labels)


def test_views_have_about_the_size_that_was_asked_for() -> None:
    """However tilted: nothing is seen from so near that it fills memory."""
    mark, chance = drawn_marks()[0][0], default_rng(0)
    for number in range(300):
        side = float(chance.uniform(12, 120))
        view = view_of(mark, side, number % 2 == 0, chance)
        assert max(view.alpha.shape) < 4 * side + 8
        left, top, right, bottom = view.bounds()
        assert 0.5 * side < max(right - left, bottom - top) < 2 * side


def test_ink_stands_out() -> None:
    mark, chance = drawn_marks()[0][0], default_rng(0)
    for _ in range(200):
        around = chance.uniform(0, 255, 3).astype(np.float32)
        ink = choose_ink(mark, around, chance).colours(None)
        assert contrast(ink, around) >= 40


def test_distractors_have_no_label_and_something_to_see() -> None:
    marks = drawn_marks()
    drawn = draw_distractors([*marks[0], *marks[1]], 24, default_rng(0))
    assert {mark.label for mark in drawn} == {NO_LABEL}
    assert all(min(mark.layers[0].size) >= 8 for mark in drawn)
