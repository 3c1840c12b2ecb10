"""Poses and polygons as Ultralytics writes them, drawn."""

from __future__ import annotations

import math
import random

import pytest

from lensmith.manifest.convert.yolo_keypoints import Keypoints, find_keypoints


def pose(rng: random.Random, points: int, numbers: int) -> list[float]:
    width, height = rng.uniform(0.05, 0.4), rng.uniform(0.05, 0.4)
    x, y = rng.uniform(width / 2, 1 - width / 2), rng.uniform(height / 2, 1 - height / 2)
    line = [x, y, width, height]
    for _ in range(points):
        line += [x + width * rng.uniform(-0.5, 0.5), y + height * rng.uniform(-0.5, 0.5)]
        line += [rng.choice([0.0, 1.0, 2.0])] * (numbers - 2)
    return line


def polygon(rng: random.Random, corners: int) -> list[float]:
    """Points around a centre in order, as a traced outline."""
    size, x, y = rng.uniform(0.02, 0.2), rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
    turns = [math.tau * (corner + rng.uniform(0, 0.8)) / corners for corner in range(corners)]
    radii = [size * rng.uniform(0.6, 1) for _ in turns]
    pairs = zip(turns, radii, strict=True)
    return [at for turn, r in pairs for at in (x + r * math.cos(turn), y + r * math.sin(turn))]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("shape", [(1, 3), (2, 2), (2, 3), (5, 2), (5, 3), (17, 2), (17, 3)])
def test_keypoints_are_recognised(seed: int, shape: tuple[int, int]) -> None:
    rng = random.Random(seed)
    lines = [pose(rng, *shape) for _ in range(20)]
    assert find_keypoints(lines) == Keypoints(shape[0] * shape[1])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("corners", [(3,), (4,), (8,), (3, 4, 5), (20, 30, 50), (12,)])
def test_polygons_are_none(seed: int, corners: tuple[int, ...]) -> None:
    rng = random.Random(seed)
    lines = [polygon(rng, rng.choice(corners)) for _ in range(20)]
    assert find_keypoints(lines).numbers == 0


def test_boxes_alone_say_nothing() -> None:
    assert find_keypoints([[0.5, 0.5, 0.1, 0.1], [0.5, 0.5, 0.1, 0.1, 0.9]]) == Keypoints()


def test_a_polygon_along_the_frame_is_one() -> None:
    line = [0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.0, 0.9, 0.0, 0.0]  # its numbers 7 and 10 are 0
    assert find_keypoints([line]).numbers == 0


def test_a_pose_of_one_point_may_be_a_triangle() -> None:
    rng = random.Random(1)
    assert find_keypoints([pose(rng, 1, 2) for _ in range(20)]) == Keypoints(is_doubtful=True)
