from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.random import default_rng
from PIL import Image
from tests.training.brand.drawn_logos import NAMES, Colour, drawn_logo

from lensmith.inference.preprocess import Size
from lensmith.training.brand.backgrounds import Backgrounds
from lensmith.training.brand.colours import choose_colour, contrast
from lensmith.training.brand.distractors import NO_LABEL, draw_distractors
from lensmith.training.brand.logos import Logo, cut_logo
from lensmith.training.brand.perspective import view_of
from lensmith.training.brand.recipe import CameraRecipe, SceneRecipe, ViewRecipe
from lensmith.training.brand.scenes import Painter, Sizes
from lensmith.training.data.augment import Floats, Scene

FRAME = (192, 160)
DARK, MAGENTA = (20, 20, 20), (255, 0, 255)
PERFECT_CAMERA = CameraRecipe(blur=0.0, compression_probability=0.0, noise_probability=0.0)
ONE_LOGO = SceneRecipe(logos=(1, 1), distractors=(0, 0))


def drawn_logos(ink: Colour = DARK) -> list[list[Logo]]:
    white = (255, 255, 255)
    return [[cut_logo(np.asarray(drawn_logo(name, ink, white)), n)] for n, name in enumerate(NAMES)]


def painter(seed: int) -> Painter:
    logos, rng = drawn_logos(), default_rng(seed)
    distractors = draw_distractors([*logos[0], *logos[1]], 8, rng)
    return Painter(logos, distractors, Backgrounds(FRAME, rng), rng)


@dataclass(frozen=True)
class Black:
    """A background that nothing magenta is in."""

    input_size: Size = FRAME

    def next(self) -> Floats:
        return np.zeros((self.input_size[1], self.input_size[0], 3), np.float32)


def magenta(scene: Scene) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where ink covers about half of a pixel or more: another ground is unlike it in red."""
    near = np.abs(scene.pixels.astype(np.float32) - np.array(MAGENTA, np.float32)).max(2)
    inked: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = near < 100
    return inked


def test_boxes_are_as_tight_as_the_ink() -> None:
    """Of marks in about their own colour, which nothing blurs, shades or hides."""
    logos, rng = drawn_logos(MAGENTA), default_rng(0)
    recipe = SceneRecipe(
        logos=(1, 1),
        distractors=(0, 0),
        plate_probability=0.0,
        own_colour_probability=1.0,
        opacity=(1.0, 1.0),
        shading=0.0,
        shading_probability=0.0,
        occlusion_probability=0.0,
        camera=PERFECT_CAMERA,
    )
    distractors = draw_distractors(logos[0], 1, rng)
    one = Painter(logos, distractors, Black(), rng, recipe)
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
    logo, rng = drawn_logos()[0][0], default_rng(0)
    for number in range(300):
        side = float(rng.uniform(12, 120))
        view = view_of(logo, side, number % 2 == 0, rng)
        assert max(view.alpha.shape) < 4 * side + 8
        left, top, right, bottom = view.bounds()
        assert 0.5 * side < max(right - left, bottom - top) < 2 * side


def test_ink_stands_out() -> None:
    logo, rng = drawn_logos()[0][0], default_rng(0)
    for _ in range(200):
        around = rng.uniform(0, 255, 3).astype(np.float32)
        ink = choose_colour(logo, around, rng, 0.4).colours(None)
        assert contrast(ink, around) >= 40


def test_distractors_have_no_label_and_something_to_see() -> None:
    logos = drawn_logos()
    drawn = draw_distractors([*logos[0], *logos[1]], 24, default_rng(0))
    assert {logo.label for logo in drawn} == {NO_LABEL}
    assert all(min(logo.layers[0].size) >= 8 for logo in drawn)


COUNT = 40


class MarkScenes:
    """Scenes of one mark on backgrounds that are made once."""

    def __init__(self) -> None:
        self._logos, self._rng = drawn_logos(), default_rng(0)
        self._distractors = draw_distractors([*self._logos[0], *self._logos[1]], 8, self._rng)
        self._backgrounds = Backgrounds(FRAME, self._rng)

    def painted(self, recipe: SceneRecipe) -> list[Scene]:
        """Each of its own seed, so that what a mark draws at random last moves nothing else."""
        return [self._seeded(seed, recipe) for seed in range(COUNT)]

    def _seeded(self, seed: int, recipe: SceneRecipe) -> Scene:
        self._rng.bit_generator.state = default_rng(seed).bit_generator.state
        one = Painter(self._logos, self._distractors, self._backgrounds, self._rng, recipe)
        return one.scene(Sizes(50, 90))


@pytest.fixture(scope="module")
def marks() -> MarkScenes:
    return MarkScenes()


def edges(scene: Scene) -> float:
    """How sharp: the mean difference of neighbours."""
    return float(np.abs(np.diff(scene.pixels.astype(np.float32), axis=1)).mean())


def changed(one: Scene, other: Scene) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    difference: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (one.pixels != other.pixels).any(
        2
    )
    return difference


def test_scenes_are_out_of_focus(marks: MarkScenes) -> None:
    usual = marks.painted(ONE_LOGO)
    sharp = marks.painted(replace(ONE_LOGO, camera=CameraRecipe(blur=0.0)))
    pairs = [pair for pair in zip(usual, sharp, strict=True) if changed(*pair).any()]
    assert 0.4 * COUNT < len(pairs) < COUNT
    softer = [edges(one) < edges(other) for one, other in pairs]
    assert np.mean(softer) > 0.9


def test_ink_lets_the_ground_through(marks: MarkScenes) -> None:
    recipe = replace(ONE_LOGO, camera=PERFECT_CAMERA)
    usual = marks.painted(recipe)
    solid = marks.painted(replace(recipe, opacity=(1.0, 1.0)))
    paler = 0
    for one, other in zip(usual, solid, strict=True):
        where = changed(one, other)
        for left, top, right, bottom in one.boxes.astype(int):
            inside = where[top:bottom, left:right]
            assert inside.sum() > 0.9 * where.sum()  # of the mark, but for its soft rim
            apart = one.pixels[where].astype(int) - other.pixels[where].astype(int)
            paler += bool(inside.any() and np.abs(apart).mean() > 5)
    assert paler > 0.5 * COUNT


def test_something_stands_before_some_marks(marks: MarkScenes) -> None:
    recipe = replace(ONE_LOGO, camera=PERFECT_CAMERA)
    usual = marks.painted(recipe)
    unhidden = marks.painted(replace(recipe, occlusion_probability=0.0))
    hidden = 0
    for one, other in zip(usual, unhidden, strict=True):
        np.testing.assert_array_equal(one.boxes, other.boxes)
        where = changed(one, other)
        if where.any():
            hidden += 1
            assert len(np.unique(one.pixels[where], axis=0)) == 1  # of one colour
            ((left, top, right, bottom),) = one.boxes.astype(int)
            assert where[top:bottom, left:right].mean() < 0.6
    assert 1 <= hidden < 0.4 * COUNT


STILL = ViewRecipe(turn=0.0, stretch=0.0, tilt=0.0)


def views_of_a_square(recipe: ViewRecipe) -> list[Floats]:
    square = Image.new("RGB", (120, 120), "white")
    square.paste((20, 20, 20), (12, 12, 108, 108))
    logo, rng = cut_logo(np.asarray(square), 0), default_rng(0)
    return [view_of(logo, 80, False, rng, recipe).alpha for _ in range(COUNT)]


def fill(alpha: Floats) -> float:
    """Share of the extent that is ink: 1 for what stands upright, 1/2 on a corner."""
    rows, columns = np.nonzero(alpha > 0.5)
    extent = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    return float(alpha.sum() / extent)


def narrowing(alpha: Floats) -> float:
    """The ratio of opposite sides, a sixth of the way in; the larger of both pairs."""
    ratios = []
    for inked in (alpha, alpha.T):
        lengths = inked.sum(1)
        near, far = lengths[len(lengths) // 6], lengths[-len(lengths) // 6]
        ratios.append(max(near, far) / min(near, far))
    return float(max(ratios))


def test_marks_are_turned_and_seen_from_the_side() -> None:
    usual = ViewRecipe()
    upright = views_of_a_square(STILL)
    assert min(map(fill, upright)) > 0.95
    assert max(map(narrowing, upright)) < 1.02
    turned = views_of_a_square(replace(STILL, turn=usual.turn))
    assert 0.3 * COUNT < sum(fill(view) < 0.9 for view in turned) < COUNT
    aside = views_of_a_square(replace(STILL, tilt=usual.tilt))
    assert 0.3 * COUNT < sum(narrowing(view) > 1.08 for view in aside) < COUNT
