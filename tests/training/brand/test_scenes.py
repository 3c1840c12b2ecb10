from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from PIL import Image, ImageFilter
from tests.training.brand.drawn_logos import NAMES, drawn_logo

from lensmith.training.brand import perspective as brand_views
from lensmith.training.brand import scenes as brand_scenes
from lensmith.training.brand.colours import LogoColour, choose_colour, contrast
from lensmith.training.brand.distractors import NO_LABEL, draw_distractors
from lensmith.training.brand.logos import Logo, cut_logo
from lensmith.training.brand.perspective import view_of
from lensmith.training.brand.scenes import Painter, Sizes
from lensmith.training.data.augment import Floats, Scene

FRAME = (192, 160)
MAGENTA = np.array([255, 0, 255], np.float32)


def drawn_logos() -> list[list[Logo]]:
    dark, white = (20, 20, 20), (255, 255, 255)
    return [
        [cut_logo(np.asarray(drawn_logo(name, dark, white)), n)] for n, name in enumerate(NAMES)
    ]


def painter(seed: int) -> Painter:
    logos, rng = drawn_logos(), default_rng(seed)
    return Painter(logos, draw_distractors([*logos[0], *logos[1]], 8, rng), FRAME, rng)


@pytest.fixture
def only_magenta_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks in a colour that nothing else has; nothing blurs it or is in front of it."""

    def ink(logo: Logo, *_: object) -> LogoColour:
        colour = MAGENTA if logo.label >= 0 else np.zeros(3, np.float32)
        return LogoColour(colour, colour)

    monkeypatch.setattr(brand_scenes, "choose_colour", ink)
    monkeypatch.setattr(brand_scenes, "OCCLUSION_PROBABILITY", 0.0)
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
    monkeypatch.setattr(brand_scenes, "LOGOS", (1, 1))
    black = np.zeros((FRAME[1], FRAME[0], 3), np.float32)
    one = painter(0)
    monkeypatch.setattr(one._backgrounds, "next", lambda: black.copy())
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
        ink = choose_colour(logo, around, rng).colours(None)
        assert contrast(ink, around) >= 40


def test_distractors_have_no_label_and_something_to_see() -> None:
    logos = drawn_logos()
    drawn = draw_distractors([*logos[0], *logos[1]], 24, default_rng(0))
    assert {logo.label for logo in drawn} == {NO_LABEL}
    assert all(min(logo.layers[0].size) >= 8 for logo in drawn)


COUNT = 40


@pytest.fixture(scope="module")
def one_painter() -> Painter:
    return painter(0)


@pytest.fixture
def scenes_of_one_mark(
    one_painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[Scene]]:
    """Each of its own seed, so that what a mark draws from chance last moves nothing else."""
    monkeypatch.setattr(brand_scenes, "LOGOS", (1, 1))
    monkeypatch.setattr(brand_scenes, "DISTRACTORS", (0, 0))

    def seeded(seed: int) -> Scene:
        one_painter._rng.bit_generator.state = default_rng(seed).bit_generator.state
        one_painter._deck = []
        return one_painter.scene(Sizes(50, 90))

    return lambda: [seeded(seed) for seed in range(COUNT)]


def edges(scene: Scene) -> float:
    """How sharp: the mean difference of neighbours."""
    return float(np.abs(np.diff(scene.pixels.astype(np.float32), axis=1)).mean())


def changed(one: Scene, other: Scene) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    difference: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (one.pixels != other.pixels).any(
        2
    )
    return difference


@pytest.fixture
def perfect_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        brand_scenes, "_photographed", lambda colours, _: colours.round().astype(np.uint8)
    )


def test_scenes_are_out_of_focus(
    monkeypatch: pytest.MonkeyPatch, scenes_of_one_mark: Callable[[], list[Scene]]
) -> None:
    usual = scenes_of_one_mark()
    unblurred = SimpleNamespace(GaussianBlur=lambda _: ImageFilter.GaussianBlur(0))
    monkeypatch.setattr(brand_scenes, "ImageFilter", unblurred)
    sharp = scenes_of_one_mark()
    pairs = [pair for pair in zip(usual, sharp, strict=True) if changed(*pair).any()]
    assert 0.4 * COUNT < len(pairs) < COUNT
    softer = [edges(one) < edges(other) for one, other in pairs]
    assert np.mean(softer) > 0.9


@pytest.mark.usefixtures("perfect_camera")
def test_ink_lets_the_ground_through(
    monkeypatch: pytest.MonkeyPatch, scenes_of_one_mark: Callable[[], list[Scene]]
) -> None:
    usual = scenes_of_one_mark()

    def opaque(rng: Generator) -> np.float32:
        rng.uniform()
        return np.float32(1)

    monkeypatch.setattr(brand_scenes, "_opacity", opaque)
    solid = scenes_of_one_mark()
    paler = 0
    for one, other in zip(usual, solid, strict=True):
        where = changed(one, other)
        for left, top, right, bottom in one.boxes.astype(int):
            inside = where[top:bottom, left:right]
            assert inside.sum() > 0.9 * where.sum()  # of the mark, but for its soft rim
            apart = one.pixels[where].astype(int) - other.pixels[where].astype(int)
            paler += bool(inside.any() and np.abs(apart).mean() > 5)
    assert paler > 0.5 * COUNT


@pytest.mark.usefixtures("perfect_camera")
def test_something_stands_before_some_marks(
    monkeypatch: pytest.MonkeyPatch, scenes_of_one_mark: Callable[[], list[Scene]]
) -> None:
    usual = scenes_of_one_mark()
    monkeypatch.setattr(brand_scenes, "OCCLUSION_PROBABILITY", 0.0)
    unhidden = scenes_of_one_mark()
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


def views_of_a_square(monkeypatch: pytest.MonkeyPatch, **usual: float) -> list[Floats]:
    """With no movement but the `usual` ones."""
    for name in ("TURN", "STRETCH", "TILT"):
        monkeypatch.setattr(brand_views, name, usual.get(name, 0.0))
    square = Image.new("RGB", (120, 120), "white")
    square.paste((20, 20, 20), (12, 12, 108, 108))
    logo, rng = cut_logo(np.asarray(square), 0), default_rng(0)
    return [view_of(logo, 80, False, rng).alpha for _ in range(COUNT)]


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


def test_marks_are_turned_and_seen_from_the_side(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, tilt = brand_views.TURN, brand_views.TILT
    upright = views_of_a_square(monkeypatch)
    assert min(map(fill, upright)) > 0.95
    assert max(map(narrowing, upright)) < 1.02
    turned = views_of_a_square(monkeypatch, TURN=turn)
    assert 0.3 * COUNT < sum(fill(view) < 0.9 for view in turned) < COUNT
    aside = views_of_a_square(monkeypatch, TILT=tilt)
    assert 0.3 * COUNT < sum(narrowing(view) > 1.08 for view in aside) < COUNT
